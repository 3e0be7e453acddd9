"""The only stage that touches files: all or nothing, and never somebody else's."""

from __future__ import annotations

import difflib
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

__all__ = ["WriteError", "differences", "write"]


class WriteError(ValueError):
    """Files that must not be written; lists every one."""

    def __init__(self, problems: list[str]) -> None:
        """Keep the problems and make one message of them."""
        self.problems = problems
        super().__init__("\n".join(problems))


def differences(plan: Mapping[Path, str]) -> str:
    """Return what writing would change, as a diff."""
    parts = []
    for path, text in sorted(plan.items()):
        old = _read(path) if path.exists() else ""
        if old != text or not path.exists():
            parts += difflib.unified_diff(
                old.splitlines(keepends=True),
                text.splitlines(keepends=True),
                f"{path} (there)",
                f"{path} (generated)",
            )
    return "".join(parts)


def write(plan: Mapping[Path, str], mark: str) -> list[Path]:
    """Write what differs; refuse everything if one file is not ours to overwrite."""
    problems = [problem for path in sorted(plan) if (problem := _refusal(path, mark))]
    if problems:
        raise WriteError(problems)
    changed = [
        path for path in sorted(plan) if not path.exists() or _read(path) != plan[path]
    ]
    for path in changed:
        _replace(path, plan[path])
    return changed


def _refusal(path: Path, mark: str) -> str | None:
    if path.is_dir():
        return f"{path} is a folder; a file is to be written there."
    if blocking := next((p for p in path.parents if p.exists()), None):
        if not blocking.is_dir():
            return f"{blocking} is a file; a folder is needed there."
        if not os.access(blocking, os.W_OK):
            return f"{blocking} cannot be written to."
    if path.exists() and mark not in _read(path):
        return (
            f"{path} was not generated (it lacks the line '{mark}'), so it is left "
            "alone. Move it away or choose another place."
        )
    return None


def _read(path: Path) -> str:
    return path.read_bytes().decode("utf-8", errors="replace")


def _replace(path: Path, text: str) -> None:
    """Write beside the file, then take its place."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as out:
            out.write(text)
        os.chmod(name, 0o644)
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise
