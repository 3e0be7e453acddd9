"""What the generator knows of a library: frozen dataclasses, and JSON at rest.

All of it is decided: strings and numbers, from which alone everything is written.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from typing import Any

__all__ = [
    "DOTS",
    "Generic",
    "Library",
    "Param",
    "Section",
    "Source",
    "Wrapper",
    "from_json",
    "to_json",
]

DOTS = "..."


@dataclass(frozen=True)
class Param:
    """An argument of a class or a function.

    `r_default` is R source, `None` where the argument is required. `source` says what
    decided `kind`: a rule, an annotation, a default, the docstring or the name. `doc`
    is Markdown. `enumeration` is the path of the class, `module:Class`, of which it may
    be a member, and `members` are the names of these. `sent` tells that R sends the
    default, which Python has otherwise.
    """

    name: str
    r_name: str
    r_default: str | None
    kind: str
    source: str
    doc: str = ""
    enumeration: str = ""
    members: tuple[str, ...] = ()
    sent: bool = False


@dataclass(frozen=True)
class Section:
    """A titled part of a docstring, in Markdown."""

    title: str
    text: str


@dataclass(frozen=True)
class Wrapper:
    """A class, function or method of Python, and the R function that wraps it.

    Attributes:
        python: The path of the object.
        r_name: The name of the R function, or the help topic of a method.
        family: The family that it is in, as rules call it.
        accepts_dots: Whether the R function has `...`.
        params: What it takes by name.
        inputs: What the object's call requires, where it takes several inputs; what a
            function takes by position; what both twins compare.
        options: What else the call takes and the class does not.
        after_dots: The names of the arguments that stand after `...`.
        dots: Arguments that a class hands on to its base and R takes through `...`.
        title: The first sentence of the docstring.
        description: What the docstring says after it.
        returns: What Python says of the result.
        sections: The other parts of the docstring.
        examples: R code for the help page.
        concept: What the help pages that link to one another have in common.
        wraps: What is wrapped: a class, a function, a maker, a static function or a
            method.
        heading: What an index calls the family.
        composes: The row of `bridge_composers` that the R function composes by.
        make: The R function that calls Python, if it is none for all.
        is_layer: Whether it makes a layer.
        first: The argument that R has before those of the object.
        first_doc: What this argument means.
        dots_doc: What `...` takes.
        value: What the R function returns.
        twin: The function that computes what the class does.
        owner: The class that it is in, if it is in one.
        generic: The generic function that an R method is for.
        generic_from: The R package that has the generic, if one has.
        class_in_r: The class of the method, as R knows it.
        shared: Whether the method may be in several packages.
    """

    python: str
    r_name: str
    family: str
    accepts_dots: bool
    params: tuple[Param, ...]
    inputs: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    after_dots: tuple[str, ...] = ()
    dots: tuple[Param, ...] = ()
    title: str = ""
    description: str = ""
    returns: str = ""
    sections: tuple[Section, ...] = ()
    examples: str = ""
    concept: str = ""
    wraps: str = "class"
    heading: str = ""
    composes: str = "none"
    make: str = ""
    is_layer: bool = False
    first: str = ""
    first_doc: str = ""
    dots_doc: str = ""
    value: str = ""
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
    def called_as(self) -> str:
        """What one calls in R: a method goes by its generic."""
        return self.generic or self.r_name

    @property
    def defined_as(self) -> str:
        """What the R function is assigned to."""
        return f"{self.generic}.{self.class_in_r}" if self.generic else self.r_name


@dataclass(frozen=True)
class Generic:
    """A generic function of R; `package` is empty where none has it yet."""

    name: str
    first: str = "object"
    package: str = ""


@dataclass(frozen=True)
class Source:
    """The Python package that a target belongs to, as one installs it.

    It has no name where the target was not installed, but lies in a folder.
    `licences` are the names that it gives its licence, `licence_texts` its texts.
    """

    name: str = ""
    version: str = "0.0"
    summary: str = ""
    licences: tuple[str, ...] = ()
    licence_texts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Library:
    """All wrappers for a target, and what was left out with the reason.

    `aliases` pairs each further path of an object with its shortest one.
    """

    target: str
    wrappers: tuple[Wrapper, ...]
    left_out: tuple[tuple[str, str], ...] = ()
    aliases: tuple[tuple[str, str], ...] = ()


_FIELDS = fields(Wrapper)
# Fields from `wraps` on are written only for the wrappers that have something there.
_ALWAYS = {f.name for f in _FIELDS[: [f.name for f in _FIELDS].index("wraps")]}
_NESTED = {"params": Param, "dots": Param, "sections": Section}


def to_json(wrappers: Iterable[Wrapper]) -> str:
    """Write wrappers as JSON, sorted by their Python path."""
    ordered = sorted(wrappers, key=lambda wrapper: wrapper.python)
    return json.dumps([_item(wrapper) for wrapper in ordered], indent=2) + "\n"


def _item(wrapper: Wrapper) -> dict[str, Any]:
    usual = {f.name: f.default for f in _FIELDS if f.name not in _ALWAYS}
    item = {
        key: value
        for key, value in asdict(wrapper).items()
        if key in _ALWAYS or value != usual[key]
    }
    for param in (*item["params"], *item["dots"]):
        for key in ("enumeration", "members", "sent"):
            if not param[key]:
                del param[key]
    return item


def from_json(text: str) -> tuple[Wrapper, ...]:
    """Read what `to_json` wrote."""
    return tuple(_wrapper(item) for item in json.loads(text))


def _wrapper(item: dict[str, Any]) -> Wrapper:
    values = _tuples(item)
    for key in _NESTED.keys() & values.keys():
        values[key] = tuple(_NESTED[key](**_tuples(each)) for each in values[key])
    return Wrapper(**values)


def _tuples(item: dict[str, Any]) -> dict[str, Any]:
    return {k: tuple(v) if isinstance(v, list) else v for k, v in item.items()}
