"""Operators of Python as R writes them, with parentheses where R needs them."""

from __future__ import annotations

import ast
from collections.abc import Callable

from layerbridge.bridge.syntax import is_text

__all__ = ["ARITHMETIC", "COMPARISONS", "operation"]

ARITHMETIC: dict[type[ast.operator], str] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.Pow: "^",
    ast.FloorDiv: "%/%",
    ast.Mod: "%%",
}
COMPARISONS: dict[type[ast.cmpop], str] = {
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
}
# What R asks by a function; the second is for the opposite.
_ASKS = {None: "is.null", True: "isTRUE", False: "isFALSE"}
_SEQUENCES = (ast.List, ast.Tuple)
_ATOM = 9
# How tightly R's operators bind.
_BINDS = {"^": 8, "%/%": 6, "%%": 6, "%in%": 6, "*": 5, "/": 5, "+": 4, "-": 4}
_SIGN, _COMPARED, _NOT, _AND, _OR, _LOOSE = 7, 3, 2.5, 2, 1, 0


def operation(node: ast.expr, operand: Callable[[ast.expr], str]) -> str:
    """Return an operation in R, or nothing; `operand` translates what is in it."""

    def side(part: ast.expr, least: float) -> str:
        text = operand(part)
        return f"({text})" if _binding(part) < least else text

    match node:
        case ast.BinOp(left=left, op=op, right=right) if type(op) in ARITHMETIC:
            if any(isinstance(x, _SEQUENCES) or is_text(x) for x in (left, right)):
                return ""  # `%` fills in a string, `*` repeats
            sign, binds = ARITHMETIC[type(op)], _binding(node)
            if isinstance(op, ast.Pow):
                return f"{side(left, binds + 1)}^{side(right, binds)}"
            return f"{side(left, binds)} {sign} {side(right, binds + 1)}"
        case ast.UnaryOp(op=ast.USub(), operand=value):
            return f"-{side(value, _SIGN)}"
        case ast.UnaryOp(op=ast.Not(), operand=value):
            return f"!{side(value, _ATOM)}"
        case ast.BoolOp(op=op, values=values) if any(map(_is_logical, values)):
            sign = "&&" if isinstance(op, ast.And) else "||"
            return f" {sign} ".join(side(x, _binding(node) + 0.5) for x in values)
        case ast.IfExp(test=test, body=body, orelse=other):
            return f"if ({operand(test)}) {side(body, _OR)} else {operand(other)}"
        case ast.Compare(left=left, ops=[op], comparators=[right]):
            return _compared(left, op, right, side)
    return ""


def _compared(
    left: ast.expr,
    op: ast.cmpop,
    right: ast.expr,
    side: Callable[[ast.expr, float], str],
) -> str:
    of_null = isinstance(right, ast.Constant) and right.value is None
    if (sign := COMPARISONS.get(type(op))) and not of_null:
        return f"{side(left, _COMPARED + 1)} {sign} {side(right, _COMPARED + 1)}"
    is_not = "!" * isinstance(op, (ast.IsNot, ast.NotEq, ast.NotIn))
    if isinstance(op, (ast.In, ast.NotIn)):
        if not _is_vector(right):
            return ""  # `in` asks for a key of a dict, and for a part of a string
        among = f"{side(left, 7)} %in% {side(right, 7)}"
        return f"!({among})" if is_not else among
    match right:
        case ast.Constant(value=None | True | False as value):
            return f"{is_not}{_ASKS[value]}({side(left, _LOOSE)})"
    return ""


def _is_logical(node: ast.expr) -> bool:
    """Tell whether code is a condition; `a or b` may be a value with its default."""
    if isinstance(node, ast.BoolOp):
        return any(map(_is_logical, node.values))
    is_not = isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not)
    return is_not or isinstance(node, ast.Compare)


def _is_vector(node: ast.expr) -> bool:
    """Tell whether code is a tuple or a list that a vector of R can hold."""
    return isinstance(node, _SEQUENCES) and all(
        isinstance(x, ast.Constant) and x.value is not None for x in node.elts
    )


def _binding(node: ast.expr) -> float:
    """Return how tightly R binds the parts of an operation."""
    match node:
        case ast.BinOp(op=op) if type(op) in ARITHMETIC:
            return _BINDS[ARITHMETIC[type(op)]]
        case ast.UnaryOp(op=ast.USub()):
            return _SIGN
        case ast.UnaryOp():
            return _NOT
        case ast.Compare(ops=[ast.In() | ast.NotIn()]):
            return _BINDS["%in%"]
        case ast.Compare(ops=[ast.Is() | ast.IsNot()]):
            return _ATOM
        case ast.Compare(comparators=[ast.Constant(value=None)]):
            return _ATOM
        case ast.Compare():
            return _COMPARED
        case ast.BoolOp(op=op):
            return _AND if isinstance(op, ast.And) else _OR
        case ast.IfExp() | ast.Lambda():
            return _LOOSE
    return _ATOM
