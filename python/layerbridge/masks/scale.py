"""What kept units are multiplied by."""

from functools import lru_cache
from typing import Any, Literal

import keras
import ml_dtypes
import numpy as np
from keras import ops

from layerbridge.masks.namespace import namespace

Normalize = Literal["batch", "sample", "expected", "none"]


def share_of_cells(kept: Any, cells: Any) -> Any:
    """Divide a count of kept cells, in float32, by that of all: 1 where all are kept.

    XLA multiplies by the rounded `1 / cells` instead, which comes near 1 only.
    """
    return ops.where(kept == cells, 1.0, kept / cells)


def scale_of_kept(normalize: str, rate: Any, kept: Any, dtype: Any) -> Any:
    """Compute the factor by which kept units are scaled up.

    It is computed in float32, and at most the dtype's largest number, because a kept 0
    times infinity would be NaN.

    Args:
        normalize: `"batch"` or `"sample"` for one over the fraction of kept cells (the
            paper's `count(M) / count_ones(M)`) in the whole tensor or in each sample,
            `"expected"` for `1 / (1 - rate)`, `"none"` for 1.
        rate: The expected fraction of dropped cells: a scalar float32 tensor.
        kept: The fraction of cells that the drawn mask keeps: a float32 tensor, or an
            array of NumPy's.
        dtype: The dtype of the units.

    Returns:
        A float32 tensor like `kept`; 0 where nothing is kept.
    """
    xp = namespace(kept)
    if normalize == "none":
        return xp.ones_like(kept)
    share = xp.ones_like(kept) * (1 - rate) if normalize == "expected" else kept
    scale = xp.where(share > 0, 1 / xp.where(share > 0, share, 1.0), 0.0)
    return xp.minimum(scale, largest(dtype))


@lru_cache
def largest(dtype: Any) -> Any:
    """Return the largest number of both a dtype and float32."""
    finfo: Any = ml_dtypes.finfo
    names = ("float32", keras.backend.standardize_dtype(dtype))
    return np.float32(min(float(finfo(name).max) for name in names))
