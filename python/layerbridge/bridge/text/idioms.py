"""Python expressions in prose as R: `None`, `(2, 2)`, `keras.layers.Dense(10)`."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterable, Mapping

from layerbridge.bridge.text.literals import NotLiteralError, r_literal, r_quoted
from layerbridge.bridge.wrapper import Wrapper

__all__ = ["Idioms"]

_LONGEST = 300
_WORDS = {"None": "NULL", "True": "TRUE", "False": "FALSE"}
_WORD = re.compile(r"\b(None|True|False)\b(?! of\b)")
_KEYWORD = re.compile(r"\w+ ?=(?!=)")


class _NoIdiomError(ValueError):
    pass


class Idioms:
    """Translates, knowing the R functions that stand for classes."""

    def __init__(self, layers: Iterable[Wrapper] = ()) -> None:
        """Remember the R function of each class."""
        self._by_path: Mapping[str, Wrapper] = {x.python: x for x in layers}

    def prose(self, text: str) -> str:
        """Translate the literals that stand in plain words."""
        return _WORD.sub(lambda match: _WORDS[match[1]], text)

    def code(self, text: str) -> str:
        """Translate an expression; what is none, or has no R form, stays."""
        if len(text) > _LONGEST or "\n" in text:
            return text
        try:
            match _parsed(text.strip()):
                case ast.Call(func=ast.Name(id="_"), args=[], keywords=words):
                    return ", ".join(map(self._keyword, words))
                case expression:
                    return self._expression(expression)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return text

    def _expression(self, node: ast.expr) -> str:
        match node:
            case ast.Constant(value=value) if value is not Ellipsis:
                return _constant(value)
            case ast.Tuple(elts=items) | ast.List(elts=items):
                return self._items(items)
            case ast.Dict(keys=names, values=values) if all(map(_is_text, names)):
                pairs = zip(map(_text, names), values, strict=True)
                entries = (f"{name} = {self._expression(x)}" for name, x in pairs)
                return f"list({', '.join(entries)})"
            case ast.Name(id=name):
                return name
            case ast.Attribute(value=value, attr=name):
                return f"{self._expression(value)}${name}"
            case ast.UnaryOp(op=ast.USub(), operand=value):
                return f"-{self._expression(value)}"
            case ast.Call():
                return self._call(node)
        raise _NoIdiomError

    def _keyword(self, word: ast.keyword) -> str:
        if word.arg is None:
            raise _NoIdiomError
        return f"{r_quoted(word.arg)} = {self._expression(word.value)}"

    def _items(self, items: list[ast.expr]) -> str:
        values = [self._expression(item) for item in items]
        plain = all(_is_plain(item) for item in items)
        return f"{'c' if plain and items else 'list'}({', '.join(values)})"

    def _call(self, node: ast.Call) -> str:
        layer = self._by_path.get(ast.unparse(node.func))
        if any(isinstance(arg, ast.Starred) for arg in node.args):
            raise _NoIdiomError
        values = [self._expression(arg) for arg in node.args]
        named = list(map(self._keyword, node.keywords))
        if layer is None:
            return f"{self._expression(node.func)}({', '.join(values + named)})"
        names = [param.r_name for param in layer.params]
        if len(values) > len(names):
            raise _NoIdiomError
        given = [
            f"{name} = {value}" for name, value in zip(names, values, strict=False)
        ]
        return f"{layer.r_name}({', '.join(given + named)})"


def _parsed(text: str) -> ast.expr:
    """Parse an expression, or `name=value` as the call `_(name=value)`."""
    source = f"_({text})" if _KEYWORD.match(text) else text
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(source, mode="eval").body


def _constant(value: object) -> str:
    try:
        text = r_literal(value)
    except NotLiteralError as problem:
        raise _NoIdiomError from problem
    is_int = isinstance(value, int) and not isinstance(value, bool)
    return text.removesuffix("L") if is_int else text


def _is_text(node: ast.expr | None) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _text(node: ast.expr | None) -> str:
    return r_quoted(ast.literal_eval(node)) if node else ""


def _is_plain(node: ast.expr) -> bool:
    """Tell whether a vector can hold the value: no NULL, nothing nested."""
    if isinstance(node, ast.UnaryOp):
        return _is_plain(node.operand)
    return isinstance(node, ast.Constant) and node.value is not None
