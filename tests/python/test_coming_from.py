"""Every row of the guide "Coming from elsewhere" makes the same in both languages."""

import re
import sys
from itertools import pairwise
from pathlib import Path

import keras
import numpy as np
import pytest
from markdown_it import MarkdownIt

import layerbridge

sys.path.append(str(Path(__file__).resolve().parents[2] / "tools"))

import render

LIBRARIES = {
    "keras-cv",
    "PyTorch dropblock",
    "timm",
    "torchvision",
    "The paper's code",
    "neupy",
    "keras-drop-block",
    "Keras's own spatial dropout",
}


# What only R's readers get: what `object` may be.
OBJECTS = {
    "missing": "SpatialDropout2D(0.2)",
    "NULL": "SpatialDropout2D(0.2)",
    "a tensor": "SpatialDropout2D(0.2)(x)",
    "a model": "keras.Sequential([SpatialDropout2D(0.2)])",
}


def rows(language):
    """Yield each row's library, and the code of its cells."""
    text = render.sources(language)["coming-from"]
    tokens = MarkdownIt().enable("table").parse(text)
    library, cells = None, []
    for before, token in pairwise(tokens):
        if before.type == "heading_open":
            library = token.content
        elif before.type == "tr_open":
            cells = []
        elif before.type == "td_open":
            code = re.search("`+([^`]+)`+", token.content)
            cells.append(code[1] if code else token.content)
        elif token.type == "tr_close" and cells:
            yield library, *cells


def in_both_languages():
    """Yield each row's library, what is there, and the code in Python and in R."""
    python = {row[:2]: row[2] for row in rows("python")}
    for library, there, in_r in rows("r"):
        yield library, there, python.get((library, there)) or OBJECTS[there], in_r


ROWS = list(in_both_languages())


@pytest.fixture(scope="module")
def r_session(r):
    r("library(layerbridge)")
    r('keras_model_sequential <- wrap_library("keras")$keras_model_sequential')
    return r


def facts(thing):
    """What makes a thing again, apart from names that Keras numbers."""
    if isinstance(thing, keras.Sequential):
        return [facts(layer) for layer in thing.layers]
    if isinstance(thing, layerbridge.DropRateScheduler):
        return facts(thing.schedule), thing.by, thing.factors
    if hasattr(thing, "get_config"):
        config = thing.get_config()
        name = config.get("name") or ""
        if name.startswith(("drop_block", "spatial_dropout")):
            del config["name"]
        return type(thing), config
    return type(thing), tuple(thing.shape)


def test_every_library_has_its_rows():
    assert {library for library, *_ in ROWS} == LIBRARIES
    assert all(len(row) == 4 for row in ROWS)


@pytest.mark.parametrize(
    ("library", "there", "python", "in_r"), ROWS, ids=[f"{r[0]}: {r[1]}" for r in ROWS]
)
def test_a_row_makes_the_same_in_both_languages(
    library, there, python, in_r, r_session
):
    x = keras.ops.ones((2, 9, 9, 4))
    mine = eval(python, {"keras": keras, "x": x, **vars(layerbridge)})
    theirs = r_session(in_r, x=x)
    assert facts(theirs) == facts(mine)
    if isinstance(getattr(mine, "rate", None), float):
        ones = np.ones((mine.batch_size or 100, *[8] * (mine.rank + 1)), "float32")
        dropped = keras.ops.convert_to_numpy(theirs(ones, training=True)) == 0
        assert dropped.any() == (mine.rate > 0)
