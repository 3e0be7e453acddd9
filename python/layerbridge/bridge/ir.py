"""What the generator knows of a library: frozen dataclasses, and JSON at rest."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from layerbridge.bridge.decide.family import Family

__all__ = ["Library", "Param", "Section", "Source", "Wrapper", "from_json", "to_json"]


@dataclass(frozen=True)
class Param:
    """An argument of a class or a function.

    `r_default` is R source, `None` where the argument is required. `source` says what
    decided `kind`: a rule, an annotation, a default, the docstring or the name. `doc`
    is Markdown.
    """

    name: str
    r_name: str
    r_default: str | None
    kind: str
    source: str
    doc: str = ""


@dataclass(frozen=True)
class Section:
    """A titled part of a docstring, in Markdown."""

    title: str
    text: str


@dataclass(frozen=True)
class Wrapper:
    """A class, function or method of Python, and the R function that wraps it.

    `inputs` names the required inputs of its call, where there are several; `options`
    what else the call takes and the class does not.
    `after_dots` names the arguments that stand after `...`; `dots` are arguments that
    a class hands on to its base and R takes through `...`; `dots_doc` is what Python
    says of what a function takes so.
    `twin` is the function that computes what the class does. `owner` is the class that
    a method is of; `generic` the generic function that an R method is for, `class_in_r`
    the class as R knows it, and `generic_from` the R package that has the generic. A
    `shared` method may be in several packages.
    """

    python: str
    r_name: str
    family: Family
    accepts_dots: bool
    params: tuple[Param, ...]
    inputs: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    after_dots: tuple[str, ...] = ()
    dots: tuple[Param, ...] = ()
    dots_doc: str = ""
    title: str = ""
    description: str = ""
    returns: str = ""
    sections: tuple[Section, ...] = ()
    examples: str = ""
    concept: str = ""
    twin: str = ""
    owner: str = ""
    generic: str = ""
    generic_from: str = ""
    class_in_r: str = ""
    shared: bool = False

    @property
    def module(self) -> str:
        """The module that the object is taken from."""
        return (self.owner or self.python).rpartition(".")[0]

    @property
    def class_name(self) -> str:
        """The name of the object in its module; that of a method has a dot."""
        return self.python.removeprefix(f"{self.module}.")

    @property
    def is_method(self) -> bool:
        """Whether Python calls it on the object that is R's first argument."""
        return bool(self.owner and self.family.first)

    @property
    def defined_as(self) -> str:
        """What the R function is assigned to."""
        return f"{self.generic}.{self.class_in_r}" if self.generic else self.r_name


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
    """All wrappers for a target, and what was left out with the reason.

    `aliases` pairs each further path of an object with its shortest one.
    """

    target: str
    wrappers: tuple[Wrapper, ...]
    left_out: tuple[tuple[str, str], ...] = ()
    aliases: tuple[tuple[str, str], ...] = ()


# What only some wrappers have is written for those alone.
_OPTIONAL = (
    "dots_doc",
    "twin",
    "owner",
    "generic",
    "generic_from",
    "class_in_r",
    "shared",
)


def to_json(wrappers: Iterable[Wrapper]) -> str:
    """Write wrappers as JSON, sorted by their Python path; a family by its name."""
    ordered = sorted(wrappers, key=lambda wrapper: wrapper.python)
    items = [
        {
            key: value
            for key, value in {**asdict(w), "family": w.family.name}.items()
            if value or key not in _OPTIONAL
        }
        for w in ordered
    ]
    return json.dumps(items, indent=2) + "\n"


def from_json(text: str, families: Mapping[str, Family]) -> tuple[Wrapper, ...]:
    """Read what `to_json` wrote."""
    return tuple(_wrapper(item, families) for item in json.loads(text))


def _wrapper(item: dict[str, Any], families: Mapping[str, Family]) -> Wrapper:
    nested = {
        "family": families[item["family"]],
        "params": tuple(Param(**param) for param in item["params"]),
        "inputs": tuple(item["inputs"]),
        "options": tuple(item["options"]),
        "dots": tuple(Param(**param) for param in item["dots"]),
        "after_dots": tuple(item["after_dots"]),
        "sections": tuple(Section(**section) for section in item["sections"]),
    }
    return Wrapper(**{**item, **nested})
