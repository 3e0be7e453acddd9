"""Axes and indices in words, which count from 1 in R."""

import pytest

from layerbridge.bridge.words.counting import axes_from_one, words_from_one


@pytest.mark.parametrize(
    ("python", "r"),
    [
        ("The axis. Defaults to 0.", "The axis. Defaults to 1."),
        ("Defaults to `0`.(first axis).", "Defaults to `1`.(first axis)."),
        ("(defaults to `(0,1)`)", "(defaults to `(1,2)`)"),
    ],
)
def test_what_counts_from_0_counts_from_1(python, r):
    assert words_from_one(python) == r


@pytest.mark.parametrize(
    "text",
    ["Defaults to `-1`.", "`axis` is a 2-tuple", "axis 2-D", "rate 0", "axis=1"],
)
def test_what_does_not_stays(text):
    assert words_from_one(text) == text


@pytest.mark.parametrize(
    ("python", "r"),
    [
        ("Set `axis` to `0` here", "Set `axis` to `1` here"),
        ("axis `0` (the batch axis)", "axis `1` (the batch axis)"),
        ("along axis\n2, or axis 0", "along axis\n3, or axis 1"),
        ("axes 0 and 1, axes 0, 1", "axes 1 and 2, axes 1, 2"),
        ("dimension 1 of dimension 0", "dimension 2 of dimension 1"),
        ("dim 0 has dimension 512", "dim 1 has dimension 512"),
        ("the first (0-th) dimension", "the first dimension"),
    ],
)
def test_axes_in_words_count_from_1(python, r):
    assert axes_from_one(python) == r


@pytest.mark.parametrize(
    "text",
    [
        *("dimension 1", "axis -1", "axis 2-D", "index 0", "axis 0.5", "2 axes"),
        *("axis=1", "x axis 1", "set the y-axis to 0", "axis 10"),
    ],
)
def test_what_may_count_from_1_already_stays(text):
    assert axes_from_one(text) == text
