"""Which methods of a library's classes are to have an R function."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from layerbridge.bridge.decide import r_functions
from layerbridge.bridge.decide.candidate import Candidate, LeftOut, candidate
from layerbridge.bridge.decide.family import Membership, family, is_placed, of_row
from layerbridge.bridge.decide.setting import NoFunctionError, Setting
from layerbridge.bridge.read.listing import (
    Item,
    Listing,
    classes_within,
    static_within,
)
from layerbridge.bridge.rules.schema import first

__all__ = ["members", "why_no_method"]


def members(
    target: str, listing: Listing, setting: Setting
) -> Iterator[Candidate | LeftOut]:
    """Yield what the classes of a library have: functions, classes and methods.

    A module of layers, of losses and so on has none: it is what Keras has, too.
    """
    classes = [x for x in (*listing.items, *listing.bases) if inspect.isclass(x.value)]
    is_module = target != setting.name and listing.path == target
    for item in classes:
        if not (is_module and is_placed(item, setting)):
            yield from _makers(item, setting)
            yield from _static(item, setting)
            yield from _classes(item, setting)
            if not listing.member:
                yield from _of_keras_kind(item, setting)
    classes += [inner for item in classes for inner in _within(item)]
    public = {item.value: item for item in classes}
    owners = dict.fromkeys(
        owner
        for item in classes
        if _has_methods(item, setting)
        for owner in inspect.getmro(item.value)
    )
    for owner in owners:
        path = f"{owner.__module__}.{owner.__qualname__}"
        item = public.get(owner, Item(path, owner))
        if item.library == target.partition(".")[0]:
            yield from _methods(item, setting)
    if listing.member or target == setting.name:
        yield from _shared_methods(public, setting)


def why_no_method(item: Item, name: str, setting: Setting) -> str:
    """Return why a method that a class has gets no R function."""
    if name.startswith("_"):
        return "it is private"
    if name not in _own_methods(item, setting):
        return "it is Keras's, or a base class has it"
    try:
        member = family(item, *setting.about(item), setting)
    except NoFunctionError as problem:
        return f"its class has none: {problem}"
    return f"methods of {member.heading.lower()} have none"


def _makers(item: Item, setting: Setting) -> Iterator[Candidate | LeftOut]:
    """Yield class methods that make an object."""
    for name in dir(item.value):
        if not name.startswith("from_") or name == "from_config":
            continue
        method = inspect.getattr_static(item.value, name, None)
        if isinstance(method, classmethod) and _is_own(method.__func__, item):
            yield from _member("maker", item, name, setting)


def _static(item: Item, setting: Setting) -> Iterator[Candidate | LeftOut]:
    """Yield the other functions of a class, which need no object of it."""
    for name, problem in static_within(item):
        is_class_method = isinstance(vars(item.value)[name], classmethod)
        is_maker = is_class_method and name.startswith("from_")
        if is_maker or name in setting.keras_names:
            continue
        if problem:
            yield LeftOut(f"{item.python}.{name}", problem)
        else:
            yield from _member("static", item, name, setting)


def _classes(item: Item, setting: Setting) -> Iterator[Candidate | LeftOut]:
    """Yield the classes that are defined within a class."""
    for inner, problem in classes_within(item):
        if problem:
            yield LeftOut(inner.python, problem)
            continue
        yield candidate(inner, setting, within=item)
        for name, unread in static_within(inner):
            reason = "a function of a class within a class: call it with `$`"
            yield LeftOut(f"{inner.python}.{name}", unread or reason)


def _within(item: Item) -> list[Item]:
    return [inner for inner, problem in classes_within(item) if not problem]


def _of_keras_kind(item: Item, setting: Setting) -> Iterator[LeftOut]:
    """Yield the methods of a library's own layers, losses and so on."""
    if item.library != "keras" and (reason := _why_none(item, setting)):
        for name in _own_methods(item, setting):
            yield LeftOut(f"{item.python}.{name}", reason)


def _methods(item: Item, setting: Setting) -> Iterator[Candidate | LeftOut]:
    """Yield the methods that a class of a library adds to Keras's."""
    for name in _own_methods(item, setting):
        yield from _member("method", item, name, setting)


def _own_methods(item: Item, setting: Setting) -> list[str]:
    """Return the names of a class's methods that neither Keras nor a base has.

    One that takes what that of a base takes is no method of its own.
    """
    return [
        name
        for name, value in sorted(vars(item.value).items())
        if inspect.isfunction(value)
        and _is_own_name(name, item.value, setting)
        and not _is_override(name, value, item)
    ]


def _shared_methods(
    classes: Iterable[type], setting: Setting
) -> Iterator[Candidate | LeftOut]:
    """Yield the methods that rows name of the bases of classes."""
    bases = {base for cls in classes for base in cls.__mro__}
    for row in setting.rules.objects:
        if not row.methods:
            continue
        owner = setting.anchors[row.glob]
        if owner not in bases and row.glob not in setting.rules.also:
            continue
        for name in row.methods:
            for entry in _member("method", Item(row.glob, owner), name, setting):
                yield (
                    entry
                    if isinstance(entry, LeftOut)
                    else replace(entry, class_in_r=row.method_class, shared=True)
                )


def _member(
    wraps: str, owner: Item, name: str, setting: Setting
) -> Iterator[Candidate | LeftOut]:
    """Yield a member of a class, or a function, by its path, of an object of it."""
    function = setting.anchors.get(name) if "." in name else None
    path = name if function else f"{owner.python}.{name}"
    if not all(map(str.isidentifier, path.split("."))):
        yield LeftOut(path, "its name is not a Python identifier")
        return
    item = Item(path, function or getattr(owner.value, name, None))
    if item.value is None:
        yield LeftOut(path, f"{owner.python} has no such method in this version")
        return
    object_rows, rows = setting.about(item)
    of_owner = None
    try:
        if wraps in ("maker", "static"):
            if reason := first(object_rows, lambda row: row.skip):
                raise NoFunctionError(reason)
            of_owner = family(owner, *setting.about(owner), setting)
            row = setting.rules.families[wraps]
            member = Membership(row, row.name, of_owner.heading, row.prefix)
        else:
            named = first(object_rows, lambda row: row.family) or "method"
            member = of_row(setting.rules.families[named])
    except NoFunctionError as problem:
        yield LeftOut(path, str(problem))
    else:
        yield Candidate(item, wraps, member, object_rows, rows, owner, of_owner)


def _has_methods(item: Item, setting: Setting) -> bool:
    """Tell whether the methods of a class come of themselves."""
    return not _why_none(item, setting)


def _why_none(item: Item, setting: Setting) -> str:
    """Return why the methods of a class do not come of themselves, or nothing.

    Those of Keras's families are as in Keras's own packages for R: rows name them.
    A library's models have some of their own.
    """
    try:
        member = family(item, *setting.about(item), setting)
    except NoFunctionError as problem:
        return str(problem)
    is_model = item.library != "keras" and "keras.Model" in member.row.bases
    is_of_keras = any(path.startswith("keras.") for path in member.row.bases)
    if member.headed or is_model or not is_of_keras:
        return ""
    return f"a method of {member.heading.lower()}: call it with `$`"


def _is_own(value: Any, item: Item) -> bool:
    """Tell whether the library of an item defines a value."""
    home = str(getattr(value, "__module__", "") or "")
    return home.partition(".")[0] == item.library


def _is_own_name(name: str, cls: type, setting: Setting) -> bool:
    """Tell whether a method is a library's own by its name.

    What Keras's classes have is not, unless R has a generic for it, such as `fit()`,
    and the class is not derived from them.
    """
    if name.startswith("_"):
        return False
    if name not in setting.keras_names:
        return True
    generic = r_functions.generic(name)
    is_of_keras = not setting.keras_bases.isdisjoint(cls.__mro__)
    return bool(generic and generic.package) and not is_of_keras


def _is_override(name: str, value: Any, item: Item) -> bool:
    for base in item.value.__mro__[1:]:
        of_base = vars(base).get(name)
        if inspect.isfunction(of_base) and _is_own(base, item):
            return _taken_by(of_base) == _taken_by(value)
    return False


def _taken_by(function: Any) -> str:
    """Return a signature as text, since defaults such as arrays do not compare."""
    try:
        return str(inspect.signature(function))
    except (TypeError, ValueError):
        return ""
