"""Enumerations: which one an annotation or a default is of, and its members."""

from __future__ import annotations

import contextlib
import enum
import functools
import inspect
import sys
from collections.abc import Container, Iterator
from dataclasses import dataclass, replace
from typing import Any

from layerbridge.bridge.read.guard import ForeignError, guarded
from layerbridge.bridge.read.type_hint import TypeHint

__all__ = ["MEMBER", "Enumeration", "Member", "of_default", "of_hint"]

MEMBER = "Member__"  # stands for an enumeration in a type hint


@dataclass(frozen=True)
class Enumeration:
    """A class of members, by its path, `module:Class`, and their names."""

    path: str
    members: tuple[str, ...]


@dataclass(frozen=True)
class Member:
    """A member, by its name."""

    name: str


def of_hint(
    hint: TypeHint | None, item: Any
) -> tuple[TypeHint | None, Enumeration | None]:
    """Return the annotation of an argument of `item` with `MEMBER` in it.

    Beside it is the enumeration that it names, if it names one.
    """
    function = inspect.unwrap(item)
    scope = getattr(function, "__globals__", {})
    within = getattr(function, "__qualname__", "").split(".")[:-1]
    try:
        with guarded():
            enumerations = {
                path: enumeration
                for path in _paths(hint)
                if (enumeration := _at(path, scope, within))
            }
    except ForeignError:
        return hint, None
    if hint is None or len(set(enumerations.values())) != 1:
        return hint, None
    return _marked(hint, enumerations), next(iter(enumerations.values()))


def _paths(hint: TypeHint | None) -> Iterator[str]:
    """Yield the paths of all types in a hint, and of the classes of its choices."""
    if hint:
        yield from filter(None, [hint.path, *map(_class_of, hint.choices)])
        for item in hint.items or ():
            yield from _paths(item)


def _class_of(choice: str) -> str:
    return choice.rpartition(".")[0]


def _marked(hint: TypeHint, paths: Container[str]) -> TypeHint:
    if hint.choices:
        are_members = all(_class_of(choice) in paths for choice in hint.choices)
        return TypeHint(MEMBER) if are_members else hint
    if hint.items is None:
        return TypeHint(MEMBER) if hint.path in paths else hint
    return replace(hint, items=tuple(_marked(item, paths) for item in hint.items))


def of_default(default: Any, hinted: Enumeration | None) -> tuple[Any, Any]:
    """Return a default with members by name, and the enumeration.

    A member of another than the annotation's stays what it is.
    """
    several = type(default) in (tuple, list)
    values = list(default) if several else [default]
    try:
        with guarded():
            enumerations = {_enumeration(type(value)) for value in values}
            names = (
                [Member(value._name_) for value in values]
                if None not in enumerations
                else []
            )
    except (ForeignError, AttributeError):
        return default, hinted
    if len(enumerations) != 1 or not names or hinted not in (None, *enumerations):
        return default, hinted
    enumeration = enumerations.pop()
    if enumeration is None or not {each.name for each in names} <= set(
        enumeration.members
    ):
        return default, hinted
    return (type(default)(names) if several else names[0]), enumeration


def _at(path: str, scope: dict[str, Any], within: list[str]) -> Enumeration | None:
    """Find an enumeration where a function sees it, or where modules have it."""
    parts = path.split(".")
    for place in _places(parts, scope, within):
        with contextlib.suppress(AttributeError, KeyError):
            start, *more = place
            return _enumeration(functools.reduce(getattr, more, start))
    return None


def _places(
    parts: list[str], scope: dict[str, Any], within: list[str]
) -> Iterator[list[Any]]:
    for depth in range(len(within), -1, -1):
        first, *more = [*within[:depth], *parts]
        if first in scope:
            yield [scope[first], *more]
    for depth in range(len(parts) - 1, 0, -1):
        if module := sys.modules.get(".".join(parts[:depth])):
            yield [module, *parts[depth:]]


def _enumeration(cls: Any) -> Enumeration | None:
    """Describe an enumeration that Python finds again by its name."""
    if not issubclass(type(cls), enum.EnumMeta):
        return None
    members = tuple(map(str, enum.EnumMeta.__members__.__get__(cls)))
    module, name = str(cls.__module__), str(cls.__qualname__)
    try:
        there = functools.reduce(getattr, name.split("."), sys.modules[module])
    except (AttributeError, KeyError):
        return None
    return (
        Enumeration(f"{module}:{name}", members) if members and there is cls else None
    )
