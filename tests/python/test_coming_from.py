"""Every row of the page "Coming from elsewhere" makes the same in both languages."""

from itertools import pairwise
from pathlib import Path

import keras
import numpy as np
import pytest
from markdown_it import MarkdownIt

import layerbridge

PAGE = Path(__file__).resolve().parents[2] / "vignettes" / "coming-from.Rmd"

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


def rows():
    """Each row's library, and the code of its three cells."""
    text = PAGE.read_text("utf-8").split("---\n", 2)[2]
    tokens = MarkdownIt().enable("table").parse(text)
    library, cells = None, []
    for before, token in pairwise(tokens):
        if before.type == "heading_open":
            library = token.content
        elif before.type == "tr_open":
            cells = []
        elif before.type == "td_open":
            cells.append(token.content.strip("`"))
        elif token.type == "tr_close" and cells:
            yield library, *cells


ROWS = list(rows())


@pytest.fixture(scope="module")
def r_session(r):
    r("library(layerbridge); library(magrittr)")
    r('keras <- reticulate::import("keras")')
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
