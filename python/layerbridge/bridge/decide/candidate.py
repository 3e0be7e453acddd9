"""Which classes and functions of a target are to have an R function."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from layerbridge.bridge.decide.family import (
    Membership,
    family,
    family_by_base,
    family_by_module,
)
from layerbridge.bridge.decide.setting import NoFunctionError, Setting
from layerbridge.bridge.decide.snake_case import snake_case
from layerbridge.bridge.read.listing import Item
from layerbridge.bridge.rules.schema import ObjectRow, first

__all__ = ["Candidate", "LeftOut", "candidate", "candidates"]


@dataclass(frozen=True)
class LeftOut:
    """An object that gets no R function, and why."""

    path: str
    reason: str


@dataclass(frozen=True)
class Candidate:
    """An object that is to have an R function.

    Attributes:
        item: The object.
        wraps: What it is: a class, a function, a maker, which is a class method that
            makes an object, another static function of a class, or a method.
        family: The family that it is in.
        object_rows: The rows about the object itself.
        rows: The rows about it and its bases.
        owner: The class that it is in, if it is in one.
        owner_family: The family of that class, where its functions are called after it.
        twin: The function that computes what a class does.
        class_in_r: The class, as R knows it, that has a method, if a row says so.
        shared: Whether a method may be in several packages.
    """

    item: Item
    wraps: str
    family: Membership
    object_rows: tuple[ObjectRow, ...] = ()
    rows: tuple[ObjectRow, ...] = ()
    owner: Item | None = None
    owner_family: Membership | None = None
    twin: Item | None = None
    class_in_r: str = ""
    shared: bool = False

    def row_value(self, of: Callable[[ObjectRow], Any]) -> Any:
        """Return what the rows about the object itself say, or `None`."""
        return first(self.object_rows, of)


def candidates(
    items: Iterable[Item], setting: Setting
) -> Iterator[Candidate | LeftOut]:
    """Yield the classes and functions of a target; of twins, the class has both."""
    items = tuple(items)
    twins = {twin.python for item in items if (twin := _twin(item, setting))}
    for item in items:
        for named in _by_family(item, setting):
            if named.python not in twins:
                yield candidate(named, setting)


def candidate(
    item: Item, setting: Setting, within: Item | None = None
) -> Candidate | LeftOut:
    """Return a class or a function as a candidate; it may be `within` a class."""
    object_rows, rows = setting.about(item)
    try:
        member = family(item, object_rows, rows, setting)
    except NoFunctionError as problem:
        return LeftOut(item.python, str(problem))
    wraps = "class" if inspect.isclass(item.value) else "function"
    twin = _twin(item, setting) if member.row.twins else None
    return Candidate(item, wraps, member, object_rows, rows, owner=within, twin=twin)


def _twin(item: Item, setting: Setting) -> Item | None:
    """Return the function of a class's name, which computes what the class does."""
    row = family_by_base(item, setting)
    if not (row and row.twins):
        return None
    home = item.python.rpartition(".")[0]
    name = "_".join(snake_case(item.name, setting.rules.words))
    value = getattr(sys.modules[home], name, None)
    return Item(f"{home}.{name}", value) if inspect.isroutine(value) else None


def _by_family(item: Item, setting: Setting) -> Iterator[Item]:
    """Yield a function by the path that each family knows, of its shortest ones.

    `huber` is in `keras.losses` and in `keras.metrics`.
    """
    paths: dict[str, str] = {}
    shortest = item.python.count(".")
    for path in item.paths:
        row = family_by_module([path.rpartition(".")[0]], setting)
        if row and path.count(".") == shortest and not inspect.isclass(item.value):
            paths.setdefault(row.name, path)
    for path in paths.values() or [item.python]:
        yield replace(item, python=path)
