"""Types in docstrings as words: `Optional[list[int]]`, `keras.Model`."""

from __future__ import annotations

import re
from collections.abc import Iterable

from layerbridge.bridge.read.type_hint import (
    LITERAL,
    NONE,
    UNION,
    TypeHint,
    type_hint,
)

__all__ = ["in_words"]

_ANY = {"any", "object"}
_NUMBERS = {"Integral", "Number", "Real"}
_SIMPLE = {
    *("bool", "callable", "dict", "float", "int", "list", "number", "str", "string"),
    "tuple",
}
_OF_NUMPY = re.compile(r"(?:np|numpy)\.\w+")
_CALLABLE = re.compile(r"\bCallable\b")


class _NoWordsError(ValueError):
    """A hint that is better left as it is."""


def in_words(text: str) -> str:
    """Return a type hint in words, and any other text unchanged."""
    try:
        if hint := type_hint(text):
            return _words(hint)
    except _NoWordsError:
        pass
    return _CALLABLE.sub("callable", text)


def _words(hint: TypeHint) -> str:
    if hint.path == UNION and hint.items:
        return _either(hint.items)
    if hint.path == LITERAL and hint.choices:
        choices = ", ".join(f"`{choice}`" for choice in hint.choices)
        return f"one of {choices}" if len(hint.choices) > 1 else choices
    if hint.name == "Callable":
        return "callable"
    if hint.items is not None:
        return _generic(hint, hint.items)
    if hint.name in _NUMBERS:
        return "number"
    if hint.name in ("Path", "PathLike"):
        return "path"
    if hint.path == "type":
        return "class"
    if "." not in hint.path or _OF_NUMPY.fullmatch(hint.path):
        if not hint.path:
            raise _NoWordsError
        return hint.path
    return f"`{hint.path.lstrip('.')}`"


def _generic(hint: TypeHint, items: tuple[TypeHint, ...]) -> str:
    if hint.name.lower() == "type" and items:
        return f"class that derives from {_words(items[0])}"
    if hint.container == "dict":
        values = _plural(items[-1:])
        return f"dict of {values}" if values else "dict"
    if not hint.container:
        raise _NoWordsError
    if len(set(items)) > 1:
        return "tuple of " + " and ".join(map(_words, items))
    values = _plural(items)
    if not values:
        return "list"
    if hint.container != "tuple":
        return f"list of {values}"
    count = f"{len(items)} " if len(items) > 1 and not hint.is_open else ""
    return f"tuple of {count}{values}"


def _plural(items: tuple[TypeHint, ...]) -> str:
    """Return the words for several of a type; nothing if it may be any."""
    words = _words(items[0]) if items else "any"
    if words.lower() in _ANY:
        return ""
    if words in _SIMPLE or words.endswith("ndarray"):
        return f"{words}s"
    return (
        f"{words} objects" if words.startswith("`") or words.isidentifier() else words
    )


def _either(hints: Iterable[TypeHint]) -> str:
    options = dict.fromkeys(map(_words, hints))
    *others, last = sorted(options, key=lambda words: words == NONE)
    return f"{', '.join(others)} or {last}" if others else last
