"""How likely an anchor is: gamma, as its hazard, at which the rate drops."""

from collections.abc import Sequence
from functools import reduce
from typing import Any

import numpy as np
from keras import ops

from layerbridge.masks.grid import Grid, anchor_places
from layerbridge.masks.namespace import namespace

_NEWTON_STEPS = 6

# The hazard at which all drops, and the largest probability below 1: with these, no
# number is infinite, which debuggers of numbers stop at.
_CERTAIN = np.finfo("float32").max
_ALMOST_CERTAIN = np.nextafter(np.float32(1), np.float32(0))


def solve_hazard(rate: Any, grid: Grid, exact_rate: bool) -> Any:
    """Solve for the hazard; see `exact_hazard` and `paper_hazard`."""
    solve = exact_hazard if exact_rate else paper_hazard
    with np.errstate(all="ignore"):
        hazard = solve(rate, grid.map_shape, grid.map_block)
    return namespace(rate).array(hazard, "float32")


def _coverage(n: Any, k: int) -> tuple[Any, Any]:
    """Group the cells of an axis by the number of anchors that cover them.

    Returns the numbers `1, ..., k`, and for each the fraction of the `n` cells that so
    many anchors cover.
    """
    xp = np if isinstance(n, int) else ops
    most = xp.minimum(xp.minimum(n, k), anchor_places(n, k))
    anchors = xp.arange(1, k + 1, dtype="int32")
    cells = xp.where(anchors < most, 2, xp.where(anchors == most, n - 2 * most + 2, 0))
    return anchors, xp.divide(cells, n)


def _outer(a: Any, b: Any) -> Any:
    """Multiply each number of an array with each of another one, of one axis."""
    return a[..., None] * b


def exact_hazard(rate: Any, map_shape: Sequence[Any], block: Sequence[int]) -> Any:
    """Solve for the hazard at which the expected fraction of dropped cells is `rate`.

    The expected fraction of kept cells is the mean of `exp(-t * c)` over the map, `c`
    being the number of anchors that cover a cell. Its logarithm is convex in `t`, so
    that Newton's method rises from 0 to the solution and never passes it. Six steps
    bring the fraction within 2e-6 of any rate up to 0.999999.

    Args:
        rate: The share to drop, from 0 to 1: a scalar float32 tensor, or NumPy's.
        map_shape: The map's length along each axis: integers or integer tensors.
        block: The block's length along each axis: integers.

    Returns:
        A scalar like `rate`, the largest number where that is 1.
    """
    xp = namespace(rate)
    if max(block, default=1) == 1:
        return _hazard_of(rate)
    axes = [_coverage(n, k) for n, k in zip(map_shape, block, strict=True)]
    anchors, share = (
        xp.array(xp.reshape(reduce(_outer, numbers), [-1]), "float32")
        for numbers in zip(*axes, strict=True)
    )
    moments = xp.stack([share, share * anchors])
    minus_log_kept = -xp.log1p(-xp.minimum(rate, _ALMOST_CERTAIN))
    t = minus_log_kept / xp.sum(moments[1])
    for _ in range(_NEWTON_STEPS - 1):
        sums = xp.matmul(moments, xp.exp(anchors * -t))
        t = t + (xp.log(sums[0]) + minus_log_kept) * sums[0] / sums[1]
    # At rate 0 the rounded shares may leave a hazard that is small but not zero.
    return xp.where(rate > 0, xp.where(rate < 1, t, _CERTAIN), 0.0)


def paper_hazard(rate: Any, map_shape: Sequence[Any], block: Sequence[int]) -> Any:
    """Compute the hazard of the paper's gamma, which drops about `rate` of the cells.

    `gamma = rate * prod(n) / prod(k) / prod(n - k + 1)`: equation 1 of the paper
    (arXiv 1810.12890), with one factor for each axis, and at most 1.

    Args:
        rate: The share to drop, from 0 to 1: a scalar float32 tensor, or NumPy's.
        map_shape: The map's length along each axis: integers or integer tensors.
        block: The block's length along each axis: integers.

    Returns:
        A scalar like `rate`, the largest number where gamma is 1.
    """
    xp = namespace(rate)
    gamma = rate
    for n, k in zip(map_shape, block, strict=True):
        clipped = min(n, k) if isinstance(n, int) else ops.minimum(n, k)
        fitting = xp.array(clipped * anchor_places(n, k), "float32")
        gamma = gamma * xp.array(n, "float32") / fitting
    return _hazard_of(gamma)


def _hazard_of(gamma: Any) -> Any:
    """Return the hazard at which an anchor is drawn with a probability."""
    xp = namespace(gamma)
    hazard = -xp.log1p(-xp.minimum(gamma, _ALMOST_CERTAIN))
    return xp.where(gamma >= 1, _CERTAIN, hazard)
