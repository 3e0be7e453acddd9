"""Enumerations: which one an annotation or a default is of, and its members."""

from __future__ import annotations

import ast
import contextlib
import enum
import functools
import inspect
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from layerbridge.bridge.read.guard import ForeignError, guarded

__all__ = ["MEMBER", "Enumeration", "Hint", "Member", "hint", "of_default"]

MEMBER = "Member__"  # stands for an enumeration in an annotation
_LONGEST = 1000  # characters of an annotation that may name one
# `<Pooling.MEAN: 1>`, as Python shows a member in `Literal`
_SHOWN = re.compile(r"<([A-Za-z_]\w*(?:\.\w+)+): [^<>]*>")


@dataclass(frozen=True)
class Enumeration:
    """A class of members, by its path, `module:Class`, and their names."""

    path: str
    members: tuple[str, ...]


@dataclass(frozen=True)
class Member:
    """A member, by its name."""

    name: str


@dataclass(frozen=True)
class Hint:
    """An annotation as text, in which `MEMBER` stands for the enumeration."""

    text: str
    enumeration: Enumeration | None = None


def hint(text: str, item: Any) -> Hint:
    """Read the annotation of an argument of `item`, which names at most one."""
    if len(text) > _LONGEST:
        return Hint(text)
    try:
        with guarded():
            return _hint(text, item)
    except ForeignError:
        return Hint(text)


def of_default(default: Any, hinted: Enumeration | None) -> tuple[Any, Any]:
    """Return a default with members by name, and the enumeration.

    A member of another than the annotation's stays what it is.
    """
    several = type(default) in (tuple, list)
    values = list(default) if several else [default]
    try:
        with guarded():
            own = {_enumeration(type(value)) for value in values}
            names = (
                [Member(value._name_) for value in values] if None not in own else []
            )
    except (ForeignError, AttributeError):
        return default, hinted
    if len(own) != 1 or not names or hinted not in (None, *own):
        return default, hinted
    found = own.pop()
    if found is None or not {each.name for each in names} <= set(found.members):
        return default, hinted
    return (type(default)(names) if several else names[0]), found


def _hint(text: str, item: Any) -> Hint:
    function = inspect.unwrap(item)
    scope = getattr(function, "__globals__", {})
    within = getattr(function, "__qualname__", "").split(".")[:-1]
    names = _Names(lambda path: _found(path, scope, within))
    try:
        tree = names.visit(ast.parse(_SHOWN.sub(r"\1", text).strip(), mode="eval"))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return Hint(text)
    if len(names.found) != 1:
        return Hint(text)
    return Hint(ast.unparse(tree), names.found.pop())


class _Names(ast.NodeTransformer):
    """Puts `MEMBER` where an enumeration is named, also in quotes."""

    def __init__(self, find: Callable[[str], Enumeration | None]) -> None:
        self._find = find
        self.found: set[Enumeration] = set()

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return self._named(node)

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        return self._named(node)

    def visit_Constant(self, node: ast.Constant) -> ast.expr:
        if not isinstance(node.value, str):
            return node
        try:
            quoted = ast.parse(node.value.strip(), mode="eval").body
        except (SyntaxError, ValueError):
            return node
        return self.visit(quoted)

    def visit_Call(self, node: ast.Call) -> ast.expr:
        """Read `ForwardRef('Pooling')`, as Python shows what has quotes."""
        is_quoted = ast.unparse(node.func).endswith("ForwardRef") and node.args
        return self.visit(node.args[0]) if is_quoted else node

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        if ast.unparse(node.value).rpartition(".")[2] != "Literal":
            return self.generic_visit(node)
        items = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        classes = [x.value if isinstance(x, ast.Attribute) else x for x in items]
        named = [self._named(each) for each in classes]
        return named[0] if all(_is_member(each) for each in named) else node

    def _named(self, node: ast.expr) -> ast.expr:
        if not isinstance(node, (ast.Name, ast.Attribute)):
            return node
        found = self._find(ast.unparse(node))
        if found is None:
            return node
        self.found.add(found)
        return ast.Name(MEMBER)


def _is_member(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id == MEMBER


def _found(path: str, scope: dict[str, Any], within: list[str]) -> Enumeration | None:
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
        known = functools.reduce(getattr, name.split("."), sys.modules[module])
    except (AttributeError, KeyError):
        return None
    return (
        Enumeration(f"{module}:{name}", members) if members and known is cls else None
    )
