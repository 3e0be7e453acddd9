"""From a target and the rules to a library of wrappers: the one way in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from importlib import import_module
from importlib.resources.abc import Traversable
from types import ModuleType
from typing import Any

from layerbridge.bridge import naming, rules, signature, target
from layerbridge.bridge.families import Family, family_of, root_of
from layerbridge.bridge.kinds import KINDS, kind_of
from layerbridge.bridge.rules import ObjectRow, Rules, first
from layerbridge.bridge.signature import RawParam, Signature, UnreadableError
from layerbridge.bridge.target import Item, Listing, TargetError
from layerbridge.bridge.text import docstring, literals
from layerbridge.bridge.wrapper import Library, Param, Wrapper

__all__ = ["resolve"]


class _LeftOutError(ValueError):
    """An object that gets no R function; says why."""


@dataclass(frozen=True)
class _Subject:
    """An object, and the rows about it: `own` about itself, `rows` about bases too."""

    item: Item
    own: tuple[ObjectRow, ...]
    rows: tuple[ObjectRow, ...]
    paths: tuple[str, ...]


def resolve(name: str, own: Traversable | None = None) -> Library:
    """Understand `name`, a module, a class or a function.

    `own` is a file of rules, as those in `rules/` are.
    """
    known = rules.load(name.partition(".")[0], own)
    found = target.listing(name)
    wrappers, left_out = _wrapped(found, known)
    if not wrappers and found.module.__name__ == name:
        # The modules of a package may hold what it does not show.
        found = _within(found)
        wrappers, left_out = _wrapped(found, known)
    if not wrappers:
        raise TargetError(_nothing(name, found, known, left_out))
    _refuse_clashes(wrappers)
    _refuse_idle(known.own, name, found.items, wrappers)
    ordered = sorted(wrappers, key=lambda wrapper: wrapper.python)
    return Library(name, tuple(ordered), tuple(sorted(left_out)))


def _wrapped(
    found: Listing, known: Rules
) -> tuple[list[Wrapper], list[tuple[str, str]]]:
    wrappers, left_out = [], list(found.left_out)
    for item in found.items:
        made = _wrapper_or_reason(item, known)
        if isinstance(made, Wrapper):
            wrappers.append(made)
        else:
            left_out.append((item.python, made))
    for item in found.elsewhere:
        if _is_wanted(item, known):
            home = item.value.__module__
            left_out.append((item.python, f"defined in {home}; wrap that library"))
    return wrappers, left_out


def _is_wanted(item: Item, known: Rules) -> bool:
    family = family_of(item.value, item.name, known.families)
    return family is not None and not family.skip


def _within(found: Listing) -> Listing:
    """Return what the modules of a package hold, each object by its shortest path."""
    items: dict[int, Item] = {}
    elsewhere = {id(item.value): item for item in found.elsewhere}
    left_out = list(found.left_out)
    modules = sorted(target.modules_within(found.module), key=lambda x: x[0].count("."))
    for name, problem in modules:
        if problem:
            left_out.append((name, problem))
            continue
        listing = target.listing(name)
        for item in listing.items:
            items.setdefault(id(item.value), item)
        for item in listing.elsewhere:
            elsewhere.setdefault(id(item.value), item)
    # What a library shows of others matters only where it has nothing of its own.
    others = () if items else tuple(elsewhere.values())
    return Listing(found.module, tuple(items.values()), others, tuple(left_out))


def _nothing(
    name: str, found: Listing, known: Rules, left_out: list[tuple[str, str]]
) -> list[str]:
    wanted = [item for item in found.elsewhere if _is_wanted(item, known)]
    if wanted:
        homes = {_public(item, name) for item in wanted}
        return [
            f"{name} defines no Keras layer, but shows {len(wanted)} from "
            f"{' and '.join(sorted(homes))}: wrap that instead."
        ]
    if found.module.__name__ != name:
        return [f"{path}: {reason}." for path, reason in left_out]
    inside = sorted(
        module
        for module, value in vars(found.module).items()
        if isinstance(value, ModuleType) and not module.startswith("_")
    )
    hint = f" Its modules are {', '.join(inside)}." if inside else ""
    reasons = [f"{path}: {reason}." for path, reason in left_out if reason not in _DULL]
    return [f"{name} has no Keras layer that can be wrapped.{hint}", *reasons]


def _public(item: Item, name: str) -> str:
    """Return the module of another library that shows the item as `name` does."""
    parallel = ".".join([item.library, *name.split(".")[1:]])
    try:
        module = import_module(parallel)
    except ImportError:
        return item.library
    return parallel if getattr(module, item.name, None) is item.value else item.library


def _refuse_clashes(wrappers: Iterable[Wrapper]) -> None:
    by_name: dict[str, list[str]] = {}
    for wrapper in wrappers:
        by_name.setdefault(wrapper.r_name, []).append(wrapper.python)
    problems = [
        f"{' and '.join(sorted(paths))} would all be `{r_name}` in R. Name one of them "
        f"in a file for --rules: [objects.'{max(paths)}'] name = '...'."
        for r_name, paths in sorted(by_name.items())
        if len(paths) > 1
    ]
    if problems:
        raise TargetError(problems)


def _refuse_idle(
    own: Iterable[ObjectRow],
    name: str,
    items: Sequence[Item],
    wrappers: Sequence[Wrapper],
) -> None:
    """Raise where a row of the user's is about nothing that there is."""
    problems = []
    for row in own:
        key = f"{row.file}: objects.'{row.glob}'"
        about = [wrapper for wrapper in wrappers if row.matches(wrapper.python)]
        if not about and row.glob.startswith(f"{name}."):
            there = [item.python for item in items]
            if not any(map(row.matches, there)):
                near = rules.did_you_mean(row.glob, there)
                problems.append(f"{key}: {name} has no such object.{near}")
        if not about:
            continue
        arguments = {p.name for w in about for p in (*w.params, *w.dots)}
        anchors = [arg.after for arg in row.arguments.values() if arg.after]
        for argument in [*row.arguments, *anchors]:
            if not rules.is_glob(argument) and argument not in {*arguments, _DOTS}:
                near = rules.did_you_mean(argument, arguments)
                problems.append(f"{key}: there is no argument `{argument}`.{near}")
    if problems:
        raise rules.RuleError("\n".join(problems))


_DOTS = "..."
_NO_CLASS = "a function, not a layer class"
_NO_LAYER = "a class, but not a Keras layer"
_DULL = (_NO_CLASS, _NO_LAYER)


def _wrapper_or_reason(item: Item, known: Rules) -> Wrapper | str:
    try:
        return _wrapper(item, known)
    except (_LeftOutError, UnreadableError) as problem:
        return str(problem)


def _wrapper(item: Item, known: Rules) -> Wrapper:
    subject = _subject(item, known)
    if reason := first(subject.own, lambda row: row.skip):
        raise _LeftOutError(reason)
    family = _family(subject, known)
    read = signature.read(item.value, root_of(item.value, known.families))
    if len(read.inputs) > 1 and family.several:
        family = known.families[family.several]
    known_names = {raw.name for raw in (*read.params, *read.dots)}
    doc = docstring.parse_all(read.docstrings, known_names)
    shown, after_dots = _ordered(_shown(subject, read), subject)
    params: list[Param] = []
    taken = frozenset(filter(None, [family.first]))
    for raw in shown:
        params.append(_param(raw, subject.rows, doc, taken))
        taken |= {params[-1].r_name}
    names = {raw.name for raw in shown}
    dots = [
        replace(_param(raw, subject.rows, doc, frozenset()), r_name=raw.name)
        for raw in read.dots
        if raw.name not in names
    ]
    prefix = first(subject.own, lambda row: row.prefix) or family.prefix
    named = first(subject.own, lambda row: row.name)
    return Wrapper(
        python=item.python,
        r_name=named or naming.function_name(item.name, prefix, known.words),
        family=family,
        accepts_dots=read.accepts_dots or family.inputs_in_dots,
        params=tuple(params),
        inputs=read.inputs if len(read.inputs) > 1 and family.takes_inputs else (),
        options=read.options if family.takes_inputs else (),
        after_dots=after_dots,
        dots=tuple(dots),
        title=doc.title,
        description=doc.description,
        returns=doc.returns,
        sections=doc.sections,
        examples=first(subject.own, lambda row: row.example) or "",
        concept=first(subject.own, lambda row: row.concept) or "",
    )


def _subject(item: Item, known: Rules) -> _Subject:
    own = (item.python, f"{item.value.__module__}.{item.value.__qualname__}")
    paths = (*own, *_public_bases(item.value))
    return _Subject(item, known.about(own), known.about(paths), paths)


def _public_bases(value: Any) -> Iterator[str]:
    """Yield the public paths of the Keras layers that a class derives from."""
    import keras

    bases: tuple[type, ...] = getattr(value, "__mro__", ())[1:]
    for base in bases:
        if getattr(keras.layers, base.__name__, None) is base:
            yield f"keras.layers.{base.__name__}"


def _family(subject: _Subject, known: Rules) -> Family:
    if name := first(subject.rows, lambda row: row.family):
        return known.families[name]
    item = subject.item
    family = family_of(item.value, item.name, known.families)
    if family is None:
        raise _LeftOutError(_NO_LAYER if isinstance(item.value, type) else _NO_CLASS)
    if family.skip:
        raise _LeftOutError(family.skip)
    return family


def _shown(subject: _Subject, read: Signature) -> list[RawParam]:
    names = {param.name for param in read.params}
    base = first(subject.own, lambda row: row.shown) or ()
    dots = {param.name: param for param in read.dots}
    added = [dots.get(n, RawParam(n)) for n in base if n not in names]
    return [*read.params, *added]


def _ordered(
    params: list[RawParam], subject: _Subject
) -> tuple[list[RawParam], tuple[str, ...]]:
    """Put each argument right after the one that a row names, or after `...`."""
    after_dots = []
    for param in list(params):
        about = rules.about_argument(subject.own, param.name)
        anchor = first(about, lambda row: row.after)
        if not anchor:
            continue
        params.remove(param)
        places = [i for i, other in enumerate(params, 1) if other.name == anchor]
        params.insert(places[0] if places else len(params), param)
        after_dots += [param.name] * (anchor == _DOTS)
    return params, tuple(after_dots)


def _param(
    raw: RawParam,
    rows: Iterable[ObjectRow],
    doc: docstring.Doc,
    taken: frozenset[str],
) -> Param:
    about = list(rules.about_argument(rows, raw.name))

    def said(of: Any) -> Any:
        return first(about, of)

    text = dict(doc.params).get(raw.name, "") or said(lambda row: row.text) or ""
    kind, source = kind_of(
        said(lambda row: row.kind),
        raw.annotation or dict(doc.types).get(raw.name, ""),
        raw.has_default,
        raw.default,
        text,
        said(lambda row: row.likely),
    )
    default, note = _default(raw, kind)
    return Param(
        name=raw.name,
        r_name=said(lambda row: row.name) or literals.r_name(raw.name, taken),
        r_default=default,
        kind=kind,
        source=source,
        doc="\n\n".join(filter(None, [text, note])),
    )


def _default(raw: RawParam, kind: str) -> tuple[str | None, str]:
    if not raw.has_default:
        return None, ""
    try:
        return literals.r_literal(KINDS[kind].default(raw.default)), ""
    except literals.NotLiteralError:
        shown = _shown_value(raw.default)
        return "NULL", f"If left out, Python's own default holds: {shown}."


def _shown_value(value: Any) -> str:
    """Name an object without its address, so that the words are the same each run."""
    if isinstance(value, (type, ModuleType)) or callable(value):
        named = getattr(value, "__qualname__", type(value).__qualname__)
        return f"`{named}`"
    return f"an object of class `{type(value).__qualname__}`"
