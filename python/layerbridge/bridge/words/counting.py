"""What docstrings say of axes and indices, as R counts them: from 1."""

from __future__ import annotations

import ast
import re

from layerbridge.bridge.kind_table import KINDS
from layerbridge.bridge.literals import NotLiteralError

__all__ = [
    "axes_from_one",
    "counts_from_one",
    "expression_from_one",
    "words_from_one",
]

_NUMBERS = r"\d|\(\d(?:, ?\d)*,?\)|\[\d(?:, ?\d)*\]"
_DEFAULT = re.compile(
    rf"(\bdefaults?\s+(?:to|is)\s+`?)({_NUMBERS})(?![\w-]|\.\d)", re.IGNORECASE
)
# `axis 0`, `set axis to 0`, but not `x axis 10`, which is a plot's
_AXIS = re.compile(
    rf"((?<![xyzXYZ][ -])\bax[ei]s`?(?:\s+to)?\s+`?)({_NUMBERS})"
    r"((?:`?(?:,|,? and|,? or) `?\d\b)*)"
    r"(?![\w-]|\.\d)",
    re.IGNORECASE,
)
# Whoever names a dimension 0 counts from there.
_FROM_ZERO = re.compile(r"\bdim(?:ension)?s? `?0\b(?!\.\d)", re.IGNORECASE)
# A larger number is a size: "of dimension 512".
_DIMENSION = re.compile(r"(\bdim(?:ension)?s? `?)(\d)\b(?!\.\d)", re.IGNORECASE)
_ZEROTH = re.compile(r"(\bfirst )?\(?\b0-?th\b\)?(?= (?:axis|dim))")


def words_from_one(text: str) -> str:
    """Return what is said of an argument that counts from 0 in Python."""
    return _DEFAULT.sub(lambda match: match[1] + _each_from_one(match[2]), text)


def axes_from_one(text: str) -> str:
    """Return words in which axes, and dimensions if one is 0, are counted from 1."""
    text = _AXIS.sub(lambda x: x[1] + _each_from_one(x[2] + x[3]), text)
    if _FROM_ZERO.search(text):
        text = _DIMENSION.sub(lambda match: match[1] + _each_from_one(match[2]), text)
    return _ZEROTH.sub("first", text)


def _each_from_one(numbers: str) -> str:
    return re.sub(r"\d+", lambda number: str(int(number[0]) + 1), numbers)


def counts_from_one(kind: str, value: ast.expr) -> bool:
    """Tell whether R counts from 1 what Python code gives to an argument of a kind.

    One number where several would be places is how many there are: `split(x, 2)`.
    """
    several = isinstance(value, (ast.Tuple, ast.List))
    return KINDS[kind].from_one and (several or kind != "int_or_index")


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
