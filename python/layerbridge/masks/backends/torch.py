"""PyTorch: what `torch.compile` cannot compile."""

from functools import partial
from typing import Any

import keras
import torch

from layerbridge.masks.backends import portable
from layerbridge.masks.backends.portable import is_held, release
from layerbridge.masks.grid import Grid

__all__ = ["drop", "is_held", "release"]

# PyTorch 2.13 turns it into C++ that does not compile. It runs as it is instead.
_dropped_cells = torch.compiler.disable(portable.dropped_cells)


def drop(
    x: Any,
    grid: Grid,
    rate: Any,
    hazard: Any,
    normalize: str,
    seed: keras.random.SeedGenerator,
) -> Any:
    """Drop blocks of a tensor; the arguments are those of `portable.drop`."""
    uniform = partial(keras.random.uniform, dtype="float32", seed=seed)
    return portable.apply(x, _dropped_cells(grid, hazard, uniform), rate, normalize)
