"""Type hints in docstrings as words: `Optional[list[int]]`, `keras.Model`."""

from __future__ import annotations

import ast
import re
import warnings

__all__ = ["in_words"]

_SEVERAL = {"iterable", "list", "mutablesequence", "sequence", "set", "tuple"}
_NAMED = {"dict", "mapping", "mutablemapping"}
_ANY = {"any", "object"}
_NUMBERS = {"Integral", "Number", "Real"}
_SIMPLE = {"number", "bool", "callable", "dict", "float", "int", "list", "str", "tuple"}
_CALLABLE = re.compile(r"\bCallable\b")


def in_words(hint: str) -> str:
    """Return a type hint in words, and any other text unchanged."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return _words(ast.parse(hint.strip(), mode="eval").body)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return _CALLABLE.sub("callable", hint)


def _words(node: ast.expr) -> str:
    match node:
        case ast.Constant(value=None):
            return "None"
        case ast.Constant(value=str(text)):
            return in_words(text)
        case ast.Name(id=name) | ast.Attribute(attr=name) if name in _NUMBERS:
            return "number"
        case ast.Name(id=name):
            return "callable" if name == "Callable" else name
        case ast.Attribute(value=ast.Name(id="np" | "numpy")):
            return ast.unparse(node)
        case ast.Attribute(value=ast.Name(id="t" | "typing"), attr=name):
            return _words(ast.Name(id=name))
        case ast.Attribute() if _is_path(node):
            return f"`{ast.unparse(node)}`"
        case ast.UnaryOp(op=ast.Invert(), operand=ast.Attribute(attr=name)):
            return f"`{name}`"  # Sphinx's `~keras.Model`
        case ast.BinOp(op=ast.BitOr(), left=left, right=right):
            return _either([left, right])
        case ast.BoolOp(op=ast.Or(), values=values):
            return _either(values)
        case ast.Set(elts=items) | ast.Tuple(elts=items) if _are_constants(items):
            return _choices(items)
        case ast.Subscript(value=ast.Name(id=name) | ast.Attribute(attr=name)):
            inner = node.slice
            items = inner.elts if isinstance(inner, ast.Tuple) else [inner]
            return _generic(name.lower(), items)
    raise ValueError(ast.dump(node))


def _are_constants(items: list[ast.expr]) -> bool:
    return len(items) > 1 and all(isinstance(item, ast.Constant) for item in items)


def _choices(items: list[ast.expr]) -> str:
    return "one of " + ", ".join(f"`{ast.unparse(item)}`" for item in items)


def _is_path(node: ast.expr) -> bool:
    while isinstance(node, ast.Attribute):
        node = node.value
    return isinstance(node, ast.Name)


def _generic(name: str, items: list[ast.expr]) -> str:
    match name:
        case "optional":
            return _either([*items, ast.Constant(value=None)])
        case "union":
            return _either(items)
        case "literal":
            return _choices(items)
        case "callable":
            return "callable"
        case "type":
            return f"class that derives from {_words(items[0])}"
        case "annotated":
            return _words(items[0])
    if name in _NAMED:
        values = _plural(items[-1])
        return f"dict of {values}" if values else "dict"
    if name not in _SEVERAL:
        raise ValueError(name)
    inner = [item for item in items if not _is_ellipsis(item)]
    if len({ast.dump(item) for item in inner}) > 1:
        return "tuple of " + " and ".join(map(_words, inner))
    count = f"{len(inner)} " if name == "tuple" and len(inner) == len(items) > 1 else ""
    values = _plural(inner[0]) if inner else ""
    return (
        f"{name if name == 'tuple' else 'list'} of {count}{values}"
        if values
        else "list"
    )


def _is_ellipsis(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is Ellipsis


def _plural(node: ast.expr) -> str:
    """Return the words for several of a type; nothing if it may be any."""
    said = _words(node)
    if said.lower() in _ANY:
        return ""
    if said in _SIMPLE or said.endswith("ndarray"):
        return f"{said}s"
    return f"{said} objects" if said.startswith("`") or said.isidentifier() else said


def _either(nodes: list[ast.expr]) -> str:
    said = list(dict.fromkeys(part for node in nodes for part in _options(node)))
    *first, last = sorted(said, key=lambda words: words == "None")
    return f"{', '.join(first)} or {last}" if first else last


def _options(node: ast.expr) -> list[str]:
    """Return what a union within a union allows, each by itself."""
    match node:
        case ast.BinOp(op=ast.BitOr(), left=left, right=right):
            return [*_options(left), *_options(right)]
        case ast.BoolOp(op=ast.Or(), values=values):
            return [said for value in values for said in _options(value)]
        case ast.Subscript(value=ast.Name(id="Union"), slice=ast.Tuple(elts=items)):
            return [said for item in items for said in _options(item)]
        case ast.Subscript(value=ast.Name(id="Optional"), slice=inner):
            return [*_options(inner), "None"]
    return [_words(node)]
