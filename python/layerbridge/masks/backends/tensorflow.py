"""TensorFlow: on the CPU, few random numbers and one bit a cell.

Anchors are rare, so drawing how many there are, and where, takes a few percent of
the random numbers that a draw for every cell takes. Of `Poisson(N * t)` places drawn
uniformly, with replacement, out of `N`, each place is hit at least once independently
with probability `1 - exp(-t) = gamma`: the hits of one place are a Poisson count of
mean `t`, and those of different places are independent.

The mask is one bit a cell, eight channels in a byte, while blocks are spread and cells
are counted. It becomes numbers of the tensor's dtype only in the end; the gradient
makes them from the bits again, so that a training step stores the bits alone. Dropped
units become 0 even where they are infinite or NaN.

An eager call takes longer for each operation than small tensors take. There TensorFlow
only draws the numbers, the same ones as in a graph, and NumPy makes the mask of them.
"""

# What Pyright knows of TensorFlow takes fewer arguments than TensorFlow does.
# pyright: reportArgumentType=false, reportReturnType=false

import sys
import weakref
from collections import OrderedDict
from collections.abc import Callable, Sequence
from functools import partial
from math import prod
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from tensorflow.python.framework.ops import get_default_graph
from tensorflow.python.ops import custom_gradient
from tensorflow.python.ops.control_flow_util import GraphOrParentsInXlaContext

from layerbridge.masks.anchors import draw_anchors, pad_axis, spread, trim
from layerbridge.masks.backends import portable
from layerbridge.masks.backends._numpy_bits import (
    kept_share_of_cells,
    mark_places,
    plan_of,
    spread_cells,
)
from layerbridge.masks.backends.portable import is_held, read, release
from layerbridge.masks.bits import MOST_SPARSE
from layerbridge.masks.gamma import solve_hazard
from layerbridge.masks.grid import Grid
from layerbridge.masks.scale import scale_of_kept

__all__ = [
    "check_rate",
    "drop",
    "is_deferred",
    "is_held",
    "next_seed",
    "once",
    "read",
    "release",
    "track",
    "with_rank",
]

# Up to so many units, an eager call's operations take longer than what they do.
_FEW_UNITS = 2**16

# With fewer masks in a sample most of each byte would lie idle.
_FEWEST_MASKS = 4

_KEPT = 1 - np.unpackbits(
    np.arange(256, dtype="uint8")[:, None], axis=1, bitorder="little"
)

# Times eight bytes of 0 or 1, this has them as the bits of its highest byte.
_COLLECT = 0x0102040810204080


# TensorFlow's number for the device's own algorithm.
_AUTO_SELECT = tf.random.Algorithm.AUTO_SELECT.value


def with_rank(x: Any, axes: int | None, call: Callable[[Any], Any]) -> Any:
    """Call a function of a tensor; the arguments are those of `portable.with_rank`."""
    if getattr(getattr(x, "shape", None), "rank", 0) is not None:
        return call(x)
    if axes is not None:
        return call(tf.ensure_shape(x, [None] * axes))
    shape = tf.shape(x)
    return tf.reshape(call(tf.reshape(x, [shape[0], -1])), shape)


def next_seed(layer: keras.layers.Layer) -> tf.Tensor:
    """Return the state of the layer's seed and count the call."""
    return layer.seed_generator.next()


def drop(
    x: tf.Tensor,
    grid: Grid,
    rate: Any,
    exact_rate: bool,
    normalize: str,
    seed: tf.Tensor,
) -> tf.Tensor:
    """Drop blocks of a tensor; the arguments are those of `portable.drop`."""
    x = tf.convert_to_tensor(x)
    step_seed = _replica_seed(seed)
    if _are_few(x):
        return _drop_few(x, grid, _known(rate), exact_rate, normalize, step_seed)
    hazard = solve_hazard(_known(rate), grid, exact_rate)
    if _is_best_packed(grid):
        return _drop_packed(x, grid, rate, hazard, normalize, step_seed)
    dropped = portable.dropped_cells(grid, hazard, partial(_uniform, seed=step_seed))
    scale = portable.scale_of_mask(dropped, rate, normalize, x.dtype)
    kept = tf.cast(tf.logical_not(dropped), x.dtype)
    return _multiplied(x, tf.stop_gradient(kept * scale))


def _known(rate: Any) -> Any:
    """Return a rate as NumPy's where it has a value: to solve with that is faster."""
    return np.float32(rate) if tf.executing_eagerly() else rate


def _are_few(x: tf.Tensor) -> bool:
    """Tell whether operations one by one take longer here than what they do."""
    if not tf.executing_eagerly() or _has_gpu():
        return False
    return prod(int(n) for n in x.shape) <= _FEW_UNITS


def _drop_few(
    x: tf.Tensor, grid: Grid, rate: Any, exact_rate: bool, normalize: str, seed: Any
) -> tf.Tensor:
    """Drop by the mask of graphs; TensorFlow draws it, NumPy does the rest."""
    laid_out = grid.channels_last()
    plan = plan_of(float(rate), laid_out, tuple(range(len(grid.shape))), exact_rate)
    cells = np.zeros(plan.reach + prod(laid_out.shape), bool)
    if _is_best_packed(grid) and plan.hazard < MOST_SPARSE:
        places = _drawn_places(prod(plan.places), plan.hazard, seed)
        cells[plan.addresses(places.numpy()) + plan.reach] = True
    else:
        uniform = partial(_uniform, seed=seed)
        drawn = draw_anchors(laid_out, np.float32(plan.hazard), uniform).numpy()
        mark_places(cells[plan.reach :], plan, drawn)
    dropped = np.moveaxis(
        spread_cells(cells, plan).reshape(laid_out.shape), -1, grid.channel_axis
    )
    share = kept_share_of_cells(dropped, normalize == "sample")
    scale = scale_of_kept(normalize, rate, share, x.dtype)
    scale = scale.reshape(-1, *[1] * (len(x.shape) - 1))
    factors = np.where(dropped, 0, scale).astype(x.dtype.as_numpy_dtype)
    return _multiplied(x, tf.constant(factors))


def _is_best_packed(grid: Grid) -> bool:
    """Tell whether packed masks can be drawn here, and are the faster ones.

    XLA compiles static shapes alone, and unites booleans in less time than bytes.
    """
    masks = grid.shape[grid.channel_axis]
    few_masks = isinstance(masks, int) and masks < _FEWEST_MASKS
    single_cells = all(isinstance(n, int) and n == 1 for n in grid.map_shape)
    return not (few_masks or single_cells or _is_compiled_by_xla())


def _has_gpu() -> bool:
    return bool(tf.config.list_logical_devices("GPU"))


def _multiplied(x: tf.Tensor, factors: tf.Tensor) -> tf.Tensor:
    """Multiply units by factors, of which 0 makes anything 0."""
    if x.dtype == tf.bfloat16 and _has_gpu():  # which has no kernel for both in one
        return tf.where(factors == 0, tf.zeros([], x.dtype), x * factors)
    return tf.math.multiply_no_nan(x, factors)


def _is_compiled_by_xla() -> bool:
    return not tf.executing_eagerly() and GraphOrParentsInXlaContext(
        get_default_graph()
    )


def _uniform(shape: Any, seed: Any) -> tf.Tensor:
    """Draw float32 numbers from 0 to 1, 1 excluded, by the fastest algorithm.

    That is XLA's own, which no other mode of TensorFlow has; under XLA, TensorFlow
    2.21's default is 500 times slower on the CPU. In other modes the operation alone
    draws: `stateless_uniform()` goes over the numbers twice more, times 1 and plus 0.
    """
    if _is_compiled_by_xla():
        return tf.random.stateless_uniform(shape, seed, alg="threefry")
    key, counter = tf.raw_ops.StatelessRandomGetKeyCounter(seed=seed)
    return tf.raw_ops.StatelessRandomUniformV2(
        shape=shape, key=key, counter=counter, alg=_AUTO_SELECT, dtype=tf.float32
    )


def _replica_seed(seed: tf.Tensor) -> tf.Tensor:
    """Turn a step's seed into the replica's own, in integers that XLA takes."""
    if tf.executing_eagerly():
        seed = tf.constant(seed.numpy() % (tf.int32.max - 1), tf.int32)
    else:
        seed = tf.cast(tf.math.floormod(seed, tf.int32.max - 1), tf.int32)
    replica = tf.distribute.get_replica_context()
    if replica is None or replica.num_replicas_in_sync == 1:
        return seed
    return tf.random.fold_in(seed, replica.replica_id_in_sync_group)


def _row(grid: Grid) -> Any:
    """Return the number of channels, filled up to whole bytes."""
    return -(-grid.shape[-1] // 8) * 8


def _dense_anchors(grid: Grid, hazard: Any, seed: Any) -> tf.Tensor:
    """Draw a number for every place: one byte a place, rows of whole bytes."""
    uniform = partial(_uniform, seed=seed)
    anchors = tf.cast(draw_anchors(grid, hazard, uniform), tf.uint8)
    rank, fill = len(grid.shape), _row(grid) - grid.shape[-1]
    whole = isinstance(fill, int) and fill == 0
    return anchors if whole else tf.pad(anchors, pad_axis(rank, rank - 1, 0, fill))


def _drawn_places(total: Any, hazard: Any, seed: Any) -> tf.Tensor:
    """Draw the anchors' number and the numbers of their places."""
    count_seed, place_seed = tf.unstack(tf.random.split(seed))
    mean = tf.cast(total, tf.float64) * tf.cast(hazard, tf.float64)
    count = tf.random.stateless_poisson([], count_seed, mean, tf.int64)
    return tf.random.stateless_uniform(
        [count], place_seed, 0, tf.maximum(tf.cast(total, tf.int64), 1), tf.int64
    )


def _sparse_anchors(grid: Grid, hazard: Any, seed: Any) -> tf.Tensor:
    """Draw the anchors' number and their places; a tensor like `_dense_anchors`'."""
    places = tf.cast(tf.stack(grid.places), tf.int64)
    index = _drawn_places(tf.reduce_prod(places), hazard, seed)
    count = tf.shape(index)
    channels, row = grid.shape[-1], _row(grid)
    if not isinstance(channels, int) or channels != row:
        fill = tf.cast(row - channels, tf.int64)
        index += index // tf.cast(channels, tf.int64) * fill
    shape = tf.concat([places[:-1], [tf.cast(row, tf.int64)]], 0)
    flags = tf.SparseTensor(
        index[:, None], tf.ones(count, tf.uint8), [tf.reduce_prod(shape)]
    )
    # Without validation a place may repeat. This is ten times faster than scattering.
    return tf.reshape(tf.sparse.to_dense(flags, validate_indices=False), shape)


def _pack(flags: tf.Tensor) -> tf.Tensor:
    """Pack bytes of 0 or 1 as bits, eight to a byte along the last axis."""
    eights = tf.reshape(flags, tf.concat([tf.shape(flags)[:-1], [-1, 8]], 0))
    words = tf.bitcast(eights, tf.int64) * tf.constant(_COLLECT, tf.int64)
    return tf.cast(tf.bitwise.right_shift(words, tf.constant(56, tf.int64)), tf.uint8)


def _unite(bits: tf.Tensor, axis: int, cells: int) -> tf.Tensor:
    """Unite a packed mask with a copy shifted by some cells."""
    rank = len(bits.shape)
    return tf.bitwise.bitwise_or(
        tf.pad(bits, pad_axis(rank, axis, 0, cells)),
        tf.pad(bits, pad_axis(rank, axis, cells, 0)),
    )


def _dropped_bits(grid: Grid, hazard: Any, seed: Any) -> tf.Tensor:
    """Draw a mask: bits set where a cell drops, eight channels in a byte.

    A GPU draws a number for every place with ease, and does not wait for a count.
    """
    dense = partial(_dense_anchors, grid, hazard, seed)
    sparse = partial(_sparse_anchors, grid, hazard, seed)
    anchors = dense() if _has_gpu() else tf.cond(hazard < MOST_SPARSE, sparse, dense)
    return trim(spread(_pack(anchors), grid.block, _unite), grid)


def _factors_last(bits: tf.Tensor, scale: tf.Tensor) -> tf.Tensor:
    """Return each unit's factor, the channels last: a byte's eight from a table."""
    table = tf.constant(_KEPT, scale.dtype) * scale[..., None, None]
    by_sample = scale.shape.rank
    eights = tf.gather(
        table, tf.cast(bits, tf.int32), axis=by_sample, batch_dims=by_sample
    )
    return tf.reshape(eights, tf.concat([tf.shape(bits)[:-1], [-1]], 0))


def _factors_first(bits: tf.Tensor, scale: tf.Tensor) -> tf.Tensor:
    """Return each unit's factor, the channels first: one bit of each byte at a time."""
    rank = len(bits.shape)
    kept = tf.transpose(tf.bitwise.invert(bits), [0, rank - 1, *range(1, rank - 1)])
    powers = 2 ** np.arange(8).reshape([8] + [1] * (rank - 2))
    single = tf.bitwise.bitwise_and(kept[:, :, None], tf.constant(powers, tf.uint8))
    # Divided by a power of two in NumPy: TensorFlow's vector division is not exact.
    scale = tf.reshape(scale, [-1] + [1] * rank) * tf.constant(1 / powers, scale.dtype)
    shape = tf.concat([tf.shape(kept)[:1], [-1], tf.shape(kept)[2:]], 0)
    return tf.reshape(tf.cast(single, scale.dtype) * scale, shape)


def _drop_packed(
    x: tf.Tensor, grid: Grid, rate: Any, hazard: Any, normalize: str, seed: Any
) -> tf.Tensor:
    """Drop blocks of a tensor by a mask of one bit a cell."""
    first = grid.channel_axis == 1
    laid_out = grid.channels_last()
    bits = _dropped_bits(laid_out, hazard, seed)
    # In 64 bits: a GPU adds up no other integers.
    set_bits = tf.cast(tf.raw_ops.PopulationCount(x=bits), tf.int64)
    dropped = tf.reduce_sum(set_bits, range(1, len(grid.shape)))
    cells = tf.reduce_prod([tf.cast(n, tf.int64) for n in grid.shape[1:]])
    kept = tf.cast((cells - dropped) / cells, tf.float32)
    share = kept if normalize == "sample" else tf.reduce_mean(kept)
    scale = tf.cast(scale_of_kept(normalize, rate, share, x.dtype), x.dtype)

    def factors(bits: tf.Tensor) -> tf.Tensor:
        if first:
            return _factors_first(bits, scale)[:, : laid_out.shape[-1]]
        return _factors_last(bits, scale)[..., : laid_out.shape[-1]]

    @tf.custom_gradient
    def multiply(x: tf.Tensor) -> Any:
        def gradient(upstream: tf.Tensor) -> tf.Tensor:
            with tf.control_dependencies([upstream]):
                again = factors(tf.identity(bits))
            return _multiplied(upstream, again)

        return _multiplied(x, factors(bits)), gradient

    return multiply(x)


# What calls that may be computed again have drawn, by call and layer.
_drawn: OrderedDict[tuple[int, int], tuple[Any, list[Any]]] = OrderedDict()
_MOST_DRAWN = 512


def once(layer: keras.layers.Layer, advance: Callable[[], Any]) -> Any:
    """Advance a layer's state; for a call computed again, return what it was then.

    `tf.recompute_grad()`, which `keras.remat()` is, says to nobody what it does: its
    own frames on the stack tell. Both runs of a call share one tuple of arguments.
    """
    again, calls = _recomputed_calls()
    drawn = _drawn_by(calls[0], layer) if again else []
    if drawn:
        drawn.append(drawn.pop(0))
        advanced = drawn[-1]
    else:
        advanced = advance()
    for arguments in calls[again:]:
        _drawn_by(arguments, layer).append(advanced)
    return advanced


def _drawn_by(arguments: tuple[Any, ...], layer: keras.layers.Layer) -> list[Any]:
    """Return the list of what a layer has drawn in a call, which may be empty.

    It goes with the first argument: a reference to that would keep it in memory.
    """
    key = (id(arguments), id(layer))
    alive, drawn = _drawn.get(key, (None, []))
    if alive is None or alive() is not arguments[0]:
        drawn = []
        _drawn[key] = weakref.ref(arguments[0]), drawn
        while len(_drawn) > _MOST_DRAWN:
            _drawn.popitem(last=False)
    return drawn


def _recomputed_calls() -> tuple[bool, list[Any]]:
    """Return whether a call is computed again, and the arguments of those around it.

    From the outermost call that is computed again, or from the outermost of all.
    """
    calls: list[Any] = []
    frame: Any = sys._getframe()
    while frame is not None:
        code = frame.f_code
        if code.co_filename == custom_gradient.__file__:
            if code.co_name == "inner_recompute_grad":
                return True, [frame.f_locals["args"], *calls]
            if code.co_name == "inner" and frame.f_locals.get("args"):
                calls.insert(0, frame.f_locals["args"])
        frame = frame.f_back
    return False, calls


def check_rate(rate: tf.Tensor, expected: str) -> tf.Tensor:
    """Refuse a rate outside of 0 to 1, in graphs as they run, but not under XLA."""
    if not is_deferred(rate):
        return portable.check_rate(rate, expected)
    checked = portable.nan_outside(rate)
    tf.debugging.Assert(tf.logical_not(tf.math.is_nan(checked)), [expected, rate])
    return checked


def is_deferred(rate: tf.Tensor) -> bool:
    """Tell whether a rate has no value yet, as in graphs."""
    return not tf.executing_eagerly()


def track(layer: keras.layers.Layer, variables: Sequence[keras.Variable]) -> None:
    """Let `tf.train.Checkpoint` find variables: in a module that Keras does not search.

    What a layer itself refers to would be its weights.
    """
    layer.state = tf.Module()
    for variable in variables:
        setattr(layer.state, variable.name, variable)
