"""Every code block of the README does what it says."""

import re
import subprocess
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "README.md").read_text("utf-8")
BLOCKS = [token for token in MarkdownIt().parse(TEXT) if token.type == "fence"]


def layer_names(model):
    return [type(layer).__name__ for layer in model.layers]


def code(language):
    return [block.content for block in BLOCKS if block.info == language]


def test_no_block_goes_unchecked():
    assert {block.info for block in BLOCKS} == {"python", "r", "sh"}


@pytest.mark.parametrize("source", code("python"))
def test_python(source):
    names = {}
    exec(source, names)
    assert layer_names(names["model"]) == ["Conv2D", "DropBlock2D"]


def test_r(r):
    with_keras3, alone = code("r")
    assert "keras3" in with_keras3  # which tests/keras3/test-readme.R runs
    r(alone)
    assert layer_names(r("model")) == ["Conv2D", "DropBlock2D"]


@pytest.mark.parametrize(
    "line", [line for line in "".join(code("sh")).splitlines() if "make" in line]
)
def test_make(line):
    subprocess.run([*line.split(), "--dry-run"], cwd=ROOT, check=True)


@pytest.mark.parametrize(
    "path", re.findall(r"^\| `([^`]+)` \||]\(([^:)]+)\)", TEXT, re.M)
)
def test_every_path_exists(path):
    assert (ROOT / "".join(path)).exists()
