"""The cells that a mask decides on, and the block that drops them."""

import dataclasses
from collections.abc import Sequence
from typing import Any

from keras import ops


@dataclasses.dataclass(frozen=True)
class Grid:
    """The cells that a mask decides on, and the block that drops them.

    The grid has one cell along an axis that the block covers whole, and along the
    channels where they share a mask; the mask is broadcast there. The family's members
    differ in their grids alone: for dropout it has the cells of the tensor, for spatial
    dropout one for each channel of each sample, for drop path one for each sample.

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

    def channels_last(self) -> "Grid":
        """Lay the grid out with the channels last.

        Anchors are always drawn in this layout, so that both data formats draw the
        same ones under one seed.
        """
        order = (0, *self.map_axes, self.channel_axis)
        shape, block = ([of[a] for a in order] for of in (self.shape, self.block))
        return Grid(tuple(shape), tuple(block), len(order) - 1)


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
        per_channel: Whether each channel has a separate mask.

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
    if k == 1:
        return n
    if isinstance(n, int):
        return min(max(n - k + 1, 1), n)
    return ops.minimum(ops.maximum(n - k + 1, 1), n)
