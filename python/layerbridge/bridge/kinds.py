"""What R values an argument takes: a decision with a source."""

from __future__ import annotations

import re
from typing import Any

__all__ = ["KINDS", "kind_of"]

KINDS = (
    "any",
    "axis",
    "bool",
    "enum",
    "float",
    "float_or_tuple",
    "int",
    "int_or_tuple",
    "shape",
    "str",
    "target_shape",
    "tuple",
)

_TUPLE = re.compile(r"\b(tuples?|lists?|sequences?)\b", re.IGNORECASE)
_LEAD = (
    r"\W*(?:optional,? |positive |single |an? |one "
    r"|(?:lists?|tuples?|sequences?)(?:/tuple|/list)? of (?:\w+ )?)*"
)
_PROSE = tuple(
    (kind, re.compile(_LEAD + words + r"\b", re.IGNORECASE))
    for kind, words in (
        ("bool", "bool(?:ean)?"),
        ("int", "int(?:egers?)?"),
        ("float", "floats?"),
        ("str", "str(?:ings?)?"),
    )
)
_ANNOTATED = {"bool": "bool", "int": "int", "float": "float", "str": "str"}


def kind_of(
    override: str | None,
    annotation: str,
    has_default: bool,
    default: Any,
    doc: str,
    likely: str | None = None,
) -> tuple[str, str]:
    """Return the kind of an argument and what decided it.

    `likely` is what the argument's name suggests, for want of anything better.
    """
    if override:
        return override, "override"
    if kind := _from_annotation(annotation):
        return kind, "annotation"
    said = doc.partition(". ")[0]
    plural = bool(_TUPLE.search(said))
    prose = next((kind for kind, pattern in _PROSE if pattern.match(said)), None)
    kind = _from_value(default) if has_default else None
    if kind and not (prose == "float" and kind.startswith("int")):
        return _widened(kind, plural), "default"
    if prose:
        return _widened(prose, plural), "docstring"
    return (likely, "name") if likely else ("any", "none")


def _widened(kind: str, plural: bool) -> str:
    return f"{kind}_or_tuple" if plural and kind in ("int", "float") else kind


def _from_annotation(annotation: str) -> str | None:
    if choices := re.fullmatch(r"Literal\[(.*)\]", annotation):
        return "int" if re.fullmatch(r"[-\d, ]+", choices[1]) else "enum"
    parts = {part.strip() for part in re.split(r"[|,\[\]]", annotation)}
    parts -= {"", "None", "Optional", "Union", "NoneType"}
    tuples = {part for part in parts if part.lower() in ("tuple", "list", "sequence")}
    scalars = {_ANNOTATED.get(part) for part in parts - tuples - {"..."}}
    if scalars == {"int", "float"}:
        scalars = {"float"}
    if len(scalars) != 1 or None in scalars:
        return None
    return _widened(str(scalars.pop()), bool(tuples))


def _from_value(default: Any) -> str | None:
    match default:
        case bool():
            return "bool"
        case int():
            return "int"
        case float():
            return "float"
        case str():
            return "str"
        case tuple() | list() if default and all(map(_is_ints, default)):
            return "int_or_tuple"
        case tuple() | list() if default and all(map(_is_number, default)):
            return "float_or_tuple"
        case tuple():
            return "tuple"
    return None


def _is_ints(value: Any) -> bool:
    if isinstance(value, (tuple, list)):
        return all(map(_is_ints, value))
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
