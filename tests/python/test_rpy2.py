"""Keras models made in Python, piped through R in the same process: no copy is made."""

import sys

import keras
import numpy as np
import pytest

import layerbridge

PIPES = {
    layerbridge.DropBlock1D: "layer_dropblock_1d(rate = 0.1, block_size = 3)",
    layerbridge.DropBlock2D: "layer_dropblock_2d(rate = 0.1, block_size = 3)",
    layerbridge.DropBlock3D: "layer_dropblock_3d(rate = 0.1, block_size = 3)",
    layerbridge.SpatialDropout1D: "layer_spatial_dropout_1d(rate = 0.1)",
    layerbridge.SpatialDropout2D: "layer_spatial_dropout_2d(rate = 0.1)",
    layerbridge.SpatialDropout3D: "layer_spatial_dropout_3d(rate = 0.1)",
    layerbridge.DropPath: "layer_drop_path(rate = 0.1)",
}
every_layer = pytest.mark.parametrize(
    ("layer_class", "call"), PIPES.items(), ids=[layer.__name__ for layer in PIPES]
)


def shape(layer_class):
    return (8,) * getattr(layer_class, "rank", 1) + (4,)


@pytest.fixture(scope="module")
def r(r):
    r("library(layerbridge)")
    return r


def test_reticulate_is_attached_to_this_python(r):
    assert r("reticulate::py_config()$python")[0] == sys.executable
    assert r("module", module=sys) is sys


@every_layer
def test_a_sequential_model_is_the_same_object_after_the_pipe(r, layer_class, call):
    model = keras.Sequential([keras.Input(shape(layer_class))])
    assert r(f"model |> {call}", model=model) is model
    assert type(model.layers[-1]) is layer_class
    assert model.layers[-1].rate == 0.1


@every_layer
def test_a_tensor_of_a_functional_model_is_the_layer_input(r, layer_class, call):
    inputs = keras.Input(shape(layer_class))
    outputs = r(f"inputs |> {call}", inputs=inputs)
    model = keras.Model(inputs, outputs)
    assert type(model.layers[-1]) is layer_class
    assert model.layers[-1].input is inputs
    assert model.output is outputs


@every_layer
def test_a_layer_made_in_r_is_a_layer_of_python(r, layer_class, call):
    layer = r(call)
    assert type(layer) is layer_class
    values = np.ones((2, *shape(layer_class)), "float32")
    assert np.array_equal(layer(values, training=False), values)


def test_the_pipe_goes_on_with_a_model_of_python(r):
    model = keras.Sequential(name="from-python")
    piped = r(
        "model |> layer_spatial_dropout_2d(0.2, name = 'first') |>"
        " layer_dropblock_2d(0.1, block_size = c(3, 5), name = 'second')",
        model=model,
    )
    assert piped is model
    assert [layer.name for layer in model.layers] == ["first", "second"]
    assert tuple(model.layers[1].block_size) == (3, 5)


def test_python_trains_a_model_that_r_completed(r):
    model = keras.Sequential([keras.Input((8, 8, 4)), keras.layers.Conv2D(4, 3)])
    r("model |> layer_dropblock_2d(0.5, block_size = 2)", model=model)
    model.add(keras.layers.GlobalAveragePooling2D())
    model.compile("sgd", "mse")
    before = [weight.copy() for weight in model.get_weights()]
    history = model.fit(np.ones((8, 8, 8, 4)), np.ones((8, 4)), epochs=2, verbose=0)
    assert np.isfinite(history.history["loss"]).all()
    assert any((a != b).any() for a, b in zip(before, model.get_weights(), strict=True))


def test_an_error_of_r_arrives_in_python(r):
    from rpy2.rinterface_lib.embedded import RRuntimeError

    with pytest.raises(RRuntimeError, match=r"`rate`.*between 0 and 1.*1\.5"):
        r("layer_dropblock_2d(rate = 1.5, block_size = 3)")


def test_garbage_collected_by_r_while_python_runs_harms_nothing(r):
    for _ in range(8):
        r("for (i in 1:50) layer", layer=keras.layers.Dense(2))
        r("for (i in 1:50) layer_spatial_dropout_2d(rate = 0.1)")
