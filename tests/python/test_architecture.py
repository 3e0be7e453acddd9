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


def imported(path):
    """Return the parts of layerbridge that a module imports."""
    names = []
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom):
            names.append(node.module or "")
        elif isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
    parts = [name.split(".") for name in names]
    return {part[1] for part in parts if part[0] == "layerbridge" and len(part) > 1}
