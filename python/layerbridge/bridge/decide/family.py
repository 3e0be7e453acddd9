"""The family of an object: a row of the rules, or a library's own by its head."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from layerbridge.bridge.decide.kinship import stem
from layerbridge.bridge.decide.prefix import name_with_prefix
from layerbridge.bridge.decide.setting import NoFunctionError, Setting
from layerbridge.bridge.literals import r_name
from layerbridge.bridge.read.listing import Item
from layerbridge.bridge.rules.schema import Family, ObjectRow, first

__all__ = [
    "Membership",
    "family",
    "family_by_base",
    "family_by_module",
    "is_placed",
    "of_row",
    "root",
    "with_several_inputs",
]


@dataclass(frozen=True)
class Membership:
    """An object's place in a family: the row, and what the family is called.

    `headed` tells that a class of the library gives the family its name.
    """

    row: Family
    name: str
    heading: str
    prefix: str
    headed: bool = False


def of_row(row: Family) -> Membership:
    """Return membership in a family as its row has it."""
    return Membership(row, row.name, row.title, row.prefix)


def family(
    item: Item,
    object_rows: Sequence[ObjectRow],
    rows: Sequence[ObjectRow],
    setting: Setting,
) -> Membership:
    """Return the family of a class or a function: by a row, its bases or its module.

    `object_rows` are about the object itself, `rows` about its bases too.
    """
    if reason := first(object_rows, lambda row: row.skip):
        raise NoFunctionError(reason)
    families = setting.rules.families
    if named := first(rows, lambda row: row.family):
        member = of_row(families[named])
    elif inspect.isclass(item.value):
        member = _of_class(item, setting)
    else:
        home = item.python.rpartition(".")[0]
        member = of_row(family_by_module([home], setting) or families["function"])
    if member.row.skip:
        raise NoFunctionError(member.row.skip)
    return member


def with_several_inputs(member: Membership, setting: Setting) -> Membership:
    """Return the family of a class whose call has several required inputs."""
    if not member.row.several:
        return member
    row = setting.rules.families[member.row.several]
    return replace(member, row=row) if member.headed else of_row(row)


def _of_class(item: Item, setting: Setting) -> Membership:
    if issubclass(item.value, dict) and hasattr(item.value, "__required_keys__"):
        raise NoFunctionError("a `TypedDict`, for which R has named lists")
    row = family_by_base(item, setting) or setting.rules.families["class"]
    if row.general and _is_namesake(item.value, row, setting):
        raise NoFunctionError(f"the base class of all {row.title.lower()}")
    if row.skip or is_placed(item, setting):
        return of_row(row)
    kin = setting.kinship
    head = kin.head_of(item.value)
    if head is None and not kin.is_head(item.value):
        return of_row(row)
    cls = head or item.value
    called = name_with_prefix(stem(cls), "", setting.rules.words)
    prefix = called if head else ""
    title = cls.__name__ if cls.__name__.isidentifier() else r_name(cls.__name__)
    return Membership(row, called, title, prefix, headed=True)


def _is_namesake(cls: type, row: Family, setting: Setting) -> bool:
    """Tell whether a class is that of Keras after which its family is named."""
    bases = (path for path in row.bases if path.startswith("keras."))
    return cls in [setting.anchors[path] for path in bases] and (
        name_with_prefix(stem(cls), "", setting.rules.words) == row.prefix
    )


def family_by_base(item: Item, setting: Setting) -> Family | None:
    """Return the family of the nearest base class.

    One that asks for a name comes first, then that of the last file.
    """
    rows = [*setting.rules.families.values()]
    fitting = [row for row in reversed(rows) if row.takes_name(item.name)]
    fitting.sort(key=lambda row: not row.names)
    return next(
        (
            row
            for cls in _lineage(item.value)
            for row in fitting
            if any(setting.anchors[path] is cls for path in row.bases)
        ),
        None,
    )


def family_by_module(modules: Iterable[str], setting: Setting) -> Family | None:
    """Return the family of the functions of these modules; the longest glob decides."""
    names = list(modules)
    fitting = [
        (len(glob), row)
        for row in setting.rules.families.values()
        for glob in row.globs_of(names)
    ]
    return max(fitting, key=lambda fit: fit[0])[1] if fitting else None


def is_placed(item: Item, setting: Setting) -> bool:
    """Tell whether a row's family holds, whatever bases a library has itself.

    It does in the library of the row's base class, in modules that have the name of
    that class's module, `keras_hub.layers`, and where a library has no such module.
    """
    row = family_by_base(item, setting)
    library, *modules, _ = item.python.split(".")
    for path in row.bases if row else ():
        home, *within, _ = path.replace(".src.", ".").split(".")
        if home == library:
            return True
        if within and (within[0] in modules or not setting.has_module(within[0])):
            return True
    return False


def root(value: Any, setting: Setting) -> type | None:
    """Return the farthest base class that a family is known by.

    What that takes, and says of it, holds for all of its kind. A model that takes what
    all models take is one of Keras's class: what that has by position is for models
    that are made of layers.
    """
    model: type = setting.anchors["keras.Model"]
    if inspect.isclass(value) and value.__init__ is model.__init__:  # type: ignore[misc]
        return model
    paths = (path for row in setting.rules.families.values() for path in row.bases)
    bases = [setting.anchors[path] for path in paths]
    return next((cls for cls in reversed(_lineage(value)) if cls in bases), None)


def _lineage(value: Any) -> tuple[type, ...]:
    return inspect.getmro(value) if inspect.isclass(value) else ()
