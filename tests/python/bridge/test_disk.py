"""What a run does to a folder: all or nothing, and nothing to the user's files."""

import errno
import fcntl
import os
import sys
import threading
import time
from pathlib import Path

import pytest

from layerbridge.bridge.write import disk, swap
from layerbridge.bridge.write.disk import Delivery, WriteError
from layerbridge.bridge.write.manifest import MARK, Manifest

pytestmark = pytest.mark.filterwarnings("ignore:.*fork")

FIRST = {
    "DESCRIPTION": f"Package: pkg\nConfig/layerbridge: {MARK}\n",
    "NAMESPACE": f"# {MARK}\n\nexport(a)\n",
    "R/wrappers.R": f"# {MARK}\n\na <- 1\n",
    "man/a.Rd": f"% {MARK}\n\\name{{a}}\n",
    "man/gone.Rd": f"% {MARK}\n\\name{{gone}}\n",
    "tests/gone.R": "gone\n",
}
SECOND = {
    **{path: text for path, text in FIRST.items() if "gone" not in path},
    "R/wrappers.R": f"# {MARK}\n\na <- 2\n",
    "R/new.R": "b <- 2\n",
    "man/b.Rd": f"% {MARK}\n\\name{{b}}\n",
    "vignettes/a.Rmd": "# A\n",
}
OWN = {
    "README.md": f"It says '{MARK}'.\n",
    "R.bak/wrappers.R": FIRST["R/wrappers.R"],
    ".git/COMMIT_EDITMSG": f"{MARK}\n",
    "man/mine.Rd": f"% {MARK}\n\\name{{mine}}\n",
    "R/mine.R": "mine <- 1\n",
}
FUNCTIONS = {"a": "library.A"}


def package(folder, texts):
    return Delivery.of_package(folder, texts, FUNCTIONS)


def contents(folder):
    """Return each file's text, and the empty folders, of a folder."""
    return {
        str(path.relative_to(folder)): path.read_text() if path.is_file() else None
        for path in folder.rglob("*")
        if path.is_file() or (path.is_dir() and not any(path.iterdir()))
    }


def texts(folder):
    """Return what `contents()` does, without the manifest."""
    return {k: v for k, v in contents(folder).items() if "layerbridge" not in k}


def lay(folder, files):
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)


@pytest.fixture
def folder(tmp_path):
    """A package as a run left it, with files that the user added."""
    place = tmp_path / "home" / "pkg"
    disk.write(package(place, FIRST))
    lay(place, OWN)
    (place / "empty").mkdir()
    (place / "link").symlink_to("../elsewhere")
    return place


def test_a_run_replaces_what_it_wrote_and_nothing_else(folder):
    outcome = disk.write(package(folder, SECOND))
    assert texts(folder) == {**SECOND, **OWN, "empty": None}
    assert os.readlink(folder / "link") == "../elsewhere"
    assert {str(path.relative_to(folder)) for path in outcome.written} == {
        "R/wrappers.R", "R/new.R", "man/b.Rd", "vignettes/a.Rmd",
    }  # fmt: skip
    assert {path.name for path in outcome.removed} == {"gone.Rd", "gone.R"}
    assert not (folder / "tests").exists()
    assert not outcome.left
    assert os.listdir(folder.parent) == ["pkg"]
    assert disk.differences(package(folder, SECOND)) == ""
    assert disk.write(package(folder, SECOND)) == disk.Outcome()


def test_the_manifest_tells_the_names_of_functions(folder):
    manifest = disk.former_manifest(folder, "layerbridge.json")
    assert manifest.functions == FUNCTIONS
    assert manifest.files.keys() == FIRST.keys()


def test_what_the_user_changed_is_left_alone(folder):
    changed = {"NAMESPACE": "mine\n", "R/wrappers.R": "mine\n", "man/gone.Rd": "mine\n"}
    lay(folder, {**changed, "R/new.R": "my own\n"})
    outcome = disk.write(package(folder, SECOND))
    now = texts(folder)
    assert {**now, **changed, "R/new.R": "my own\n"} == now
    assert {str(k.relative_to(folder)): v for k, v in outcome.left.items()} == {
        "NAMESPACE": "it has been changed since it was generated",
        "R/wrappers.R": "it has been changed since it was generated",
        "man/gone.Rd": "it has been changed since it was generated; it is no longer "
        "generated",
        "R/new.R": "it was not generated",
    }
    # They stay the user's, and `--check` goes on to show them.
    later = disk.write(package(folder, SECOND))
    assert {path.name for path in later.left} == {"NAMESPACE", "wrappers.R", "new.R"}
    assert not later.written
    diff = disk.differences(package(folder, SECOND))
    assert "-my own\n" in diff
    assert "+a <- 2\n" in diff
    (folder / "NAMESPACE").unlink()
    disk.write(package(folder, SECOND))
    assert texts(folder)["NAMESPACE"] == SECOND["NAMESPACE"]


def test_other_ends_of_lines_are_no_change(folder):
    path = folder / "R/wrappers.R"
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert not disk.write(package(folder, SECOND)).left
    assert path.read_text() == SECOND["R/wrappers.R"]


def test_a_folder_of_the_version_before_is_taken_over_without_loss(folder):
    (folder / "layerbridge.json").unlink()
    lay(folder, {"R/wrappers.R": f"# {MARK}\nedited\n"})
    before = texts(folder)
    outcome = disk.write(package(folder, SECOND))
    assert outcome.copies == folder.parent / "pkg.before"
    assert texts(outcome.copies) == {"R/wrappers.R": before["R/wrappers.R"]}
    # Nothing says who wrote what is no longer made.
    assert {path.name for path in outcome.left} == {"gone.Rd", "mine.Rd"}
    kept = {path: before[path] for path in ("man/gone.Rd", "tests/gone.R")}
    assert texts(folder) == {**SECOND, **OWN, **kept, "empty": None}
    (folder / "layerbridge.json").unlink()
    assert disk.write(package(folder, FIRST)).copies.name == "pkg.before1"


def test_a_manifest_that_cannot_be_read_is_named(folder):
    before = texts(folder)
    for text in ("<<<<<<< HEAD\n", "{}", "[1]", '{"files": 3}', '{"files": {"a": 3}}'):
        (folder / "layerbridge.json").write_text(text)
        with pytest.raises(WriteError, match=r"layerbridge\.json lists what .* cannot"):
            disk.write(package(folder, SECOND))
    assert texts(folder) == before


@pytest.mark.parametrize("path", ["../out", "/tmp/out", "a/../../out", "a\\b", "c:x"])
def test_a_manifest_reaches_nothing_outside_its_folder(path):
    hashes = {path: "0", "inside": "1"}
    manifest = Manifest({name: frozenset([x]) for name, x in hashes.items()})
    assert Manifest.read(manifest.text()).files.keys() == {"inside"}


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", '{"files": []}', '{"files": {"a": 1}}']
)
def test_a_damaged_manifest_is_a_value_error(text):
    with pytest.raises(ValueError, match=r"table of files|Expecting"):
        Manifest.read(text)


def test_a_folder_of_somebody_else_is_left_alone(tmp_path):
    lay(tmp_path, {"notes.txt": "mine"})
    with pytest.raises(WriteError, match=r"holds notes\.txt, and no package"):
        disk.write(package(tmp_path, FIRST))
    assert contents(tmp_path) == {"notes.txt": "mine"}


def test_a_folder_that_holds_only_its_history_becomes_a_package(tmp_path):
    lay(tmp_path, {".git/HEAD": "ref", ".gitignore": "*.o"})
    disk.write(package(tmp_path, FIRST))
    assert texts(tmp_path) == {**FIRST, ".git/HEAD": "ref", ".gitignore": "*.o"}


def test_links_of_the_user_are_followed(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "pkg").symlink_to("real")
    disk.write(package(tmp_path / "pkg", FIRST))
    assert (tmp_path / "pkg").is_symlink()
    assert texts(tmp_path / "real") == FIRST
    # One within the folder, and one that leads nowhere yet.
    (tmp_path / "shared").mkdir()
    (tmp_path / "real/R/wrappers.R").rename(tmp_path / "shared/wrappers.R")
    (tmp_path / "real/R/wrappers.R").symlink_to("../../shared/wrappers.R")
    (tmp_path / "real/R/new.R").symlink_to("../../shared/new.R")
    disk.write(package(tmp_path / "pkg", SECOND))
    assert (tmp_path / "real/R/new.R").is_symlink()
    assert contents(tmp_path / "shared") == {
        "wrappers.R": SECOND["R/wrappers.R"],
        "new.R": SECOND["R/new.R"],
    }
    assert {path.name for path in tmp_path.iterdir()} == {"pkg", "real", "shared"}


def test_a_linked_file_is_written_where_the_link_points(tmp_path):
    (tmp_path / "a.R").symlink_to("there.R")
    disk.write(Delivery.of_file(tmp_path / "a.R", FIRST["R/wrappers.R"]))
    assert (tmp_path / "a.R").is_symlink()
    assert (tmp_path / "there.R").read_text().endswith("\na <- 1\n")


def test_a_sealed_file_is_replaced_until_somebody_changes_it(tmp_path):
    path = tmp_path / "new" / "a.R"
    first, second = (Delivery.of_file(path, f"# {MARK}\n\n{n}\n") for n in (1, 2))
    disk.write(first)
    assert disk.write(second).written == (path,)
    path.write_text(path.read_text() + "mine\n")
    with pytest.raises(WriteError, match=r"a\.R is left alone: it has been changed"):
        disk.write(first)
    assert "+1\n" in disk.differences(first)
    path.write_text(f"# {MARK}\n\nof the version before\n")
    outcome = disk.write(first)
    assert outcome.copies
    assert contents(outcome.copies) == {"a.R": f"# {MARK}\n\nof the version before\n"}
    path.write_text("mine\n")
    with pytest.raises(WriteError, match="was not generated"):
        disk.write(first)
    assert os.listdir(tmp_path) == ["new"]


def test_r_files_join_those_of_the_user(tmp_path):
    lay(tmp_path, {"mine.R": "1\n"})
    disk.write(
        Delivery.of_folder(tmp_path, {"wrappers.R": "a\n", "runtime-a.R": "b\n"})
    )
    told = (tmp_path / "layerbridge-manifest.R").read_text()
    assert all(line.startswith("#") for line in told.splitlines() if line)
    outcome = disk.write(Delivery.of_folder(tmp_path, {"wrappers.R": "a\n"}))
    assert outcome.removed == (tmp_path / "runtime-a.R",)
    assert texts(tmp_path) == {"mine.R": "1\n", "wrappers.R": "a\n"}


def test_a_folder_that_somebody_works_in_is_not_pulled_from_under_them(
    folder, monkeypatch
):
    monkeypatch.chdir(folder / "man")
    disk.write(package(folder, SECOND))
    assert Path("b.Rd").exists()
    assert texts(folder) == {**SECOND, **OWN, "empty": None}
    assert os.listdir(folder.parent) == ["pkg"]


def test_what_appears_while_a_run_writes_is_kept(folder, monkeypatch):
    def meanwhile(*places):
        lay(folder, {"late/new.txt": "late", "README.md": "late"})
        (folder / "README.md").write_text("edited")
        later = folder / "NEWS"
        later.write_text("saved as editors do")
        later.replace(folder / "R/mine.R")
        return exchange(*places)

    exchange = swap._exchange
    monkeypatch.setattr(swap, "_exchange", meanwhile)
    disk.write(package(folder, SECOND))
    assert texts(folder) == {
        **SECOND,
        **OWN,
        "empty": None,
        "late/new.txt": "late",
        "README.md": "edited",
        "R/mine.R": "saved as editors do",
    }
    assert os.listdir(folder.parent) == ["pkg"]


def test_two_runs_into_one_folder_come_one_after_the_other(folder, capfd):
    work = folder.parent / ".pkg.layerbridge"
    work.mkdir()
    with open(work / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        run = threading.Thread(target=disk.write, args=[package(folder, SECOND)])
        run.start()
        while not (said := capfd.readouterr().err):
            time.sleep(0.01)
        assert said == f"Waiting for another run, which has locked {work}.\n"
        assert "R/new.R" not in texts(folder)
    run.join()
    assert "R/new.R" in texts(folder)
    assert os.listdir(folder.parent) == ["pkg"]


def test_many_runs_at_once_leave_one_of_them(tmp_path):
    runs = [
        threading.Thread(target=disk.write, args=[package(tmp_path / "pkg", made)])
        for made in [FIRST, SECOND] * 4
    ]
    for run in runs:
        run.start()
    for run in runs:
        run.join()
    assert texts(tmp_path / "pkg") in (FIRST, SECOND)
    assert os.listdir(tmp_path) == ["pkg"]


# Each call that changes the disk, in a process of its own: what if the run is killed
# there, or the call fails, or all do from there on?

CALLS = {"os.rename", "os.link", "os.mkdir", "os.remove", "os.rmdir", "os.symlink"}
DONE, KILLED, NOTHING, STOPPED = 0, 9, 3, 4


def attempt(delivery, number, fault):
    """Write in a process of its own, with a fault at one call; return how it ended."""
    if child := os.fork():
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    count = 0

    def at_each(event, args):
        nonlocal count
        changes = event in CALLS or (event == "open" and args[2] & os.O_CREAT)
        if changes and "pkg" in str(args[0]):
            count += 1
            if count == number or (count > number and fault == "all fail"):
                if fault == "killed":
                    os._exit(KILLED)
                raise OSError(errno.ENOSPC, "No space left on device")

    sys.addaudithook(at_each)
    try:
        disk.write(delivery)
    except WriteError:
        os._exit(STOPPED)
    except OSError:
        os._exit(NOTHING)
    except BaseException:
        os._exit(1)
    os._exit(DONE)


FAULTS = ["killed", "fails", "all fail"]


def exchanging(monkeypatch):
    """As on Linux and macOS."""


def renaming(monkeypatch):
    """As on Windows."""
    monkeypatch.setattr(swap, "_exchange", lambda *_: False)


def one_by_one(monkeypatch):
    """As where somebody works in the folder."""
    monkeypatch.setattr(disk, "is_in_use", lambda _: True)


WAYS = [(exchanging, True), (exchanging, False), (renaming, False), (one_by_one, False)]


def is_quick(way, is_new, fault):
    """Tell whether `make test` tries a fault: each on the usual way, one on others."""
    return fault == "killed" or (way is exchanging and not is_new)


@pytest.mark.parametrize(
    ("way", "is_new", "fault"),
    [
        pytest.param(*case, marks=[] if is_quick(*case) else pytest.mark.release)
        for case in ((*way, fault) for way in WAYS for fault in FAULTS)
    ],
)
def test_every_call_that_changes_the_disk_may_be_the_last(
    tmp_path, monkeypatch, way, is_new, fault
):
    way(monkeypatch)
    old = {} if is_new else {**FIRST, **OWN}
    new = {**SECOND, **({} if is_new else OWN)}
    ends = []
    for number in range(1, 200):
        home = tmp_path / str(number)
        folder = home / "pkg"
        home.mkdir()
        if not is_new:
            disk.write(package(folder, FIRST))
            lay(folder, OWN)
        ended = attempt(package(folder, SECOND), number, fault)
        now = texts(folder) if folder.exists() else {}
        if way is one_by_one:  # which may leave the empty folder of what it removed
            now = {path: text for path, text in now.items() if text is not None}
            assert all(now[path] == OWN[path] for path in OWN)
            assert all(now[path] in (old.get(path), new.get(path)) for path in now)
        elif way is renaming and not now:
            assert ended in (KILLED, STOPPED)
        else:
            assert now in (old, new)
        assert ended != NOTHING or now == old
        assert ended != DONE or now == new
        if fault == "fails" and ended == NOTHING:
            assert os.listdir(home) == ([] if is_new else ["pkg"])
        later = disk.write(package(folder, SECOND))
        left = [path for path, text in texts(folder).items() if text is None]
        assert not left or way is one_by_one
        assert {**texts(folder), **dict.fromkeys(left)} == {
            **new,
            **dict.fromkeys(left),
        }
        assert (later.left, later.copies) == ({}, None)
        assert os.listdir(home) == ["pkg"]
        ends.append(ended)
        if number > 20 and ends[-3:] == [DONE] * 3:
            break
    assert ends[-1] == DONE
    assert {*ends} <= {DONE, KILLED, NOTHING, STOPPED}
    assert (KILLED if fault == "killed" else NOTHING) in ends
