"""Lists what is public in a target: a library, a module, a class, a function."""

from __future__ import annotations

import contextlib
import functools
import importlib
import inspect
import itertools
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import PurePath
from types import ModuleType
from typing import Any

from layerbridge.bridge.near import did_you_mean
from layerbridge.bridge.read.guard import ForeignError, guarded, type_name
from layerbridge.bridge.read.modules import (
    UNNAMEABLE,
    TargetError,
    imported,
    library_name,
    module_at,
    modules_within,
    names_within,
    public_names,
)

__all__ = [
    "Item",
    "Listing",
    "classes_within",
    "library_of",
    "listing_of",
    "public_home",
    "static_within",
    "with_modules",
]


@dataclass(frozen=True)
class Item:
    """A public class or function, by its public path; `others` are further paths."""

    python: str
    value: Any
    others: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The public name."""
        return self.python.rpartition(".")[2]

    @property
    def paths(self) -> tuple[str, ...]:
        """All public paths, one of the shortest first."""
        return (self.python, *self.others)

    @property
    def defined(self) -> str:
        """The path of the module that defines it, with its name there."""
        return f"{self.value.__module__}.{self.value.__qualname__}"

    @property
    def library(self) -> str:
        """The library that defines it."""
        return str(getattr(self.value, "__module__", "") or "").partition(".")[0]


@dataclass(frozen=True)
class Listing:
    """What a target holds, which is the module at `path` or in it.

    `bases` are abstract classes; `elsewhere` are the items that a module shows and
    another library defines; `left_out` pairs a path with a reason. `member` is the
    method that was asked for.
    """

    path: str
    module: ModuleType
    items: tuple[Item, ...] = ()
    bases: tuple[Item, ...] = ()
    elsewhere: tuple[Item, ...] = ()
    left_out: tuple[tuple[str, str], ...] = ()
    member: str = ""


def listing_of(target: str) -> Listing:
    """Import `target`, and list what is public in it.

    It is a library, with all its public modules, or a module, a class, a function or
    a method.
    """
    path = PurePath(target)
    if path.suffix == ".py" or len(path.parts) > 1:
        raise TargetError(
            f"A target is the name of a module, such as {path.stem!r}, not the "
            f"path of a file; received {target!r}. Start from its folder."
        )
    if not all(map(str.isidentifier, target.split("."))):
        plain = target.strip().replace("-", "_")
        is_one = all(map(str.isidentifier, plain.split(".")))
        hint = f" Did you mean {plain!r}?" if is_one else ""
        raise TargetError(
            "A target is the name of a module, or of something in one, such as "
            f"'keras.layers'; received {target!r}.{hint}"
        )
    module = module_at(target)
    if module is None:
        home, _, name = target.rpartition(".")
        parent = module_at(home)
        if parent is None:
            return _member(listing_of(home), home, name)
        _refuse_absent(parent, home, name)
        return _of_names(parent, home, [name], chosen=True)
    is_library = target == library_name(target)
    return library_of(target) if is_library else _of_module(module, target)


def library_of(name: str) -> Listing:
    """List a library: what it shows, and what its public modules do."""
    return with_modules(_of_module(imported(name), name))


def with_modules(listing: Listing) -> Listing:
    """Add to the listing of a package what its public modules hold."""
    parts, left_out = [], []
    for name, problem in modules_within(listing.module):
        if problem:
            left_out.append((name, problem))
        else:
            parts.append(_of_module(imported(name), name))
    parts.sort(key=lambda part: (part.path.count("."), part.path))
    return _merged(
        listing, *parts, Listing("", listing.module, left_out=tuple(left_out))
    )


def _merged(first: Listing, *further: Listing) -> Listing:
    """Return listings as one, with each object by its shortest path."""

    def merged(groups: Iterable[tuple[Item, ...]]) -> tuple[Item, ...]:
        items: dict[int, Item] = {}
        for item in itertools.chain.from_iterable(groups):
            same = items.get(id(item.value), item)
            others = (item.python, *item.others) if same is not item else ()
            items[id(item.value)] = replace(same, others=same.others + others)
        return tuple(items.values())

    parts = [first, *further]
    left_out: dict[str, str] = {}
    for path, reason in itertools.chain.from_iterable(p.left_out for p in parts):
        left_out.setdefault(path, reason)
    return Listing(
        first.path,
        first.module,
        merged(part.items for part in parts),
        merged(part.bases for part in parts),
        merged(part.elsewhere for part in parts),
        tuple(left_out.items()),
    )


def _of_module(module: ModuleType, path: str) -> Listing:
    names = public_names(module)
    # A list of modules alone does not say which classes are public.
    of_modules = names and all(
        isinstance(_attribute(module, n), ModuleType) for n in names
    )
    if names is not None and not of_modules:
        return _of_names(module, path, names, chosen=True)
    public = [name for name in vars(module) if not name.startswith("_")]
    listing = _of_names(module, path, public, chosen=False)
    if names is None and (no_list := vars(module).get("__all__")) is not None:
        reason = f"of the type {type_name(no_list)}, which lists no names"
        left_out = (*listing.left_out, (f"{path}.__all__", reason))
        listing = replace(listing, left_out=left_out)
    return listing


def _member(listing: Listing, home: str, name: str) -> Listing:
    """Narrow the listing of a class to one of its methods."""
    cls = next((item.value for item in (*listing.items, *listing.bases)), None)
    if not inspect.isclass(cls) or not callable(getattr(cls, name, None)):
        names = (n for n in dir(cls) if not n.startswith("_") and n != name)
        raise TargetError(
            f"{home}.{name} does not exist: {home} has no method `{name}`."
            f"{did_you_mean(name, names)}"
        )
    return replace(listing, member=name, left_out=())


def _of_names(
    module: ModuleType, home: str, names: Iterable[str], *, chosen: bool
) -> Listing:
    items: dict[int, Item] = {}
    bases: list[Item] = []
    elsewhere: list[Item] = []
    left_out: list[tuple[str, str]] = []
    for name, value in _values(module, dict.fromkeys(names)):
        item = Item(f"{home}.{name}", value)
        if isinstance(value, _Broken):
            left_out.append((item.python, value.reason))
        elif chosen and value is None and not _is_there(module, name):
            left_out.append((item.python, "not there, though `__all__` names it"))
        elif issubclass(type(value), functools.partial):
            left_out.append((item.python, "a `functools.partial`: call it with `$`"))
        elif not _is_item(value):
            continue
        elif not name.isidentifier():
            left_out.append((item.python, UNNAMEABLE))
        elif id(value) in items:
            same = items[id(value)]
            items[id(value)] = replace(same, others=(*same.others, item.python))
            left_out.append((item.python, f"the same as {same.python}"))
        elif item.library in sys.stdlib_module_names:
            elsewhere.append(item)
        elif _is_abstract(value):
            bases.append(item)
            left_out += [(item.python, "an abstract base class")] * chosen
        elif chosen or item.library == home.partition(".")[0]:
            items[id(value)] = item
        else:
            elsewhere.append(item)
    groups = (tuple(items.values()), tuple(bases), tuple(elsewhere), tuple(left_out))
    return Listing(home, module, *groups)


def _is_there(module: ModuleType, name: str) -> bool:
    """Tell whether a module has something of this name, or a module within it."""
    with contextlib.suppress(ForeignError), guarded():
        return hasattr(module, name) or f".{name}" in names_within(module, "")
    return False


def _is_item(value: Any) -> bool:
    """Tell a class or a function, which a decorator may have compiled, from others."""
    return (
        inspect.isclass(value)
        or inspect.isroutine(value)
        or (callable(value) and inspect.isroutine(getattr(value, "__wrapped__", None)))
    )


def _is_abstract(value: Any) -> bool:
    """Tell whether a class leaves methods to others; Keras's are no `abc.ABC`."""
    members = vars(value).values() if inspect.isclass(value) else ()
    return inspect.isabstract(value) or any(
        getattr(member, "__isabstractmethod__", False) for member in members
    )


def _values(module: ModuleType, names: Iterable[str]) -> list[tuple[str, Any]]:
    """Return names with what they stand for, an object's own name before any alias."""
    values = [(name, _attribute(module, name)) for name in names]
    return sorted(values, key=lambda item: (_own_name(item[1]) != item[0], item[0]))


def _own_name(value: Any) -> Any:
    return getattr(value, "__name__", None) if _is_item(value) else None


@dataclass(frozen=True)
class _Broken:
    reason: str


def _attribute(module: ModuleType, name: str) -> Any:
    """Return an attribute; a module may load its parts when they are asked for."""
    try:
        with guarded():
            value = getattr(module, name, None)
            if _is_item(value):
                _ask(value)
            return value
    except ForeignError as problem:
        return _Broken(str(problem))


def _ask(value: Any) -> None:
    """Ask a class or a function for what it is asked for later, here under guard."""
    for owner in value.__mro__ if inspect.isclass(value) else (value,):
        for name in ("__name__", "__qualname__", "__module__", "__doc__"):
            of_owner = getattr(owner, name, "")
            if name != "__doc__" and not isinstance(of_owner, str | None):
                raise TypeError(f"its `{name}` is of the type {type_name(of_owner)}")
    for ask in (inspect.getdoc, dir, hash, _is_abstract):
        ask(value)
    bool(value == "")


def classes_within(item: Item) -> Iterator[tuple[Item, str]]:
    """Yield the public classes that a class defines, each with why it is left out."""
    for name, value in _public_members(item):
        inner, problem = Item(f"{item.python}.{name}", value), ""
        try:
            with guarded():
                if not inspect.isclass(value):
                    continue
                _ask(value)
                if inner.defined != f"{item.defined}.{name}":
                    continue
                problem = "an abstract base class" * _is_abstract(value)
        except ForeignError as raised:
            problem = str(raised)
        yield inner, problem


def static_within(item: Item) -> Iterator[tuple[str, str]]:
    """Yield the names of functions that need no object of a class, likewise."""
    for name, value in _public_members(item):
        if not isinstance(value, (classmethod, staticmethod)):
            continue
        function, problem = Item(name, value.__func__), ""
        try:
            with guarded():
                if not _is_item(function.value):
                    continue
                _ask(function.value)
                if function.library != item.library:
                    continue
        except ForeignError as raised:
            problem = str(raised)
        yield name, problem


def _public_members(item: Item) -> list[tuple[str, Any]]:
    members = vars(item.value).items()
    public = (member for member in members if not member[0].startswith("_"))
    return sorted(public, key=lambda member: member[0])


def _refuse_absent(module: ModuleType, home: str, name: str) -> None:
    value = _attribute(module, name)
    if not (value is None or isinstance(value, _Broken) or _is_item(value)):
        raise TargetError(
            f"{home}.{name} is neither a class nor a function, but of the type "
            f"{type(value).__name__}. In R, reach it with reticulate."
        )
    if value is None:
        names = (n for n in dir(module) if not n.startswith("_") and n != name)
        near = did_you_mean(name, names)
        raise TargetError(
            f"{home}.{name} does not exist: module {home} has no `{name}`.{near}"
        )


def public_home(item: Item, name: str) -> str:
    """Return the module of an item's own library that shows it as `name` does."""
    parallel = ".".join([item.library, *name.split(".")[1:]])
    try:
        module = importlib.import_module(parallel)
    except ImportError:
        return item.library
    return parallel if getattr(module, item.name, None) is item.value else item.library
