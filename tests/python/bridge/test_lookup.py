"""What is said of a name that no R function has."""

import pytest

from layerbridge.bridge.ir import Library
from layerbridge.bridge.lookup import Lookup
from layerbridge.bridge.resolve import resolve


@pytest.fixture(scope="module")
def keras():
    return Lookup(resolve("keras"))


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("activation_swish", "It is the same as `activation_silu`."),
        ("layer_convolution_2d", "It is the same as `layer_conv_2d`."),
        ("swish", "Python's `swish` is `activation_silu` or `op_silu` in R."),
        ("Dense", "Python's `Dense` is `layer_dense` in R."),
        ("layers.Dense", "Python's `layers.Dense` is `layer_dense` in R."),
        (
            "mean_squared_error",
            "Python's `mean_squared_error` is `loss_mean_squared_error` or "
            "`metric_mean_squared_error` in R.",
        ),
        (
            "Layer",
            "keras.Layer is left out: the base class of all layers. With reticulate, "
            'it is `import("keras")$Layer`.',
        ),
        (
            "layers",
            "Python's `layers` is a module, whose functions are here by their R names, "
            "such as `layer_add`, `layer_dot` and `layer_gru`.",
        ),
        ("layer_dens", "Did you mean `layer_dense`?"),
        ("layer_conv2d", "Did you mean `layer_conv_2d`?"),
        ("NoSuch", "`names()` lists all."),
        ("", "`names()` lists all."),
        ("._", "`names()` lists all."),
    ],
)
def test_what_there_is_instead(keras, name, said):
    assert keras.absent(name).startswith(said)


def test_what_a_class_has_is_reached_through_the_class():
    left_out = (("zoo.pets.Cat.purr", "its signature cannot be read"),)
    said = Lookup(Library("zoo", (), left_out)).absent("purr")
    assert said.endswith('it is `import("zoo.pets")$Cat$purr`.')
