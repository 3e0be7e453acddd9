"""Masks per channel on TensorFlow's CPU kernels: few random numbers, one bit a cell.

Anchors are rare, so drawing how many there are, and where, takes a few percent of
the random numbers that a draw for every cell takes. Of `Poisson(N * t)` places drawn
uniformly, with replacement, out of `N`, each place is hit at least once independently
with probability `1 - exp(-t) = gamma`: the hits of one place are a Poisson count of
mean `t`, and those of different places are independent.

The mask is one bit a cell, eight neighbours along the tensor's last axis in a byte,
while blocks are spread and cells are counted. It becomes numbers of the tensor's
dtype only in the end, eight at a time, from a table of all 256 bytes; the gradient
reads them from the table again, so that a training step stores the bits alone.
"""

from functools import partial
from typing import Any

import numpy as np
import tensorflow as tf
from tensorflow.python.framework.ops import get_default_graph
from tensorflow.python.ops.control_flow_util import GraphOrParentsInXlaContext

from layerbridge._masks import (
    Grid,
    channels_last,
    draw_anchors,
    pad_axis,
    scale_of_kept,
    spread,
    trim,
)

# With more hits a place than this, a number for every place is cheaper.
_MOST_HITS = 0.25

# With fewer masks in a sample most of each byte would lie idle.
_FEWEST_MASKS = 4

_KEPT = 1 - np.unpackbits(
    np.arange(256, dtype="uint8")[:, None], axis=1, bitorder="little"
)

# Times eight bytes of 0 or 1, this has them as the bits of its highest byte.
_COLLECT = 0x0102040810204080


def suits(grid: Grid) -> bool:
    """Tell whether this sampler can run here, and is the better one for a grid.

    XLA compiles static shapes alone, and a GPU draws a number for every cell with
    ease but has no kernels for single bytes.
    """
    masks = grid.shape[grid.channel_axis]
    few_masks = isinstance(masks, int) and 1 < masks < _FEWEST_MASKS
    single_cells = all(isinstance(n, int) and n == 1 for n in grid.map_shape)
    if few_masks or single_cells or tf.config.list_logical_devices("GPU"):
        return False
    return tf.executing_eagerly() or not GraphOrParentsInXlaContext(get_default_graph())


def replica_seed(seed: tf.Tensor) -> tf.Tensor:
    """Make a step's seed one of each replica's own, in integers that XLA takes."""
    seed = tf.cast(tf.math.floormod(seed, tf.int32.max - 1), tf.int32)
    replica = tf.distribute.get_replica_context()
    if replica is None or replica.num_replicas_in_sync == 1:
        return seed
    return tf.random.fold_in(seed, replica.replica_id_in_sync_group)


def _with_long_rows(grid: Grid) -> Grid:
    """Lay a single mask for all channels along the map's last axis, to be packed."""
    masks = grid.shape[grid.channel_axis]
    if not isinstance(masks, int) or masks != 1:
        return grid
    order = (0, grid.channel_axis, *grid.map_axes)
    shape, block = ([lengths[a] for a in order] for lengths in (grid.shape, grid.block))
    return Grid(tuple(shape), tuple(block), channel_axis=1)


def _dense_anchors(grid: Grid, row: Any, hazard: Any, seed: Any) -> tf.Tensor:
    """Draw a number for every place: one byte a place, rows of `row` bytes."""
    uniform = partial(tf.random.stateless_uniform, seed=seed)
    anchors = tf.cast(draw_anchors(grid, hazard, uniform), tf.uint8)
    rank = len(grid.shape)
    return tf.pad(anchors, pad_axis(rank, rank - 1, 0, row - grid.places[-1]))


def _sparse_anchors(grid: Grid, row: Any, hazard: Any, seed: Any) -> tf.Tensor:
    """Draw the anchors' number and their places; a tensor like `_dense_anchors`'."""
    places = tf.cast(tf.stack(grid.places), tf.int64)
    shape = tf.concat([places[:-1], [tf.cast(row, tf.int64)]], 0)
    total = tf.reduce_prod(places)
    count_seed, place_seed = tf.unstack(tf.random.split(seed))
    mean = tf.cast(total, tf.float64) * tf.cast(hazard, tf.float64)
    count = tf.random.stateless_poisson([], count_seed, mean, tf.int64)
    drawn = tf.random.stateless_uniform(
        [count], place_seed, 0, tf.maximum(total, 1), tf.int64
    )
    order = channels_last(grid)
    index = drawn
    dense_rows = isinstance(row, int) and grid.places[-1] == row
    if order != tuple(range(len(grid.shape))) or not dense_rows:
        index = tf.zeros_like(drawn)
        for axis in reversed(order):
            index += drawn % places[axis] * tf.reduce_prod(shape[axis + 1 :])
            drawn //= places[axis]
    flags = tf.SparseTensor(
        index[:, None], tf.ones([count], tf.uint8), [tf.reduce_prod(shape)]
    )
    # Without validation a place may repeat. This is ten times faster than scattering.
    return tf.reshape(tf.sparse.to_dense(flags, validate_indices=False), shape)


def _pack(flags: tf.Tensor) -> tf.Tensor:
    """Pack bytes of 0 or 1 as bits, eight to a byte along the last axis."""
    eights = tf.reshape(flags, tf.concat([tf.shape(flags)[:-1], [-1, 8]], 0))
    words = tf.bitcast(eights, tf.int64) * tf.constant(_COLLECT, tf.int64)
    return tf.cast(tf.bitwise.right_shift(words, tf.constant(56, tf.int64)), tf.uint8)


def _unite(bits: tf.Tensor, axis: int, cells: int) -> tf.Tensor:
    """Unite a packed mask with a copy shifted by some cells.

    The last axis keeps its length: its rows are as long as the map from the start.
    """
    rank = len(bits.shape)
    if axis < rank - 1:
        return tf.bitwise.bitwise_or(
            tf.pad(bits, pad_axis(rank, axis, 0, cells)),
            tf.pad(bits, pad_axis(rank, axis, cells, 0)),
        )
    row = tf.shape(bits)[-1]
    whole, rest = divmod(cells, 8)
    low = tf.pad(bits, pad_axis(rank, axis, whole, 0))[..., :row]
    high = tf.pad(bits, pad_axis(rank, axis, whole + 1, 0))[..., :row]
    shifted = tf.bitwise.left_shift(low, tf.cast(rest, tf.uint8))
    if rest:
        carried = tf.bitwise.right_shift(high, tf.cast(8 - rest, tf.uint8))
        shifted = tf.bitwise.bitwise_or(shifted, carried)
    return tf.bitwise.bitwise_or(bits, shifted)


def _dropped_bits(grid: Grid, hazard: Any, seed: Any) -> tf.Tensor:
    """Draw a mask: bits set where a cell drops, the last axis packed."""
    n = grid.shape[-1]
    row = n if isinstance(n, int) and n % 8 == 0 else -(-n // 8) * 8
    anchors = tf.cond(
        hazard < _MOST_HITS,
        partial(_sparse_anchors, grid, row, hazard, seed),
        partial(_dense_anchors, grid, row, hazard, seed),
    )
    bits = trim(spread(_pack(anchors), grid.block, _unite), grid)
    if grid.block[-1] > 1 and not isinstance(n, int):
        bits = tf.bitwise.bitwise_and(bits, _pack(tf.cast(tf.range(row) < n, tf.uint8)))
    return bits


def drop(
    x: tf.Tensor, grid: Grid, rate: Any, hazard: Any, normalize: str, seed: Any
) -> tf.Tensor:
    """Drop blocks of a tensor.

    Args:
        x: A floating tensor.
        grid: The grid of its mask.
        rate: The dropped share: a scalar float32 tensor.
        hazard: The hazard: a scalar float32 tensor.
        normalize: How kept units are scaled up; see `scale_of_kept`.
        seed: Two integers.

    Returns:
        A tensor like `x`.
    """
    packed_grid = _with_long_rows(grid)
    bits = _dropped_bits(packed_grid, hazard, seed)
    set_bits = tf.cast(tf.raw_ops.PopulationCount(x=bits), tf.int32)
    dropped = tf.reduce_sum(set_bits, range(1, len(grid.shape)))
    cells = tf.cast(tf.reduce_prod(grid.shape[1:]), tf.int32)
    kept = tf.cast((cells - dropped) / cells, tf.float32)
    by_sample = normalize == "sample"
    share = kept if by_sample else tf.reduce_mean(kept)
    scale = scale_of_kept(normalize, rate, share, x.dtype)
    table = tf.cast(_KEPT, x.dtype) * scale[..., None, None]

    def factors(bits: tf.Tensor) -> tf.Tensor:
        eights = tf.gather(
            table,
            tf.cast(bits, tf.int32),
            axis=int(by_sample),
            batch_dims=int(by_sample),
        )
        rows = tf.reshape(eights, tf.concat([tf.shape(bits)[:-1], [-1]], 0))
        return tf.reshape(rows[..., : packed_grid.shape[-1]], grid.shape)

    @tf.custom_gradient
    def multiply(x: tf.Tensor) -> Any:
        def gradient(upstream: tf.Tensor) -> tf.Tensor:
            with tf.control_dependencies([upstream]):
                again = factors(tf.identity(bits))
            return multiply_kept(upstream, again)

        return multiply_kept(x, factors(bits)), gradient

    return multiply(x)


def multiply_kept(x: tf.Tensor, factors: tf.Tensor) -> tf.Tensor:
    """Multiply, so that a factor of 0 gives 0 even where `x` is infinite or NaN.

    Along a last axis that the factors are broadcast over, the kernel for that is twice
    as slow as plain multiplication, which is taken there: what is not finite becomes
    or stays NaN where it drops.
    """
    if factors.shape[-1] == 1:
        return x * factors
    return tf.math.multiply_no_nan(x, factors)
