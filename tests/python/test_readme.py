"""Every code block of the README does what it says."""

import re
import subprocess
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from layerbridge import DropBlock2D, effective_rate

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


def test_the_table_of_rates_is_what_drops():
    rows = re.findall(
        r"^\| (?:PyTorch )?`?([\w-]+)`?(?: \(.*?\))? \| (\d.*) \|$", TEXT, re.M
    )
    maps = re.findall(r"(\d+)×(\d+), block (\d)", TEXT)
    assert len(rows) == 5
    for name, told in rows:
        for figure, (height, width, block) in zip(told.split(" | "), maps, strict=True):
            size, block_size = (int(height), int(width)), int(block)
            formula = DropBlock2D(0.1, block_size) if name == "layerbridge" else name
            options = (
                {} if name == "layerbridge" else {"rate": 0.1, "block_size": block_size}
            )
            assert figure == f"{effective_rate(formula, size, **options):.3f}"


def test_other_libraries_drop_as_the_first_paragraph_says():
    for name, least, most in re.findall(r"([\w-]+)(?: drops)? (\d+) to (\d+) %", TEXT):
        row = re.search(rf"^\| {name} .*?\) \| (.*) \|$", TEXT, re.M)[1].split(" | ")
        found = [100 * float(figure) for figure in row]
        assert (f"{min(found):.0f}", f"{int(max(found))}") == (least, most)


def test_speed_is_that_of_the_benchmarks():
    """What the benchmarks found, rounded."""
    page = (ROOT / "docs" / "benchmarks.md").read_text("utf-8")

    def found(title):
        row = re.search(rf"^\| {title} +\| (.*) \|$", page, re.M)[1]
        return [float(figure) for figure in row.split(" | ")]

    backends = ("TensorFlow", "JAX", "PyTorch")
    alone = zip(found("A training call on a large tensor"), backends, strict=True)
    assert ", ".join(f"{ratio:.1f} on {name}" for ratio, name in alone) in TEXT
    added = re.search(r"adds to a whole training step: ([\d.]+) to ([\d.]+\d)", TEXT)
    least, most = map(float, added.groups())
    ratios = [round(ratio, 1) for ratio in found("Time added to a training step")]
    assert least <= min(ratios) <= max(ratios) <= most


def test_it_is_short():
    assert len(TEXT.splitlines()) <= 120
