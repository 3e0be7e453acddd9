"""Puts a folder in another's place in one step, where the system has such a step.

Linux and macOS exchange two folders at once: there is no moment without a folder, nor
one with half of it. Elsewhere the old folder is renamed before the new one takes its
name; `disk.py` completes that after a crash. `os.replace()` does not replace folders
that hold anything.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import sys
from pathlib import Path

__all__ = ["swap"]

_HERE = -100  # AT_FDCWD of Linux
_EXCHANGE = 2  # RENAME_EXCHANGE of Linux, RENAME_SWAP of macOS


def swap(new: Path, folder: Path, old: Path) -> None:
    """Let `new` take the place of `folder`.

    What was there is `new` afterwards, or `old` where the system cannot exchange them.
    """
    sys.audit("os.rename", str(new), str(folder), -1, -1)
    if _exchange(os.fsencode(new), os.fsencode(folder)):
        return
    folder.rename(old)
    try:
        new.rename(folder)
    except OSError:
        with contextlib.suppress(OSError):  # the error says where it is
            old.rename(folder)
        raise


def _exchange(a: bytes, b: bytes) -> bool:
    """Exchange two folders; tell whether the system could."""
    try:
        system = ctypes.CDLL(None)
        if sys.platform == "darwin":
            return bool(system.renamex_np(a, b, _EXCHANGE) == 0)
        return bool(system.renameat2(_HERE, a, _HERE, b, _EXCHANGE) == 0)
    except (AttributeError, OSError, TypeError):  # as on Windows
        return False
