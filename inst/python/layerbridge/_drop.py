"""Structured dropout of one tensor: choose the sampler, drop, scale up."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import keras
from keras import ops

from layerbridge._masks import (
    dropped_cells,
    exact_hazard,
    make_grid,
    paper_hazard,
    scale_of_kept,
)

if keras.backend.backend() == "tensorflow":
    import tensorflow as tf

    from layerbridge import _packed
elif keras.backend.backend() == "torch":
    import torch

    # PyTorch 2.13 turns it into C++ that does not compile. It runs as it is instead.
    dropped_cells = torch.compiler.disable(dropped_cells)


def structured_dropout(
    x: Any,
    rate: Any,
    block: Sequence[int] | None,
    *,
    channel_axis: int,
    per_channel: bool,
    normalize: str,
    exact_rate: bool,
    seed: keras.random.SeedGenerator,
) -> Any:
    """Drop blocks of a tensor and scale up what is kept.

    Args:
        x: A floating tensor with axes for batch, map and channels.
        rate: The expected share to drop, from 0 to 1: a scalar float32 tensor.
        block: The block's length along each spatial axis; `None` for the whole map.
        channel_axis: The axis of the channels, counted from 0.
        per_channel: Whether each channel has a mask of its own.
        normalize: How kept units are scaled up; see `scale_of_kept`.
        exact_rate: Whether `rate` holds exactly, or by the paper's formula.
        seed: Where the random numbers come from.

    Returns:
        A tensor like `x`.
    """
    if 0 in x.shape:
        return x
    grid = make_grid(ops.shape(x), block, channel_axis, per_channel)
    solve = exact_hazard if exact_rate else paper_hazard
    hazard = solve(rate, grid.map_shape, grid.map_block)
    if keras.backend.backend() == "tensorflow":
        step_seed = _packed.replica_seed(seed.next())
        if _packed.suits(grid):
            return _packed.drop(x, grid, rate, hazard, normalize, step_seed)
        uniform = partial(tf.random.stateless_uniform, seed=step_seed)
    else:
        uniform = partial(keras.random.uniform, dtype="float32", seed=seed)
    dropped = dropped_cells(grid, hazard, uniform)
    kept = 1 - ops.cast(dropped, "float32")
    counted = tuple(range(1, len(x.shape))) if normalize == "sample" else None
    share = ops.mean(kept, axis=counted, keepdims=True)
    scale = scale_of_kept(normalize, rate, share, x.dtype)
    if keras.backend.backend() == "tensorflow":
        factors = tf.stop_gradient(tf.cast(kept, x.dtype) * scale)
        return _packed.multiply_kept(x, factors)
    return ops.where(dropped, 0, x * scale)
