"""What `docs/architecture.md` says of the tree is so."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "python/layerbridge"
TEXT = (ROOT / "docs/architecture.md").read_text("utf-8")

# From the bottom up: each may import those before it.
FLOORS = [
    "requirements",
    "shown",
    "checks",
    "masks",
    "layers",
    "formulas",
    "training",
    "torch",
    "prediction",
    "plots",
]


@pytest.mark.parametrize(
    "path", sorted(set(re.findall(r"`((?:R|docs|python|tests|tools)/[^`\s]*)`", TEXT)))
)
def test_every_path_exists(path):
    assert (ROOT / path).exists()


@pytest.mark.parametrize(
    "name", sorted(set(re.findall(r"`(test[_-]\w+\.(?:py|R))`", TEXT)))
)
def test_every_test_exists(name):
    assert list((ROOT / "tests").rglob(name))


@pytest.mark.parametrize(
    "path",
    [path for floor in FLOORS for path in PACKAGE.glob(f"{floor}*/**/*.py")]
    + [
        PACKAGE / f"{floor}.py"
        for floor in FLOORS
        if (PACKAGE / f"{floor}.py").exists()
    ],
    ids=lambda path: str(path.relative_to(PACKAGE)),
)
def test_a_floor_imports_only_those_below(path):
    floor = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
    assert imported(path) <= {*FLOORS[: FLOORS.index(floor) + 1]}


def test_the_bridge_imports_no_layer():
    for path in (PACKAGE / "bridge").rglob("*.py"):
        assert not imported(path) & {*FLOORS}, path


BRIDGE = PACKAGE / "bridge"
# What is no stage and any may import.
BOTTOM = ["ir", "kind_table", "links", "literals", "near", "syntax"]
# What each stage may import besides. Those that write have all that is decided from
# `ir`, as JSON holds it.
STAGES = {
    "rules": [],
    "read": [],
    "decide": ["rules", "read"],
    "words": [],
    "write": ["words"],
    "resolve": ["rules", "read", "decide"],
    "lookup": ["decide"],
    "cli": ["rules", "read", "write", "resolve"],
    "__init__": ["words", "write", "resolve", "lookup"],
    "__main__": [],
}
FILES = {"mkdir", "mkdtemp", "mkstemp", "open", "rename", "rmdir", "rmtree", "unlink"}
FILES |= {"write_bytes", "write_text"}


@pytest.mark.parametrize("stage", [*BOTTOM, *STAGES])
def test_a_stage_of_the_generator_imports_only_those_before_it(stage):
    allowed = {stage, *BOTTOM, *STAGES.get(stage, [])}
    for path in modules_of(stage):
        assert imported(path, within="bridge") <= allowed, path


def test_every_module_of_the_generator_is_in_a_stage():
    modules = {path.relative_to(BRIDGE).parts[0] for path in BRIDGE.rglob("*.py")}
    assert {x.removesuffix(".py") for x in modules} == {*BOTTOM, *STAGES}


@pytest.mark.parametrize(
    "path", sorted(BRIDGE.glob("*.py")), ids=lambda path: path.name
)
def test_every_module_that_is_no_stage_can_be_found(path):
    """The page names it, so that nobody has to open it to learn what it is."""
    assert path.stem.startswith("__") or re.search(rf"\b{path.stem}\b", TEXT)


def test_only_the_stage_that_reads_imports_a_library():
    for path in BRIDGE.rglob("*.py"):
        if path.parent.name != "read":
            names = names_in(path)
            assert not names & {"import_module", "resolve_name", "keras"}, path


def test_only_the_stage_that_writes_touches_files():
    for path in BRIDGE.rglob("*.py"):
        if path.parent.name != "write":
            assert not called_in(path) & FILES, path


def test_the_command_reads_its_options_without_the_generator():
    assert "layerbridge_command" not in names_in(BRIDGE / "cli.py")


def modules_of(stage):
    return [*BRIDGE.glob(f"{stage}.py"), *BRIDGE.glob(f"{stage}/*.py")]


def names_in(path):
    """Return the names that a module imports or reads."""
    nodes = [*ast.walk(ast.parse(path.read_text("utf-8")))]
    names = {node.id for node in nodes if isinstance(node, ast.Name)}
    names |= {node.attr for node in nodes if isinstance(node, ast.Attribute)}
    for node in nodes:
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            names |= {alias.name.partition(".")[0] for alias in node.names}
            names.add((getattr(node, "module", "") or "").partition(".")[0])
    return names


def called_in(path):
    """Return the names of the functions and methods that a module calls."""
    calls = (
        node.func
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call)
    )
    return {getattr(call, "attr", getattr(call, "id", "")) for call in calls}


def imported(path, within=""):
    """Return the parts of layerbridge, or of a part of it, that a module imports."""
    names = []
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom):
            names += [f"{node.module or ''}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
    parts = [name.split(".") for name in names]
    home = ["layerbridge", *([within] if within else [])]
    depth = len(home)
    return {p[depth] for p in parts if p[:depth] == home and len(p) > depth}
