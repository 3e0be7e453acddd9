"""R functions as source: their formals, their call, and the runtime they share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.resources import files

from layerbridge.bridge.ir import DOTS, Wrapper
from layerbridge.bridge.kind_table import KINDS
from layerbridge.bridge.literals import (
    laid_out,
    r_quoted,
    r_string,
    r_symbol,
)
from layerbridge.bridge.write.template import fill

__all__ = [
    "arguments",
    "formals",
    "function",
    "runtime",
    "usage",
]

_COMPOSES = "layer"  # the default of bridge_function() in R


def function(wrapper: Wrapper) -> str:
    """Return the R function without documentation."""
    fn = f"function({laid_out(arguments(wrapper))}) bridge_call()"
    words = {
        "name": r_quoted(wrapper.defined_as),
        "arguments": ",\n".join([fn, *_stands_for(wrapper)]),
    }
    return fill("function.R.j2", words)


def runtime() -> dict[str, str]:
    """Return the R code that all functions share, by topic, each with its source."""
    folder = files("layerbridge.bridge") / "runtime"
    items = (item for item in folder.iterdir() if item.name.endswith(".R"))
    return {
        item.name.removesuffix(".R"): (
            f"# A copy of layerbridge/bridge/runtime/{item.name}\n\n"
            f"{item.read_text(encoding='utf-8')}"
        )
        for item in sorted(items, key=lambda item: item.name)
    }


def formals(wrapper: Wrapper) -> list[tuple[str, str | None]]:
    """Return the arguments of the R function with their defaults, in order."""
    after = [param for param in wrapper.params if param.name in wrapper.after_dots]
    before = [param for param in wrapper.params if param not in after]
    return [
        *([(wrapper.first, None)] if wrapper.first else []),
        *((param.r_name, param.r_default) for param in before),
        *([(DOTS, None)] if wrapper.accepts_dots else []),
        *((param.r_name, param.r_default) for param in after),
    ]


def usage(wrapper: Wrapper) -> str:
    """Return a call as R source, in one line; of the generic, where there is one."""
    args = [r_symbol(wrapper.first), DOTS] if wrapper.generic else arguments(wrapper)
    return f"{wrapper.called_as}({', '.join(args)})"


def arguments(wrapper: Wrapper) -> list[str]:
    """Return the formals as R source."""
    return [
        r_symbol(name) if value is None else f"{r_symbol(name)} = {value}"
        for name, value in formals(wrapper)
    ]


def _stands_for(wrapper: Wrapper) -> list[str]:
    """Return what bridge_function() takes besides the function."""
    params = (*wrapper.params, *wrapper.dots)
    converted = {
        p.r_name: f"{p.kind} {p.enumeration}".strip()
        for p in params
        if KINDS[p.kind].converted
    }
    renamed = {p.r_name: p.name for p in params if p.r_name != p.name}
    name = wrapper.class_name
    if wrapper.wraps == "method":
        items = ["NULL", r_string(name.rpartition(".")[2])]
    elif wrapper.twin:
        names = [name, wrapper.twin.rpartition(".")[2]]
        items = [r_string(wrapper.module), _strings(names)]
    else:
        items = [r_string(wrapper.module), r_string(name)]
    if wrapper.composes != _COMPOSES:
        items.append(f"composes = {r_string(wrapper.composes)}")
    if wrapper.make:
        items.append(f"make = {wrapper.make}")
    if converted:
        items.append(f"kinds = {_args(converted)}")
    if renamed:
        items.append(f"names = {_args(renamed)}")
    if sent := [p.r_name for p in params if p.sent]:
        items.append(f"sent = {_strings(sent)}")
    if inputs := [*wrapper.inputs, *wrapper.options]:
        items.append(f"inputs = {_strings(inputs)}")
    return items


def _args(entries: Mapping[str, str]) -> str:
    items = [f"{r_quoted(name)} = {r_string(value)}" for name, value in entries.items()]
    return f"bridge_args({laid_out(items)})"


def _strings(values: Sequence[str]) -> str:
    strings = ", ".join(map(r_string, values))
    return strings if len(values) == 1 else f"c({strings})"
