"""The arguments of an R function: kinds, names, defaults and order."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from types import ModuleType
from typing import Any

from layerbridge.bridge import literals
from layerbridge.bridge.decide.kind import kind_of
from layerbridge.bridge.ir import DOTS, Param
from layerbridge.bridge.kind_table import KINDS
from layerbridge.bridge.read import docstring
from layerbridge.bridge.read.enumeration import Member
from layerbridge.bridge.read.signature import RawParam
from layerbridge.bridge.read.type_hint import type_hint
from layerbridge.bridge.rules import schema
from layerbridge.bridge.rules.schema import ObjectRow, first

__all__ = ["Arguments", "arguments", "from_one"]


_MOST_CHARACTERS = 300  # characters of a default that help shows


@dataclass(frozen=True)
class Arguments:
    """What an R function takes; those in `after_dots` stand after `...`.

    `dots` are arguments that R takes through `...`.
    """

    params: tuple[Param, ...]
    dots: tuple[Param, ...]
    after_dots: tuple[str, ...]


def arguments(
    raw_params: Sequence[RawParam],
    through_dots: Sequence[RawParam],
    object_rows: Iterable[ObjectRow],
    rows: Sequence[ObjectRow],
    doc: docstring.Doc,
    other_names: Collection[str] = (),
) -> Arguments:
    """Return the arguments of a function by what Python and the rows say.

    `object_rows` are about the object itself, `rows` about its bases too; `other_names`
    are those that R has for something else.
    """
    object_rows = tuple(object_rows)
    sequence, after_dots = _ordered(
        _with_extra(object_rows, raw_params, through_dots), object_rows
    )
    params: list[Param] = []
    names = frozenset(other_names)
    for raw in sequence:
        params.append(_param(raw, rows, doc, names))
        names |= {params[-1].r_name}
    names_before = {raw.name for raw in sequence}
    dots = (
        replace(_param(raw, rows, doc, frozenset()), r_name=raw.name)
        for raw in through_dots
        if raw.name not in names_before
    )
    return Arguments(tuple(params), tuple(dots), after_dots)


def _with_extra(
    object_rows: Sequence[ObjectRow],
    raw_params: Sequence[RawParam],
    through_dots: Sequence[RawParam],
) -> list[RawParam]:
    extra = first(object_rows, lambda row: row.extra) or ()
    by_name = {param.name: param for param in (*through_dots, *raw_params)}
    rest = (param for param in raw_params if param.name not in extra)
    return [*rest, *(by_name.get(n, RawParam(n)) for n in extra)]


def _ordered(
    params: list[RawParam], object_rows: Sequence[ObjectRow]
) -> tuple[list[RawParam], tuple[str, ...]]:
    """Put each argument right after the one that a row names, or after `...`."""
    after_dots = []
    for param in list(params):
        about = schema.about_argument(object_rows, param.name)
        anchor = first(about, lambda row: row.after)
        if not anchor:
            continue
        params.remove(param)
        places = [i for i, other in enumerate(params, 1) if other.name == anchor]
        params.insert(places[0] if places else len(params), param)
        after_dots += [param.name] * (anchor == DOTS)
    return params, tuple(after_dots)


def _param(
    raw: RawParam,
    rows: Iterable[ObjectRow],
    doc: docstring.Doc,
    other_names: frozenset[str],
) -> Param:
    about = list(schema.about_argument(rows, raw.name))

    def row_value(of: Any) -> Any:
        return first(about, of)

    of_default = row_value(lambda row: row.default and row.text)
    in_python = dict(doc.params).get(raw.name)
    text = of_default or in_python or row_value(lambda row: row.text) or ""
    kind, source = kind_of(
        row_value(lambda row: row.kind),
        raw.hint or type_hint(dict(doc.types).get(raw.name, "")),
        raw.has_default,
        raw.default,
        text,
        row_value(lambda row: row.likely),
    )
    default, note = row_value(lambda row: row.default), ""
    if not default:
        default, note = _default(raw, kind)
    enumeration = raw.enumeration if "{members}" in KINDS[kind].help else None
    return Param(
        name=raw.name,
        r_name=row_value(lambda row: row.name)
        or literals.r_name(raw.name, other_names),
        r_default=default,
        kind=kind,
        source=source,
        doc="\n\n".join(filter(None, [text, note])),
        enumeration=enumeration.path if enumeration else "",
        members=enumeration.members if enumeration else (),
        sent=bool(row_value(lambda row: row.sent)),
    )


def _default(raw: RawParam, kind: str) -> tuple[str | None, str]:
    if not raw.has_default:
        return None, ""
    default = from_one(raw.default) if KINDS[kind].numeric else _by_name(raw.default)
    try:
        source = literals.r_literal(default)
    except literals.NotLiteralError:
        source = ""
    if 0 < len(source) <= _MOST_CHARACTERS:
        return source, ""
    text = f"{len(raw.default)} values" if source else _shown_value(raw.default)
    return "NULL", f"If omitted, Python's default applies: {text}."


def _by_name(default: Any) -> Any:
    """Return the names of members, and anything else as it is."""
    if type(default) in (tuple, list):
        return type(default)(map(_by_name, default))
    return default.name if isinstance(default, Member) else default


def from_one(place: Any) -> Any:
    """Return an axis or an index counted from 1; negative ones count from the end."""
    if isinstance(place, (tuple, list)):
        return type(place)(map(from_one, place))
    return place + 1 if isinstance(place, int) and place >= 0 else place


def _shown_value(value: Any) -> str:
    """Name an object without its address, so that the words are the same each run."""
    if isinstance(value, (type, ModuleType)) or callable(value):
        named = getattr(value, "__qualname__", type(value).__qualname__)
        return f"`{named}`"
    return f"an object of class `{type(value).__qualname__}`"
