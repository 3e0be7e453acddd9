"""Wrappers as R source. Pure: the same input gives the same text."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import PurePosixPath

from jinja2 import Environment, PackageLoader, StrictUndefined

from layerbridge.bridge.ir import Wrapper
from layerbridge.bridge.kinds import KINDS
from layerbridge.bridge.literals import r_quoted, r_string, r_symbol, yaml_text
from layerbridge.bridge.words.idioms import Idioms
from layerbridge.bridge.words.markdown import (
    escape,
    escape_examples,
    escape_markdown,
    escape_r,
)
from layerbridge.bridge.write import generics
from layerbridge.bridge.write.help import HelpPage, help_page
from layerbridge.bridge.write.manifest import MARK

__all__ = [
    "MARK",
    "formals",
    "function",
    "pages_of",
    "r_file",
    "r_files",
    "rd_file",
    "usage",
]

_HEADER = f"# {MARK}\n\n"
_COMPOSES = "layer"  # the default of bridge_call() in R

_ENVIRONMENT = Environment(
    loader=PackageLoader("layerbridge.bridge.write"),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
    autoescape=False,
)

_ENVIRONMENT.filters |= {"markdown": escape_markdown, "rd": escape, "yaml": yaml_text}

_GUARDED = re.compile(r"if \((.+)\) \{\n((?:  .*\n|\n)+)\}")

Pages = Mapping[str, HelpPage]


def pages_of(wrappers: Sequence[Wrapper]) -> Pages:
    """Return the help page of each R function."""
    idioms = Idioms(wrappers)
    return {wrapper.r_name: help_page(wrapper, idioms) for wrapper in wrappers}


def r_file(wrappers: Sequence[Wrapper]) -> str:
    """Return one R file: the functions, and the generics and the runtime they need."""
    source = documented(wrappers, pages_of(wrappers))
    parts = [source, *generics.assigned(wrappers), *runtime().values()]
    if any(wrapper.generic for wrapper in wrappers):
        parts.append("bridge_register_methods(environment())\n")
    return _HEADER + "\n".join(parts)


def r_files(wrappers: Sequence[Wrapper], pages: Pages) -> dict[PurePosixPath, str]:
    """Return the R files of a package: the functions, generics, runtime by topic."""
    texts = {"wrappers": documented(wrappers, pages)}
    if defined := generics.documented(wrappers):
        texts["generics"] = defined
    texts |= {f"runtime-{topic}": source for topic, source in runtime().items()}
    return {PurePosixPath(f"{n}.R"): _HEADER + text for n, text in texts.items()}


def documented(wrappers: Sequence[Wrapper], pages: Pages) -> str:
    """Return the R functions with their roxygen blocks."""
    return "\n".join(
        f"{roxygen(wrapper, pages[wrapper.r_name])}\n{function(wrapper)}"
        for wrapper in wrappers
    )


def function(wrapper: Wrapper) -> str:
    """Return the R function without documentation."""
    words = {
        "name": r_quoted(wrapper.defined_as),
        "formals": _laid_out(_arguments(wrapper)),
        "call": _call(wrapper),
    }
    return template("function.R.j2", words)


def runtime() -> dict[str, str]:
    """Return the R code that all functions share, by topic."""
    folder = files("layerbridge.bridge") / "runtime"
    found = (item for item in folder.iterdir() if item.name.endswith(".R"))
    return {
        item.name.removesuffix(".R"): item.read_text(encoding="utf-8")
        for item in sorted(found, key=lambda item: item.name)
    }


def rd_file(wrapper: Wrapper, page: HelpPage) -> str:
    """Return the help page as an Rd file."""
    words = {
        "mark": MARK,
        "name": wrapper.r_name,
        "aliases": dict.fromkeys([wrapper.r_name, wrapper.defined_as]),
        "page": page,
        "usage": f"{_called(wrapper)}({escape_r(_laid_out(_arguments(wrapper)))})",
        "examples": escape_examples(page.examples.strip()),
    }
    return template("page.Rd.j2", words)


def _called(wrapper: Wrapper) -> str:
    if not wrapper.generic:
        return wrapper.r_name
    return f"\\method{{{wrapper.generic}}}{{{escape_r(wrapper.class_in_r)}}}"


def template(name: str, words: Mapping[str, object]) -> str:
    """Fill in a template."""
    return _ENVIRONMENT.get_template(name).render(words)


def formals(wrapper: Wrapper) -> list[tuple[str, str | None]]:
    """Return the arguments of the R function with their defaults, in order."""
    after = [param for param in wrapper.params if param.name in wrapper.after_dots]
    before = [param for param in wrapper.params if param not in after]
    return [
        *([(wrapper.first, None)] if wrapper.first else []),
        *((param.r_name, param.r_default) for param in before),
        *([("...", None)] if wrapper.accepts_dots else []),
        *((param.r_name, param.r_default) for param in after),
    ]


def roxygen(wrapper: Wrapper, page: HelpPage) -> str:
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
        *_exported(wrapper),
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


def usage(wrapper: Wrapper) -> str:
    """Return a call as R source, in one line; of the generic, where there is one."""
    taken = [r_symbol(wrapper.first), "..."] if wrapper.generic else _arguments(wrapper)
    return f"{wrapper.generic or wrapper.r_name}({', '.join(taken)})"


def _arguments(wrapper: Wrapper) -> list[str]:
    return [
        r_symbol(name) if value is None else f"{r_symbol(name)} = {value}"
        for name, value in formals(wrapper)
    ]


def _call(wrapper: Wrapper) -> str:
    params = (*wrapper.params, *wrapper.dots)
    converted = {p.r_name: p.kind for p in params if KINDS[p.kind].converted}
    renamed = {p.r_name: p.name for p in params if p.r_name != p.name}
    name = wrapper.class_name
    if wrapper.wraps == "method":
        given = ["NULL", r_string(name.rpartition(".")[2])]
    elif wrapper.twin:
        names = [name, wrapper.twin.rpartition(".")[2]]
        given = [r_string(wrapper.module), _strings(names)]
    else:
        given = [r_string(wrapper.module), r_string(name)]
    if wrapper.composes != _COMPOSES:
        given.append(f"composes = {r_string(wrapper.composes)}")
    if converted:
        given.append(f"kinds = {_args(converted)}")
    if renamed:
        given.append(f"names = {_args(renamed)}")
    if inputs := [*wrapper.inputs, *wrapper.options]:
        given.append(f"inputs = {_strings(inputs)}")
    return f"bridge_call({_laid_out(given, '  ')})"


def _args(entries: Mapping[str, str]) -> str:
    items = [f"{r_quoted(name)} = {r_string(said)}" for name, said in entries.items()]
    return f"bridge_args({_laid_out(items, '    ')})"


def _strings(values: Sequence[str]) -> str:
    strings = ", ".join(map(r_string, values))
    return strings if len(values) == 1 else f"c({strings})"


def _laid_out(items: Sequence[str], indent: str = "") -> str:
    """Put arguments on one line where they are short, else on a line each."""
    flat = ", ".join(items)
    if len(flat) <= 60 and "\n" not in flat:
        return flat
    lines = ",\n".join(f"{indent}  {item}" for item in items)
    return f"\n{lines}\n{indent}"
