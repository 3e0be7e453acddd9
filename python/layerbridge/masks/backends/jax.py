"""JAX: on the CPU, few random numbers and one bit a cell.

Anchors are rare, so that drawing the gaps between them takes a few percent of the
random numbers that a draw for every place takes. The gap after an anchor is `m` places
or longer with probability `(1 - gamma) ** m = exp(-t * m)`, so that it is the integer
part of an exponential draw of mean `1 / t`. Many walkers go at once, each along places
of its own, until all have come to an end: no shape depends on the rate.

The mask is one bit a cell, and a training step stores the bits alone.

XLA's generator is taken as it is; JAX 0.7 draws seven times slower by its own.
"""

from collections.abc import Callable
from functools import partial
from math import ceil, prod
from typing import Any

import jax
import keras
from jax import lax
from jax import numpy as jnp
from jax.core import Tracer

from layerbridge.masks.anchors import draw_anchors
from layerbridge.masks.backends import portable
from layerbridge.masks.backends.portable import once, read, track, with_rank
from layerbridge.masks.bits import (
    MOST_SPARSE,
    number_of_words,
    spread_words,
    strides_of,
)
from layerbridge.masks.gamma import solve_hazard
from layerbridge.masks.grid import Grid
from layerbridge.masks.scale import scale_of_kept, share_of_cells

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

# Places are counted in 32 bits, and walkers may pass the last one.
_MOST_CELLS = 2**31 - 2**23

_WALKERS = 1024
_BITS = 32


def next_seed(layer: keras.layers.Layer) -> jax.Array:
    """Return the state of the layer's seed and count the call."""
    return layer.seed_generator.next()


def drop(
    x: jax.Array,
    grid: Grid,
    rate: Any,
    exact_rate: bool,
    normalize: str,
    seed: jax.Array,
) -> jax.Array:
    """Drop blocks of a tensor; the arguments are those of `portable.drop`."""
    known = all(isinstance(n, int) for n in x.shape)
    if jax.default_backend() != "cpu" or not known or prod(grid.shape) > _MOST_CELLS:
        hazard = solve_hazard(rate, grid, exact_rate)
        dropped = portable.dropped_cells(
            grid, hazard, partial(jax.random.uniform, seed)
        )
        return portable.apply(x, dropped, rate, normalize)
    return _drop_compiled(x, grid, rate, exact_rate, normalize, seed)


@partial(jax.jit, static_argnames=("grid", "exact_rate", "normalize"))
def _drop_compiled(
    x: jax.Array,
    grid: Grid,
    rate: jax.Array,
    exact_rate: bool,
    normalize: str,
    seed: jax.Array,
) -> jax.Array:
    """Drop blocks of a tensor, by compiled code where the call is eager too."""
    hazard = solve_hazard(rate, grid, exact_rate)
    state = jnp.concatenate([seed, jnp.zeros(2, seed.dtype)])
    if grid.shape != x.shape:
        dropped = portable.dropped_cells(grid, hazard, partial(_uniform, state))
        return portable.apply(x, dropped, rate, normalize)
    # What a branch returns is stored: else XLA unites words anew for each unit.
    words = lax.cond(
        hazard < MOST_SPARSE,
        partial(_dropped_words, _sparse_anchors, grid),
        partial(_dropped_words, _dense_anchors, grid),
        hazard,
        state,
    )
    share = _kept_share(words, grid, normalize == "sample")
    scale = scale_of_kept(normalize, rate, share, x.dtype).astype(x.dtype)
    return _multiply(x, words, grid, scale)


def _draw(state: jax.Array, shape: Any) -> tuple[jax.Array, jax.Array]:
    """Draw random bits: the generator's next state, and a word for each number.

    Under `jax.vmap`, JAX's generator would use the first of several states for all.
    """
    threefry = lax.RandomAlgorithm.RNG_THREE_FRY
    draw = partial(lax.rng_bit_generator, shape=shape, algorithm=threefry)
    state, bits = jax.custom_batching.sequential_vmap(draw)(state)
    return state, bits


def _uniform(state: jax.Array, shape: Any) -> jax.Array:
    """Draw float32 numbers from 0 to 1, 1 excluded."""
    return (_draw(state, shape)[1] >> 8).astype("float32") * 2.0**-24


def _bits(grid: Grid) -> int:
    """Return how many bits of a word are used.

    Where runs of cells fill them, XLA multiplies run by run, three times as fast.
    """
    cells = prod(grid.shape)
    return next((b for b in range(_BITS, _BITS // 2, -1) if cells % b == 0), _BITS)


def _dropped_words(
    draw: Callable[..., jax.Array], grid: Grid, hazard: jax.Array, state: jax.Array
) -> jax.Array:
    """Draw anchors, and set the bits of the cells under their blocks."""
    strides = strides_of(grid, range(len(grid.shape)))
    block = grid.channels_last().block
    anchors = draw(grid, hazard, state)
    words: jax.Array = spread_words(anchors, block, strides, jnp.concatenate)
    return words


def _sparse_anchors(grid: Grid, hazard: jax.Array, state: jax.Array) -> jax.Array:
    """Draw the gaps between anchors; set the anchors' bits."""
    places = grid.channels_last().places
    strides = strides_of(grid, range(len(places)))
    length = number_of_words(grid.shape, _bits(grid))
    longest = ceil(prod(places) / _WALKERS)
    start = jnp.arange(_WALKERS, dtype="int32") * longest
    end = jnp.minimum(start + longest, prod(places))

    def walk(state: jax.Array, place: jax.Array) -> tuple[jax.Array, jax.Array]:
        state, bits = _draw(state, (_WALKERS,))
        drawn = -jnp.log1p((bits.astype("float32") + 0.5) * -(2.0**-_BITS))
        gap = jnp.minimum(drawn / hazard, longest).astype("int32")
        return state, place + gap

    def mark(step: Any) -> Any:
        state, place, words = step
        index = jnp.unravel_index(place, places)
        address = sum(i * stride for i, stride in zip(index, strides, strict=True))
        bit, word = jnp.divmod(address, length)
        # No place is drawn twice, so that adding a bit sets it.
        word = jnp.where(place < end, word, length)
        words = words.at[word].add(jnp.uint32(1) << bit.astype("uint32"), mode="drop")
        return *walk(state, place + 1), words

    def is_under_way(step: Any) -> jax.Array:
        return jnp.any(step[1] < end)

    words = jnp.zeros(length, "uint32")
    *_, words = lax.while_loop(is_under_way, mark, (*walk(state, start), words))
    return words


def _dense_anchors(grid: Grid, hazard: jax.Array, state: jax.Array) -> jax.Array:
    """Draw a number for every place of a block; set the anchors' bits."""
    anchors = draw_anchors(grid.channels_last(), hazard, partial(_uniform, state))
    anchors = jnp.moveaxis(anchors, -1, grid.channel_axis)
    ends = zip(grid.shape, anchors.shape, strict=True)
    padding = [(0, n - places, 0) for n, places in ends]
    cells = lax.pad(anchors.astype("uint32"), jnp.uint32(0), padding).ravel()
    bits = _bits(grid)
    length = number_of_words(grid.shape, bits)
    runs = jnp.pad(cells, (0, length * bits - cells.size)).reshape(bits, length)
    return jnp.sum(runs << _bits_of(runs), 0, dtype="uint32")


def _bits_of(runs: jax.Array) -> jax.Array:
    """Number the bits of words along the first axis."""
    return lax.broadcasted_iota("uint32", runs.shape, 0)


def _unpack(words: jax.Array, grid: Grid) -> jax.Array:
    """Return a boolean a cell, true where the bit is set: a run of cells a bit."""
    runs = jnp.broadcast_to(words, (_bits(grid), len(words)))
    return (runs >> _bits_of(runs)) & 1 == 1


def _kept_share(words: jax.Array, grid: Grid, by_sample: bool) -> jax.Array:
    """Compute the share of cells that are kept: of all, or of each sample's."""
    # Counted in integers: float32 counts exactly to 2 ** 24 only.
    if by_sample:
        axes, cells = tuple(range(1, len(grid.shape))), prod(grid.shape[1:])
        by_cell = _unpack(words, grid).ravel()[: prod(grid.shape)].reshape(grid.shape)
        dropped = jnp.sum(by_cell, axes, "int32", keepdims=True)
    else:
        cells = prod(grid.shape)
        dropped = jnp.sum(lax.population_count(words).astype("int32"))
    return share_of_cells((cells - dropped).astype("float32"), cells)


def _multiply(
    x: jax.Array, words: jax.Array, grid: Grid, scale: jax.Array
) -> jax.Array:
    """Set dropped units to 0, whatever they are, and scale up the others."""
    dropped = _unpack(words, grid)
    if x.size == dropped.size:
        scaled = (x * scale).reshape(dropped.shape)
        return jnp.where(dropped, 0, scaled).reshape(x.shape)
    return jnp.where(dropped.ravel()[: x.size].reshape(x.shape), 0, x * scale)


def check_rate(rate: jax.Array, expected: str) -> jax.Array:
    """Refuse a rate outside of 0 to 1, in compiled steps as they run."""
    if is_deferred(rate):
        jax.debug.callback(partial(portable.refuse_outside, expected), rate)
        return portable.nan_outside(rate)
    return portable.check_rate(rate, expected)


def is_deferred(rate: jax.Array) -> bool:
    """Tell whether a rate has no value yet, as in compiled steps."""
    return isinstance(rate, Tracer)


def is_held(variable: keras.Variable) -> bool:
    """Tell whether a running `fit()` or a stateless call holds the variable's value."""
    return portable.is_held(variable) or variable._value is None


def release(model: keras.Model) -> None:
    """Return the values that a running `fit()` holds to the model's variables."""
    model.jax_state_sync()
