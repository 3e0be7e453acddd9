"""Masks of one bit a cell.

The cells of a mask, in the order of the units' memory, are cut into as many runs as a
word has bits. Bit `b` of word `w` stands for cell `w` of run `b`. So every word is full
whatever the batch, the map and the channels are, a mask is shifted by any number of
cells at once, and neighbouring words stand for neighbouring units: what is done with
one bit of all words is done with a run of units.
"""

from collections.abc import Callable, Sequence
from math import ceil, prod
from typing import Any

from layerbridge.masks.anchors import spread
from layerbridge.masks.grid import Grid

# With more anchors a place than this, a number for every place is cheaper than one for
# every anchor.
MOST_SPARSE = 0.25


def number_of_words(shape: Sequence[int], bits: int) -> int:
    """Return how many words of so many bits hold a mask of a shape."""
    return -(-prod(shape) // bits)


def strides_of(grid: Grid, order: Sequence[int]) -> tuple[int, ...]:
    """Return how far apart the neighbours along each axis lie in memory.

    Args:
        grid: The grid.
        order: Its axes, the outermost in memory first.

    Returns:
        A number of cells for each axis of the grid, with the channels last.
    """
    strides, step = [0] * len(order), 1
    for axis in reversed(order):
        strides[axis] = step
        step *= grid.shape[axis]
    return tuple(strides[axis] for axis in (0, *grid.map_axes, grid.channel_axis))


def spread_words(
    words: Any,
    block: Sequence[int],
    strides: Sequence[int],
    concatenate: Callable[[list[Any]], Any],
) -> Any:
    """Spread anchors over their blocks.

    Blocks end inside of the map, so that a mask can be shifted as a whole: none gets
    into the next row, channel or sample. What is shifted into a run is the end of the
    run before, which is put in front first.

    Args:
        words: Words in which the anchors' bits are set.
        block: The block's length along each axis.
        strides: How far apart the neighbours along each axis lie in memory.
        concatenate: A function that concatenates arrays.
    """

    def unite(words: Any, axis: int, cells: int) -> Any:
        shift = cells * strides[axis]
        return words[shift:] | words[:-shift]

    reach = sum((k - 1) * stride for k, stride in zip(block, strides, strict=True))
    if reach == 0:
        return words
    runs = range(ceil(reach / len(words)), 0, -1)
    runs_before = concatenate([*(words << run for run in runs), words])
    return spread(runs_before[-reach - len(words) :], block, unite)
