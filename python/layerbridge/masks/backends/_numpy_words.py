"""NumPy: masks of one bit a cell, drawn by the gaps between anchors."""

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from layerbridge.masks.grid import Grid
from layerbridge.masks.hazard import solve_hazard
from layerbridge.masks.words import MOST_SPARSE, spread_words, strides_of

_BITS_SET = np.array([byte.bit_count() for byte in range(256)], "uint8")


class Plan(NamedTuple):
    """What stays as it is where the rate and the tensor's shape do.

    Attributes:
        hazard: The hazard.
        places: The number of places of a block along each axis, the channels last.
        block: The block's length along each of these axes.
        strides: How far apart the neighbours along each of them lie in memory.
    """

    hazard: float
    places: tuple[int, ...]
    block: tuple[int, ...]
    strides: tuple[int, ...]


@lru_cache(1024)
def plan_of(rate: float, grid: Grid, order: tuple[int, ...], exact_rate: bool) -> Plan:
    """Plan the masks of a grid whose axes lie in memory in an order."""
    last = grid.channels_last()
    hazard = float(solve_hazard(np.float32(rate), grid, exact_rate))
    return Plan(hazard, last.places, last.block, strides_of(grid, order))


def draw_words(plan: Plan, kept: Any, seed: int) -> Any:
    """Draw a mask.

    Args:
        plan: The plan.
        kept: Words, an array of integers, in which to set the bits of kept cells.
        seed: A number of 64 bits.

    Returns:
        The words whose bits are set where cells drop.
    """
    generator = np.random.Generator(np.random.Philox(key=seed))
    words = np.zeros(len(kept), f"uint{8 * kept.itemsize}")
    mark = _mark_sparse if plan.hazard < MOST_SPARSE else _mark_dense
    mark(words, plan, generator)
    words = spread_words(words, plan.block, plan.strides, np.concatenate)
    np.invert(words, kept.view(words.dtype))
    return words


def _mark_sparse(words: Any, plan: Plan, generator: np.random.Generator) -> None:
    """Draw the gaps between anchors; set the anchors' bits.

    A gap is the integer part of an exponential number of mean `1 / hazard`.
    """
    hazard = plan.hazard
    total, last = math.prod(plan.places), -1
    axes = list(zip(plan.places[::-1], plan.strides[::-1], strict=True))
    while last < total and hazard > 0:
        mean = (total - last) * hazard
        drawn = generator.standard_exponential(int(mean + 4 * mean**0.5) + 8)
        gaps = np.minimum(drawn / hazard, total).astype("int64") + 1
        anchors = last + np.cumsum(gaps)
        last = int(anchors[-1])
        anchors = anchors[: np.searchsorted(anchors, total)]
        address = np.zeros_like(anchors)
        for length, stride in axes:
            anchors, index = np.divmod(anchors, length)
            address += index * stride
        bit, word = np.divmod(address, len(words))
        # No place is drawn twice, so that adding a bit sets it.
        np.add.at(words, word, words.dtype.type(1) << bit.astype(words.dtype))


def _mark_dense(words: Any, plan: Plan, generator: np.random.Generator) -> None:
    """Draw a number for every place of a block; set the anchors' bits."""
    bits = 8 * words.itemsize
    cells = np.zeros((bits, len(words)), bool)
    axes = [stride * cells.itemsize for stride in plan.strides]
    at_places = np.lib.stride_tricks.as_strided(cells, plan.places, axes)
    gamma = -np.expm1(-plan.hazard)
    at_places[...] = generator.random(plan.places, "float32") < gamma
    for bit, run in enumerate(cells):
        words |= run.astype(words.dtype) << words.dtype.type(bit)


def places_in_words(plan: Plan, words: int, dtype: str) -> Any:
    """Return words in which the bit of every place of a block is set."""
    places = np.zeros(words, dtype)
    _mark_dense(places, plan._replace(hazard=math.inf), np.random.default_rng(0))
    return places


def kept_share(dropped: Any, shape: Sequence[int], by_sample: bool) -> Any:
    """Compute the share of bits that are not set: of all, or of each sample's."""
    cells = math.prod(shape)
    as_bytes = dropped.view("uint8")
    if by_sample:
        runs = np.unpackbits(as_bytes.reshape(len(dropped), -1), 1, bitorder="little")
        cells //= shape[0]
        by_cell = runs.T.reshape(-1)[: cells * shape[0]]
        count = np.count_nonzero(by_cell.reshape(shape[0], -1), 1)
    else:
        count = np.sum(_BITS_SET[as_bytes], dtype="int64")[None]
    return ((cells - count) / cells).astype("float32")
