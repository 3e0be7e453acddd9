"""NumPy: masks of one bit or one boolean a cell, drawn by gaps between anchors."""

import math
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from layerbridge.masks.anchors import spread
from layerbridge.masks.bits import MOST_SPARSE, spread_words, strides_of
from layerbridge.masks.gamma import solve_hazard
from layerbridge.masks.grid import Grid

BITS_SET = np.array([byte.bit_count() for byte in range(256)], "uint8")


class Plan(NamedTuple):
    """What stays as it is where the rate and the tensor's shape do.

    Attributes:
        hazard: The hazard.
        places: The number of places of a block along each axis, the channels last.
        block: The block's length along each of these axes.
        strides: How far apart the neighbours along each of them lie in memory.
        runs: The number of places and their distance along each axis, after axes whose
            places follow on one another were joined.
    """

    hazard: float
    places: tuple[int, ...]
    block: tuple[int, ...]
    strides: tuple[int, ...]
    runs: tuple[tuple[int, int], ...]

    @property
    def reach(self) -> int:
        """How far apart the first and the last cell of a block are."""
        steps = zip(self.block, self.strides, strict=True)
        return sum((k - 1) * stride for k, stride in steps)

    def addresses(self, places: Any) -> Any:
        """Tell where in memory the places of some numbers are."""
        address: Any = 0
        for length, stride in self.runs[:0:-1]:
            places, index = np.divmod(places, length)
            address = index * stride + address
        return places * self.runs[0][1] + address


@lru_cache(1024)
def plan_of(rate: float, grid: Grid, order: tuple[int, ...], exact_rate: bool) -> Plan:
    """Plan the masks of a grid whose axes lie in memory in an order."""
    last = grid.channels_last()
    hazard = float(solve_hazard(np.float32(rate), grid, exact_rate))
    strides = strides_of(grid, order)
    runs = _joined(zip(last.places, strides, strict=True))
    return Plan(hazard, last.places, last.block, strides, runs)


def _joined(axes: Iterable[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """Join axes, the outer ones first, of which one goes on where the next one ends."""
    runs: list[tuple[int, int]] = []
    for length, stride in axes:
        if runs and runs[-1][1] == length * stride:
            length *= runs.pop()[0]
        runs.append((length, stride))
    return tuple(runs)


def draw_words(plan: Plan, kept: Any, seed: int) -> Any:
    """Draw a mask.

    Args:
        plan: The plan.
        kept: Words, an array of integers, in which to set the bits of kept cells.
        seed: A number of 64 bits.

    Returns:
        The words whose bits are set where cells drop.
    """
    words = np.zeros(len(kept), f"uint{8 * kept.itemsize}")
    generator = _generator(seed)
    if plan.hazard < MOST_SPARSE:
        for places in _places_by_gaps(plan, generator):
            bit, word = np.divmod(plan.addresses(places), len(words))
            # No place is drawn twice, so that adding a bit sets it.
            np.add.at(words, word, words.dtype.type(1) << bit.astype(words.dtype))
    else:
        _pack(words, plan, generator)
    words = spread_words(words, plan.block, plan.strides, np.concatenate)
    np.invert(words, kept.view(words.dtype))
    return words


def draw_cells(plan: Plan, shape: Sequence[int], seeds: Sequence[int]) -> Any:
    """Draw the masks of `draw_words` as booleans, faster where cells are few.

    Args:
        plan: The plan.
        shape: A mask's shape in memory.
        seeds: For each mask a number of 64 bits.

    Returns:
        An array of a mask for each seed, true where cells drop.
    """
    size = math.prod(shape)
    # In front of each mask and after the last are as many cells as a block reaches.
    cells = np.zeros(len(seeds) * (plan.reach + size) + plan.reach, bool)
    starts = np.arange(len(seeds)) * (plan.reach + size) + plan.reach
    if plan.hazard >= MOST_SPARSE:
        for start, seed in zip(starts, seeds, strict=True):
            _mark_dense(cells[start:], plan, _generator(seed))
    elif plan.hazard > 0:
        _mark_sparse(cells, starts, plan, seeds)
    masks = spread_cells(cells, plan).reshape(len(seeds), -1)[:, :size]
    return masks.reshape(len(seeds), *shape)


def _mark_sparse(cells: Any, starts: Any, plan: Plan, seeds: Sequence[int]) -> None:
    """Mark the anchors of masks that start at some cells, by gaps as one mask's are."""
    generator, drawn = _generator(0), []
    for seed in seeds:
        generator.bit_generator.state = _state_of(seed)
        drawn.append(generator.standard_exponential(_enough(plan, -1)))
    places = _sums(plan, np.stack(drawn)) - 1
    inside = places < math.prod(plan.places)
    cells[(plan.addresses(places) + starts[:, None])[inside]] = True
    for mask in np.flatnonzero(inside[:, -1]):  # where these were not enough
        for more in _places_by_gaps(plan, _generator(seeds[mask])):
            cells[plan.addresses(more) + starts[mask]] = True


def _generator(seed: int) -> np.random.Generator:
    return np.random.Generator(np.random.Philox(key=seed))


_START = np.random.Philox(key=0).state


def _state_of(seed: int) -> dict[str, Any]:
    """Return the state of a new generator, which takes longer to make than to set."""
    return {
        **_START,
        "state": {**_START["state"], "key": np.array([seed, 0], "uint64")},
    }


def spread_cells(cells: Any, plan: Plan) -> Any:
    """Spread anchors over their blocks.

    Args:
        cells: Booleans that mark the anchors, after as many as a block reaches over.
        plan: The plan.
    """

    def unite(cells: Any, axis: int, n: int) -> Any:
        shift = n * plan.strides[axis]
        return cells[shift:] | cells[:-shift]

    return spread(cells, plan.block, unite)


def _places_by_gaps(plan: Plan, generator: np.random.Generator) -> Iterator[Any]:
    """Draw the gaps between anchors, and yield the numbers of the anchors' places.

    A gap is the integer part of an exponential number of mean `1 / hazard`.
    """
    total, last = math.prod(plan.places), -1
    while last < total and plan.hazard > 0:
        drawn = generator.standard_exponential(_enough(plan, last))
        anchors = last + _sums(plan, drawn)
        last = int(anchors[-1])
        yield anchors[: np.searchsorted(anchors, total)]


def _enough(plan: Plan, last: int) -> int:
    """Return how many gaps most likely lead from a place to beyond all."""
    mean = (math.prod(plan.places) - last) * plan.hazard
    return int(mean + 4 * mean**0.5) + 8


def _sums(plan: Plan, drawn: Any) -> Any:
    """Add up gaps from exponential numbers: how far each anchor is from the start."""
    most = math.prod(plan.places)
    gaps = np.minimum(drawn / plan.hazard, most).astype("int64") + 1
    return np.cumsum(gaps, axis=-1)


def _mark_dense(cells: Any, plan: Plan, generator: np.random.Generator) -> None:
    """Draw a number for every place of a block; mark the anchors."""
    gamma = -np.expm1(-plan.hazard)
    mark_places(cells, plan, generator.random(plan.places, "float32") < gamma)


def mark_places(cells: Any, plan: Plan, marks: Any) -> None:
    """Mark cells by what each place of a block has."""
    axes = [stride * cells.itemsize for stride in plan.strides]
    np.lib.stride_tricks.as_strided(cells, plan.places, axes)[...] = marks


def _pack(words: Any, plan: Plan, generator: np.random.Generator) -> None:
    """Set the bits of anchors of which each place has one drawn."""
    cells = np.zeros((8 * words.itemsize, len(words)), bool)
    _mark_dense(cells, plan, generator)
    for bit, run in enumerate(cells):
        words |= run.astype(words.dtype) << words.dtype.type(bit)


def places_in_words(plan: Plan, words: int, dtype: str) -> Any:
    """Return words in which the bit of every place of a block is set."""
    places = np.zeros(words, dtype)
    _pack(places, plan._replace(hazard=math.inf), np.random.default_rng(0))
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
        count = np.sum(BITS_SET[as_bytes], dtype="int64")[None]
    return ((cells - count) / cells).astype("float32")


def kept_share_of_cells(dropped: Any, by_sample: bool, masks: int = 1) -> Any:
    """Compute the share of booleans that are not set: of masks, or of each sample's."""
    if by_sample:
        count = np.count_nonzero(dropped.reshape(len(dropped), -1), 1)
    else:
        count = np.array([*map(np.count_nonzero, dropped.reshape(masks, -1))])
    cells = dropped.size // len(count)
    return ((cells - count) / cells).astype("float32")
