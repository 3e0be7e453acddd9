"""The only stage that touches files: all or nothing, and never somebody else's."""

from __future__ import annotations

import difflib
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

__all__ = ["WriteError", "differences", "with_removals", "write"]

Plan = Mapping[Path, str | None]


class WriteError(ValueError):
    """Files that must not be written; lists every one."""

    def __init__(self, problems: list[str]) -> None:
        """Keep the problems and make one message of them."""
        self.problems = problems
        super().__init__("\n".join(problems))


def with_removals(folder: Path, plan: Plan, mark: str) -> dict[Path, str | None]:
    """Add to a plan for a whole folder that what an earlier run left is to go.

    A folder that holds anything, but no DESCRIPTION of ours, is somebody else's.
    """
    present = (path for path in folder.rglob("*") if path.is_file())
    description = folder / "DESCRIPTION"
    if not (description.is_file() and mark in _read(description)):
        if other := next(present, None):
            raise WriteError(
                [
                    f"{folder} holds {other.relative_to(folder)}, and no package that "
                    "layerbridge wrote. Choose an empty folder."
                ]
            )
        return dict(plan)
    stale = [path for path in present if path not in plan and mark in _read(path)]
    return {**plan, **dict.fromkeys(stale)}


def differences(plan: Plan) -> str:
    """Return what writing would change, as a diff."""
    parts: list[str] = []
    for path, text in sorted(_changes(plan).items()):
        parts += difflib.unified_diff(
            _read(path).splitlines(keepends=True) if path.exists() else [],
            (text or "").splitlines(keepends=True),
            f"{path} (there)",
            f"{path} (generated)",
        )
    return "".join(parts)


def write(plan: Plan, mark: str) -> list[Path]:
    """Write what differs; refuse everything if one file is not ours to overwrite.

    A text of `None` removes the file. Folders are made as needed.
    """
    problems = [problem for path in sorted(plan) if (problem := _refusal(path, mark))]
    if problems:
        raise WriteError([*dict.fromkeys(problems)])
    changes = _changes(plan)
    texts = {path: text for path, text in sorted(changes.items()) if text is not None}
    for path, staged in _staged(texts).items():
        staged.replace(path)
    for path in changes.keys() - texts.keys():
        path.unlink()
    return sorted(changes)


def _changes(plan: Plan) -> dict[Path, str | None]:
    return {
        path: text
        for path, text in plan.items()
        if text is None or not path.exists() or _read(path) != text
    }


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


def _staged(texts: Mapping[Path, str]) -> dict[Path, Path]:
    """Write beside each file what is to take its place; leave nothing if that fails."""
    made: list[Path] = []
    staged: dict[Path, Path] = {}
    try:
        for path, text in texts.items():
            for folder in reversed([p for p in path.parents if not p.exists()]):
                folder.mkdir()
                made.append(folder)
            handle, name = tempfile.mkstemp(prefix=path.name, dir=path.parent)
            staged[path] = Path(name)
            made.append(staged[path])
            with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as out:
                out.write(text)
            staged[path].chmod(0o644)
    except BaseException:
        for place in reversed(made):
            place.rmdir() if place.is_dir() else place.unlink()
        raise
    return staged
