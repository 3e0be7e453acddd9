"""Imports a library, and lists what is public in it."""

from __future__ import annotations

import contextlib
import importlib
import inspect
import pkgutil
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import PurePath
from types import ModuleType
from typing import Any

from layerbridge.bridge.rules import did_you_mean
from layerbridge.bridge.wrapper import Source

__all__ = ["Item", "Listing", "TargetError", "listing", "modules_within", "source_of"]


class TargetError(ValueError):
    """A target that cannot be wrapped; lists every problem."""

    def __init__(self, problems: list[str]) -> None:
        """Keep the problems and make one message of them."""
        self.problems = problems
        super().__init__("\n".join(problems))


@dataclass(frozen=True)
class Item:
    """A public class or function, by its public path."""

    python: str
    value: Any

    @property
    def name(self) -> str:
        """The public name."""
        return self.python.rpartition(".")[2]

    @property
    def library(self) -> str:
        """The library that defines it."""
        return str(getattr(self.value, "__module__", "") or "").partition(".")[0]


@dataclass(frozen=True)
class Listing:
    """What a target holds.

    `elsewhere` are the items that a module shows and another library defines;
    `left_out` pairs a path with a reason.
    """

    module: ModuleType
    items: tuple[Item, ...]
    elsewhere: tuple[Item, ...]
    left_out: tuple[tuple[str, str], ...]


def listing(target: str) -> Listing:
    """Import `target`, a module, a class or a function, and list what is public."""
    path = PurePath(target)
    if path.suffix == ".py" or len(path.parts) > 1:
        raise TargetError(
            [
                f"A target is the name of a module, such as {path.stem!r}, not the "
                f"path of a file; received {target!r}. Start from its folder."
            ]
        )
    try:
        module = imported(target)
    except ModuleNotFoundError as problem:
        parent, _, name = target.rpartition(".")
        if not parent or not problem.name or not target.startswith(problem.name):
            raise TargetError([_import_failed(target, problem)]) from problem
        return _list(_parent(target, parent, name), parent, [name], chosen=True)
    public = vars(module).get("__all__")
    if public is None:
        names = [name for name in vars(module) if not name.startswith("_")]
        return _list(module, target, names, chosen=False)
    names = [name for name in public if isinstance(name, str)]
    return _list(module, target, names, chosen=True)


def _list(
    module: ModuleType, home: str, names: Iterable[str], *, chosen: bool
) -> Listing:
    items: dict[int, Item] = {}
    elsewhere: list[Item] = []
    left_out: list[tuple[str, str]] = []
    for name, value in _values(module, names):
        item = Item(f"{home}.{name}", value)
        if isinstance(value, _Broken):
            left_out.append((item.python, value.reason))
        elif not (inspect.isclass(value) or inspect.isroutine(value)):
            continue
        elif not name.isidentifier():
            left_out.append((item.python, "its name is not a Python identifier"))
        elif id(value) in items:
            same = items[id(value)].python
            left_out.append((item.python, f"the same as {same}"))
        elif _is_abstract(value):
            left_out += [(item.python, "an abstract base class")] * chosen
        elif chosen or item.library == home.partition(".")[0]:
            items[id(value)] = item
        else:
            elsewhere.append(item)
    return Listing(module, tuple(items.values()), tuple(elsewhere), tuple(left_out))


def _is_abstract(value: Any) -> bool:
    """Tell whether a class leaves methods to others; Keras's are no `abc.ABC`."""
    own = vars(value).values() if inspect.isclass(value) else ()
    return inspect.isabstract(value) or any(
        getattr(member, "__isabstractmethod__", False) for member in own
    )


def _values(module: ModuleType, names: Iterable[str]) -> list[tuple[str, Any]]:
    """Return names with what they stand for, an object's own name before any alias."""
    values = [(name, _get(module, name)) for name in names]
    return sorted(values, key=lambda item: (_own_name(item[1]) != item[0], item[0]))


def _own_name(value: Any) -> Any:
    is_named = inspect.isclass(value) or inspect.isroutine(value)
    return value.__name__ if is_named else None


@dataclass(frozen=True)
class _Broken:
    reason: str


def _get(module: ModuleType, name: str) -> Any:
    """Return an attribute; a module may load its parts when they are asked for."""
    try:
        return getattr(module, name, None)
    except Exception as problem:
        return _Broken(_failed(problem))


def _parent(target: str, parent: str, name: str) -> ModuleType:
    try:
        module = imported(parent)
    except ModuleNotFoundError as problem:
        raise TargetError([_import_failed(parent, problem)]) from problem
    if _get(module, name) is None:
        near = did_you_mean(name, (n for n in dir(module) if not n.startswith("_")))
        raise TargetError(
            [f"{target} does not exist: module {parent} has no `{name}`.{near}"]
        )
    return module


def modules_within(package: ModuleType) -> Iterator[tuple[str, str]]:
    """Yield the public modules of a package, each with why it cannot be imported."""
    for path in getattr(package, "__path__", ()):
        for found in pkgutil.iter_modules([path], f"{package.__name__}."):
            if re.search(
                r"[.](_\w*|src|tests?|conftest|\w+_test|test_\w+)$", found.name
            ):
                continue
            try:
                module = imported(found.name)
            except (TargetError, ModuleNotFoundError) as problem:
                yield found.name, str(problem)
                continue
            yield found.name, ""
            yield from modules_within(module)


def imported(name: str) -> ModuleType:
    """Import a module; what it prints is not what the command prints."""
    try:
        with contextlib.redirect_stdout(sys.stderr):
            return importlib.import_module(name)
    except ModuleNotFoundError:
        raise
    except (Exception, SystemExit) as problem:
        raise TargetError([_import_failed(name, problem)]) from problem


def _import_failed(name: str, problem: BaseException) -> str:
    return (
        f"Importing {name} {_failed(problem)}. Install or repair it first, or run the "
        "command in the folder that holds it."
    )


def _failed(problem: BaseException) -> str:
    return f"failed with {type(problem).__name__}: {problem}"


def source_of(target: str) -> Source:
    """Return the installed package that a target belongs to."""
    top = target.partition(".")[0]
    names = metadata.packages_distributions().get(top)
    if not names:
        return Source(version=str(getattr(imported(top), "__version__", "0.0")))
    known = metadata.metadata(names[0])
    fields = ("License-Expression", "License")
    stated = (known[field] for field in fields if field in known)
    licence = next(filter(None, stated), "").strip().partition("\n")[0]
    name = known["Name"] if re.fullmatch(r"[\w.-]+", known["Name"]) else top
    return Source(name, known["Version"], licence)
