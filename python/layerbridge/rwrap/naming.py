"""R function names for Python classes, as keras3 has them."""

from __future__ import annotations

import re

from layerbridge.rwrap.literals import r_name
from layerbridge.rwrap.overrides import Overrides, lookup

__all__ = ["function_name", "snake_case"]

_WORD = re.compile(r"\d+[Dd](?![a-z])|[A-Z]+(?![a-z])|[A-Z][a-z]*|[a-z]+|\d+")


def function_name(python: str, defined_in: str, overrides: Overrides) -> str:
    """Return the R name of the function that makes `python`.

    `defined_in` is the path of the class in the module that defines it.
    """
    if named := overrides.names.get(python):
        return named
    words = snake_case(python.rpartition(".")[2], overrides)
    if cell := re.fullmatch(r"(.+)_cell", words):
        return r_name(f"rnn_cell_{cell[1]}")
    prefix = lookup(overrides.prefixes, defined_in) or "layer_"
    return r_name(prefix + words.removeprefix("layer_"))


def snake_case(name: str, overrides: Overrides) -> str:
    """Split a class name into lower-case words, each of which stands once."""
    for word, spelling in overrides.words.items():
        name = name.replace(word, spelling)
    plain = r_name(name).replace(".", "_")
    words = [word.lower() for word in _WORD.findall(plain)]
    return "_".join(dict.fromkeys(words)) or plain.lower()
