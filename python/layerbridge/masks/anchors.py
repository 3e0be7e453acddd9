"""From drawn anchors to masks, whatever a backend keeps them in."""

from collections.abc import Callable, Sequence
from typing import Any

from keras import ops

from layerbridge.masks.grid import Grid


def draw_anchors(grid: Grid, hazard: Any, uniform: Callable[[Any], Any]) -> Any:
    """Draw a number for every place of a block, and an anchor where it is under gamma.

    The probability is gamma up to the resolution of float32 numbers, `2 ** -24`.

    Args:
        grid: A `Grid`.
        hazard: The hazard: a scalar float32 tensor.
        uniform: A function of a shape that draws float32 numbers from 0 to 1.

    Returns:
        A boolean tensor of the shape `grid.places`.
    """
    return uniform(grid.places) < -ops.expm1(-hazard)


def spread(
    anchors: Any, block: Sequence[int], unite: Callable[[Any, int, int], Any]
) -> Any:
    """Spread each anchor over its block, an axis at a time.

    Along an axis the anchors' reach doubles with every union of the mask and its
    shifted copy, so that a block of `k` takes `ceil(log2(k))` unions.

    Args:
        anchors: A tensor that marks the first cells of the blocks.
        block: The block's length along each axis of `anchors`.
        unite: A function of a mask, an axis and a number of cells, which unites the
            mask with a copy shifted by so many cells.

    Returns:
        A tensor like `anchors` that marks the cells under the blocks.
    """
    for axis, k in enumerate(block):
        reach = 1
        while reach < k:
            step = min(reach, k - reach)
            anchors = unite(anchors, axis, step)
            reach += step
    return anchors


def pad_axis(rank: int, axis: int, before: int, after: int) -> list[list[int]]:
    """Return the padding of every axis, of which one is padded."""
    return [[before, after] if a == axis else [0, 0] for a in range(rank)]


def trim(mask: Any, grid: Grid) -> Any:
    """Cut a spread mask to the map, where only the call showed the block too long."""
    window = tuple(
        slice(None) if isinstance(n, int) or k == 1 else slice(n)
        for n, k in zip(grid.shape, grid.block, strict=True)
    )
    return mask[window]
