"""What kept units are multiplied by."""

from typing import Any

import keras
import ml_dtypes
from keras import ops

NORMALIZATIONS = ("batch", "sample", "expected", "none")


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
        kept: The fraction of cells that the drawn mask keeps: a float32 tensor.
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
