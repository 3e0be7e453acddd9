"""The hazard at which the expected share of a map drops."""

import math
from collections.abc import Sequence
from functools import reduce
from typing import Any

import numpy as np
from keras import ops

from layerbridge.masks.grid import anchor_places

_NEWTON_STEPS = 6


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
