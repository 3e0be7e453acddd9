"""Python values and names as R source."""

import math

import pytest

from layerbridge.bridge.literals import (
    NotLiteralError,
    r_literal,
    r_name,
)


@pytest.mark.parametrize(
    ("value", "source"),
    [
        (None, "NULL"),
        (True, "TRUE"),
        (3, "3L"),
        (-1, "-1L"),
        (2**40, "1099511627776"),
        (0.0, "0"),
        (1e-6, "1e-06"),
        (math.inf, "Inf"),
        (-math.inf, "-Inf"),
        ('a"b\\\n', '"a\\"b\\\\\\n"'),
        ("é", '"\\u00e9"'),
        ("😀a", '"\\U0001f600a"'),
        ((), "list()"),
        ((1, (2, None)), "list(1L, list(2L, NULL))"),
        ({"a": 1, "if": 2}, 'list(a = 1L, "if" = 2L)'),
    ],
)
def test_values_are_r_source(value, source):
    assert r_literal(value) == source


def test_nan_is_a_number_in_r_too():
    assert r_literal(math.nan) == "NaN"


@pytest.mark.parametrize("value", [object(), len, "\0", "\ud800", b"", {1: 2}, {"": 1}])
def test_other_values_have_no_literal(value):
    with pytest.raises(NotLiteralError):
        r_literal(value)


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("units", "units"),
        ("if", "if_"),
        ("TRUE", "TRUE_"),
        ("_x", "x_"),
        ("..1", "arg"),
        ("é", "e"),
        ("a-b", "a.b"),
        ("", "arg"),
    ],
)
def test_names_of_arguments_are_plain(name, plain):
    assert r_name(name) == plain


def test_names_of_arguments_are_told_apart():
    assert r_name("x", frozenset({"x", "x_"})) == "x__"
