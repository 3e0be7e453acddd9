"""From a target and the rules to a library of wrappers: the one way in."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from importlib import import_module
from importlib.resources.abc import Traversable
from types import ModuleType

from layerbridge.bridge.decide.clashes import (
    of_one_generic,
    refuse_clashes,
    refuse_idle,
    told_apart,
    without_clashes,
)
from layerbridge.bridge.decide.family import family_of, family_of_function
from layerbridge.bridge.decide.making import Maker
from layerbridge.bridge.ir import Library, Wrapper
from layerbridge.bridge.read import listing
from layerbridge.bridge.read.listing import Item, Listing, TargetError
from layerbridge.bridge.rules import schema
from layerbridge.bridge.rules.schema import NO_LAYER, Rules

__all__ = ["resolve"]

_Made = tuple[str, Wrapper | str]  # a path, and its wrapper or why it has none


def resolve(
    name: str,
    own: Traversable | None = None,
    *,
    layers_only: bool = False,
    leave_out_clashes: bool = False,
) -> Library:
    """Understand `name`: a library, a module, a class, a function or a method.

    `own` is a file of rules, as those in `rules/` are. With
    `leave_out_clashes`, objects that would have one name in R are left out; otherwise
    they are an error, which such a file can mend.
    """
    known = schema.load(name.partition(".")[0], own)
    if layers_only:
        known = known.of_layers()
    found = listing.listing(name)
    maker = Maker(known, lambda: () if layers_only else _library(name))
    made = list(_objects(found, maker, known))
    if not _wrappers(made) and found.path == name:
        # The modules of a package may hold what it does not show.
        found = listing.with_modules(found)
        made = list(_objects(found, maker, known))
    if not layers_only:
        made += _members(name, found, maker, known)
    if found.member:
        made = [(path, wrapper) for path, wrapper in made if path == name]
    left_out = [*found.left_out, *((p, why) for p, why in made if isinstance(why, str))]
    functions = {path for x in found.items if not _is_class(x) for path in x.paths}
    wrappers = of_one_generic(told_apart(_wrappers(made), functions, known.words))
    if leave_out_clashes:
        wrappers, clashing = without_clashes(wrappers)
        left_out += clashing
    left_out += _defined_elsewhere(found, known, bool(wrappers))
    if not wrappers:
        if found.member and not left_out:
            raise TargetError([_no_method(found, maker)])
        raise TargetError(_nothing(name, found, known, left_out, layers_only))
    refuse_clashes(wrappers)
    refuse_idle(known.own, name, found.items, wrappers)
    ordered = sorted(wrappers, key=lambda wrapper: wrapper.python)
    aliases = ((path, item.python) for item in found.items for path in item.others)
    return Library(name, tuple(ordered), tuple(sorted(left_out)), tuple(aliases))


def _library(name: str) -> Sequence[Item]:
    found = listing.library_of(name.partition(".")[0])
    return (*found.items, *found.bases)


def _is_class(item: Item) -> bool:
    return inspect.isclass(item.value)


def _wrappers(made: Iterable[_Made]) -> list[Wrapper]:
    return [wrapper for _, wrapper in made if isinstance(wrapper, Wrapper)]


def _objects(found: Listing, maker: Maker, known: Rules) -> Iterator[_Made]:
    """Yield the classes and functions of a target; of twins, the class has both."""
    twins = {twin.python for item in found.items if (twin := maker.twin(item))}
    for item in found.items:
        for named in _by_family(item, known):
            if named.python not in twins:
                yield named.python, maker.made(named)


def _by_family(item: Item, known: Rules) -> Iterator[Item]:
    """Yield a function by the path that each family knows, of its shortest ones.

    `huber` is in `keras.losses` and in `keras.metrics`.
    """
    paths: dict[str, str] = {}
    shortest = item.python.count(".")
    for path in item.paths:
        family = family_of_function([path.rpartition(".")[0]], known.families)
        if family and path.count(".") == shortest and not _is_class(item):
            paths.setdefault(family.name, path)
    for path in paths.values() or [item.python]:
        yield replace(item, python=path)


def _members(name: str, found: Listing, maker: Maker, known: Rules) -> Iterator[_Made]:
    """Yield class methods that make an object, and the methods of a library's classes.

    A module of layers, of losses and so on has none: it is what Keras has, too.
    """
    classes = [x for x in (*found.items, *found.bases) if _is_class(x)]
    is_module = "." in name and found.path == name
    for item in classes:
        if not (is_module and maker.is_placed(item)):
            yield from maker.makers(item)
    public = {item.value: item for item in classes}
    owners = dict.fromkeys(
        owner
        for item in classes
        if maker.has_methods(item)
        for owner in inspect.getmro(item.value)
    )
    for owner in owners:
        path = f"{owner.__module__}.{owner.__qualname__}"
        item = public.get(owner, Item(path, owner))
        if item.library == name.partition(".")[0]:
            yield from maker.methods(item)
    if found.member or "." not in name:
        yield from maker.shared_methods(public)


def _defined_elsewhere(
    found: Listing, known: Rules, wrapped: bool
) -> list[tuple[str, str]]:
    # What a library shows of others matters only where it has nothing of its own.
    if wrapped and "." not in found.path:
        return []
    return [
        (item.python, f"defined in {item.value.__module__}; wrap that library")
        for item in found.elsewhere
        if _is_wanted(item, known)
    ]


def _is_wanted(item: Item, known: Rules) -> bool:
    family = family_of(item.value, item.name, known.families)
    return family is not None and not family.skip


def _no_method(found: Listing, maker: Maker) -> str:
    item = (*found.items, *found.bases)[0]
    reason = maker.why_no_method(item, found.member)
    return (
        f"{item.python}.{found.member} has no R function of its own: {reason}. In R, "
        f"call `object${found.member}()`."
    )


def _nothing(
    name: str,
    found: Listing,
    known: Rules,
    left_out: list[tuple[str, str]],
    layers_only: bool,
) -> list[str]:
    shown = [item for item in found.elsewhere if _is_wanted(item, known)]
    if shown:
        homes = {_public(item, name) for item in shown}
        return [
            f"{name} defines nothing of its own, but shows {len(shown)} from "
            f"{' and '.join(sorted(homes))}: wrap that instead."
        ]
    if found.path != name:
        return [f"{path}: {reason}." for path, reason in left_out]
    inside = sorted(
        module
        for module, value in vars(found.module).items()
        if isinstance(value, ModuleType) and not module.startswith("_")
    )
    hint = f" Its modules are {', '.join(inside)}." if inside else ""
    reasons = [f"{path}: {reason}." for path, reason in left_out if reason != NO_LAYER]
    wanted = "Keras layer" if layers_only else "class or function"
    return [f"{name} has no {wanted} that can be wrapped.{hint}", *reasons]


def _public(item: Item, name: str) -> str:
    """Return the module of another library that shows the item as `name` does."""
    parallel = ".".join([item.library, *name.split(".")[1:]])
    try:
        module = import_module(parallel)
    except ImportError:
        return item.library
    return parallel if getattr(module, item.name, None) is item.value else item.library
