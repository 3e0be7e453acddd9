"""The only stage that touches files: all or nothing, and never somebody else's.

A run makes everything in a folder beside the one that it writes to,
`.NAME.layerbridge`, which it locks. What is complete there takes the place of the
folder in one step, with the user's own files, as hard links. Files are replaced one by
one instead where somebody works in the folder, which would be pulled from under them,
or where a link leads out of it, or the folder cannot be replaced. A run that finds what
a killed one left tidies up first.
"""

from __future__ import annotations

import contextlib
import difflib
import errno
import itertools
import os
import shutil
import signal
import threading
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from layerbridge.bridge.write.changes import Changes, changes
from layerbridge.bridge.write.lock import locked
from layerbridge.bridge.write.manifest import MARK, Manifest, digest, seal, sealed
from layerbridge.bridge.write.swap import swap
from layerbridge.bridge.write.tree import discard, is_in_use, link_files

__all__ = [
    "Delivery",
    "Outcome",
    "WriteError",
    "differences",
    "published",
    "write",
]


class WriteError(ValueError):
    """Files that must not be written; each line is a problem."""


@dataclass(frozen=True)
class Delivery:
    """Texts for a folder, by their paths in it, and the path of their manifest.

    A `whole` folder is to hold nothing else at first. One text alone has no manifest,
    but a seal in its second line.
    """

    folder: Path
    texts: Mapping[str, str]
    manifest: str = ""
    functions: Mapping[str, str] = field(default_factory=dict)
    whole: bool = False

    @classmethod
    def of_package(
        cls, folder: Path, texts: Mapping[str, str], functions: Mapping[str, str]
    ) -> Delivery:
        """Deliver a whole package; its manifest lists the functions too."""
        return cls(folder, texts, "layerbridge.json", functions, whole=True)

    @classmethod
    def of_folder(cls, folder: Path, texts: Mapping[str, str]) -> Delivery:
        """Deliver R files to a folder which may hold others."""
        return cls(folder, texts, "layerbridge-manifest.R")

    @classmethod
    def of_file(cls, path: Path, text: str) -> Delivery:
        """Deliver one file; a link is followed."""
        path = Path(os.path.realpath(path)) if path.is_symlink() else path
        return cls(path.parent, {path.name: seal(text)})

    def manifest_text(self, todo: Changes) -> str:
        """Return the manifest as it is to be."""
        return self._told(Manifest(todo.files, self.functions))

    def transition(self, todo: Changes) -> str:
        """Return the manifest while files may be as they were or as they will be."""
        then = former_manifest(self.folder, self.manifest) or Manifest({})
        now = {path: frozenset([digest(x)]) for path, x in todo.write.items()}
        now.pop(self.manifest, None)
        return self._told(then.joined(Manifest(now, self.functions)))

    def _told(self, manifest: Manifest) -> str:
        return manifest.text(commented=self.manifest.endswith(".R"))


@dataclass(frozen=True)
class Outcome:
    """What a run wrote, removed and left alone, with the reason.

    `copies` is the folder with copies of what it replaced though no manifest lists it.
    """

    written: tuple[Path, ...] = ()
    removed: tuple[Path, ...] = ()
    left: Mapping[Path, str] = field(default_factory=dict)
    copies: Path | None = None


def former_manifest(folder: Path, name: str) -> Manifest | None:
    """Return the manifest that an earlier run left in a folder, if there is one."""
    path = folder / name
    if not path.is_file():
        return None
    try:
        return Manifest.read(path.read_text("utf-8"))
    except ValueError as problem:
        raise WriteError(
            f"{path} lists what layerbridge wrote, and cannot be read: {problem}. "
            "Restore it, or remove it: files are then replaced after a copy."
        ) from problem


def published(folder: Path) -> dict[str, str]:
    """Return the functions of a package that an earlier run wrote, with their paths."""
    manifest = former_manifest(folder, "layerbridge.json")
    return dict(manifest.functions) if manifest else {}


def differences(delivery: Delivery) -> str:
    """Return as a diff how a folder differs from what is to be delivered."""
    todo = _changes(delivery)
    alone = {*todo.foreign, *todo.left} & delivery.texts.keys()
    texts = {path: data.decode() for path, data in todo.write.items()}
    texts |= {path: delivery.texts[path] for path in alone}
    texts |= dict.fromkeys(todo.remove, "")
    parts: list[str] = []
    for path, text in sorted(texts.items()):
        place = delivery.folder / path
        there = place.read_text("utf-8", "replace") if place.is_file() else ""
        parts += difflib.unified_diff(
            there.splitlines(keepends=True),
            text.splitlines(keepends=True),
            f"{place} (there)",
            f"{place} (generated)",
        )
    return "".join(parts)


def write(delivery: Delivery) -> Outcome:
    """Write what differs, and remove what is generated no longer; or do nothing.

    A `WriteError` says what must not be written, or how far writing came; after any
    other error nothing was.
    """
    folder = Path(os.path.realpath(delivery.folder))
    _refuse([_blocked(folder)])
    home = folder.parent if delivery.manifest else folder
    new = [path for path in (home, *home.parents) if not path.exists()]
    try:
        for path in reversed(new):
            path.mkdir()
        with contextlib.ExitStack() as end, _workplace(folder, delivery) as work:
            return _written(delivery, folder, work, end)
    finally:
        for path in new:
            with contextlib.suppress(OSError):  # it holds what was written
                path.rmdir()


@contextlib.contextmanager
def _workplace(folder: Path, delivery: Delivery) -> Iterator[Path]:
    """Lock a folder to work in, without what is left of a run that was killed."""
    name = folder.name if delivery.manifest else next(iter(delivery.texts))
    home = folder.parent if delivery.manifest and _has_place_beside(folder) else folder
    work = home / f".{name}.layerbridge"
    with locked(work):
        _tidy(work, folder, delivery.manifest)
        try:
            yield work
        finally:
            with contextlib.suppress(OSError):  # the next run tries again
                _tidy(work, folder, delivery.manifest)


def _has_place_beside(folder: Path) -> bool:
    return os.access(folder.parent, os.W_OK) and not os.path.ismount(folder)


_PART, _NEW, _OLD = "part", "new", "old"


def _tidy(work: Path, folder: Path, manifest: str) -> None:
    """Remove what a run was making; end what it was about to do in one step.

    `part` is not complete. `new` is, or is what the folder was before; `old` always is.
    """
    if (work / _PART).exists():
        shutil.rmtree(work / _PART)
    if (work / _OLD).exists() and not folder.exists():
        (work / _OLD).rename(folder)
    for name in (_OLD, _NEW):
        if (work / name).exists():
            discard(work / name, folder, manifest)


def _written(
    delivery: Delivery, folder: Path, work: Path, end: contextlib.ExitStack
) -> Outcome:
    todo = _changes(delivery)
    _refuse(
        f"{delivery.folder / path} was not generated (it lacks the line '{MARK}'), so "
        "it is left alone. Move it away or choose another place."
        for path in todo.foreign
    )
    if not delivery.manifest:  # nothing but this file is asked for
        _refuse(
            f"{delivery.folder / path} is left alone: {why}. Move it away to have it "
            "generated again."
            for path, why in todo.left.items()
        )
    _refuse(_blocked_file(folder / path) for path in todo.write)
    copies = None
    if todo.write or todo.remove:
        copies = _replaced(delivery, folder, work, todo, end)
    home = delivery.folder
    return Outcome(
        tuple(home / path for path in sorted(todo.write) if path != delivery.manifest),
        tuple(home / path for path in todo.remove),
        {home / path: why for path, why in todo.left.items()},
        copies,
    )


def _changes(delivery: Delivery) -> Changes:
    """Compare a folder with what is to be delivered, and with what was before."""
    folder, former = delivery.folder, None
    if delivery.manifest:
        former = former_manifest(folder, delivery.manifest)
    paths = {*delivery.texts, *(former.files if former else ())}
    places = {path: folder / path for path in paths}
    present = {path: x.read_bytes() for path, x in places.items() if x.is_file()}
    if not delivery.manifest:
        former = next((sealed(path, data) for path, data in present.items()), None)
    if delivery.whole and not former:
        _refuse([_somebody_elses(folder, present.get("DESCRIPTION", b""))])
    new = {path: text.encode() for path, text in delivery.texts.items()}
    result = changes(new, present, former)
    if delivery.whole and not former:
        result.left.update(_of_version_before(folder, new))
    if delivery.manifest:
        data = delivery.manifest_text(result).encode()
        place = folder / delivery.manifest
        if not (place.is_file() and digest(place.read_bytes()) == digest(data)):
            result.write[delivery.manifest] = data
    return result


def _somebody_elses(folder: Path, description: bytes) -> str | None:
    """Return why a folder is not to become a package; an empty one under Git is."""
    if MARK.encode() in description or not folder.is_dir():
        return None
    ours = (".git", f".{folder.name}.layerbridge")
    other = [x.name for x in folder.iterdir() if not x.name.startswith(ours)]
    if not other:
        return None
    return (
        f"{folder} holds {min(other)}, and no package that layerbridge wrote. Choose "
        "an empty folder."
    )


def _of_version_before(folder: Path, new: Collection[str]) -> dict[str, str]:
    """Return files that a version which wrote no manifest may have written."""
    why = "it may be of an earlier run, which wrote no list; remove it if you can"
    paths = (path for home in ("R", "man") for path in (folder / home).glob("*"))
    return {
        name: why
        for path in paths
        if (name := path.relative_to(folder).as_posix()) not in new
        and path.is_file()
        and MARK.encode() in path.read_bytes().partition(b"\n")[0]
    }


def _refuse(problems: Iterable[str | None]) -> None:
    if lines := "\n".join(dict.fromkeys(filter(None, problems))):
        raise WriteError(lines)


def _blocked_file(path: Path) -> str | None:
    """Return why a file cannot be written, from what is there."""
    if path.is_dir():
        return f"{path} is a folder; a file is to be written there."
    if path.exists() and not path.is_file():
        return f"{path} is not a file; a file is to be written there."
    return _blocked(path.parent)


def _blocked(folder: Path) -> str | None:
    """Return why nothing can be written in a folder, which need not be there yet."""
    there = next(path for path in (folder, *folder.parents) if path.exists())
    if not there.is_dir():
        return f"{there} is a file; a folder is needed there."
    if not os.access(there, os.W_OK):
        return f"{there} cannot be written to."
    return None


def _replaced(
    delivery: Delivery,
    folder: Path,
    work: Path,
    todo: Changes,
    end: contextlib.ExitStack,
) -> Path | None:
    """Make the changes; return the folder with copies of files that nobody listed."""
    part = work / _PART
    for path, data in todo.write.items():
        _stage(folder / path, part / path, data)
    copies = _copied(folder, work.parent, todo.unlisted)
    is_tree = _is_swappable(folder, work, todo) and _link_others(folder, part, todo)
    end.enter_context(_uninterrupted())
    if is_tree:
        _take_place(folder, work)
    else:
        _replace_each(delivery, folder, part, todo)
    return copies


def _stage(place: Path, staged: Path, data: bytes) -> None:
    """Write a file where nobody looks yet, and read it back."""
    staged.parent.mkdir(parents=True, exist_ok=True)
    staged.write_bytes(data)
    if place.is_file():
        shutil.copymode(place, staged)
    if staged.read_bytes() != data:
        raise OSError(0, "the file on disk differs from what was written", str(staged))


def _copied(folder: Path, home: Path, paths: list[str]) -> Path | None:
    if not paths:
        return None
    names = (f"{folder.name}.before{n or ''}" for n in itertools.count())
    copies = next(home / name for name in names if not (home / name).exists())
    for path in paths:
        (copies / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(folder / path, copies / path)
    return copies


def _is_swappable(folder: Path, work: Path, todo: Changes) -> bool:
    """Tell whether a folder can be replaced as a whole, at nobody's expense."""
    if not folder.exists():
        return True
    paths = [folder / path for path in (*todo.write, *todo.remove)]
    return (
        work.parent != folder
        and all(os.path.realpath(path) == str(path) for path in paths)
        and not is_in_use(folder)
    )


def _link_others(folder: Path, part: Path, todo: Changes) -> bool:
    """Add to the new files the others of a folder, if the file system has links."""
    if not folder.exists():
        return True
    try:
        link_files(folder, part, {folder / x for x in (*todo.write, *todo.remove)})
    except OSError:
        return False
    return True


def _take_place(folder: Path, work: Path) -> None:
    if not folder.exists():
        (work / _PART).rename(folder)
        return
    new, old = (work / _PART).rename(work / _NEW), work / _OLD
    try:
        swap(new, folder, old)
    except OSError as problem:
        if folder.exists():
            raise
        raise WriteError(
            f"{folder} is now {old}, and could not be given its name: {problem}. "
            "Run the same command again, or rename it."
        ) from problem


def _replace_each(delivery: Delivery, folder: Path, part: Path, todo: Changes) -> None:
    """Replace files one by one; meanwhile the manifest lists them as old and new."""
    texts = [path for path in todo.write if path != delivery.manifest]
    done = 0
    try:
        if delivery.manifest and texts:
            between = part / f"{delivery.manifest}.between"
            between.write_text(delivery.transition(todo), "utf-8")
            _move(between, folder / delivery.manifest)
        for path in texts:
            _move(part / path, folder / path)
            done += 1
        for path in todo.remove:
            (folder / path).unlink()
            _remove_empty((folder / path).parent, folder)
        if delivery.manifest in todo.write:
            _move(part / delivery.manifest, folder / delivery.manifest)
    except OSError as problem:
        if not done:
            raise
        raise WriteError(
            f"Writing stopped in the middle: {problem}. Of {len(texts)} files in "
            f"{folder}, {done} are new. Run the command again: it resumes there."
        ) from problem


def _move(staged: Path, place: Path) -> None:
    """Let a new file take its place, where a link points, maybe on another disk."""
    place = Path(os.path.realpath(place))
    place.parent.mkdir(parents=True, exist_ok=True)
    try:
        staged.replace(place)
    except OSError as problem:
        if problem.errno != errno.EXDEV:
            raise
        beside = place.with_name(f".{place.name}.layerbridge")
        shutil.copy(staged, beside)
        beside.replace(place)


def _remove_empty(path: Path, folder: Path) -> None:
    with contextlib.suppress(OSError):  # it holds something
        while path != folder:
            path.rmdir()
            path = path.parent


@contextlib.contextmanager
def _uninterrupted() -> Iterator[None]:
    """Leave a Ctrl-C without effect that comes when it is too late."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
