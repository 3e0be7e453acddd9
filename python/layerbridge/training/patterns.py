"""Patterns of layer names, and the factors of the rate that go with them."""

import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from fnmatch import fnmatchcase
from numbers import Integral
from typing import Any

from layerbridge.checks import check_factor
from layerbridge.shown import shown

Label = str | int


class Factors:
    """From patterns of names to factors: the first pattern that matches counts.

    What is matched has one label or several: names, and a resolution, which is a
    negative integer.

    Args:
        argument: The argument's name, for the error message.
        given: A pattern, several patterns, or a mapping from patterns to factors.
        resolutions: Whether a negative integer is a pattern too.

    Raises:
        ValueError: If `given` is anything else, or a factor is negative or not finite.
    """

    def __init__(self, argument: str, given: Any, resolutions: bool = False):
        if isinstance(given, Mapping):
            factors = dict(given)
        elif isinstance(given, Iterable) and not isinstance(given, str):
            factors = dict.fromkeys(given, 1.0)
        else:
            factors = {given: 1.0}
        if resolutions:
            factors = {_resolution_or(key): f for key, f in factors.items()}
        for pattern in factors:
            if isinstance(pattern, str) or (resolutions and _is_resolution(pattern)):
                continue
            also = ", or resolutions counted from the last, such as -1," * resolutions
            raise ValueError(
                f"`{argument}` must be patterns of names, such as 'conv5_*'{also} "
                f"alone or with a factor each; received {shown(pattern)}"
            )
        self._factors = {
            pattern: check_factor(f'{argument}["{pattern}"]', factor)
            for pattern, factor in factors.items()
        }

    @property
    def patterns(self) -> list[Label]:
        """The patterns, in order."""
        return list(self._factors)

    def of(self, *labels: Label) -> float | None:
        """Return the factor for what has these labels; `None` where none matches."""
        pattern = self._first(labels)
        return None if pattern is None else self._factors[pattern]

    def unmatched(self, labelled: Iterable[Iterable[Label]]) -> list[Label]:
        """Return the patterns that are not the first match of anything."""
        first = [self._first(labels) for labels in labelled]
        return [pattern for pattern in self._factors if pattern not in first]

    def _first(self, labels: Iterable[Label]) -> Label | None:
        labels = list(labels)
        matching = (p for p in self._factors if any(_matches(p, x) for x in labels))
        return next(matching, None)


def nearest(pattern: Label, names: Iterable[str]) -> str | None:
    """Return the name most like a pattern; for `stem*`, the most similar beginning."""
    if not isinstance(pattern, str):
        return None
    stem = pattern.rstrip("*")
    if stem == pattern:
        return next(iter(get_close_matches(pattern, names)), None)
    beginnings = sorted({name[: len(stem)] for name in names})
    return next((f"{near}*" for near in get_close_matches(stem, beginnings)), None)


def some(names: Iterable[str], most: int = 5) -> str:
    """Return the first names as text."""
    names = list(dict.fromkeys(names))
    listed = ", ".join(map(repr, names[:most]))
    return f"{listed}, ..." if names[most:] else listed


def _matches(pattern: Label, label: Label) -> bool:
    if isinstance(pattern, str) and isinstance(label, str):
        return fnmatchcase(label, pattern)
    return pattern == label


def _is_resolution(key: Any) -> bool:
    return isinstance(key, int) and key < 0


def _resolution_or(key: Any) -> Any:
    """Return an `int` for NumPy's, and for "-1", as names of a vector are in R."""
    if isinstance(key, Integral) and not isinstance(key, bool):
        return int(key)
    if isinstance(key, str) and re.fullmatch(r"-[1-9]\d*", key):
        return int(key)
    return key
