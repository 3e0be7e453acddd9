"""The help page of an R function, as pieces of Rd."""

from __future__ import annotations

from dataclasses import dataclass

from layerbridge.bridge.kinds import KINDS
from layerbridge.bridge.text.idioms import Idioms
from layerbridge.bridge.text.markdown import escape, plain_line, rd_code, to_rd
from layerbridge.bridge.wrapper import Param, Wrapper

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
    concept: str


def help_page(layer: Wrapper, idioms: Idioms) -> HelpPage:
    """Compose the page of `layer`."""
    family = layer.family
    title = plain_line(layer.title).rstrip(".") or f"Layer {layer.class_name}"
    first = [family.first] if family.first else []
    params = [(name, to_rd(_first_text(layer), idioms)) for name in first]
    params += [(p.r_name, _param_text(p, idioms)) for p in layer.params]
    if layer.accepts_dots:
        params.append(("...", _dots_text(layer, idioms)))
    sections = [
        (escape(_section_title(section.title)), to_rd(section.text, idioms))
        for section in layer.sections
    ]
    origin = f"{family.origin} {rd_code(layer.python)}."
    said = to_rd(layer.description, idioms)
    returns = to_rd(family.returns, idioms)
    if layer.returns:
        said_of_output = to_rd(layer.returns, idioms)
        returns += f"\n\nOf the output: {said_of_output}" if returns else said_of_output
    return HelpPage(
        name=layer.r_name,
        title=escape(title),
        description="\n\n".join(filter(None, [said, origin])),
        params=tuple(params),
        returns=returns,
        sections=tuple((title, text) for title, text in sections if text),
        examples=layer.examples,
        concept=layer.concept,
    )


def _section_title(title: str) -> str:
    """Return a title on one line that says when code stays Python."""
    line = plain_line(title).replace(":", "") or "Details"
    return f"{line} in Python" if line.startswith(("Example", "Usage")) else line


def _first_text(layer: Wrapper) -> str:
    if not layer.inputs:
        return layer.family.first_text
    names = ", ".join(f"`{name}`" for name in layer.inputs)
    return f"{layer.family.first_text.strip()} The inputs are {names}."


def _param_text(param: Param, idioms: Idioms) -> str:
    said = to_rd(param.doc, idioms) or "Not documented in Python."
    return " ".join(filter(None, [said, KINDS[param.kind].help]))


def _dots_text(layer: Wrapper, idioms: Idioms) -> str:
    said = to_rd(layer.family.dots_text, idioms)
    if not layer.dots:
        return said
    items = [f"\\item {rd_code(d.name)}: {_param_text(d, idioms)}" for d in layer.dots]
    return "\n".join([said, "From the base class:", "\\itemize{", *items, "}"])
