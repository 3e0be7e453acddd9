"""The generic functions that methods need: defined here, or taken from R packages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from layerbridge.bridge.ir import Generic, Wrapper
from layerbridge.bridge.literals import r_string

__all__ = [
    "DESCRIPTION",
    "DOTS_TEXT",
    "FIRST_TEXT",
    "RETURNS",
    "assigned",
    "defined",
    "definition",
    "taken",
    "title",
    "topics",
]


def defined(wrappers: Iterable[Wrapper]) -> tuple[Generic, ...]:
    """Return the generics that no package of R has."""
    return tuple(generic for generic in _all(wrappers) if not generic.package)


def taken(wrappers: Iterable[Wrapper]) -> tuple[Generic, ...]:
    """Return the generics of other packages than base, which R always finds."""
    return tuple(x for x in _all(wrappers) if x.package not in ("", "base"))


def assigned(wrappers: Sequence[Wrapper]) -> list[str]:
    """Return R code that defines all generics, for a file that stands alone."""
    definitions = [definition(generic) for generic in defined(wrappers)]
    others = [f"{x.name} <- {x.package}::{x.name}\n" for x in taken(wrappers)]
    return [*definitions, *others]


DESCRIPTION = "Calls the method of this name of a Python object."
FIRST_TEXT = "The Python object."
DOTS_TEXT = "The arguments of the method."
RETURNS = "What the method returns."


def title(generic: Generic) -> str:
    """Return the title of a help page."""
    return f"Generic function {generic.name}"


def topics(generic: Generic, wrappers: Iterable[Wrapper]) -> list[str]:
    """Return the help topics of the methods of a generic."""
    return sorted(w.r_name for w in wrappers if w.generic == generic.name)


def _all(wrappers: Iterable[Wrapper]) -> list[Generic]:
    methods = (wrapper for wrapper in wrappers if wrapper.generic)
    generics = {Generic(w.generic, w.first, w.generic_from) for w in methods}
    return sorted(generics, key=lambda generic: generic.name)


def definition(generic: Generic) -> str:
    """Return R code that defines a generic."""
    name = r_string(generic.name)
    return f"{generic.name} <- function({generic.first}, ...) UseMethod({name})\n"
