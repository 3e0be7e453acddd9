"""What a user reads who gives a wrong argument or a wrong tensor."""

from functools import partial

import keras
import numpy as np
import pytest

import layerbridge
from layerbridge import (
    DropBlock1D,
    DropBlock2D,
    DropBlock3D,
    DropPath,
    DropRateScheduler,
    LinearRamp,
    SpatialDropout2D,
    add_dropblock,
    plot_masks,
)

pytestmark = pytest.mark.backends

BLOCK_2D = (
    "`block_size` must be a positive integer, or 2 positive integers, one per spatial "
    "axis; received "
)
NORMALIZE = (
    "`normalize` must be one of 'batch', 'sample', 'expected', 'none'; received "
)
DATA_FORMAT = (
    "`data_format` must be 'channels_last', 'channels_first' or None; received "
)
NAME = (
    "`name` may contain braces for the layer's number, with an integer format spec, "
    "as in 'drop{}' or 'drop{:03d}'; received "
)
SEED = "`seed` must be None or an integer from 0 to 2147483647; received "


@pytest.mark.parametrize(
    ("argument", "value", "message"),
    [
        *(
            ("rate", value, "`rate` must be a number between 0 and 1; received ")
            for value in (1.5, -0.1, float("nan"), float("inf"), "x", True, None, [0.1])
        ),
        *(
            ("block_size", value, BLOCK_2D)
            for value in (0, -1, 1.5, 7.5, "3", b"34", True, None, (), (3,), (3, 4, 5))
        ),
        *(("block_size", value, BLOCK_2D) for value in ((0, 3), (3, "4"), {3, 4})),
        *(("data_format", value, DATA_FORMAT) for value in ("last", 3, True)),
        *(("normalize", value, NORMALIZE) for value in ("mean", None, True)),
        *(("seed", value, SEED) for value in ("x", 1.5, -1, True, 2**31)),
        *(("name", value, NAME) for value in ("a{", "a}", "{}{}", "{x}", "{:s}")),
        ("per_channel", 1, "`per_channel` must be True or False; received "),
        ("exact_rate", "yes", "`exact_rate` must be True or False; received "),
        *(
            (
                "batch_size",
                value,
                "`batch_size` must be None or an integer of at least 1; received ",
            )
            for value in (0, -1, 2.5, "2")
        ),
        *(
            (
                "weights",
                value,
                "DropBlock2D has no weights, so `weights` must be None or empty; "
                "received ",
            )
            for value in ([1.0], 5)
        ),
    ],
)
def test_bad_argument(argument, value, message):
    arguments = {"rate": 0.1, "block_size": 3, argument: value}
    with pytest.raises(ValueError) as error:  # noqa: PT011 (the text is compared)
        DropBlock2D(**arguments)
    assert str(error.value) == f"{message}{value!r}"


@pytest.mark.parametrize("name", [3, "a/b"])
def test_keras_judges_other_names(name):
    with pytest.raises(ValueError, match="`name` must be a string and cannot contain"):
        DropBlock2D(0.1, 3, name=name)


@pytest.mark.parametrize("argument", ["block_size", "per_channel", "normalize", "foo"])
def test_unknown_arguments_are_refused(argument):
    message = f"Unrecognized keyword argument '{argument}' passed to SpatialDropout2D."
    with pytest.raises(ValueError, match=message):
        SpatialDropout2D(0.1, **{argument: 1})


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"rate": 0.1}, "DropBlock2D: missing a required argument: 'block_size'."),
        (
            {"rate": 0.1, "blocksize": 3},
            "DropBlock2D: missing a required argument: 'block_size'. Did you mean "
            "`block_size`, not 'blocksize'?",
        ),
        ({}, "DropBlock2D: missing a required argument: 'rate'."),
        (
            {"keep_prob": 0.9, "name": "drop"},
            "DropBlock2D: the argument `keep_prob` is 1 - `rate` here.",
        ),
    ],
)
def test_a_missing_argument_is_one_of_the_public_class(arguments, message):
    with pytest.raises(TypeError) as error:
        DropBlock2D(**arguments)
    assert str(error.value) == message


@pytest.mark.parametrize(
    ("misspelt", "meant"),
    [("per_chanel", "per_channel"), ("trainble", "trainable"), ("nam", "name")],
)
def test_a_misspelt_argument_gets_the_nearest_name(misspelt, meant):
    with pytest.raises(ValueError, match=f"Did you mean `{meant}`, not '{misspelt}'"):
        DropBlock2D(0.1, 3, **{misspelt: "x"})


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            partial(LinearRamp, 0, 1, step=3),
            "LinearRamp: missing a required argument: 'steps'. Did you mean `steps`, "
            "not 'step'?",
        ),
        (
            partial(DropRateScheduler, LinearRamp(0, 1, 3), factor={"a": 1}),
            "DropRateScheduler: got an unexpected keyword argument 'factor'. Did you "
            "mean `factors`, not 'factor'?",
        ),
        (
            partial(plot_masks, DropBlock2D(0.1, 3), chanels=2),
            "plot_masks: got an unexpected keyword argument 'chanels'. Did you mean "
            "`channels`, not 'chanels'?",
        ),
        (
            partial(add_dropblock, None, 0.1, layer="block_9*"),
            "add_dropblock: got an unexpected keyword argument 'layer'. Did you mean "
            "`layers`, not 'layer'?",
        ),
        (
            partial(add_dropblock, None, 0.1, per_chanel=True),
            "add_dropblock: got an unexpected keyword argument 'per_chanel'. Did you "
            "mean `per_channel`, not 'per_chanel'?",
        ),
        (
            partial(add_dropblock, None, keep_prob=0.9, seed=1),
            "add_dropblock: the argument `keep_prob` is 1 - `rate` here.",
        ),
    ],
)
def test_functions_and_callbacks_suggest_the_nearest_name_too(call, message):
    with pytest.raises(TypeError) as error:
        call()
    assert str(error.value) == message


def test_the_opposite_of_an_argument_is_not_suggested_for_it():
    with pytest.raises(ValueError, match=r"`couple_channels` is .*: False where it is"):
        DropBlock2D(0.1, 7, couple_channels=True)


@pytest.mark.parametrize("weights", [None, [], ()])
def test_no_weights_are_fine(weights):
    assert DropBlock2D(0.1, 3, weights=weights).weights == []


@pytest.mark.parametrize(
    ("layer", "shape", "axes", "advice"),
    [
        (
            DropBlock1D(0.1, 3),
            (2, 4),
            "3 axes, (batch, steps, channels)",
            " You can add the missing axes.",
        ),
        (
            DropBlock2D(0.1, 3),
            (2, 4, 4),
            "4 axes, (batch, height, width, channels)",
            " You can add the missing axes or use DropBlock1D.",
        ),
        (
            DropBlock3D(0.1, 3, data_format="channels_first"),
            (2, 4, 4, 4),
            "5 axes, (batch, channels, depth, height, width)",
            " You can add the missing axes or use DropBlock2D.",
        ),
        (
            SpatialDropout2D(0.1),
            (2,) * 5,
            "4 axes, (batch, height, width, channels)",
            " You can use SpatialDropout3D.",
        ),
        (
            DropBlock3D(0.1, 3),
            (2,) * 6,
            "5 axes, (batch, depth, height, width, channels)",
            "",
        ),
    ],
)
@pytest.mark.parametrize("training", [False, True])
def test_wrong_rank(layer, shape, axes, advice, training):
    message = (
        f"{type(layer).__name__} must be called on a tensor of {axes}; received one of "
        f"shape {{}}.{advice}"
    )
    with pytest.raises(ValueError) as error:  # noqa: PT011 (the text is compared)
        layer(np.ones(shape, "float32"), training=training)
    assert message.format(shape) in str(error.value)
    with pytest.raises(ValueError) as error:  # noqa: PT011 (the text is compared)
        layer(keras.Input(shape[1:]))
    assert message.format((None, *shape[1:])) in str(error.value)


@pytest.mark.parametrize("training", [False, True])
def test_drop_path_needs_an_axis_besides_the_batch(training):
    message = (
        "DropPath must be called on a tensor of at least 2 axes, (batch, ...); "
        "received one of shape (4,). Add the missing axes."
    )
    with pytest.raises(ValueError) as error:  # noqa: PT011 (the text is compared)
        DropPath(0.1)(np.ones(4, "float32"), training=training)
    assert message in str(error.value)


@pytest.mark.parametrize("dtype", ["int32", "bool"])
def test_wrong_dtype(dtype):
    with pytest.raises(ValueError) as error:  # noqa: PT011 (the text is compared)
        DropBlock2D(0.1, 3)(np.ones((2, 4, 4, 3), dtype), training=True)
    assert (
        "DropBlock2D must be called on floating-point numbers in training; received "
        f"{dtype}. Convert them first: `keras.ops.cast"
    ) in str(error.value)


@pytest.mark.parametrize(
    ("inputs", "kind"), [([np.ones((2, 4, 4, 3))] * 2, "list"), (None, "NoneType")]
)
def test_no_single_tensor(inputs, kind):
    with pytest.raises(
        ValueError, match=f"DropBlock2D must be called on one tensor; received a {kind}"
    ):
        DropBlock2D(0.1, 3)(inputs)


def test_wrong_batch_size():
    layer = DropBlock2D(0.1, 3, batch_size=4)
    layer(keras.Input((4, 4, 3)))
    layer(np.ones((4, 4, 4, 3)))
    with pytest.raises(ValueError) as error:  # noqa: PT011 (the text is compared)
        layer(np.ones((2, 4, 4, 3)))
    assert (
        "DropBlock2D takes batches of `batch_size` 4; received a tensor of shape "
        "(2, 4, 4, 3). Omit `batch_size` to accept any size."
    ) in str(error.value)


@pytest.mark.parametrize("rate", [np.float32(0.25), np.float64(0.25), 0, 1])
def test_numbers_of_other_types_are_rates(rate):
    assert layerbridge.SpatialDropout2D(rate).get_config()["rate"] == float(rate)


@pytest.mark.parametrize(
    ("block_size", "kept"),
    [
        *((number, 3) for number in (np.int64(3), 3.0, np.float32(3))),
        *((pair, (3, 5)) for pair in ([3, 5], (3, 5), (3.0, 5.0))),
    ],
)
def test_integers_of_other_types_are_block_sizes(block_size, kept):
    layer = DropBlock2D(0.1, block_size)
    assert layer.block_size == kept
    again = DropBlock2D.from_config(layer.get_config())
    assert again.block_size == kept


def test_seeds_that_every_backend_takes():
    for seed in (0, np.int64(3), 2**31 - 1):
        layer = DropBlock2D(0.5, 3, seed=seed)
        layer(np.ones((2, 4, 4, 3)), training=True)
        assert layer.get_config()["seed"] == seed
