"""Whole folders: one with the files of another, and what is left of the other."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Collection
from pathlib import Path

from layerbridge.bridge.write.manifest import Manifest

__all__ = ["discard", "is_in_use", "link_files"]


def link_files(source: Path, target: Path, but: Collection[Path]) -> None:
    """Let a folder have the files of another as hard links, except for some.

    Folders that the exceptions leave empty are left out.
    """
    target.mkdir(exist_ok=True)
    emptied = False
    with os.scandir(source) as entries:
        for entry in entries:
            place = target / entry.name
            if Path(entry.path) in but:
                emptied = True
            elif entry.is_symlink():
                place.symlink_to(os.readlink(entry.path), entry.is_dir())
            elif entry.is_dir():
                link_files(Path(entry.path), place, but)
                emptied = emptied or not place.exists()
            else:
                os.link(entry.path, place)
    if emptied and not any(target.iterdir()):
        target.rmdir()
        return
    shutil.copystat(source, target)
    if hasattr(os, "chown"):
        owner = source.stat()
        with contextlib.suppress(PermissionError):
            os.chown(target, owner.st_uid, owner.st_gid)


def discard(tree: Path, folder: Path, manifest: str) -> None:
    """Remove a tree whose place a folder has taken.

    What came into the tree meanwhile, and no manifest lists, moves to the folder.
    """
    manifests = Manifest({})
    for home in (tree, folder):
        with contextlib.suppress(OSError, ValueError):
            manifests = manifests.joined(
                Manifest.read((home / manifest).read_text("utf-8"))
            )
    for root, folders, files in os.walk(tree, topdown=False):
        for path in (Path(root, name) for name in (*files, *folders)):
            inner = path.relative_to(tree)
            if path.is_dir() and not path.is_symlink():
                path.rmdir()
            elif inner.as_posix() == manifest or _is_spare(
                path, folder, inner, manifests
            ):
                path.unlink()
            else:
                (folder / inner).parent.mkdir(parents=True, exist_ok=True)
                path.replace(folder / inner)
    tree.rmdir()


def _is_spare(path: Path, folder: Path, inner: Path, manifests: Manifest) -> bool:
    place = folder / inner
    if os.path.lexists(place):
        one, other = path.lstat(), place.lstat()
        if os.path.samestat(one, other) or one.st_mtime_ns <= other.st_mtime_ns:
            return True
    return path.is_file() and manifests.lists(inner.as_posix(), path.read_bytes())


def is_in_use(folder: Path) -> bool:
    """Tell whether a process works in a folder, as far as the system says so."""
    places = []
    with contextlib.suppress(OSError):
        places.append(os.getcwd())
    for link in Path("/proc").glob("[0-9]*/cwd"):
        with contextlib.suppress(OSError):
            places.append(os.readlink(link))
    return any(Path(place).is_relative_to(folder) for place in places)
