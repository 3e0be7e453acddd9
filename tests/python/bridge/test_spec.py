"""The specification: plain data, from which all that is written comes."""

from pathlib import Path

import pytest

from layerbridge.bridge.ir import from_json, to_json
from layerbridge.bridge.resolve import resolve
from layerbridge.bridge.write import r_code, rd, sources

ROOT = Path(__file__).parents[3]


def test_r_files_need_no_more_than_the_committed_specification():
    """They come from plain data, without a look at any class."""
    text = (ROOT / "tests/fixtures/spec.json").read_text("utf-8")
    wrappers = from_json(text)
    written = sources.r_files(wrappers, rd.pages_of(wrappers))
    for path, source in written.items():
        assert (ROOT / "R" / path).read_text("utf-8") == source


@pytest.mark.newest
def test_the_committed_specification_is_in_step():
    committed = (ROOT / "tests/fixtures/spec.json").read_text("utf-8")
    assert to_json(resolve("layerbridge").wrappers) == committed, (
        "Run `layerbridge spec layerbridge --json >tests/fixtures/spec.json`."
    )


@pytest.mark.parametrize(
    "target",
    [
        *("keras", "layerbridge", "zoo", "google_style", "numpy_style", "rest_style"),
        *("hostile_library", "hostile_layers"),
    ],
)
def test_a_specification_is_all_that_writers_need(target):
    """It comes back from JSON as it was: nothing is passed on beside it."""
    wrappers = resolve(target).wrappers
    assert from_json(to_json(wrappers)) == wrappers


@pytest.mark.newest
def test_arguments_come_in_the_order_of_keras3():
    found = {x.class_name: x for x in resolve("keras.layers").wrappers}
    order = {
        name: [argument for argument, _ in r_code.formals(found[name])]
        for name in ("Concatenate", "Resizing", "MultiHeadAttention", "GRUCell")
    }
    assert order["Concatenate"] == ["inputs", "...", "axis"]
    assert order["Resizing"][-2:] == ["...", "antialias"]
    assert order["MultiHeadAttention"][:3] == ["inputs", "num_heads", "key_dim"]
    assert order["GRUCell"][0] == "units"


def test_the_input_of_a_model_is_as_keras3_has_it():
    (found,) = resolve("keras.layers.InputLayer").wrappers
    assert found.r_name == "layer_input"
    assert "make = bridge_make_input" in r_code.function(found)
    arguments = [name for name, _ in r_code.formals(found)]
    assert arguments[:3] == ["shape", "batch_size", "dtype"]
    assert "tensor" in arguments
