"""R function names for Python classes, as keras3 has them."""

from __future__ import annotations

import re

from layerbridge.bridge.rules import Overrides, lookup
from layerbridge.bridge.text.literals import r_name

__all__ = ["function_name", "snake_case"]

_WORD = re.compile(r"\d+[Dd](?![a-z])|[A-Z]+(?![a-z])|[A-Z][a-z]*|[a-z]+|\d+")


def function_name(python: str, defined_in: str, overrides: Overrides) -> str:
    """Return the R name of the function that makes `python`.

    `defined_in` is the path of the class in the module that defines it.
    """
    if named := overrides.names.get(python):
        return named
    words = snake_case(python.rpartition(".")[2], overrides)
    if len(words) > 1 and words[-1] == "cell":
        return r_name("_".join(["rnn_cell", *words[:-1]]))
    prefix = lookup(overrides.prefixes, [defined_in]) or "layer"
    return r_name("_".join(dict.fromkeys([*prefix.split("_"), *words])))


def snake_case(name: str, overrides: Overrides) -> list[str]:
    """Split a class name into lower-case words."""
    for word, spelling in overrides.words.items():
        name = name.replace(word, spelling)
    plain = r_name(name).replace(".", "_")
    return [word.lower() for word in _WORD.findall(plain)] or [plain.lower()]
