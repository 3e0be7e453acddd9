"""What the generator knows of a library: frozen dataclasses, and JSON at rest."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

__all__ = ["LayerSpec", "Library", "Param", "Section", "Source", "from_json", "to_json"]


@dataclass(frozen=True)
class Param:
    """An argument of a layer.

    `r_default` is R source, `None` where the argument is required. `source` says what
    decided `kind`: an override, a rule, an annotation, a default or the docstring.
    `doc` is Markdown.
    """

    name: str
    r_name: str
    r_default: str | None
    kind: str
    source: str
    doc: str = ""


def first_argument(style: str) -> str | None:
    """Return what a function of a style takes first."""
    return {"object": "object", "none": None}.get(style, "inputs")


@dataclass(frozen=True)
class Section:
    """A titled part of a docstring, in Markdown."""

    title: str
    text: str


@dataclass(frozen=True)
class LayerSpec:
    """A layer class and the R function that makes it.

    `style` says how the function composes: `object` (one input), `merge` (several
    inputs as one list), `inputs` (inputs that are arguments of the call) or `none`.
    `after_dots` names the arguments that stand after `...`; `dots` are arguments that
    the class hands on to its base and R takes through `...`.
    """

    python: str
    r_name: str
    style: str
    accepts_dots: bool
    params: tuple[Param, ...]
    after_dots: tuple[str, ...] = ()
    dots: tuple[Param, ...] = ()
    title: str = ""
    description: str = ""
    returns: str = ""
    sections: tuple[Section, ...] = ()
    examples: str = ""
    family: str = ""

    @property
    def first(self) -> str | None:
        """What the R function takes first, before the arguments of the class."""
        return first_argument(self.style)

    @property
    def module(self) -> str:
        """The module that the class is taken from."""
        return self.python.rpartition(".")[0]

    @property
    def class_name(self) -> str:
        """The name of the class in its module."""
        return self.python.rpartition(".")[2]


@dataclass(frozen=True)
class Source:
    """The Python package that a target belongs to, as one installs it.

    It has no name where the target was not installed, but lies in a folder.
    """

    name: str = ""
    version: str = "0.0"
    licence: str = ""


@dataclass(frozen=True)
class Library:
    """All layers of a target, and what was left out with the reason."""

    target: str
    layers: tuple[LayerSpec, ...]
    left_out: tuple[tuple[str, str], ...] = ()


def to_json(layers: Iterable[LayerSpec]) -> str:
    """Write layers as JSON, sorted by their Python path."""
    ordered = sorted(layers, key=lambda layer: layer.python)
    return json.dumps([asdict(layer) for layer in ordered], indent=2) + "\n"


def from_json(text: str) -> tuple[LayerSpec, ...]:
    """Read what `to_json` wrote."""
    return tuple(_layer(item) for item in json.loads(text))


def _layer(item: dict[str, Any]) -> LayerSpec:
    nested = {
        "params": tuple(Param(**param) for param in item["params"]),
        "dots": tuple(Param(**param) for param in item["dots"]),
        "after_dots": tuple(item["after_dots"]),
        "sections": tuple(Section(**section) for section in item["sections"]),
    }
    return LayerSpec(**{**item, **nested})
