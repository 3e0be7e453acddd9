"""What a run does to each file of a folder, from what was there before. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from layerbridge.bridge.write.manifest import MARK, Manifest, digest

__all__ = ["Changes", "changes"]


@dataclass
class Changes:
    """Files to write and to remove, by path, and those left alone, with the reason.

    `unlisted` are files to replace that no manifest lists: a copy of them is kept.
    """

    write: dict[str, bytes] = field(default_factory=dict)
    remove: list[str] = field(default_factory=list)
    left: dict[str, str] = field(default_factory=dict)
    unlisted: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)
    files: dict[str, frozenset[str]] = field(default_factory=dict)


def changes(
    new: Mapping[str, bytes], present: Mapping[str, bytes], former: Manifest | None
) -> Changes:
    """Return what becomes of each file that is wanted or was written before.

    Only what the former manifest lists, as it lists it, is replaced or removed. Without
    one, files that bear the mark are of a version that wrote none; others are foreign.
    """
    before = former or Manifest({})
    todo = Changes()
    for path, data in sorted(new.items()):
        present_data = present.get(path)
        if present_data is None or digest(present_data) == digest(data):
            if present_data is None:
                todo.write[path] = data
        elif before.lists(path, present_data):
            todo.write[path] = data
        elif path in before.files:
            todo.left[path] = _CHANGED
            todo.files[path] = before.files[path]
            continue
        elif former:
            todo.left[path] = "it was not generated"
            continue
        elif MARK.encode() in present_data:
            todo.write[path] = data
            todo.unlisted.append(path)
        else:
            todo.foreign.append(path)
            continue
        todo.files[path] = frozenset([digest(data)])
    for path in sorted(before.files.keys() - new.keys()):
        if path in present and before.lists(path, present[path]):
            todo.remove.append(path)
        elif path in present:
            todo.left[path] = f"{_CHANGED}; it is no longer generated"
    return todo


_CHANGED = "it has been changed since it was generated"
