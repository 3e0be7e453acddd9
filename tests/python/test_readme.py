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


def test_python():
    names = {}
    first, *others = code("python")
    exec(first, names)
    assert "DropBlock2D" in layer_names(names["model"])
    for source in others:
        exec(source, names)
    assert "DropBlock2D" in layer_names(names["model"])


def test_r_without_keras3(keras_in_r):
    """As README says; tests/keras3/test-readme.R runs it with keras3."""
    source = code("r")[0]
    assert "library(keras3)" in source
    assert 'wrap_library("keras", attach = TRUE)' in TEXT
    keras_in_r(source.replace("library(keras3)", ""))
    assert "DropBlock2D" in layer_names(keras_in_r("model"))


@pytest.mark.parametrize(
    "line", [line for line in "".join(code("sh")).splitlines() if "make" in line]
)
def test_make(line):
    subprocess.run([*line.partition("#")[0].split(), "--dry-run"], cwd=ROOT, check=True)


@pytest.mark.parametrize("link", re.findall(r"]\(([^:)]+)\)", TEXT))
def test_every_link_leads_somewhere(link):
    path, _, title = link.partition("#")
    assert (ROOT / path).exists()
    titles = re.findall(r"^## (.*)", TEXT, re.MULTILINE)
    assert title in ["", *(words.lower().replace(" ", "-") for words in titles)]


def test_it_is_short():
    assert len(TEXT.splitlines()) <= 120
