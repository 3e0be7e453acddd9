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
    wanted: Mapping[str, bytes], present: Mapping[str, bytes], former: Manifest | None
) -> Changes:
    """Return what becomes of each file that is wanted or was written before.

    Only what the former manifest lists, as it lists it, is replaced or removed. Without
    one, files that bear the mark are of a version that wrote none; others are foreign.
    """
    known = former or Manifest({})
    found = Changes()
    for path, data in sorted(wanted.items()):
        there = present.get(path)
        if there is None or digest(there) == digest(data):
            if there is None:
                found.write[path] = data
        elif known.lists(path, there):
            found.write[path] = data
        elif path in known.files:
            found.left[path] = _CHANGED
            found.files[path] = known.files[path]
            continue
        elif former:
            found.left[path] = "it was not generated"
            continue
        elif MARK.encode() in there:
            found.write[path] = data
            found.unlisted.append(path)
        else:
            found.foreign.append(path)
            continue
        found.files[path] = frozenset([digest(data)])
    for path in sorted(known.files.keys() - wanted.keys()):
        if path in present and known.lists(path, present[path]):
            found.remove.append(path)
        elif path in present:
            found.left[path] = f"{_CHANGED}; it is no longer generated"
    return found


_CHANGED = "it has been changed since it was generated"
