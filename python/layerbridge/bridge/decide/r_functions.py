"""Generic functions of R, for the methods of Python classes.

`r_functions.tsv` lists what R's own packages export, and the generics of the package
generics; `tools/r_functions.R` writes it.
"""

from __future__ import annotations

import functools
from collections.abc import Container
from importlib.resources import files

from layerbridge.bridge.ir import Generic

__all__ = ["generic", "is_of_r"]


def generic(name: str, names: Container[str] = ()) -> Generic | None:
    """Return the generic for methods of this name, which take the arguments `names`.

    There is none where R has another function of this name, which a generic would mask.
    """
    package, arguments = _functions().get(name, ("", ""))
    match arguments.split():
        case [first, "..."] if first not in names:
            return Generic(name, first, package)
    return None if is_of_r(name) else Generic(name)


def is_of_r(name: str) -> bool:
    """Tell whether R's own packages export something of this name."""
    row = _functions().get(name)
    return row is not None and row[0] != "generics"


@functools.cache
def _functions() -> dict[str, tuple[str, str]]:
    table = files("layerbridge.bridge.decide") / "r_functions.tsv"
    text = table.read_text(encoding="utf-8")
    rows = [line.split("\t") for line in text.splitlines()]
    # R's own packages come before `generics`, which is attached by choice.
    rows.sort(key=lambda row: row[0] != "generics")
    return {name: (package, arguments) for package, name, arguments in rows}
