"""Patterns of names to factors."""

import pytest

from layerbridge.training.patterns import Factors, nearest

NAMES = ["conv1", "conv2", "block_add"]


@pytest.mark.parametrize(
    ("given", "factors"),
    [
        ("conv*", [1, 1, None]),
        (["conv1", "*add"], [1, None, 1]),
        ((name for name in ["conv2"]), [None, 1, None]),
        ({"conv1": 0.25, "*": 2}, [0.25, 2, 2]),
        ({"*": 0, "conv1": 1}, [0, 0, 0]),
        ({}, [None, None, None]),
    ],
)
def test_the_first_pattern_that_matches_counts(given, factors):
    parsed = Factors("layers", given)
    assert [parsed.of(name) for name in NAMES] == factors


@pytest.mark.parametrize(
    ("given", "unmatched"),
    [
        ("conv*", []),
        (["conv1", "conv3", "x"], ["conv3", "x"]),
        ({"*": 1, "conv1": 2}, ["conv1"]),
    ],
)
def test_patterns_that_no_name_takes(given, unmatched):
    assert Factors("layers", given).unmatched(NAMES) == unmatched


@pytest.mark.parametrize("given", [3, None, [3], {3: 1.0}, ["a", None]])
def test_what_is_no_pattern_is_an_error(given):
    with pytest.raises(ValueError, match="`layers` must be a pattern of names, a list"):
        Factors("layers", given)


@pytest.mark.parametrize("factor", [-1, "1", None, True, float("nan"), float("inf")])
def test_factors_are_checked(factor):
    with pytest.raises(ValueError, match=r"`layers\['a'\]` must be a number of at lea"):
        Factors("layers", {"a": factor})


@pytest.mark.parametrize(
    ("pattern", "near"),
    [("conv3", "conv2"), ("blok_*", "block*"), ("zzz", None), ("zzz*", None)],
)
def test_the_nearest_name(pattern, near):
    assert nearest(pattern, NAMES) == near
