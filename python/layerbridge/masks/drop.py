"""Structured dropout of one tensor."""

from collections.abc import Sequence
from typing import Any

from keras import ops

from layerbridge.masks import backends
from layerbridge.masks.grid import make_grid


def structured_dropout(
    x: Any,
    rate: Any,
    block: Sequence[int] | None,
    *,
    channel_axis: int,
    per_channel: bool,
    normalize: str,
    exact_rate: bool,
    seed: Any,
) -> Any:
    """Drop blocks of a tensor and scale up what is kept.

    Args:
        x: A floating-point tensor with axes for batch, map and channels.
        rate: The expected fraction to drop, from 0 to 1: a scalar float32 tensor.
        block: The block's length along each spatial axis; `None` for the whole map.
        channel_axis: The axis of the channels, counted from 0.
        per_channel: Whether each channel has a separate mask.
        normalize: How kept units are scaled up; see `scale_of_kept`.
        exact_rate: Whether `rate` holds exactly, or as the paper approximates it.
        seed: What `backends.next_seed` returned for this step.

    Returns:
        A tensor like `x`.
    """
    shape = tuple(x.shape)
    if 0 in shape:
        return x
    if None in shape:
        shape = ops.shape(x)
    grid = make_grid(shape, block, channel_axis, per_channel)
    return backends.drop(x, grid, rate, exact_rate, normalize, seed)
