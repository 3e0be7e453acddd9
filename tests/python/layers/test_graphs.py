"""Graphs of odd shapes: `add_dropblock()` ends, and its copy computes the same.

A nested model may be called on the very tensors that it was built of.
"""

import keras
import numpy as np
import pytest
from keras import layers

from layerbridge import add_dropblock, plan_dropblock

SHAPE = (8, 8, 4)


def conv(name):
    return layers.Conv2D(4, 3, padding="same", name=name)


def inner(x, name="inner"):
    """Build a model of one convolution on a tensor."""
    return keras.Model(x, conv(f"in_{name}")(x), name=name)


def on_its_own_input():
    x = keras.Input(SHAPE)
    return keras.Model(x, conv("last")(inner(x)(x)))


def sequential_on_its_own_input():
    nested = keras.Sequential([keras.Input(SHAPE), conv("in_inner")], name="inner")
    return keras.Model(nested.inputs, conv("last")(nested(nested.inputs[0])))


def on_its_own_output():
    x = keras.Input(SHAPE)
    nested = inner(x)
    return keras.Model(x, conv("last")(nested(nested.outputs[0])))


def twice_from_its_own_input():
    x = keras.Input(SHAPE)
    nested = inner(x)
    return keras.Model(x, conv("last")(nested(nested(x))))


def two_on_one_input():
    x = keras.Input(SHAPE)
    one, two = inner(x, "one"), inner(x, "two")
    return keras.Model(x, conv("last")(two(one(x))))


def two_crossed():
    x = keras.Input(SHAPE)
    one, two = inner(x, "one"), inner(x, "two")
    return keras.Model(x, [one(two(x)), two(one(x))])


def skipped():
    x = keras.Input(SHAPE)
    return keras.Model(x, layers.ReLU()(layers.Add(name="sum")([inner(x)(x), x])))


def inputs_swapped():
    x, y = keras.Input(SHAPE), keras.Input(SHAPE)
    nested = keras.Model([x, y], [conv("a")(x), conv("b")(y)], name="inner")
    a, b = nested([y, x])
    return keras.Model([x, y], [conv("last_a")(a), conv("last_b")(b)])


def nothing_inside():
    x = keras.Input(SHAPE)
    nested = keras.Model(x, x, name="inner")
    return keras.Model(x, conv("last")(conv("first")(nested(nested(x)))))


def passes_its_input():
    x, y = keras.Input(SHAPE), keras.Input(SHAPE)
    nested = keras.Model(x, [x, conv("a")(x)], name="inner")
    return keras.Model(y, conv("last")(layers.Add(name="sum")(nested(y))))


def shared():
    x, y, z = (keras.Input(SHAPE) for _ in range(3))
    nested = inner(z)
    return keras.Model([x, y], conv("last")(layers.multiply([nested(x), nested(y)])))


def nested_twice_on_one_input():
    x = keras.Input(SHAPE)
    outer = keras.Model(x, conv("middle")(inner(x)(x)), name="outer")
    return keras.Model(x, conv("last")(outer(x)))


def input_layers():
    nested = keras.Sequential(
        [layers.InputLayer(shape=SHAPE), conv("a"), layers.BatchNormalization(name="n")]
    )
    return keras.Sequential([layers.InputLayer(shape=SHAPE), nested, conv("last")])


def dictionaries_on_their_own_input():
    x = {name: keras.Input(SHAPE, name=name) for name in "ab"}
    both = layers.Add(name="sum")([x["a"], conv("b_conv")(x["b"])])
    nested = keras.Model(x, {"out": conv("c")(both)}, name="inner")
    return keras.Model(x, conv("last")(nested(x)["out"]))


def lists_on_their_own_input():
    x = [keras.Input(SHAPE), keras.Input(SHAPE)]
    nested = keras.Model(x, conv("a")(layers.Concatenate()(x)), name="inner")
    return keras.Model(x, conv("last")(nested(x)))


def masked():
    x = keras.Input((8, 4))
    convolved = layers.Conv1D(4, 3, padding="same", name="a")(layers.Masking()(x))
    return keras.Model(x, layers.LSTM(3)(convolved))


def one_layer_thrice():
    x, shared = keras.Input(SHAPE), conv("a")
    return keras.Model(x, conv("last")(layers.multiply([shared(x), shared(shared(x))])))


PLACES = {
    on_its_own_input: ["in_inner"],
    sequential_on_its_own_input: ["in_inner"],
    on_its_own_output: ["in_inner", "in_inner_2"],
    twice_from_its_own_input: ["in_inner", "in_inner_2"],
    two_on_one_input: ["in_one", "in_two"],
    two_crossed: ["in_two", "in_one"],
    skipped: ["in_inner", "sum_skip"],
    inputs_swapped: ["b", "a"],
    nothing_inside: ["first"],
    passes_its_input: ["a", "sum_skip"],
    shared: ["in_inner", "in_inner_2"],
    nested_twice_on_one_input: ["in_inner", "middle"],
    input_layers: ["n"],
    dictionaries_on_their_own_input: ["b_conv", "sum_skip", "c"],
    lists_on_their_own_input: ["a"],
    masked: ["a"],
    one_layer_thrice: ["a", "a_2", "a_3"],
}


@pytest.mark.parametrize(
    ("make", "places"), PLACES.items(), ids=[make.__name__ for make in PLACES]
)
def test_a_plan_is_made_and_the_copy_computes_the_same(make, places):
    model = make()
    planned = [p.name for p in plan_dropblock(model, {"*": 1}).places]
    assert [name.replace("_dropblock", "") for name in planned] == places
    copy = add_dropblock(model, 0.5, 3, layers={"*": 1})
    draw = np.random.default_rng(1).normal
    inputs = getattr(model, "_inputs_struct", model.inputs[0])
    x = keras.tree.map_structure(lambda x: draw(size=(2, *x.shape[1:])), inputs)
    for theirs, ours in zip(*map(keras.tree.flatten, (model(x), copy(x))), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-6)
