"""What tells one kind of object from another: a family is a row in the rules."""

from __future__ import annotations

import functools
import inspect
import pkgutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

__all__ = ["Family", "family_of", "family_of_function", "located", "root_of"]

MAKES = "Makes the Python class"


@dataclass(frozen=True)
class Family:
    """A family of objects that become R functions.

    Attributes:
        name: What rules and specifications call it.
        title: What an index of functions calls it.
        bases: Paths of the classes that its classes derive from.
        names: Globs that a class's name must match, if there are any.
        modules: Globs of the modules whose functions are of the family.
        prefix: What the names of its R functions start with.
        layers: Whether its objects are layers.
        examples: Whether a Python example may become R code that calls its functions.
        composes: The row of `bridge_composers` in R that says how a function composes
            what it makes; by default it only makes it.
        several: The family of those whose call has several required inputs.
        twin: What an R function returns that is both a class and the function of the
            same name in its module, in lower case; without it, each is its own.
        takes_inputs: Whether R takes arguments of the call by name.
        first: The argument that the R function has before those of the class.
        first_text: What this argument means.
        inputs_in_dots: Whether `...` comes first, for inputs without names or because
            all arguments are given by name, so that those of the class come after it.
        dots_text: What `...` takes.
        returns: What the R function returns.
        returns_other: Whether what Python says of what it returns does not hold in R.
        origin: What it does to the Python object.
        skip: Why these classes get no R functions.
    """

    name: str
    title: str = ""
    bases: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    modules: tuple[str, ...] = ()
    prefix: str = ""
    layers: bool = False
    examples: bool = False
    composes: str = "none"
    several: str = ""
    twin: str = ""
    takes_inputs: bool = False
    first: str = ""
    first_text: str = ""
    inputs_in_dots: bool = False
    dots_text: str = ""
    returns: str = ""
    returns_other: bool = False
    origin: str = MAKES
    skip: str = ""

    @property
    def makes_classes(self) -> bool:
        """Tell whether its functions make objects of classes."""
        return self.origin == MAKES

    def takes_name(self, name: str) -> bool:
        """Tell whether a class of this name may be of the family."""
        return not self.names or any(fnmatchcase(name, glob) for glob in self.names)


def family_of(item: Any, name: str, families: Mapping[str, Family]) -> Family | None:
    """Return the family of the nearest base class.

    One that asks for a name comes first, then that of the last file.
    """
    fitting = [f for f in reversed([*families.values()]) if f.takes_name(name)]
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


def family_of_function(
    modules: Iterable[str], families: Mapping[str, Family]
) -> Family | None:
    """Return the family of the functions of these modules; the longest glob decides."""
    known = list(modules)
    fitting = [
        (len(glob), family)
        for family in families.values()
        for glob in family.modules
        if any(fnmatchcase(module, glob) for module in known)
    ]
    return max(fitting, key=lambda fit: fit[0])[1] if fitting else None


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
