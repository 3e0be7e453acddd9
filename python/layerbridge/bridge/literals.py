"""R source: values of Python, names, arguments of a call."""

from __future__ import annotations

import math
import textwrap
import unicodedata
from collections.abc import Iterable
from typing import Any

__all__ = [
    "NotLiteralError",
    "is_syntactic",
    "laid_out",
    "r_literal",
    "r_name",
    "r_quoted",
    "r_string",
    "r_symbol",
]

_INT_MAX = 2**31 - 1
_RESERVED = frozenset(
    """
    if else repeat while function for in next break TRUE FALSE NULL Inf NaN
    NA NA_integer_ NA_real_ NA_character_ NA_complex_ T F
    """.split()  # noqa: SIM905 - a word list is read as lines
)


class NotLiteralError(ValueError):
    """A value that R source cannot state."""


def r_literal(value: Any) -> str:
    """Return R source for a Python literal."""
    if hasattr(value, "item") and getattr(value, "shape", None) == ():
        value = value.item()
    match value:
        case None:
            return "NULL"
        case bool():
            return "TRUE" if value else "FALSE"
        case int() if type(value) is int:
            return f"{value}L" if abs(value) <= _INT_MAX else _r_float(float(value))
        case float():
            return _r_float(float(value))
        case str() if type(value) is str:
            return r_string(value)
        case tuple() | list() if type(value) in (tuple, list):
            return f"list({', '.join(r_literal(item) for item in value)})"
        case dict() if type(value) is dict and all(
            type(key) is str and key for key in value
        ):
            items = (f"{r_quoted(k)} = {r_literal(v)}" for k, v in value.items())
            return f"list({', '.join(items)})"
    raise NotLiteralError(type(value).__name__)


def _r_float(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Inf" if value > 0 else "-Inf"
    return repr(value).removesuffix(".0")


def r_string(text: str) -> str:
    """Return an R string in ASCII, with everything else escaped."""
    return '"' + "".join(map(_r_char, text)) + '"'


def _r_char(char: str) -> str:
    code = ord(char)
    if char in '\\"':
        return "\\" + char
    if char in "\n\t\r":
        return {"\n": "\\n", "\t": "\\t", "\r": "\\r"}[char]
    if 32 <= code < 127:
        return char
    if code == 0 or 0xD800 <= code <= 0xDFFF:
        raise NotLiteralError(f"character U+{code:04X}")
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def r_quoted(name: str) -> str:
    """Return `name` as it stands before `=` in an R call."""
    return name if is_syntactic(name) else r_string(name)


def r_symbol(name: str) -> str:
    """Return `name` as it stands among the arguments of an R function."""
    return name if name == "..." or is_syntactic(name) else f"`{name}`"


def laid_out(arguments: Iterable[str], room: int = 60) -> str:
    """Return arguments as they stand in a call: on one line if that has room."""
    items = list(arguments)
    flat = ", ".join(items)
    if len(flat) <= room and "\n" not in flat:
        return flat
    return "\n" + textwrap.indent(",\n".join(items), "  ") + "\n"


def is_syntactic(name: str) -> bool:
    """Tell whether R takes `name` without backticks."""
    return r_name(name) == name


def r_name(name: str, others: frozenset[str] = frozenset()) -> str:
    """Return a plain R name for a Python one: ASCII, not reserved, not taken."""
    plain = "".join(_plain(char) for char in name).lstrip("_.0123456789") or "arg"
    if name != plain and name.startswith("_"):
        plain += "_"
    while plain in _RESERVED or plain in others:
        plain += "_"
    return plain


def _plain(char: str) -> str:
    if char.isascii():
        return char if char.isalnum() or char == "_" else "."
    for spelled in (char, char.casefold()):
        base = unicodedata.normalize("NFKD", spelled).encode("ascii", "ignore").decode()
        if base.isalnum():
            return base
    return f"u{ord(char):04x}"
