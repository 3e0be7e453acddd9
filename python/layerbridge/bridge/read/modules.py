"""Imports modules, and finds those within a package that are for users."""

from __future__ import annotations

import contextlib
import functools
import importlib
import os
import pkgutil
import re
import sys
from collections.abc import Iterator
from importlib import metadata
from importlib.metadata import PackageMetadata
from types import ModuleType
from typing import Any

from layerbridge.bridge.ir import Source
from layerbridge.bridge.read.guard import ForeignError, guarded, message_of, type_name

__all__ = [
    "UNNAMEABLE",
    "TargetError",
    "imported",
    "library_name",
    "located",
    "module_at",
    "modules_within",
    "names_within",
    "public_names",
    "source_of",
]

UNNAMEABLE = "its name is not a Python identifier"
_PRIVATE = re.compile(r"(_\w*|src|internal|tests?|conftest|\w+_test|test_\w+)$")


class TargetError(ValueError):
    """A target that cannot be wrapped; each line is a problem."""


def module_at(name: str) -> ModuleType | None:
    """Import a module; return `None` where the name is of something in a module."""
    try:
        return imported(name)
    except ModuleNotFoundError as problem:
        if "." in name and problem.name and f"{name}.".startswith(f"{problem.name}."):
            return None
        is_absent = problem.name == name
        reason = f"failed with {message_of(problem)}"
        text = _import_failed(name, reason, is_absent=is_absent)
        raise TargetError(text) from problem


def imported(name: str) -> ModuleType:
    """Import a module; what it prints is not what the command prints."""
    place = os.getcwd()
    try:
        with contextlib.redirect_stdout(sys.stderr), guarded(ModuleNotFoundError):
            module = importlib.import_module(name)
            if not isinstance(module, ModuleType):
                raise TypeError(f"it is a {type_name(module)}, not a module")
            return module
    except ForeignError as problem:
        raise TargetError(_import_failed(name, str(problem))) from problem
    finally:
        os.chdir(place)


def _import_failed(name: str, reason: str, *, is_absent: bool = False) -> str:
    way = (
        "Install it first, or run the command in the folder that holds it."
        if is_absent
        else "Repair it first, or install what it needs."
    )
    return f"Importing {name} {reason}. {way}"


def library_name(target: str) -> str:
    """Return the library that a target is in: its first module that is no namespace."""
    parts = target.split(".")
    names = (".".join(parts[:count]) for count in range(1, len(parts)))
    return next((name for name in names if not _is_namespace(module_at(name))), target)


def _is_namespace(module: ModuleType | None) -> bool:
    """Tell whether a module is a folder that several libraries share, `deel.lip`."""
    is_folder = module is not None and hasattr(module, "__path__")
    return is_folder and getattr(module, "__file__", None) is None


@functools.cache
def located(path: str) -> Any:
    """Return what lies at a path, or `None` where this version has no such thing."""
    try:
        return pkgutil.resolve_name(path)
    except (ImportError, AttributeError, ValueError):
        return None


def source_of(target: str) -> Source:
    """Return the installed package that a target belongs to."""
    top = target.partition(".")[0]
    names = metadata.packages_distributions().get(top)
    if not names:
        return Source(version=str(getattr(imported(top), "__version__", "0.0")))
    installed = metadata.distribution(names[0])
    known = installed.metadata
    name = known["Name"] if re.fullmatch(r"[\w.-]+", known["Name"]) else top
    stated = [*_field(known, "License-Expression"), *_field(known, "License")]
    classified = (x for x in _field(known, "Classifier") if x.startswith("License :: "))
    # A package's own licence first: `LICENSE` before `vendored/LICENSE`.
    paths = sorted(_field(known, "License-File"), key=lambda x: (x.count("/"), len(x)))
    files = (_read(installed, path) for path in paths)
    return Source(
        name,
        known["Version"],
        " ".join(" ".join(_field(known, "Summary")).split()),
        (*stated, *classified),
        (*stated, *files),
    )


def _field(known: PackageMetadata, name: str) -> list[str]:
    return [str(value).strip() for value in known.get_all(name, [])]


def _read(installed: metadata.Distribution, path: str) -> str:
    """Return a file of a package's metadata, where packages of any age have it."""
    for place in (f"licenses/{path}", path):
        with contextlib.suppress(OSError, UnicodeError):
            if text := installed.read_text(place):
                return text
    return ""


def modules_within(package: ModuleType) -> Iterator[tuple[str, str]]:
    """Yield the public modules of a package, each with why it cannot be imported."""
    for name in names_within(package, package.__name__):
        if not _is_public(package, name):
            continue
        if not name.rpartition(".")[2].isidentifier():
            yield name, UNNAMEABLE
            continue
        try:
            module = imported(name)
        except (TargetError, ModuleNotFoundError) as problem:
            yield name, str(problem)
            continue
        yield name, ""
        yield from modules_within(module)


def names_within(package: ModuleType, path: str) -> list[str]:
    """Return the paths of the modules in a package, if it says where they are."""
    with contextlib.suppress(ForeignError), guarded():
        paths = list(getattr(package, "__path__", ()))
        return [module.name for module in pkgutil.iter_modules(paths, f"{path}.")]
    return []


def _is_public(package: ModuleType, module: str) -> bool:
    """Tell whether a module in a package is for users.

    A module is private if the package lists its public names and this is not among
    them. Below the top of a library, it is also private if the package itself shows
    what the module defines.
    """
    name = module.rpartition(".")[2]
    names = public_names(package)
    # A function may have the name of the module that defines it.
    is_module = isinstance(vars(package).get(name, package), ModuleType)
    if _PRIVATE.match(name) or (names and not (name in names and is_module)):
        return False
    if "." not in package.__name__:
        return True
    homes = map(_defined_in, vars(package).values())
    return not any(f"{home}.".startswith(f"{module}.") for home in homes)


def _defined_in(value: Any) -> str:
    with contextlib.suppress(ForeignError), guarded():
        return str(getattr(value, "__module__", ""))
    return ""


def public_names(module: ModuleType) -> list[str] | None:
    """Return the names that a module says are public, if it does."""
    names = vars(module).get("__all__")
    with contextlib.suppress(ForeignError), guarded():
        if isinstance(names, (list, tuple, set, frozenset)):
            return [str.__str__(name) for name in names if isinstance(name, str)]
    return None
