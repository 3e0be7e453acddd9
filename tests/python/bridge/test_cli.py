"""The command: what it prints, what it writes, what it refuses."""

import importlib
import json
import os
import re
import resource
import shlex
import signal
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest

import layerbridge
import layerbridge_command
from layerbridge import __main__ as report
from layerbridge.bridge import cli
from layerbridge.bridge.kind_table import KINDS
from layerbridge.bridge.write.manifest import MARK


@pytest.fixture
def run(capsys):
    def run(*arguments):
        status = layerbridge_command.main(list(map(str, arguments)))
        said = capsys.readouterr()
        return status, said.out, said.err

    return run


def contents(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_spec_prints_json_as_the_contract_has_it(run):
    status, out, _ = run("spec", "keras.layers", "--json")
    assert status == 0
    layers = json.loads(out)
    assert [x["python"] for x in layers] == sorted(x["python"] for x in layers)
    conv = next(x for x in layers if x["python"] == "keras.layers.Conv2D")
    assert conv["r_name"] == "layer_conv_2d"
    assert conv["accepts_dots"] is True
    filters, kernel_size, strides = conv["params"][:3]
    assert (filters["name"], filters["r_default"], filters["kind"]) == (
        "filters",
        None,
        "int",
    )
    assert kernel_size["kind"] == "int_or_tuple"
    assert strides["r_default"] == "list(1L, 1L)"
    kinds = {param["kind"] for layer in layers for param in layer["params"]}
    assert kinds <= set(KINDS)


def test_spec_says_what_was_left_out_and_why(run):
    status, out, _ = run("spec", "google_style")
    assert status == 0
    assert "google_style.ByPosition  left out: `x` can only be given by position" in out


def test_wrap_writes_once_then_finds_itself_in_step(run, tmp_path):
    file = tmp_path / "new" / "layers.R"
    status, out, err = run("wrap", "layerbridge", "--out", file)
    assert (status, out) == (0, f"{file}\n")
    assert re.match(r"Functions: \d+\. Left out: \d+; `layerbridge spec layerb", err)
    assert err.endswith(f'In R, source("{file}").\n')
    assert MARK in file.read_text().splitlines()[0]
    status, out, err = run("wrap", "layerbridge", "--out", file)
    assert (status, out) == (0, "")
    assert err.endswith("Everything is up to date.\n")
    assert run("wrap", "layerbridge", "--out", file, "--check") == (0, "", "")


def test_check_shows_a_diff_and_writes_nothing(run, tmp_path):
    file = tmp_path / "layers.R"
    run("wrap", "layerbridge", "--out", file)
    file.write_text(file.read_text().replace("rate", "speed"))
    before = contents(tmp_path)
    status, out, _ = run("wrap", "layerbridge", "--out", file, "--check")
    assert status == 1
    assert re.search(r"^- .*\bspeed\b", out, re.MULTILINE)
    assert re.search(r"^\+ .*\brate\b", out, re.MULTILINE)
    assert contents(tmp_path) == before
    absent = tmp_path / "absent.R"
    assert run("wrap", "layerbridge", "--out", absent, "--check")[0] == 1
    assert not absent.exists()


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("nonesuch", "No module named 'nonesuch'. Install it first, or run"),
        ("", "such as 'keras.layers'; received ''."),
        ("keras..layers", "such as 'keras.layers'; received 'keras..layers'."),
        ("keras-hub", "received 'keras-hub'. Did you mean 'keras_hub'?"),
        ("keras-hub.layers", "Did you mean 'keras_hub.layers'?"),
        ("layers/mine.py", "such as 'mine', not the path of a file; received 'layers/"),
        ("mine.py", "such as 'mine', not the path of a file; received 'mine.py'"),
        ("nonesuch.layers.Dense", "No module named 'nonesuch'"),
        ("keras.layers.Nonesuch", "module keras.layers has no `Nonesuch`"),
        ("keras.layers.Conv2d", "no `Conv2d`. Did you mean `Conv2D`?"),
        ("keras.layers.deserialize", "deserialize: a function, not a layer class"),
        ("keras.Model.fitt", "keras.Model has no method `fitt`. Did you mean `fit`?"),
        ("keras.Model.name", "keras.Model has no method `name`.\n"),
        (
            "google_style.PRIVATE_DEFAULT",
            "nor a function, but of the type object. In R",
        ),
        ("broken", "RuntimeError: not today. Repair it first"),
        (
            "clashing",
            "clashing.Conv2D and clashing.Conv2d would all be `layer_conv_2d`",
        ),
        ("errno", "errno has no class or function"),
        ("google_style.ByPosition", "`x` can only be given by position"),
    ],
)
def test_a_target_that_is_wrong_is_named_and_nothing_written(
    run, tmp_path, target, said
):
    for command in (
        ("spec", target),
        ("wrap", target, "--out", tmp_path / "a.R"),
        ("package", target, "--name", "pkg", "--out", tmp_path / "pkg"),
    ):
        status, out, err = run(*command)
        assert (status, out) == (2, "")
        assert said in err
    assert not any(tmp_path.iterdir())


def test_somebody_else_s_file_is_left_alone(run, tmp_path):
    file = tmp_path / "mine.R"
    file.write_text("mine <- 1\n")
    status, _, err = run("wrap", "layerbridge", "--out", file)
    assert status == 2
    assert f"{file} was not generated" in err
    assert file.read_text() == "mine <- 1\n"


def test_a_folder_with_somebody_else_s_files_is_left_alone(run, tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    before = contents(tmp_path)
    status, _, err = run("package", "layerbridge", "--name", "pkg", "--out", tmp_path)
    assert status == 2
    assert "notes.txt" in err
    assert contents(tmp_path) == before


def test_a_file_in_the_way_is_named_once(run, tmp_path):
    file = tmp_path / "pkg"
    file.write_text("mine")
    for command in ("wrap", "layerbridge"), ("package", "layerbridge", "--name", "pkg"):
        status, out, err = run(*command, "--out", file)
        assert (status, out) == (2, "")
        assert err == f"{file} is a file; a folder is needed there.\n"


def test_one_file_ends_in_r(run, tmp_path):
    assert run("wrap", "google_style", "--out", tmp_path / "a.r")[0] == 0
    assert (tmp_path / "a.r").is_file()
    status, _, err = run("wrap", "google_style", "--out", tmp_path / "a.txt")
    assert status == 2
    assert "ends in .R, or a folder; received" in err
    (tmp_path / "a.txt").mkdir()
    assert run("wrap", "google_style", "--out", tmp_path / "a.txt")[0] == 0


def test_what_cannot_be_written_leaves_nothing_behind(run, tmp_path):
    long = tmp_path / "new" / ("x" * 300 + ".R")
    status, _, err = run("wrap", "google_style", "--out", long)
    assert status == 2
    assert err.startswith("Nothing was written: ")
    assert "File name too long" in err
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    for command in ("wrap", "layerbridge"), ("package", "layerbridge", "--name", "pkg"):
        try:
            resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, limits[1]))
            status, out, err = run(*command, "--out", tmp_path / "a" / "b")
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        assert (status, out) == (2, "")
        assert err == "Nothing was written: File too large\n"
        assert not any(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["stats", "Base", "reticulate", "KERAS3"])
def test_a_package_does_not_take_the_name_of_one_that_r_users_need(run, tmp_path, name):
    out = tmp_path / "pkg"
    status, _, err = run("package", "layerbridge", "--name", name, "--out", out)
    assert status == 2
    assert f"uses; received '{name}'" in err


def test_a_package_may_have_the_name_of_a_function(run, tmp_path):
    run("package", "zoo.Animal.feed", "--name", "feed", "--out", tmp_path)
    pages = [path.read_text() for path in (tmp_path / "man").iterdir()]
    assert sum("\\alias{feed}\n" in page for page in pages) == 1


def test_what_somebody_changed_is_left_alone_and_named(run, tmp_path):
    command = ("package", "google_style", "--name", "pkg", "--out", tmp_path / "pkg")
    run(*command)
    for name in ("NAMESPACE", "R/runtime-call.R"):
        (tmp_path / "pkg" / name).write_text("mine\n")
    (tmp_path / "pkg/LICENSE").unlink()
    before = contents(tmp_path / "pkg")
    status, out, err = run(*command)
    assert (status, out) == (0, f"{tmp_path}/pkg/LICENSE\n")
    for name in ("NAMESPACE", "R/runtime-call.R"):
        why = "it has been changed since it was generated"
        assert f"Left alone: {tmp_path}/pkg/{name}: {why}.\n" in err
    assert contents(tmp_path / "pkg").items() >= before.items()
    status, out, _ = run(*command, "--check")
    assert status == 1
    assert "-mine\n" in out


def test_every_problem_is_listed_at_once(run, tmp_path):
    for name in ("wrappers.R", "runtime-call.R"):
        (tmp_path / name).write_text("mine")
    before = contents(tmp_path)
    status, _, err = run("wrap", "google_style", "--out", tmp_path)
    assert status == 2
    assert "wrappers.R was not generated" in err
    assert "runtime-call.R was not generated" in err
    assert contents(tmp_path) == before


def test_wrong_options_of_a_package_are_listed_together(run, tmp_path):
    status, _, err = run(
        "package",
        "layerbridge",
        "--name",
        "1_x",
        "--maintainer",
        "me",
        "--out",
        tmp_path,
    )
    assert status == 2
    assert "--name" in err
    assert "'1_x'" in err
    assert "--maintainer" in err


def test_a_package_drops_the_pages_of_layers_that_are_gone(run, tmp_path):
    folder = tmp_path / "pkg"
    run("package", "google_style", "--name", "pkg", "--out", folder)
    page = folder / "man" / "layer_derived.Rd"
    assert page.exists()
    narrow = ("package", "google_style.Base", "--name", "pkg", "--out", folder)
    status, out, _ = run(*narrow, "--check")
    assert status == 1
    assert "layer_derived" in out
    assert page.exists()
    _, out, err = run(*narrow)
    assert not page.exists()
    assert str(page) not in out
    assert f"Removed, since it is no longer generated: {page}\n" in err
    assert run(*narrow, "--check") == (0, "", "")


LOCAL = """
import keras

__version__ = "0.3"


class Twice(keras.layers.Layer):
    def call(self, x):
        return 2 * x
"""


def test_a_module_of_the_working_folder_is_not_asked_of_a_registry(
    run, tmp_path, monkeypatch
):
    (tmp_path / "of_this_folder.py").write_text(LOCAL)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    status, _, err = run("package", "of_this_folder", "--name", "pkg", "--out", "a p")
    assert (status, err) == (
        0,
        "Functions: 1.\nInstall the package with `R CMD INSTALL 'a p'`; to check it, "
        "`R CMD build 'a p' && R CMD check pkg_*.tar.gz`.\n",
    )
    description = (tmp_path / "a p/DESCRIPTION").read_text()
    assert "Version: 0.3\n" in description
    assert ", and the module of_this_folder\n" in description
    assert '"of_this_folder"' not in (tmp_path / "a p/R/package.R").read_text()
    assert 'py_install("tensorflow"' in (tmp_path / "a p/vignettes/pkg.Rmd").read_text()


def test_an_installed_library_is_asked_for_by_its_own_name(run, tmp_path):
    run("package", "google_style", "--name", "pkg", "--out", tmp_path / "a")
    run("package", "keras.layers", "--name", "pkg", "--out", tmp_path / "b")
    said = [(tmp_path / name / "R/package.R").read_text() for name in "ab"]
    assert ['py_require("keras")' in text for text in said] == [False, True]


def test_the_same_input_gives_the_same_bytes(run, tmp_path, monkeypatch):
    """In any locale, with any seed of Python's hashing, in any folder, process."""
    arguments = ["package", "keras.layers", "--name", "pkg", "--out", "pkg"]
    here, there = tmp_path / "here", tmp_path / "there"
    for folder in (here, there):
        folder.mkdir()
    monkeypatch.chdir(here)
    assert run(*arguments)[0] == 0
    assert os.environ.get("PYTHONHASHSEED") != "1"
    subprocess.run(
        [sys.executable, "-m", "layerbridge.bridge", *arguments],
        cwd=there,
        env=os.environ | {"PYTHONHASHSEED": "1", "LC_ALL": "C", "LANG": "C"},
        check=True,
        capture_output=True,
    )
    ours, theirs = (
        {path.relative_to(folder): data for path, data in contents(folder).items()}
        for folder in (here, there)
    )
    assert ours == theirs
    assert len(ours) > 100


def test_a_clash_is_settled_by_a_row_of_ones_own(run, tmp_path):
    rows = tmp_path / "rows.toml"
    rows.write_text("[objects.'clashing.Conv2d']\nname = 'layer_other'\n")
    status, out, _ = run("spec", "clashing", "--rules", rows)
    assert status == 0
    assert "clashing.Conv2D  layer_conv_2d  [layer]\n" in out
    assert "clashing.Conv2d  layer_other  [layer]\n" in out


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[nonesuch]\n", "rows.toml: nonesuch: the keys may be"),
        (None, "rows.toml cannot be read"),
    ],
)
def test_rows_that_cannot_be_used_are_refused(run, tmp_path, text, said):
    rows = tmp_path / "rows.toml"
    if text:
        rows.write_text(text)
    status, out, err = run("spec", "rest_style", "--rules", rows)
    assert (status, out) == (2, "")
    assert said in err


def test_version(capsys):
    with pytest.raises(SystemExit) as ended:
        layerbridge_command.main(["--version"])
    assert ended.value.code == 0
    assert capsys.readouterr().out == f"layerbridge {layerbridge.__version__}\n"


def test_the_command_works_where_it_is_not_installed(run, monkeypatch):
    def version(name):
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "version", version)
    assert run("spec", "keras.layers.Dense")[0] == 0


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["spec"], ["no"]])
def test_options_are_read_before_keras_is_imported(arguments):
    code = (
        "import atexit, sys, layerbridge_command as command\n"
        "loaded = lambda: print({'keras', 'layerbridge'} & sys.modules.keys())\n"
        "atexit.register(loaded)\n"
        "command.main()"
    )
    run = subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True
    )
    assert run.stdout.endswith("set()\n")
    assert run.returncode == (0 if arguments[0].startswith("--") else 2)


@pytest.mark.parametrize(
    ("option", "status", "said"),
    [
        ("--version", 0, f"layerbridge {layerbridge.__version__}\n"),
        ("--nonesuch", 2, "unrecognized arguments: --nonesuch\n"),
    ],
)
def test_the_report_takes_options(option, status, said, capsys):
    with pytest.raises(SystemExit) as ended:
        report.main([option])
    assert ended.value.code == status
    assert "".join(capsys.readouterr()).endswith(said)


def test_plan_counts_what_there_would_be(run):
    status, out, _ = run("plan", "zoo")
    assert status == 0
    lines = out.splitlines()
    assert re.match(r"zoo: \d+ functions, read in \d+\.\d s\.$", lines[0])
    assert "     4  Layers, such as layer_cage()" in lines
    assert "     2  a Python exception, such as zoo.Error" in lines


def test_names_that_were_published_stay(run, package, tmp_path):
    one = "def fetch(): pass\n"
    name = package("made_published", {"a.py": one})
    options = ("package", name, "--name", "pub", "--out", tmp_path / "pub")
    assert run(*options)[0] == 0

    def functions():
        return json.loads((tmp_path / "pub/layerbridge.json").read_text())["functions"]

    assert functions() == {"fetch": "made_published.a.fetch"}
    (tmp_path / name / "b.py").write_text(one)
    importlib.invalidate_caches()
    assert run(*options)[0] == 0
    assert functions() == {
        "b_fetch": "made_published.b.fetch",
        "fetch": "made_published.a.fetch",
    }
    status, _, said = run(*options, "--new-names", "--check")
    assert status == 1
    assert "No longer generated: fetch(), for made_published.a.fetch." in said
    (tmp_path / name / "a.py").write_text("def other(): pass\n")
    del sys.modules[f"{name}.a"]
    status, _, said = run(*options, "--check")
    assert status == 1
    assert "No longer generated: fetch(), for made_published.a.fetch." in said


@pytest.mark.parametrize(
    ("redirection", "said"),
    [
        (">/dev/full", "Standard output cannot be written to: No space left on device"),
        (">&-", "Standard output is closed"),
    ],
)
def test_a_stream_that_takes_nothing_hides_nothing_that_was_done(
    command, tmp_path, redirection, said
):
    def shell(*arguments):
        line = shlex.join([*command, *map(str, arguments)])
        return subprocess.run(
            ["sh", "-c", f"{line} {redirection}"],
            stderr=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parent / "modules",
        )

    file = tmp_path / "a.R"
    ended = shell("wrap", "google_style.Base", "--out", file)
    assert ended.returncode == 0
    assert file.exists()
    assert "Nothing was written" not in ended.stderr
    for status, arguments in (
        (2, ["spec", "google_style.Base"]),
        (1, ["wrap", "google_style", "--out", file, "--check"]),
    ):
        ended = shell(*arguments)
        assert ended.returncode == status
        assert said in ended.stderr
        assert "Traceback" not in ended.stderr


def test_a_difference_is_one_also_for_a_reader_who_stops_early(command, tmp_path):
    line = shlex.join(
        [*command, "wrap", "keras.layers", "--check", "--out", str(tmp_path / "a.R")]
    )
    ended = subprocess.run(
        ["bash", "-c", f"{line} | true; exit ${{PIPESTATUS[0]}}"],
        stderr=subprocess.PIPE,
        text=True,
    )
    assert ended.returncode == 1
    assert "Traceback" not in ended.stderr


def test_ctrl_c_ends_in_one_line(command, tmp_path):
    (tmp_path / "slow.py").write_text(
        "import os, signal\nos.kill(os.getpid(), signal.SIGINT)\n"
    )
    ended = subprocess.run(
        [*command, "package", "slow", "--name", "pkg", "--out", "pkg"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert ended.returncode == -signal.SIGINT
    assert ended.stderr == "Interrupted; nothing was written.\n"
    assert not (tmp_path / "pkg").exists()


def test_a_fault_of_our_own_is_no_difference(run, monkeypatch):
    monkeypatch.setattr(cli, "answer", lambda options: 1 / 0)
    status, out, err = run("spec", "keras.layers.Dense")
    assert (status, out) == (2, "")
    assert err.endswith("ZeroDivisionError: division by zero\n\n")


def test_whoever_reads_may_stop_early(command):
    made = subprocess.Popen(
        [*command, "spec", "keras.layers"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert made.stdout.readline()
    made.stdout.close()
    said = made.stderr.read()
    made.stderr.close()
    assert made.wait(60) == 0
    assert "Traceback" not in said
    assert "BrokenPipe" not in said


def test_a_folder_gets_the_functions_and_the_runtime_by_topic(run, tmp_path):
    assert run("wrap", "google_style", "--out", tmp_path / "R")[0] == 0
    names = {path.name for path in (tmp_path / "R").iterdir()}
    assert {"wrappers.R", "runtime-call.R", "runtime-coerce.R"} <= names
    alone = tmp_path / "alone.R"
    run("wrap", "google_style", "--out", alone)
    for path in (tmp_path / "R").iterdir():
        header, _, source = path.read_text().partition("\n\n")
        assert header == f"# {MARK}"
        assert source in alone.read_text() or path.name == "layerbridge-manifest.R"
