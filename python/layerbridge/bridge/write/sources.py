"""R files: one that stands alone, and those of a package."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath

from layerbridge.bridge.ir import Wrapper
from layerbridge.bridge.write import generics
from layerbridge.bridge.write.help_page import HelpPage
from layerbridge.bridge.write.manifest import MARK
from layerbridge.bridge.write.r_code import function, runtime
from layerbridge.bridge.write.rd import Pages, pages_of

__all__ = ["documented", "examples", "r_file", "r_files"]

_HEADER = f"# {MARK}\n\n"
_GUARDED = re.compile(r"if \((.+)\) \{\n((?:  .*\n|\n)+)\}")


def r_file(wrappers: Sequence[Wrapper]) -> str:
    """Return one R file: the functions, and the generics and the runtime they need."""
    source = documented(wrappers, pages_of(wrappers))
    parts = [*runtime().values(), *generics.definitions(wrappers), source]
    parts.append("bridge_register_methods(environment())\n")
    return _HEADER + "\n".join(parts)


def r_files(
    wrappers: Sequence[Wrapper], pages: Pages | None = None
) -> dict[PurePosixPath, str]:
    """Return the R files of a package: the functions, generics, runtime by topic.

    With `pages`, comments for roxygen2 document them; without, Rd files do.
    """
    if pages is None:
        functions = "\n".join(map(function, wrappers))
        defined = "\n".join(map(generics.definition, generics.own(wrappers)))
    else:
        functions, defined = documented(wrappers, pages), _generics(wrappers)
    texts = {"wrappers": functions}
    if defined:
        texts["generics"] = defined
    texts |= {f"runtime-{topic}": source for topic, source in runtime().items()}
    return {PurePosixPath(f"{n}.R"): _HEADER + text for n, text in texts.items()}


def documented(wrappers: Sequence[Wrapper], pages: Pages) -> str:
    """Return the R functions with their roxygen blocks."""
    return "\n".join(
        f"{_roxygen(pages[wrapper.r_name], _exported(wrapper))}\n{function(wrapper)}"
        for wrapper in wrappers
    )


def _roxygen(page: HelpPage, exported: Iterable[str]) -> str:
    """Return a roxygen block in Rd markup, which roxygen2 is told not to interpret."""
    parts = [
        "@noMd",
        f"@title {page.title}",
        f"@description\n{page.description}",
        *(f"@param {name} {text}" for name, text in page.params),
        f"@returns {page.returns}",
        *(f"@section {title}:\n{text}" for title, text in page.sections),
        *([f"@family {page.concept}"] if page.concept else []),
        *([examples(page.examples.strip())] if page.examples else []),
        *exported,
    ]
    escaped = [part[0] + part[1:].replace("@", "@@") for part in parts]
    lines = (line for part in escaped for line in _untagged(part.split("\n")))
    return "\n".join(f"#' {line}".rstrip() for line in lines)


def _exported(wrapper: Wrapper) -> list[str]:
    if not wrapper.generic:
        return ["@export"]
    return [
        f"@name {wrapper.r_name}",
        f"@aliases {wrapper.defined_as}",
        f"@method {wrapper.generic} {wrapper.class_in_r}",
        # A shared method is registered when the package is loaded.
        "@exportS3Method NULL" if wrapper.shared else "@export",
    ]


def examples(code: str) -> str:
    """Return the examples' tag; what a page runs under one condition shows its output.

    Inside an `if`, only the last value would be printed.
    """
    if guarded := _GUARDED.fullmatch(code):
        return f"@examplesIf {guarded[1]}\n{textwrap.dedent(guarded[2]).strip()}"
    return f"@examples\n{code}"


def _untagged(lines: list[str]) -> list[str]:
    """Keep roxygen2 from taking a decorator in Python code for a tag."""
    return [lines[0], *(re.sub(r"^(\s*)@", "\xa0\\1@", line) for line in lines[1:])]


def _generics(wrappers: Sequence[Wrapper]) -> str:
    """Return R code for a package, which imports the generics of others."""
    definitions = [
        f"{_roxygen(generics.page(x, wrappers), ['@export'])}\n{generics.definition(x)}"
        for x in generics.own(wrappers)
    ]
    others = [
        f"#' @importFrom {x.package} {x.name}\n#' @export\n{x.package}::{x.name}\n"
        for x in generics.foreign(wrappers)
    ]
    return "\n".join([*definitions, *others])
