"""What holds of every single mask, whatever was drawn."""

import keras
import numpy as np
import pytest
from modes import BACKEND, CHANNELS, CROSSED, train
from reference import clip, planes, under_whole_blocks

import layerbridge

pytestmark = [pytest.mark.backends, pytest.mark.thinned(CROSSED)]

MAPS_AND_BLOCKS = [
    ((9,), 3),
    ((9,), 4),
    ((5,), 8),
    ((6, 6), 1),
    ((8, 8), 2),
    ((14, 14), 7),
    ((7, 12), (3, 4)),
    ((4, 10), (7, 3)),
    ((10, 4), (3, 7)),
    ((3, 4), 9),
    ((4, 5, 6), (2, 3, 1)),
    ((3, 3, 8), 4),
]
if BACKEND != "tensorflow":
    # Each shape is compiled anew there.
    MAPS_AND_BLOCKS = MAPS_AND_BLOCKS[1::3]
each_map = pytest.mark.parametrize(("map_shape", "block"), MAPS_AND_BLOCKS)
each_sharing = pytest.mark.parametrize("per_channel", [True, False])
FORMATS = ["channels_last", "channels_first"]
each_format = pytest.mark.parametrize("data_format", FORMATS)


def dropblock(map_shape, block, **arguments):
    layer = getattr(layerbridge, f"DropBlock{len(map_shape)}D")
    return layer(arguments.pop("rate", 0.4), block, **{"seed": 11} | arguments)


def numbers(*shape, dtype="float32"):
    """Draw numbers none of which is 0."""
    return np.random.default_rng(1).uniform(0.5, 2, shape).astype(dtype)


@pytest.mark.parametrize("channels", CHANNELS)
@each_format
@each_sharing
@each_map
def test_dropped_cells_are_a_union_of_whole_blocks(
    map_shape, block, per_channel, data_format, channels
):
    layer = dropblock(
        map_shape, block, per_channel=per_channel, data_format=data_format
    )
    x = numbers(16, channels, *map_shape)
    x = np.moveaxis(x, 1, -1) if data_format == "channels_last" else x
    dropped = planes(train(layer, x) == 0, data_format)
    assert 0 < np.count_nonzero(dropped) < dropped.size
    covered = under_whole_blocks(dropped, clip(block, map_shape))
    np.testing.assert_array_equal(dropped, covered)
    channels_agree = (dropped == dropped[:, :1]).all()
    assert channels_agree == (not per_channel)
    assert (dropped != dropped[:1]).any()


@pytest.mark.parametrize("channels", CHANNELS)
@each_sharing
@each_map
def test_data_formats_agree_by_transposition(map_shape, block, per_channel, channels):
    x = numbers(5, *map_shape, channels)
    last, first = (
        train(
            dropblock(map_shape, block, per_channel=per_channel, data_format=f),
            np.moveaxis(x, -1, 1) if f == "channels_first" else x,
        )
        for f in FORMATS
    )
    np.testing.assert_array_equal(np.moveaxis(last, -1, 1), first)


@pytest.mark.parametrize("rank", [1, 2, 3])
@each_format
def test_a_block_as_large_as_the_map_is_spatial_dropout(rank, data_format):
    spatial = getattr(layerbridge, f"SpatialDropout{rank}D")(
        0.4, data_format=data_format, seed=11
    )
    x = numbers(5, *[6] * (rank + 1))
    for block in (6, 9):
        layer = dropblock(
            (6,) * rank, block, data_format=data_format, normalize="expected"
        )
        np.testing.assert_array_equal(train(layer, x), train(spatial, x))
        spatial.seed_generator.state.assign([11, 0])


@each_format
def test_spatial_dropout_drops_whole_channels(data_format):
    layer = layerbridge.SpatialDropout2D(0.4, data_format=data_format, seed=11)
    y = planes(train(layer, numbers(8, 6, 6, 6)), data_format)
    dropped = (y == 0).reshape(8, 6, 36)
    assert 0 < np.count_nonzero(dropped) < dropped.size
    np.testing.assert_array_equal(dropped, dropped[..., :1].repeat(36, axis=-1))


@pytest.mark.parametrize("channels", CHANNELS)
@each_format
@each_sharing
@pytest.mark.parametrize("normalize", ["batch", "sample", "expected", "none"])
def test_scale(normalize, per_channel, data_format, channels):
    x = numbers(6, 7, 8, channels)
    x = np.moveaxis(x, -1, 1) if data_format == "channels_first" else x
    layer = dropblock(
        (7, 8), 3, normalize=normalize, per_channel=per_channel, data_format=data_format
    )
    y = train(layer, x)
    kept = y != 0
    count = {"batch": kept.size / kept.sum(), "expected": 1 / 0.6, "none": 1.0}
    if normalize == "sample":
        scale = kept[0].size / kept.sum(axis=(1, 2, 3), keepdims=True)
        assert len(np.unique(scale)) > 1
    else:
        scale = count[normalize]
    np.testing.assert_allclose(y, np.where(kept, x * scale, 0), rtol=4e-7)
    if normalize == "none":
        np.testing.assert_array_equal(y[kept], x[kept])


@each_sharing
@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
@pytest.mark.parametrize("normalize", ["batch", "sample"])
def test_counts_are_exact_in_half_precision(normalize, dtype, per_channel):
    """More cells than half a float's digits can count."""
    shape = (2, 64, 64, 33)
    layer = dropblock((64, 64), 5, dtype=dtype, per_channel=per_channel)
    y = layer(np.ones(shape), training=True)
    kept = keras.ops.convert_to_numpy(y != 0)
    scale = keras.ops.cast(np.float32(kept.size / kept.sum()), dtype)
    np.testing.assert_array_equal(
        keras.ops.convert_to_numpy(keras.ops.cast(y, "float32")),
        kept * keras.ops.convert_to_numpy(keras.ops.cast(scale, "float32")),
    )


@each_sharing
def test_a_scale_is_right_where_hardly_anything_is_kept(per_channel):
    x = np.ones((1, 300, 300, 8 if per_channel else 1), "float32")
    layer = dropblock((300, 300), 1, rate=0.9999, per_channel=per_channel)
    y = train(layer, x)
    assert 0 < np.count_nonzero(y) < 200
    np.testing.assert_allclose(y.max(), y.size / np.count_nonzero(y), rtol=3e-7)


@pytest.mark.parametrize("channels", [1, 9])
def test_a_sample_without_kept_units_is_zero(channels):
    layer = dropblock((3, 3), 3, rate=0.9, normalize="sample", per_channel=False)
    y = train(layer, np.ones((64, 3, 3, channels), "float32"))
    kept = (y != 0).all(axis=(1, 2, 3))
    assert 0 < np.count_nonzero(kept) < 64
    np.testing.assert_array_equal(y[~kept], 0)
    np.testing.assert_array_equal(y[kept], 1)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
@pytest.mark.parametrize("channels", CHANNELS)
@each_sharing
@pytest.mark.parametrize("normalize", ["batch", "sample"])
def test_what_is_not_finite_stays_where_it_is_kept(
    bad, channels, per_channel, normalize
):
    x = numbers(4, 8, 8, channels)
    arguments = {"per_channel": per_channel, "normalize": normalize}
    clean = train(dropblock((8, 8), 3, **arguments), x)
    holes = np.random.default_rng(2).random(x.shape) < 0.5
    y = train(dropblock((8, 8), 3, **arguments), np.where(holes, bad, x))
    expected = np.where(holes & (clean != 0), bad, clean)
    np.testing.assert_array_equal(y, expected)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
@pytest.mark.parametrize("name", ["SpatialDropout2D", "DropPath"])
def test_what_is_not_finite_is_zero_where_much_drops_at_once(bad, name):
    layer = getattr(layerbridge, name)(0.5)
    y = train(layer, np.full((16, 8, 8, 4), bad, "float32"))
    dropped = y == 0
    assert 0 < np.count_nonzero(dropped) < y.size
    np.testing.assert_array_equal(y, np.where(dropped, 0, bad))


@each_format
@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_what_is_not_finite_is_zero_where_it_drops_alone(bad, data_format):
    """A last axis of one cell is no axis that the mask is broadcast over."""
    layer = dropblock((8, 8), (3, 1), normalize="none", data_format=data_format)
    y = train(layer, np.full((16, 8, 8, 1), bad, "float32"))
    dropped = y == 0
    assert 0 < np.count_nonzero(dropped) < y.size
    np.testing.assert_array_equal(y, np.where(dropped, 0, bad))


@each_sharing
@pytest.mark.parametrize("normalize", ["batch", "sample", "expected", "none"])
@pytest.mark.parametrize("shape", [(5, 9, 7, 3), (2, 5, 11, 41)])
def test_a_rate_of_0_changes_nothing(shape, normalize, per_channel):
    x = numbers(*shape)
    for block in (3, 9):
        layer = dropblock(
            (0, 0), block, rate=0.0, normalize=normalize, per_channel=per_channel
        )
        np.testing.assert_array_equal(train(layer, x), x)


@pytest.mark.parametrize("dtype", ["float16", "float32"])
@pytest.mark.parametrize("normalize", ["batch", "sample", "expected"])
def test_a_huge_scale_makes_no_nan(normalize, dtype):
    x = np.zeros((1, 300, 300, 8))
    layer = dropblock((300, 300), 1, rate=0.99999, dtype=dtype, normalize=normalize)
    np.testing.assert_array_equal(train(layer, x), 0)


def test_the_config_decides_the_data_format():
    assert dropblock((8, 8), 3).data_format == "channels_last"
    keras.config.set_image_data_format("channels_first")
    try:
        assert dropblock((8, 8), 3).data_format == "channels_first"
        assert layerbridge.SpatialDropout1D(0.1).data_format == "channels_first"
    finally:
        keras.config.set_image_data_format("channels_last")
