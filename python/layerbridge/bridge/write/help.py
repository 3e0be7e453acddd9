"""The help page of an R function, as pieces of Rd."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from layerbridge.bridge.text.idioms import Idioms
from layerbridge.bridge.text.markdown import escape, plain_line, rd_code, to_rd
from layerbridge.bridge.wrapper import LayerSpec, Param

__all__ = ["HelpPage", "help_page"]


@dataclass(frozen=True)
class HelpPage:
    """What a help page says; every text is Rd, `examples` is R code."""

    name: str
    title: str
    description: str
    params: tuple[tuple[str, str], ...]
    returns: str
    sections: tuple[tuple[str, str], ...]
    examples: str
    family: str


def help_page(layer: LayerSpec, texts: Mapping[str, str], idioms: Idioms) -> HelpPage:
    """Compose the page of `layer`; `texts` says what R adds to each function."""
    title = plain_line(layer.title).rstrip(".") or f"Layer {layer.class_name}"
    first = [layer.first] if layer.first else []
    params = [(name, to_rd(texts[name], idioms)) for name in first]
    params += [(p.r_name, _param_text(p, idioms)) for p in layer.params]
    if layer.accepts_dots:
        params.append(("...", _dots_text(layer, texts, idioms)))
    sections = [
        (escape(_section_title(section.title)), to_rd(section.text, idioms))
        for section in layer.sections
    ]
    origin = f"Makes the Python class {rd_code(layer.python)}."
    said = to_rd(layer.description, idioms)
    returns = to_rd(texts[f"returns_{layer.style}"], idioms)
    if layer.returns:
        returns += f"\n\nOf the output: {to_rd(layer.returns, idioms)}"
    return HelpPage(
        name=layer.r_name,
        title=escape(title),
        description="\n\n".join(filter(None, [said, origin])),
        params=tuple(params),
        returns=returns,
        sections=tuple((title, text) for title, text in sections if text),
        examples=layer.examples,
        family=layer.family,
    )


def _section_title(title: str) -> str:
    """Return a title on one line that says when code stays Python."""
    line = plain_line(title).replace(":", "") or "Details"
    return f"{line} in Python" if line.startswith(("Example", "Usage")) else line


def _param_text(param: Param, idioms: Idioms) -> str:
    said = to_rd(param.doc, idioms) or "Not documented in Python."
    return f"{said} Axes count from 1." if param.kind == "axis" else said


def _dots_text(layer: LayerSpec, texts: Mapping[str, str], idioms: Idioms) -> str:
    said = to_rd(texts["merge_dots" if layer.style == "merge" else "..."], idioms)
    if not layer.dots:
        return said
    items = [f"\\item {rd_code(d.name)}: {_param_text(d, idioms)}" for d in layer.dots]
    return "\n".join([said, "From the base class:", "\\itemize{", *items, "}"])
