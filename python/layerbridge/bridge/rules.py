"""Exceptions to the rules, read from the TOML files in `overrides/`.

`_all.toml` holds for every library, `keras.toml` for Keras and what derives from its
layers, `<package>.toml` for the library of that name.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from fnmatch import fnmatchcase
from importlib.resources import files
from typing import TYPE_CHECKING, Any, TypeVar

from layerbridge.bridge.kinds import KINDS
from layerbridge.bridge.text.literals import is_syntactic

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

__all__ = ["OverrideError", "Overrides", "load", "lookup"]

T = TypeVar("T")
Globs = Mapping[str, T]


class OverrideError(ValueError):
    """An override file that says something unknown."""


@dataclass(frozen=True)
class Overrides:
    """Rows that take the place of a rule; keys are Python paths, often globs.

    Attributes:
        words: How a part of a class name is spelled before it is split into words.
        names: The R function's name.
        prefixes: The R function's prefix, by the module that defines the class.
        styles: How the R function composes.
        skip: Why a class is left out.
        extra: Arguments of the base layer that are shown in the signature.
        kinds: The kind of an argument.
        likely: The kind that an argument's name suggests.
        renames: The R name of an argument.
        after: The argument, or `...`, that an argument stands right after.
        texts: What an argument means, where no docstring says so.
        examples: R code for the help page.
        families: The help pages, as roxygen2 makes them, that link to one another.
    """

    words: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    prefixes: Globs[str] = field(default_factory=dict)
    styles: Globs[str] = field(default_factory=dict)
    skip: Globs[str] = field(default_factory=dict)
    extra: Globs[list[str]] = field(default_factory=dict)
    kinds: Globs[dict[str, str]] = field(default_factory=dict)
    likely: Globs[str] = field(default_factory=dict)
    renames: Globs[dict[str, str]] = field(default_factory=dict)
    after: Globs[dict[str, str]] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)
    examples: Globs[str] = field(default_factory=dict)
    families: Globs[str] = field(default_factory=dict)


def load(package: str, own: Traversable | None = None) -> Overrides:
    """Read the rows for all libraries, those for `package`, and those of a file."""
    folder = files(__package__) / "rules"
    names = dict.fromkeys(["_all", "keras", package])
    paths = [folder / f"{name}.toml" for name in names]
    return parse([*filter(lambda path: path.is_file(), paths), *([own] if own else [])])


def parse(paths: list[Traversable]) -> Overrides:
    """Merge files; a later one comes first in each table."""
    known = {item.name for item in fields(Overrides)}
    merged: dict[str, dict[str, Any]] = {}
    for path in paths:
        try:
            tables = tomllib.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as problem:
            raise OverrideError(f"{path} cannot be read: {problem}") from problem
        for key, rows in tables.items():
            if key not in known:
                expected = ", ".join(sorted(known))
                raise OverrideError(
                    f"{path.name}: the tables may be {expected}; received `{key}`."
                )
            merged[key] = {**rows, **merged.get(key, {}), **rows}
    found = Overrides(**merged)
    _refuse_unusable(found)
    return found


def _refuse_unusable(found: Overrides) -> None:
    kinds = [kind for table in found.kinds.values() for kind in table.values()]
    for kind in filter(
        lambda kind: kind not in KINDS, [*kinds, *found.likely.values()]
    ):
        raise OverrideError(f"A kind is one of {', '.join(KINDS)}; received `{kind}`.")
    renamed = [name for table in found.renames.values() for name in table.values()]
    for name in filter(
        lambda name: not is_syntactic(name), [*found.names.values(), *renamed]
    ):
        raise OverrideError(f"R does not take `{name}` as a name without quotes.")


def lookup(rows: Globs[T], paths: Iterable[str]) -> T | None:
    """Return the first row whose glob matches a path, nearest path first."""
    return next(_matching(rows, paths), None)


def lookup_in(
    rows: Globs[Mapping[str, T]], paths: Iterable[str], name: str
) -> T | None:
    """Return the first row of a matching table that has `name`."""
    tables = _matching(rows, paths)
    return next((table[name] for table in tables if name in table), None)


def _matching(rows: Globs[T], paths: Iterable[str]) -> Iterator[T]:
    for path in paths:
        yield from (row for glob, row in rows.items() if fnmatchcase(path, glob))
