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


def load(package: str) -> Overrides:
    """Read the rows for all libraries, then those for `package`."""
    folder = files(__package__) / "overrides"
    names = dict.fromkeys(["_all", "keras", package])
    return parse([folder / f"{name}.toml" for name in names])


def parse(paths: list[Traversable]) -> Overrides:
    """Merge the files that exist; a later one comes first in each table."""
    known = {item.name for item in fields(Overrides)}
    merged: dict[str, dict[str, Any]] = {}
    for path in filter(lambda path: path.is_file(), paths):
        for key, rows in tomllib.loads(path.read_text(encoding="utf-8")).items():
            if key not in known:
                expected = ", ".join(sorted(known))
                raise OverrideError(
                    f"{path.name}: the tables may be {expected}; received `{key}`."
                )
            merged[key] = {**rows, **merged.get(key, {}), **rows}
    return Overrides(**merged)


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
