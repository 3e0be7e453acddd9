"""What a name that is not known may have been meant to be."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

__all__ = ["did_you_mean", "nearest"]


def did_you_mean(name: str, names: Iterable[str]) -> str:
    """Return a question that names what is nearest to `name`, or nothing."""
    near = nearest(name, names)
    return f" Did you mean `{near[0]}`?" if near else ""


def nearest(
    name: str, names: Iterable[str], *, most: int = 1, cutoff: float = 0.6
) -> list[str]:
    """Return the names that are most like `name`, the nearest first."""
    return difflib.get_close_matches(name, list(names), n=most, cutoff=cutoff)
