"""What docstrings say of axes and indices, as R counts them: from 1."""

from __future__ import annotations

import ast
import re

from layerbridge.bridge.literals import NotLiteralError

__all__ = ["expression_from_one", "is_axis", "words_from_one"]

_NUMBERS = r"\d+|\(\d+(?:, ?\d+)*,?\)|\[\d+(?:, ?\d+)*\]"
# `Defaults to 0`, `axis 0`, `set axis to 0`
_COUNTED = re.compile(
    rf"(\b(?:defaults?\s+(?:to|is)|ax[ei]s`?(?:\s+to)?)\s+`?)({_NUMBERS})(?![\w-]|\.\d)",
    re.IGNORECASE,
)


def words_from_one(text: str) -> str:
    """Return what is said of an argument that counts from 0 in Python."""
    return _COUNTED.sub(lambda said: said[1] + _each_from_one(said[2]), text)


def _each_from_one(numbers: str) -> str:
    return re.sub(r"\d+", lambda number: str(int(number[0]) + 1), numbers)


def is_axis(name: str) -> bool:
    """Tell whether an argument is an axis, or several, by its name."""
    return re.fullmatch(r"(\w+_)?ax[ei]s", name) is not None


def expression_from_one(node: ast.expr) -> ast.expr:
    """Return Python code for an axis as one writes it in R; None stays."""
    match node:
        case ast.Constant(value=None):
            return node
        case ast.Constant(value=int(axis)) if not isinstance(axis, bool):
            return ast.Constant(axis + 1)
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int())):
            return node
        case ast.Tuple(elts=items) | ast.List(elts=items) if items:
            return ast.Tuple(list(map(expression_from_one, items)))
    raise NotLiteralError(ast.unparse(node))
