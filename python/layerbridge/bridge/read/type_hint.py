"""Type hints taken apart, from annotations and from docstrings."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass

from layerbridge.bridge.syntax import expression

__all__ = ["LITERAL", "NONE", "UNION", "TypeHint", "type_hint"]

LITERAL, NONE, UNION = "Literal", "None", "Union"
_CONTAINERS = {
    "dict": "dict",
    "iterable": "sequence",
    "list": "list",
    "mapping": "dict",
    "mutablemapping": "dict",
    "mutablesequence": "sequence",
    "sequence": "sequence",
    "set": "set",
    "tuple": "tuple",
}
_OF_TYPING = re.compile(r"^(?:typing|t)\.")
# `<Pooling.MEAN: 1>`, as Python shows a member in `Literal`
_MEMBER = re.compile(r"<([A-Za-z_]\w*(?:\.\w+)+): [^<>]*>")


@dataclass(frozen=True)
class TypeHint:
    """A type, by its path, and what it has in brackets, if it has these.

    A union has its alternatives as items, however it is written. `Literal` has choices,
    as Python source, instead of items. What is no type has no path.

    Attributes:
        path: The name as it stands, such as `np.ndarray`.
        items: The types in brackets.
        choices: The values that `Literal` allows.
        is_open: Whether items are followed by `...`.
    """

    path: str
    items: tuple[TypeHint, ...] | None = None
    choices: tuple[str, ...] = ()
    is_open: bool = False

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.rpartition(".")[2]

    @property
    def container(self) -> str:
        """What it is, of list, tuple, set, dict and sequence; or nothing."""
        return _CONTAINERS.get(self.name.lower(), "")


_NO_TYPE = TypeHint("")


def type_hint(text: str) -> TypeHint | None:
    """Return a type hint taken apart, and `None` for what is no expression."""
    tree = expression(_MEMBER.sub(r"\1", text))
    return None if tree is None else _hint(tree)


def _hint(node: ast.expr) -> TypeHint:
    match node:
        case ast.Constant(value=None):
            return TypeHint(NONE)
        case ast.Constant(value=str(text)):  # a forward reference
            return type_hint(text) or _NO_TYPE
        case ast.Name() | ast.Attribute() if _is_path(node):
            return TypeHint(_OF_TYPING.sub("", ast.unparse(node)))
        case ast.UnaryOp(op=ast.Invert(), operand=ast.Attribute(attr=name)):
            return TypeHint(f".{name}")  # Sphinx's `~keras.Model`
        case ast.BinOp(op=ast.BitOr(), left=left, right=right):
            return _union([left, right])
        case ast.BoolOp(op=ast.Or(), values=values):
            return _union(values)
        case ast.Set(elts=items):  # numpydoc's {'none', 'sqrt'}
            return _literal(items)
        case ast.Tuple(elts=[_, _, *_] as items) if all(map(_is_constant, items)):
            return _literal(items)
        case ast.Call(func=ast.Name(id="list" | "tuple" as name), args=[item]):
            return TypeHint(name, (_hint(item),), is_open=True)
        case ast.Call(func=func, args=[name, *_]):
            is_quoted = ast.unparse(func).endswith("ForwardRef")
            return _hint(name) if is_quoted else _NO_TYPE
        case ast.Subscript(value=value, slice=ast.Tuple(elts=items)):
            return _with_items(_hint(value), items)
        case ast.Subscript(value=value, slice=item):
            return _with_items(_hint(value), [item])
    return _NO_TYPE


def _is_constant(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant)


def _is_path(node: ast.expr) -> bool:
    while isinstance(node, ast.Attribute):
        node = node.value
    return isinstance(node, ast.Name)


def _union(nodes: list[ast.expr]) -> TypeHint:
    """Return a union; what is a union in it is part of it."""
    hints = map(_hint, nodes)
    parts = ((x.items or ()) if x.path == UNION else (x,) for x in hints)
    return TypeHint(UNION, tuple(dict.fromkeys(x for part in parts for x in part)))


def _literal(nodes: list[ast.expr]) -> TypeHint:
    return TypeHint(LITERAL, choices=tuple(map(ast.unparse, nodes)))


def _with_items(of: TypeHint, nodes: list[ast.expr]) -> TypeHint:
    inner = [node for node in nodes if not _is_ellipsis(node)]
    match of.name.lower(), inner:
        case "union", _:
            return _union(inner)
        case "optional", _:
            return _union([*inner, ast.Constant(None)])
        case "literal", _:
            return _literal(inner)
        case "annotated", [node, *_]:
            return _hint(node)
    is_open = len(inner) < len(nodes)
    return TypeHint(of.path, tuple(map(_hint, inner)), is_open=is_open)


def _is_ellipsis(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is Ellipsis
