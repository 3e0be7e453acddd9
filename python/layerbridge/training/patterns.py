"""Patterns of layer names, and the factors of the rate that go with them."""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from fnmatch import fnmatchcase
from typing import Any

from layerbridge.checks import check_factor


class Factors:
    """From patterns of names to factors: the first pattern that matches counts.

    Args:
        argument: The argument's name, for the error message.
        given: A pattern, several patterns, or a mapping from patterns to factors.

    Raises:
        ValueError: If `given` is anything else, or a factor is negative or not finite.
    """

    def __init__(self, argument: str, given: Any):
        if isinstance(given, Mapping):
            factors = dict(given)
        elif isinstance(given, Iterable) and not isinstance(given, str):
            factors = dict.fromkeys(given, 1.0)
        else:
            factors = {given: 1.0}
        if not all(isinstance(pattern, str) for pattern in factors):
            received = given if isinstance(given, Mapping) else list(factors)
            received = received if isinstance(given, Iterable) else given
            raise ValueError(
                f"`{argument}` must be a pattern of names, a list of patterns, or a "
                f"dictionary from patterns to factors; received {received!r}"
            )
        self._factors = {
            pattern: check_factor(f"{argument}[{pattern!r}]", factor)
            for pattern, factor in factors.items()
        }

    def of(self, name: str) -> float | None:
        """Return the factor for a name, or `None` where no pattern matches."""
        matching = (f for p, f in self._factors.items() if fnmatchcase(name, p))
        return next(matching, None)

    def unmatched(self, names: Iterable[str]) -> list[str]:
        """Return the patterns that are not the first match of any name."""
        first = [
            next((p for p in self._factors if fnmatchcase(name, p)), None)
            for name in names
        ]
        return [pattern for pattern in self._factors if pattern not in first]


def nearest(pattern: str, names: Iterable[str]) -> str | None:
    """Return the name most like a pattern; for `stem*`, the most similar beginning."""
    stem = pattern.rstrip("*")
    if stem == pattern:
        return next(iter(get_close_matches(pattern, names)), None)
    beginnings = sorted({name[: len(stem)] for name in names})
    return next((f"{near}*" for near in get_close_matches(stem, beginnings)), None)
