"""JAX: on the CPU, few random numbers and one bit a cell.

Anchors are rare, so that drawing the gaps between them takes a few percent of the
random numbers that a draw for every place takes. The gap after an anchor is `m` places
or longer with probability `(1 - gamma) ** m = exp(-t * m)`, so that it is the integer
part of an exponential draw of mean `1 / t`. Many walkers go at once, each along places
of its own, until all have come to an end: no shape depends on the rate.

Bit `b` of a word stands for sample `b`, so that blocks of all samples are spread at
once, and a training step stores the bits alone.

XLA's generator is taken as it is; JAX 0.7 draws seven times slower by its own.
"""

from functools import partial
from math import ceil, prod
from typing import Any

import jax
import keras
from jax import lax
from jax import numpy as jnp

from layerbridge.masks.anchors import draw_anchors, spread
from layerbridge.masks.backends import portable
from layerbridge.masks.backends.portable import once, track
from layerbridge.masks.grid import Grid
from layerbridge.masks.hazard import solve_hazard
from layerbridge.masks.scale import scale_of_kept, share_of_cells

__all__ = [
    "check_rate",
    "drop",
    "is_held",
    "next_seed",
    "once",
    "release",
    "track",
]

# With more anchors a place than this, a number for every place is cheaper.
_MOST_HITS = 0.25

_WALKERS = 1024
_BITS = 32


def next_seed(seed: keras.random.SeedGenerator) -> jax.Array:
    """Return a seed's state and count the call."""
    return seed.next()


def drop(
    x: jax.Array,
    grid: Grid,
    rate: Any,
    exact_rate: bool,
    normalize: str,
    seed: jax.Array,
) -> jax.Array:
    """Drop blocks of a tensor; the arguments are those of `portable.drop`."""
    symbolic = not all(isinstance(n, int) for n in x.shape)
    if jax.default_backend() != "cpu" or symbolic:
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
    words = lax.cond(
        hazard < _MOST_HITS,
        partial(_dropped_words, _sparse_anchors, grid),
        partial(_dropped_words, _dense_anchors, grid),
        hazard,
        state,
    )
    share = _kept_share(words, grid, normalize == "sample")
    return _multiply(x, words, scale_of_kept(normalize, rate, share, x.dtype))


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


def _samples_a_word(grid: Grid) -> int:
    """Return how many samples have a bit in each word, the first one in bit 0."""
    samples = grid.shape[0]
    return ceil(samples / ceil(samples / _BITS))


def _dropped_words(mark: Any, grid: Grid, hazard: jax.Array, state: jax.Array) -> Any:
    """Draw a mask of one bit a cell, set where the cell drops."""
    return spread(mark(grid, hazard, state), grid.block, _unite)


def _sparse_anchors(grid: Grid, hazard: jax.Array, state: jax.Array) -> jax.Array:
    """Draw the gaps between anchors; set the anchors' bits."""
    last = grid.channels_last()
    places, in_word = last.places, _samples_a_word(grid)
    lengths = (ceil(grid.shape[0] / in_word), *grid.shape[1:])
    # Of each axis of `last`, how far apart its cells lie in the words.
    axes = (0, *grid.map_axes, grid.channel_axis)
    strides = [prod(lengths[axis + 1 :]) for axis in axes]
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
        sample, *cell = jnp.unravel_index(place, places)
        group, bit = jnp.divmod(sample, in_word)
        address = sum(i * n for i, n in zip((group, *cell), strides, strict=True))
        # No place is drawn twice, so that adding a bit sets it.
        address = jnp.where(place < end, address, words.size)
        words = words.at[address].add(
            jnp.uint32(1) << bit.astype("uint32"), mode="drop"
        )
        return *walk(state, place + 1), words

    def is_under_way(step: Any) -> jax.Array:
        return jnp.any(step[1] < end)

    words = jnp.zeros(prod(lengths), "uint32")
    *_, words = lax.while_loop(is_under_way, mark, (*walk(state, start), words))
    return words.reshape(lengths)


def _dense_anchors(grid: Grid, hazard: jax.Array, state: jax.Array) -> jax.Array:
    """Draw a number for every place of a block; set the anchors' bits."""
    anchors = draw_anchors(grid.channels_last(), hazard, partial(_uniform, state))
    anchors = jnp.moveaxis(anchors, -1, grid.channel_axis)
    in_word = _samples_a_word(grid)
    words = ceil(grid.shape[0] / in_word)
    ends = [words * in_word, *grid.shape[1:]]
    padding = [(0, n - p, 0) for n, p in zip(ends, anchors.shape, strict=True)]
    bits = lax.pad(anchors.astype("uint32"), jnp.uint32(0), padding)
    by_word = bits.reshape(words, in_word, *grid.shape[1:])
    return jnp.sum(by_word << _bits_of(by_word), 1, dtype="uint32")


def _bits_of(by_word: jax.Array) -> jax.Array:
    """Number the bits of words along the second axis."""
    return lax.broadcasted_iota("uint32", by_word.shape, 1)


def _unite(words: jax.Array, axis: int, cells: int) -> jax.Array:
    """Unite a mask with a copy shifted by some cells."""
    padding = [
        (cells, -cells, 0) if a == axis else (0, 0, 0) for a in range(words.ndim)
    ]
    return words | lax.pad(words, jnp.uint32(0), padding)


def _unpack(words: jax.Array, samples: int) -> jax.Array:
    """Return a boolean a cell."""
    in_word = ceil(samples / len(words))
    by_word = jnp.broadcast_to(words[:, None], (len(words), in_word, *words.shape[1:]))
    bits = (by_word >> _bits_of(by_word)) & 1 == 1
    return bits.reshape(-1, *words.shape[1:])[:samples]


def _kept_share(words: jax.Array, grid: Grid, by_sample: bool) -> jax.Array:
    """Compute the share of cells that are kept: of all, or of each sample's."""
    # Counted in integers: float32 counts exactly to 2 ** 24 only.
    if by_sample:
        axes, cells = tuple(range(1, len(grid.shape))), prod(grid.shape[1:])
        bits = _unpack(words, grid.shape[0])
        dropped = jnp.sum(bits, axes, "int32", keepdims=True)
    else:
        cells = prod(grid.shape)
        dropped = jnp.sum(lax.population_count(words).astype("int32"))
    return share_of_cells((cells - dropped).astype("float32"), cells)


def _multiply(x: jax.Array, words: jax.Array, scale: jax.Array) -> jax.Array:
    """Set dropped units to 0, whatever they are, and scale up the others."""
    return jnp.where(_unpack(words, len(x)), 0, x * scale)


def check_rate(rate: jax.Array, words: str) -> jax.Array:
    """Refuse a rate outside of 0 to 1, in compiled steps as they run."""
    if isinstance(rate, jax.core.Tracer):
        jax.debug.callback(partial(portable.refuse_outside, words), rate)
        return portable.nan_outside(rate)
    return portable.check_rate(rate, words)


def is_held(variable: keras.Variable) -> bool:
    """Tell whether a running `fit()` or a stateless call holds the variable's value."""
    return portable.is_held(variable) or variable._value is None


def release(model: keras.Model) -> None:
    """Return the values that a running `fit()` holds to the model's variables."""
    model.jax_state_sync()
