"""From what Python has to what R gets: names, kinds, defaults, documentation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import ModuleType
from typing import Any

from layerbridge.bridge import kinds, naming
from layerbridge.bridge.introspect import Found, RawLayer, RawParam, TargetError
from layerbridge.bridge.rules import Overrides, lookup, lookup_in
from layerbridge.bridge.text import docstring, literals
from layerbridge.bridge.wrapper import LayerSpec, Library, Param, first_argument

__all__ = ["resolve"]

_BASE = {
    name: RawParam(name, True, None, "")
    for name in ("name", "dtype", "trainable", "batch_size", "input_shape")
}


def resolve(found: Found, overrides: Overrides) -> Library:
    """Turn what was found into specifications, or raise every clash of names."""
    kept = []
    left_out = list(found.left_out)
    for raw in found.layers:
        if reason := lookup(overrides.skip, [raw.defined_in]):
            left_out.append((raw.python, reason))
        else:
            kept.append(_layer(raw, overrides))
    _refuse_clashes(kept)
    ordered = sorted(kept, key=lambda layer: layer.python)
    return Library(found.target, tuple(ordered), tuple(sorted(left_out)))


def _refuse_clashes(layers: list[LayerSpec]) -> None:
    by_name: dict[str, list[str]] = {}
    for layer in layers:
        by_name.setdefault(layer.r_name, []).append(layer.python)
    problems = [
        f"{' and '.join(sorted(paths))} would all be `{r_name}` in R. "
        "Give one of them another name with --overrides."
        for r_name, paths in sorted(by_name.items())
        if len(paths) > 1
    ]
    if problems:
        raise TargetError(problems)


def _layer(raw: RawLayer, overrides: Overrides) -> LayerSpec:
    names = {param.name for param in (*raw.params, *raw.dots)}
    doc = docstring.parse_all(raw.docstrings, names)
    style = lookup(overrides.styles, raw.lineage) or (
        "merge" if raw.is_merge else "object"
    )
    after = _of_this_version(lookup(overrides.after, raw.lineage[:1]) or {}, raw)
    shown = _moved(list(raw.params), after)
    extra = lookup(overrides.extra, raw.lineage[:1]) or []
    shown += [_BASE[n] for n in extra if n not in {p.name for p in shown}]
    taken = frozenset(filter(None, [first_argument(style)]))
    params: list[Param] = []
    for param in shown:
        resolved = _param(param, raw.lineage, doc, overrides, taken)
        taken |= {resolved.r_name}
        params.append(resolved)
    hidden = [p for p in raw.dots if p.name not in {q.name for q in shown}]
    dots = [_param(p, raw.lineage, doc, overrides, frozenset()) for p in hidden]
    return LayerSpec(
        python=raw.python,
        r_name=naming.function_name(raw.python, raw.defined_in, overrides),
        style=style,
        accepts_dots=raw.accepts_dots or style == "merge",
        params=tuple(params),
        after_dots=tuple(name for name, anchor in after.items() if anchor == "..."),
        dots=tuple(replace(dot, r_name=dot.name) for dot in dots),
        title=doc.title,
        description=doc.description,
        returns=doc.returns,
        sections=doc.sections,
        examples=lookup(overrides.examples, raw.lineage[:1]) or "",
        family=lookup(overrides.families, raw.lineage[:1]) or "",
    )


def _of_this_version(after: Mapping[str, str], raw: RawLayer) -> dict[str, str]:
    """Leave out the arguments that the installed version of the library lacks."""
    present = {param.name for param in raw.params}
    return {name: anchor for name, anchor in after.items() if name in present}


def _moved(params: list[RawParam], after: Mapping[str, str]) -> list[RawParam]:
    """Put each argument that `after` names right after its anchor."""
    for name, anchor in after.items():
        moved = next(param for param in params if param.name == name)
        params.remove(moved)
        places = [i for i, param in enumerate(params, 1) if param.name == anchor]
        params.insert(places[0] if places else len(params), moved)
    return params


def _param(
    param: RawParam,
    lineage: tuple[str, ...],
    doc: docstring.Doc,
    overrides: Overrides,
    taken: frozenset[str],
) -> Param:
    said = dict(doc.params).get(param.name, "")
    text = said or overrides.texts.get(param.name, "")
    annotation = param.annotation or dict(doc.types).get(param.name, "")
    kind, source = kinds.kind_of(
        lookup_in(overrides.kinds, lineage, param.name),
        annotation,
        param.has_default,
        param.default,
        text,
        lookup(overrides.likely, [param.name]),
    )
    default, note = _default(param, kind)
    renamed = lookup_in(overrides.renames, lineage, param.name)
    return Param(
        name=param.name,
        r_name=renamed or literals.r_name(param.name, taken),
        r_default=default,
        kind=kind,
        source=source,
        doc="\n\n".join(filter(None, [text, note])),
    )


def _default(param: RawParam, kind: str) -> tuple[str | None, str]:
    if not param.has_default:
        return None, ""
    try:
        value = _from_one(param.default) if kind == "axis" else param.default
        return literals.r_literal(value), ""
    except literals.NotLiteralError:
        return (
            "NULL",
            f"If left out, Python's own default holds: {_told(param.default)}.",
        )


def _from_one(axis: Any) -> Any:
    """Return an axis counted from 1; negative ones count from the end in both."""
    if isinstance(axis, (tuple, list)):
        return type(axis)(_from_one(item) for item in axis)
    return axis + 1 if isinstance(axis, int) and axis >= 0 else axis


def _told(value: Any) -> str:
    """Name an object without its address, so that the words are the same each run."""
    if isinstance(value, (type, ModuleType)) or callable(value):
        named = getattr(value, "__qualname__", type(value).__qualname__)
        return f"`{named}`"
    return f"an object of class `{type(value).__qualname__}`"
