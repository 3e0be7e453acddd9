"""The generic functions that methods need: defined here, or taken from R packages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from layerbridge.bridge.ir import DOTS, Generic, Wrapper
from layerbridge.bridge.literals import r_string
from layerbridge.bridge.write.help_page import HelpPage

__all__ = ["definition", "definitions", "foreign", "own", "page"]


def own(wrappers: Iterable[Wrapper]) -> tuple[Generic, ...]:
    """Return the generics that no package of R has."""
    return tuple(generic for generic in _all(wrappers) if not generic.package)


def foreign(wrappers: Iterable[Wrapper]) -> tuple[Generic, ...]:
    """Return the generics of other packages than base, which R always finds."""
    return tuple(x for x in _all(wrappers) if x.package not in ("", "base"))


def definitions(wrappers: Sequence[Wrapper]) -> list[str]:
    """Return R code that defines all generics, for a file that stands alone."""
    ours = [definition(generic) for generic in own(wrappers)]
    others = [f"{x.name} <- {x.package}::{x.name}\n" for x in foreign(wrappers)]
    return [*ours, *others]


def page(generic: Generic, wrappers: Iterable[Wrapper]) -> HelpPage:
    """Return the help page of a generic, which links to those of its methods."""
    topics = sorted(x.r_name for x in wrappers if x.generic == generic.name)
    links = ", ".join(f"\\code{{\\link{{{topic}}}}}" for topic in topics)
    return HelpPage(
        name=generic.name,
        title=f"Generic function {generic.name}",
        description="Calls the method of this name of a Python object.",
        params=(
            (generic.first, "The Python object."),
            (DOTS, "The arguments of the method."),
        ),
        returns="What the method returns.",
        sections=(("Methods", links),),
    )


def _all(wrappers: Iterable[Wrapper]) -> list[Generic]:
    methods = (wrapper for wrapper in wrappers if wrapper.generic)
    generics = {Generic(w.generic, w.first, w.generic_from) for w in methods}
    return sorted(generics, key=lambda generic: generic.name)


def definition(generic: Generic) -> str:
    """Return R code that defines a generic."""
    name = r_string(generic.name)
    return f"{generic.name} <- function({generic.first}, ...) UseMethod({name})\n"
