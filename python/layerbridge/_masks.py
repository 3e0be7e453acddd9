"""Masks of structured dropout, as functions of arrays.

A map has `n1 x ... x nd` cells. An anchor is a place where a whole block of
`k1 x ... x kd` cells fits. Each plane of a tensor (a sample's channel; a sample,
where the mask is shared) draws its anchors independently with probability `gamma`,
and every cell under a drawn block is dropped. A cell that `c` anchors cover is
therefore kept with probability `(1 - gamma) ** c`.

Block 1 drops single elements, and a block as large as the map drops whole planes:
dropout, DropBlock and spatial dropout are one family.

In place of `gamma` the code computes with the hazard `t = -log(1 - gamma)`, so that
a cell is kept with probability `exp(-t * c)`.
"""

import dataclasses
import math
from collections.abc import Callable, Sequence
from functools import reduce
from typing import Any

import keras
import ml_dtypes
import numpy as np
from keras import ops

NORMALIZATIONS = ("batch", "sample", "expected", "none")

_NEWTON_STEPS = 6


@dataclasses.dataclass(frozen=True)
class Grid:
    """The cells that a mask decides on, and the block that drops them.

    The grid has one cell along an axis that the block covers whole, and along the
    channels where they share a mask; the mask is broadcast there.

    Attributes:
        shape: The grid's length along each axis of the tensor: integers, or scalar
            integer tensors where a length is unknown until the call.
        block: The block's length along each axis of the tensor: integers, 1 along
            batch and channels.
        channel_axis: The axis of the channels, counted from 0.
    """

    shape: tuple[Any, ...]
    block: tuple[int, ...]
    channel_axis: int

    @property
    def map_axes(self) -> tuple[int, ...]:
        """The spatial axes."""
        return tuple(a for a in range(1, len(self.shape)) if a != self.channel_axis)

    @property
    def places(self) -> tuple[Any, ...]:
        """The number of places along each axis where the block fits."""
        lengths = zip(self.shape, self.block, strict=True)
        return tuple(anchor_places(n, k) for n, k in lengths)

    @property
    def map_shape(self) -> tuple[Any, ...]:
        """The map's length along each spatial axis."""
        return tuple(self.shape[axis] for axis in self.map_axes)

    @property
    def map_block(self) -> tuple[int, ...]:
        """The block's length along each spatial axis."""
        return tuple(self.block[axis] for axis in self.map_axes)


def make_grid(
    shape: Sequence[Any],
    block: Sequence[int] | None,
    channel_axis: int,
    per_channel: bool,
) -> Grid:
    """Lay the grid for a tensor.

    Args:
        shape: The tensor's shape: integers or scalar integer tensors.
        block: The block's length along each spatial axis; `None` for the whole map.
        channel_axis: The axis of the channels, counted from 0.
        per_channel: Whether each channel has a mask of its own.

    Returns:
        A `Grid`.
    """
    lengths, blocks = list(shape), [1] * len(shape)
    if not per_channel:
        lengths[channel_axis] = 1
    map_axes = [axis for axis in range(1, len(shape)) if axis != channel_axis]
    for axis, k in zip(map_axes, block or map_axes, strict=True):
        n = shape[axis]
        if block is None or (isinstance(n, int) and k >= n):
            lengths[axis] = 1
        else:
            blocks[axis] = k
    return Grid(tuple(lengths), tuple(blocks), channel_axis)


def anchor_places(n: Any, k: int) -> Any:
    """Count the places along an axis of `n` cells where a block of `k` fits.

    A block longer than the axis is clipped to it and fits once; in an axis without
    cells nothing fits.
    """
    if isinstance(n, int):
        return min(max(n - k + 1, 1), n)
    return ops.minimum(ops.maximum(n - k + 1, 1), n)


def _coverage(n: Any, k: int) -> tuple[np.ndarray[Any, Any], Any]:
    """Share out the cells of an axis by the number of anchors that cover them.

    Returns the numbers `1, ..., k`, and for each the share of the `n` cells that so
    many anchors cover.
    """
    xp = np if isinstance(n, int) else ops
    most = xp.minimum(xp.minimum(n, k), anchor_places(n, k))
    anchors = np.arange(1, k + 1, dtype="int32")
    cells = xp.where(anchors < most, 2, xp.where(anchors == most, n - 2 * most + 2, 0))
    return anchors, xp.divide(cells, n)


def _outer(a: Any, b: Any) -> Any:
    """Multiply each number of an array with each of another one, of one axis."""
    return a[..., None] * b


def exact_hazard(rate: Any, map_shape: Sequence[Any], block: Sequence[int]) -> Any:
    """Solve for the hazard with which the expected share of dropped cells is `rate`.

    The expected share of kept cells is the mean of `exp(-t * c)` over the map, `c`
    being the number of anchors that cover a cell. Its logarithm is convex in `t`, so
    that Newton's method from 0 rises to the solution and never passes it. Six steps
    bring the share within 2e-6 of any rate up to 0.999999.

    Args:
        rate: The share to drop, from 0 to 1: a scalar float32 tensor.
        map_shape: The map's length along each axis: integers or integer tensors.
        block: The block's length along each axis: integers.

    Returns:
        A scalar float32 tensor, infinite where `rate` is 1.
    """
    if max(block) == 1:
        return -ops.log1p(-rate)
    axes = [_coverage(n, k) for n, k in zip(map_shape, block, strict=True)]
    anchors, share = (
        ops.cast(ops.reshape(reduce(_outer, numbers), [-1]), "float32")
        for numbers in zip(*axes, strict=True)
    )
    moments = ops.stack([share, share * anchors])
    minus_log_kept = -ops.log1p(-rate)
    t = minus_log_kept / ops.sum(moments[1])
    for _ in range(_NEWTON_STEPS - 1):
        kept, slope = ops.unstack(ops.matmul(moments, ops.exp(anchors * -t)), 2)
        t = t + (ops.log(kept) + minus_log_kept) * kept / slope
    # At rate 0 the rounded shares may leave a hazard that is small but not zero.
    return ops.where(rate > 0, ops.where(rate < 1, t, math.inf), 0.0)


def paper_hazard(rate: Any, map_shape: Sequence[Any], block: Sequence[int]) -> Any:
    """Compute the hazard of the paper's gamma, which drops about `rate` of the cells.

    `gamma = rate * prod(n) / prod(k) / prod(n - k + 1)`: equation 1 of the paper
    (arXiv 1810.12890), with one factor for each axis, and at most 1.

    Args:
        rate: The share to drop, from 0 to 1: a scalar float32 tensor.
        map_shape: The map's length along each axis: integers or integer tensors.
        block: The block's length along each axis: integers.

    Returns:
        A scalar float32 tensor, infinite where gamma is 1.
    """
    gamma = rate
    for n, k in zip(map_shape, block, strict=True):
        clipped = min(n, k) if isinstance(n, int) else ops.minimum(n, k)
        fitting = ops.cast(clipped * anchor_places(n, k), "float32")
        gamma = gamma * ops.cast(n, "float32") / fitting
    return -ops.log1p(-ops.minimum(gamma, 1.0))


def with_channels_last(grid: Grid) -> Grid:
    """Lay a grid out with the channels last.

    Anchors are drawn so whatever the tensor's layout: both data formats draw the same
    ones under one seed.
    """
    order = (0, *grid.map_axes, grid.channel_axis)
    shape, block = ([lengths[a] for a in order] for lengths in (grid.shape, grid.block))
    return Grid(tuple(shape), tuple(block), len(order) - 1)


def draw_anchors(grid: Grid, hazard: Any, uniform: Callable[[Any], Any]) -> Any:
    """Draw a number for every place of a block, and an anchor where it is under gamma.

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
    """Give the padding of all axes that pads one of them."""
    return [[before, after] if a == axis else [0, 0] for a in range(rank)]


def trim(mask: Any, grid: Grid) -> Any:
    """Cut a spread mask to the map, where only the call showed the block too long."""
    window = tuple(
        slice(None) if isinstance(n, int) or k == 1 else slice(n)
        for n, k in zip(grid.shape, grid.block, strict=True)
    )
    return mask[window]


def dropped_cells(grid: Grid, hazard: Any, uniform: Callable[[Any], Any]) -> Any:
    """Draw a mask with a number for every place; the arguments are `draw_anchors`'.

    Returns:
        A boolean tensor of the grid's shape, true where a cell drops.
    """

    def unite(mask: Any, axis: int, cells: int) -> Any:
        after, before = [
            ops.pad(mask, pad_axis(len(mask.shape), axis, *ends), constant_values=False)
            for ends in ((0, cells), (cells, 0))
        ]
        return ops.logical_or(after, before)

    drawn = with_channels_last(grid)
    anchors = draw_anchors(drawn, hazard, uniform)
    mask = trim(spread(anchors, drawn.block, unite), drawn)
    return ops.moveaxis(mask, -1, grid.channel_axis)


def scale_of_kept(normalize: str, rate: Any, kept: Any, dtype: Any) -> Any:
    """Compute the factor by which kept units are scaled up.

    It is computed in float32, and no larger than the dtype's largest number: times
    infinity a kept 0 would be NaN.

    Args:
        normalize: `"batch"` or `"sample"` for one over the share of kept cells (the
            paper's `count(M) / count_ones(M)`) of the whole tensor or of each sample,
            `"expected"` for `1 / (1 - rate)`, `"none"` for 1.
        rate: The expected share of dropped cells: a scalar float32 tensor.
        kept: The share of kept cells that was drawn: a float32 tensor.
        dtype: The dtype of the units.

    Returns:
        A tensor of that dtype that broadcasts against `kept`; 0 where nothing is kept.
    """
    if normalize == "none":
        return ops.ones_like(rate, dtype)
    scale = ops.divide_no_nan(1.0, 1 - rate if normalize == "expected" else kept)
    largest = min(
        float(ml_dtypes.finfo(name).max)  # type: ignore[no-untyped-call]
        for name in ("float32", keras.backend.standardize_dtype(dtype))
    )
    return ops.cast(ops.minimum(scale, largest), dtype)
