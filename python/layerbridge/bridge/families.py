"""What tells one kind of object from another: a family is a row in the rules."""

from __future__ import annotations

import functools
import inspect
import pkgutil
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

__all__ = ["Family", "family_of", "root_of"]


@dataclass(frozen=True)
class Family:
    """A family of objects that become R functions.

    Attributes:
        name: What rules and specifications call it.
        bases: Paths of the classes that its classes derive from.
        names: Globs that a class's name must match, if there are any.
        prefix: What the names of its R functions start with.
        composes: The row of `bridge_composers` in R that says how a function composes
            what it makes; by default it only makes it.
        several: The family of those whose call has several required inputs.
        takes_inputs: Whether R takes arguments of the call by name.
        first: The argument that the R function has before those of the class.
        first_text: What this argument means.
        inputs_in_dots: Whether inputs may be given without names, through `...`, so
            that the arguments of the class come after it.
        dots_text: What `...` takes.
        returns: What the R function returns.
        origin: What it does to the Python object.
        skip: Why these classes get no R functions.
    """

    name: str
    bases: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    prefix: str = ""
    composes: str = "none"
    several: str = ""
    takes_inputs: bool = False
    first: str = ""
    first_text: str = ""
    inputs_in_dots: bool = False
    dots_text: str = ""
    returns: str = ""
    origin: str = "Makes the Python class"
    skip: str = ""

    def takes_name(self, name: str) -> bool:
        """Tell whether a class of this name may be of the family."""
        return not self.names or any(fnmatchcase(name, glob) for glob in self.names)


def family_of(item: Any, name: str, families: Mapping[str, Family]) -> Family | None:
    """Return the family of the nearest base class; one that asks for a name first."""
    fitting = [family for family in families.values() if family.takes_name(name)]
    fitting.sort(key=lambda family: not family.names)
    return next(
        (
            family
            for cls in _lineage(item)
            for family in fitting
            if cls in map(located, family.bases)
        ),
        None,
    )


def root_of(item: Any, families: Mapping[str, Family]) -> type | None:
    """Return the farthest base class that a family is known by."""
    bases = [located(path) for row in families.values() for path in row.bases]
    return next((cls for cls in reversed(_lineage(item)) if cls in bases), None)


def _lineage(item: Any) -> tuple[type, ...]:
    return inspect.getmro(item) if inspect.isclass(item) else ()


@functools.cache
def located(path: str) -> Any:
    """Return what lies at a path, or `None` where this version has no such thing."""
    try:
        return pkgutil.resolve_name(path)
    except (ImportError, AttributeError, ValueError):
        return None
