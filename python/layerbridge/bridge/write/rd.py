"""Help pages as Rd files, for packages and for R's help at run time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from layerbridge.bridge.ir import Generic, Wrapper
from layerbridge.bridge.literals import laid_out
from layerbridge.bridge.words.idioms import Idioms
from layerbridge.bridge.words.markdown import escape_examples, escape_r
from layerbridge.bridge.write import generics
from layerbridge.bridge.write.help_page import HelpPage, help_page
from layerbridge.bridge.write.manifest import MARK
from layerbridge.bridge.write.r_code import arguments
from layerbridge.bridge.write.template import fill

__all__ = ["Pages", "of_generic", "pages_of", "rd_file"]

Pages = Mapping[str, HelpPage]


def pages_of(wrappers: Sequence[Wrapper]) -> Pages:
    """Return the help page of each R function."""
    idioms = Idioms(wrappers)
    return {wrapper.r_name: help_page(wrapper, idioms) for wrapper in wrappers}


def rd_file(wrapper: Wrapper, page: HelpPage) -> str:
    """Return the help page of an R function as an Rd file."""
    usage = f"{_called(wrapper)}({escape_r(laid_out(arguments(wrapper)))})"
    return _file(page, usage, [wrapper.r_name, wrapper.defined_as])


def of_generic(generic: Generic, wrappers: Iterable[Wrapper]) -> str:
    """Return the help page of a generic as an Rd file."""
    page = generics.page(generic, wrappers)
    return _file(page, f"{generic.name}({generic.first}, ...)", [generic.name])


def _called(wrapper: Wrapper) -> str:
    if not wrapper.generic:
        return wrapper.r_name
    return f"\\method{{{wrapper.generic}}}{{{escape_r(wrapper.class_in_r)}}}"


def _file(page: HelpPage, usage: str, aliases: Iterable[str]) -> str:
    words = {
        "mark": MARK,
        "aliases": dict.fromkeys(aliases),
        "page": page,
        "usage": usage,
        "examples": escape_examples(page.examples.strip()),
    }
    return fill("page.Rd.j2", words)
