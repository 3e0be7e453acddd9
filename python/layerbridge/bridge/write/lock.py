"""A folder to work in that belongs to one run at a time."""

from __future__ import annotations

import contextlib
import errno
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

__all__ = ["locked"]

_IS_WINDOWS = sys.platform == "win32"
if sys.platform == "win32":
    import msvcrt

    def _take(handle: int) -> None:
        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _take(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)


_TAKEN = {errno.EACCES, errno.EAGAIN, errno.EDEADLK}
_PAUSE = 0.1  # seconds


@contextlib.contextmanager
def locked(work: Path) -> Iterator[None]:
    """Make a folder and keep other runs out of it; remove it if it is empty at the end.

    The system ends the lock of a run that is killed.
    """
    lock = work / "lock"
    handle = None
    try:
        handle = _wait_for(lock)
        yield
    finally:
        with contextlib.suppress(OSError):  # the next run removes what it can
            if handle is not None and not _IS_WINDOWS:
                lock.unlink(missing_ok=True)
        with contextlib.suppress(OSError):
            if handle is not None:
                os.close(handle)
            if _IS_WINDOWS:  # which removes no file that anybody has open
                lock.unlink(missing_ok=True)
            work.rmdir()


def _wait_for(lock: Path) -> int:
    """Return the file that is locked; a run that ends removes the one that it had."""
    is_told = False
    while True:
        lock.parent.mkdir(exist_ok=True)
        try:
            handle = os.open(lock, os.O_RDWR | os.O_CREAT)
        except FileNotFoundError:  # that run has just removed the folder
            continue
        try:
            if is_ours := _is_taken(handle):
                with contextlib.suppress(FileNotFoundError):
                    if os.path.samestat(os.fstat(handle), lock.stat()):
                        return handle
        except BaseException:
            os.close(handle)
            raise
        os.close(handle)
        if not (is_ours or is_told):
            line = f"Waiting for another run, which has locked {lock.parent}."
            print(line, file=sys.stderr, flush=True)
            is_told = True
        time.sleep(0 if is_ours else _PAUSE)


def _is_taken(handle: int) -> bool:
    """Lock a file if no other run has; a file system without locks does without."""
    try:
        _take(handle)
    except OSError as problem:
        return problem.errno not in _TAKEN
    return True
