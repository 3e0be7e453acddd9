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
    assert Factors("layers", given).unmatched([[name] for name in NAMES]) == unmatched


def test_labels_of_one_thing_and_resolutions():
    parsed = Factors("layers", {"conv2": 3, "-1": 0.5, -2: 0.25}, resolutions=True)
    assert [parsed.of("conv1", -1), parsed.of("conv2", -1)] == [0.5, 3]
    assert [parsed.of("bn", -2), parsed.of("bn", -3)] == [0.25, None]
    assert parsed.unmatched([["conv1", -1], ["conv2", -1]]) == [-2]


@pytest.mark.parametrize("given", [0, 1, 12, [-1, 1], True, -1.0, None])
def test_resolutions_count_from_the_last(given):
    with pytest.raises(ValueError, match="or resolutions counted from the last, such"):
        Factors("layers", given, resolutions=True)


@pytest.mark.parametrize("given", [3, None, [3], {3: 1.0}, ["a", None]])
def test_what_is_no_pattern_is_an_error(given):
    with pytest.raises(ValueError, match="`layers` must be patterns of names, such as"):
        Factors("layers", given)


@pytest.mark.parametrize("factor", [-1, "1", None, True, float("nan"), float("inf")])
def test_factors_are_checked(factor):
    with pytest.raises(ValueError, match=r'`layers\["a"\]` must be a number of at lea'):
        Factors("layers", {"a": factor})


@pytest.mark.parametrize(
    ("pattern", "near"),
    [("conv3", "conv2"), ("blok_*", "block*"), ("zzz", None), ("zzz*", None)],
)
def test_the_nearest_name(pattern, near):
    assert nearest(pattern, NAMES) == near
