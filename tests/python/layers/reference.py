"""What a mask must be, written plainly in float64 NumPy and apart from the package."""

import itertools
import math

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view


def planes(x, data_format):
    """Give a tensor the axes (batch, channel, *map)."""
    return np.moveaxis(x, -1, 1) if data_format == "channels_last" else np.asarray(x)


def clip(block, map_shape):
    """Clip a block to the map, axis by axis."""
    if isinstance(block, int):
        block = (block,) * len(map_shape)
    return tuple(map(min, block, map_shape))


def under_whole_blocks(dropped, block):
    """Mark the cells that some wholly dropped block inside the map covers.

    The map's axes are the last ones. A mask is a union of whole blocks exactly where
    this gives it back.
    """
    axes = tuple(range(-len(block), 0))
    anchors = sliding_window_view(dropped, block, axis=axes).all(axis=axes)
    covered = np.zeros_like(dropped)
    for offset in itertools.product(*map(range, block)):
        places = zip(offset, anchors.shape[-len(block) :], strict=True)
        covered[(..., *(slice(o, o + n) for o, n in places))] |= anchors
    return covered


def coverage(map_shape, block):
    """Count the anchors that cover each cell, by laying every block."""
    count = np.zeros(map_shape, int)
    for anchor in itertools.product(
        *(range(n - k + 1) for n, k in zip(map_shape, block, strict=True))
    ):
        count[tuple(slice(a, a + k) for a, k in zip(anchor, block, strict=True))] += 1
    return count


def dropped_share(gamma, map_shape, block):
    """Compute the expected share of dropped cells."""
    return np.mean(1 - (1 - gamma) ** coverage(map_shape, block))


def exact_gamma(rate, map_shape, block):
    """Find by bisection the gamma that drops `rate` of the cells."""
    low, high = 0.0, 1.0
    for _ in range(60):
        gamma = (low + high) / 2
        if dropped_share(gamma, map_shape, block) < rate:
            low = gamma
        else:
            high = gamma
    return gamma


def paper_gamma(rate, map_shape, block):
    """Compute the paper's gamma."""
    places = math.prod(n - k + 1 for n, k in zip(map_shape, block, strict=True))
    return min(1.0, rate * math.prod(map_shape) / math.prod(block) / places)
