"""What `__init__` hands on to the class above, as its source has it."""

from __future__ import annotations

import ast
import functools
import inspect
import textwrap
from dataclasses import dataclass

from layerbridge.bridge.syntax import module

__all__ = ["BaseCall", "call_of_base"]


@dataclass(frozen=True)
class BaseCall:
    """What `__init__` gives to that of the class above.

    `reads_only` are the names that it takes out of its `**kwargs`, where it makes no
    other use of these.
    """

    positions: int = 0
    names: frozenset[str] = frozenset()
    hands_on_positions: bool = True
    hands_on_names: bool = True
    reads_only: frozenset[str] | None = None


@functools.cache
def call_of_base(owner: type) -> BaseCall:
    """Read the call; without a source or a call, all is thought to be handed on."""
    try:
        source = textwrap.dedent(inspect.getsource(vars(owner)["__init__"]))
    except (OSError, TypeError, SyntaxError):
        return BaseCall()
    tree = module(source)
    if tree is None:
        return BaseCall()
    reads_only = _reads_only(tree)
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        if isinstance(call.func, ast.Attribute) and call.func.attr == "__init__":
            starred = [arg for arg in call.args if isinstance(arg, ast.Starred)]
            by_super = isinstance(call.func.value, ast.Call)
            return BaseCall(
                positions=len(call.args) - len(starred) - (not by_super),
                names=frozenset(word.arg for word in call.keywords if word.arg),
                hands_on_positions=bool(starred),
                hands_on_names=any(word.arg is None for word in call.keywords),
                reads_only=reads_only,
            )
    return BaseCall(reads_only=reads_only)


def _reads_only(tree: ast.Module) -> frozenset[str] | None:
    match tree.body:
        case [ast.FunctionDef(args=ast.arguments(kwarg=ast.arg(arg=kwargs)))]:
            nodes = list(ast.walk(tree))
        case _:
            return None
    names = [name for node in nodes if (name := _name_read(node, kwargs))]
    uses = sum(isinstance(node, ast.Name) and node.id == kwargs for node in nodes)
    return frozenset(names) if uses == len(names) else None


def _name_read(node: ast.AST, kwargs: str) -> str | None:
    """Return `x` for `kwargs["x"]`, `kwargs.pop("x")` and `"x" in kwargs`."""
    match node:
        case ast.Subscript(
            value=ast.Name(id=read), slice=ast.Constant(value=str(name))
        ) if read == kwargs:
            return name
        case ast.Call(
            func=ast.Attribute(value=ast.Name(id=read), attr="get" | "pop"),
            args=[ast.Constant(value=str(name)), *_],
        ) if read == kwargs:
            return name
        case ast.Compare(
            left=ast.Constant(value=str(name)), comparators=[ast.Name(id=read)]
        ) if read == kwargs:
            return name
    return None
