"""Any layer on any tensor: a right result, or a clear error."""

import keras
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from modes import DTYPES, train
from reference import clip, planes, under_whole_blocks

import layerbridge

pytestmark = pytest.mark.backends


@st.composite
def layers_and_shapes(draw):
    """A layer's name and arguments, and the shape of a tensor of its rank."""
    rank = draw(st.integers(1, 3))
    longest = {1: 20, 2: 9, 3: 5}[rank]
    map_shape = draw(st.tuples(*[st.integers(1, longest)] * rank))
    batch, channels = draw(st.integers(0, 4)), draw(st.integers(1, 18))
    data_format = draw(st.sampled_from(["channels_last", "channels_first"]))
    arguments = {
        "rate": draw(st.floats(0, 1)),
        "data_format": data_format,
        "dtype": draw(st.sampled_from(DTYPES)),
        "seed": draw(st.integers(0, 2**31 - 1)),
    }
    layer = draw(st.sampled_from(["DropBlock", "SpatialDropout", "DropPath"]))
    if layer == "DropPath":
        del arguments["data_format"]
    else:
        layer = f"{layer}{rank}D"
    if layer.startswith("DropBlock"):
        sizes = st.integers(1, longest + 3)
        arguments |= {
            "block_size": draw(st.one_of(sizes, st.tuples(*[sizes] * rank))),
            "per_channel": draw(st.booleans()),
            "normalize": draw(st.sampled_from(["batch", "sample", "expected", "none"])),
            "exact_rate": draw(st.booleans()),
        }
    if data_format == "channels_first":
        shape = (batch, channels, *map_shape)
    else:
        shape = (batch, *map_shape, channels)
    return layer, arguments, shape


def expected_scale(layer, kept):
    if layer.normalize == "none":
        return 1.0
    if layer.normalize == "expected":
        share = 1 - np.float32(layer.rate)
    else:
        axes = tuple(range(1, kept.ndim)) if layer.normalize == "sample" else None
        share = kept.mean(axis=axes, keepdims=True)
    with np.errstate(divide="ignore"):
        return np.where(share > 0, 1 / np.asarray(share, "float64"), 0)


@given(layers_and_shapes())
def test_a_layer_drops_whole_blocks_and_scales_the_rest(layer_and_shape):
    name, arguments, shape = layer_and_shape
    layer = getattr(layerbridge, name)(**arguments)
    x = np.random.default_rng(1).uniform(0.5, 2, shape)
    x = keras.ops.cast(x, layer.compute_dtype)
    y = layer(x, training=True)
    assert layer(x) is x
    assert y.shape == x.shape
    assert keras.backend.standardize_dtype(y.dtype) == layer.compute_dtype
    if 0 in x.shape:
        return
    x, y = (keras.ops.convert_to_numpy(a).astype("float64") for a in (x, y))
    assert not np.isnan(y).any()
    kept = y != 0
    digits = {"float16": 11, "bfloat16": 8}.get(layer.compute_dtype, 23)
    np.testing.assert_allclose(
        y, np.where(kept, x * expected_scale(layer, kept), 0), rtol=3 * 2.0**-digits
    )
    dropped = planes(~kept, arguments.get("data_format", "channels_last"))
    map_shape = dropped.shape[2:]
    block = clip(getattr(layer, "block_size", map_shape), map_shape)
    np.testing.assert_array_equal(dropped, under_whole_blocks(dropped, block))
    if not layer.per_channel:
        assert (dropped == dropped[:, :1]).all()
    if layer.rate == 0:
        np.testing.assert_array_equal(y, x)
    if layer.rate == 1 and layer.exact_rate:
        np.testing.assert_array_equal(y, 0)


ANYTHING = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 9),
    st.floats(),
    st.text(max_size=3),
    st.lists(st.integers(0, 4), max_size=4),
    st.sampled_from(["batch", "channels_first", "none", b"3", {3: 4}, 1j]),
)


@given(
    st.sampled_from(["DropBlock1D", "DropBlock2D", "DropBlock3D"]),
    st.fixed_dictionaries(
        {"rate": ANYTHING | st.just(0.5), "block_size": ANYTHING | st.just(2)},
        optional={
            "data_format": ANYTHING,
            "per_channel": ANYTHING,
            "normalize": ANYTHING,
            "exact_rate": ANYTHING,
            "seed": ANYTHING,
            "batch_size": ANYTHING,
            "weights": ANYTHING,
        },
    ),
)
def test_bad_arguments_are_refused_by_name(layer, arguments):
    try:
        made = getattr(layerbridge, layer)(**arguments)
    except ValueError as error:
        message = str(error)
        named = [a for a in arguments if f"`{a}` must be" in message]
        assert named, message
        assert "received" in message
        assert repr(arguments[named[0]]) in message
    else:
        again = type(made).from_config(made.get_config())
        assert again.get_config() == made.get_config()


@given(
    st.sampled_from([1, 2, 3]),
    st.lists(st.integers(0, 3), max_size=6),
    st.sampled_from([*DTYPES, "int32", "uint8", "bool"]),
    st.booleans(),
)
def test_a_tensor_is_taken_or_refused_clearly(rank, shape, dtype, training):
    layer = getattr(layerbridge, f"SpatialDropout{rank}D")(0.5, dtype="float32")
    x = keras.ops.cast(np.ones(shape), dtype)
    if len(shape) == rank + 2 and (dtype in DTYPES or not training):
        assert layer(x, training=training).shape == x.shape
        return
    expected = f"a tensor of {rank + 2} axes"
    if len(shape) == rank + 2:
        expected = f"on floating-point numbers in training; received {dtype}"
    with pytest.raises(ValueError, match=expected):
        train(layer, x) if training else layer(x)
