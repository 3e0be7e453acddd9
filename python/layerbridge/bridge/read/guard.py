"""Keeps what somebody else's code does when it is imported and read where it is.

It may raise anything, `SystemExit` and `KeyboardInterrupt` included, or end Python.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
from collections.abc import Iterator
from typing import Any, NoReturn

__all__ = [
    "ForeignError",
    "contained",
    "guarded",
    "message_of",
    "sound",
    "type_name",
]


class ForeignError(ValueError):
    """What somebody else's code raised; says so."""


class _Interrupted(KeyboardInterrupt):
    """The user's Ctrl-C, unlike the interrupt that a library raises."""


@contextlib.contextmanager
def guarded(*but: type[BaseException]) -> Iterator[None]:
    """Raise a `ForeignError` for whatever is raised, but for the user's Ctrl-C."""
    try:
        yield
    except BaseException as problem:
        is_ours = isinstance(problem, (ForeignError, *but))
        if is_ours or (isinstance(problem, KeyboardInterrupt) and _is_of_user(problem)):
            raise
        raise ForeignError(f"failed with {message_of(problem)}") from None


@contextlib.contextmanager
def contained() -> Iterator[None]:
    """Keep the code that runs from ending Python, and tell the user's Ctrl-C apart."""
    ours, end = os.getpid(), os._exit

    def refuse(status: int) -> NoReturn:
        if os.getpid() != ours:  # a child of the library's own
            end(status)
        raise SystemExit(f"os._exit({status})")

    is_main = threading.current_thread() is threading.main_thread()
    before = signal.signal(signal.SIGINT, _interrupt) if is_main else None
    homes = (os, sys.modules[os.name])
    for home in homes:
        home._exit = refuse  # type: ignore[attr-defined]
    try:
        yield
    finally:
        for home in homes:
            home._exit = end  # type: ignore[attr-defined]
        if is_main:
            signal.signal(signal.SIGINT, before)


def sound(value: Any) -> Any:
    """Return a default, or a stranger of its class's name if it cannot be read."""
    try:
        with guarded():
            _probe(value)
    except ForeignError:
        return type(type_name(value), (), {})()
    return value


def _probe(value: Any) -> None:
    """Ask for all that is asked of a default later."""
    if value is None or type(value) in (bool, int, float, complex, str, bytes):
        return
    if type(value) in (tuple, list, set, frozenset):
        for each in value:
            _probe(each)
    elif type(value) is dict:
        for key, each in value.items():
            _probe(key)
            _probe(each)
    else:
        for name in ("item", "shape", "dtype", "__name__", "__qualname__"):
            getattr(value, name, None)
        for name in ("__name__", "__qualname__", "__module__"):
            str(getattr(type(value), name))
        isinstance(value, (str, int, float, type))
        callable(value)
        if isinstance(value, str):
            "".join(value).isidentifier()


def _interrupt(*_: object) -> NoReturn:
    raise _Interrupted


def _is_of_user(problem: KeyboardInterrupt) -> bool:
    """Tell the user's Ctrl-C; where nobody marks it, any interrupt may be one."""
    is_marked = signal.getsignal(signal.SIGINT) is _interrupt
    return isinstance(problem, _Interrupted) or not is_marked


_MOST_CHARACTERS = 400  # characters of somebody else's message


def message_of(problem: BaseException) -> str:
    """Return what a problem says, in one line of some length."""
    try:
        text = " ".join(str.__str__(str(problem)).split())
    except BaseException:
        text = "its message cannot be read"
    if len(text) > _MOST_CHARACTERS:
        text = text[:_MOST_CHARACTERS] + "..."
    return f"{type_name(problem)}: {text}" if text else type_name(problem)


def type_name(value: Any) -> str:
    """Return the name of a value's class, whatever that class does about it."""
    return str(type.__dict__["__name__"].__get__(type(value)))
