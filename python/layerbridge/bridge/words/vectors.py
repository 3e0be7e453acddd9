"""Lists of numbers and strings in Python code, as vectors and arrays of R."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from typing import Any

import numpy as np

from layerbridge.bridge.literals import laid_out, r_literal

__all__ = ["array", "sequence", "vector"]

# What an R vector holds.
_ONE_TYPE = (
    *({int}, {float}, {int, float}, {bool}, {str}),
    *({complex}, {complex, float}, {complex, int}, {complex, int, float}),
)


def vector(node: ast.expr) -> str:
    """Return `c(2, 3)` for several constants of one type, and nothing for others."""
    try:
        values = ast.literal_eval(node)
    except ValueError:
        return ""
    if not isinstance(values, (tuple, list)) or not values:
        return ""
    plain = ["NA" if x is None else _atom(x) for x in values]
    one = {type(x) for x in values if x is not None} <= {int, float}
    one = one or {type(x) for x in values} in ({str}, {bool})
    return f"c({', '.join(plain)})" if one and all(plain) else ""


def array(node: ast.expr, add: int = 0) -> str:
    """Return the vector, matrix or array that a list of numbers is, if it is one.

    Where they are places, R counts from 1: `add`; negative ones are from the end.
    """
    try:
        values = np.array(_value(node), dtype=object)
    except (ValueError, TypeError):
        return ""
    types = {type(x) for x in values.flat}
    if types not in ([{int}] if add else _ONE_TYPE):
        return ""
    whole = "L" if types == {int} else ""

    def c(places: Iterable[Any]) -> str:
        atoms = (_atom(x + add if add and x >= 0 else x, whole) for x in places)
        return f"c({', '.join(atoms)})"

    match values.shape:
        case ():
            return ""
        case (1,):
            return c(values).replace("c(", "list(", 1)
        case (_,):
            return c(values)
        case (_, _):
            return f"rbind({laid_out(map(c, values), room=65)})"
    # R fills arrays along the first axis first.
    return f"array({c(values.ravel('F'))}, c({', '.join(map(str, values.shape))}))"


def sequence(node: ast.Call) -> str:
    """Return the numbers that `arange()` makes: R's counts from 1, with its end."""
    try:
        numbers = range(*map(_number, node.args))
        is_short = 1 < len(numbers) < 1000
    except (TypeError, ValueError, OverflowError):
        return ""
    if not is_short or any(word.arg != "dtype" for word in node.keywords):
        return ""
    if numbers.step == 1:
        return f"{numbers[0]}:{numbers[-1]}"
    return f"seq({numbers[0]}L, {numbers[-1]}L, by = {numbers.step}L)"


def _value(node: ast.expr) -> Any:
    """Return what a literal is, or a list some times over."""
    match node:
        case ast.BinOp(
            left=ast.List() as part, op=ast.Mult(), right=ast.Constant(value=int(times))
        ) if times <= 16:
            return ast.literal_eval(part) * times
    return ast.literal_eval(node)


def _number(node: ast.expr) -> int:
    """Return what a product of whole numbers is."""
    match node:
        case ast.BinOp(left=left, op=ast.Mult(), right=right):
            return _number(left) * _number(right)
    return int(ast.literal_eval(node))


def _atom(value: Any, whole: str = "") -> str:
    match value:
        case complex():
            return f"complex(real = {value.real:g}, imaginary = {value.imag:g})"
        case bool() | str():
            return r_literal(value)
        case int() | float():
            return r_literal(value).removesuffix("L") + whole
    return ""
