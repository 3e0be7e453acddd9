"""Masks in `keras.ops`: a random number for every place, one boolean a cell."""

from collections.abc import Callable, Sequence
from functools import partial
from math import prod
from typing import Any

import keras
from keras import ops
from keras.src.backend.common.stateless_scope import in_stateless_scope

from layerbridge.checks import ROUNDING, check_returned_rate
from layerbridge.masks.anchors import draw_anchors, pad_axis, spread, trim
from layerbridge.masks.gamma import solve_hazard
from layerbridge.masks.grid import Grid
from layerbridge.masks.scale import scale_of_kept, share_of_cells


def with_rank(x: Any, axes: int | None, call: Callable[[Any], Any]) -> Any:
    """Call a function of a tensor; TensorFlow alone may not know how many axes it has.

    Args:
        x: A tensor.
        axes: How many axes it should have, or `None` where the first alone matters.
        call: The function, which returns a tensor like `x`.
    """
    return call(x)


def read(layer: keras.layers.Layer, variable: keras.Variable) -> Any:
    """Return the value of a variable of a layer's state."""
    return variable.value


def next_seed(layer: keras.layers.Layer) -> Any:
    """Return the layer's generator, which counts when a number is drawn."""
    return layer.seed_generator


def drop(
    x: Any,
    grid: Grid,
    rate: Any,
    exact_rate: bool,
    normalize: str,
    seed: Any,
) -> Any:
    """Drop blocks of a tensor and scale up what is kept.

    Args:
        x: A floating-point tensor.
        grid: The grid of its mask.
        rate: The expected share to drop: a scalar float32 tensor.
        exact_rate: Whether `rate` holds exactly, or by the paper's formula.
        normalize: How kept units are scaled up; see `scale_of_kept`.
        seed: What `next_seed` returned.

    Returns:
        A tensor like `x`.
    """
    hazard = solve_hazard(rate, grid, exact_rate)
    uniform = partial(keras.random.uniform, dtype="float32", seed=seed)
    return apply(x, dropped_cells(grid, hazard, uniform), rate, normalize)


def dropped_cells(grid: Grid, hazard: Any, uniform: Callable[[Any], Any]) -> Any:
    """Draw a mask with a number for every place; the arguments are `draw_anchors`'.

    Returns:
        A boolean tensor of the grid's shape, true where a cell drops.
    """
    laid_out = grid.channels_last()
    anchors = draw_anchors(laid_out, hazard, uniform)
    mask = trim(spread(anchors, laid_out.block, _unite), laid_out)
    return ops.moveaxis(mask, -1, grid.channel_axis)


def _unite(mask: Any, axis: int, cells: int) -> Any:
    """Unite a mask with a copy shifted by some cells."""
    after, before = [
        ops.pad(mask, pad_axis(len(mask.shape), axis, *ends), constant_values=False)
        for ends in ((0, cells), (cells, 0))
    ]
    return ops.logical_or(after, before)


def apply(x: Any, dropped: Any, rate: Any, normalize: str) -> Any:
    """Set dropped units to 0, whatever they are, and scale up the others."""
    return ops.where(dropped, 0, x * scale_of_mask(dropped, rate, normalize, x.dtype))


def scale_of_mask(dropped: Any, rate: Any, normalize: str, dtype: Any) -> Any:
    """Compute the scale from a boolean mask; see `scale_of_kept`."""
    by_sample = normalize == "sample"
    counted = tuple(range(by_sample, len(dropped.shape)))
    cells = prod(ops.cast(ops.shape(dropped)[axis], "float32") for axis in counted)
    # Rows are counted in integers: float32 counts exactly to 2 ** 24 only.
    kept = ops.cast(ops.logical_not(dropped), "int32")
    rows = ops.sum(kept, axis=tuple(range(2, len(dropped.shape))), keepdims=True)
    kept = ops.sum(
        ops.cast(rows, "float32"), axis=counted[: 2 - by_sample], keepdims=True
    )
    share = share_of_cells(kept, cells)
    return ops.cast(scale_of_kept(normalize, rate, share, dtype), dtype)


def once(layer: keras.layers.Layer, advance: Callable[[], Any]) -> Any:
    """Advance a layer's state for a training step, which nothing repeats."""
    return advance()


def track(layer: keras.layers.Layer, variables: Sequence[keras.Variable]) -> None:
    """Leave variables to the backend's own tools, which find them already."""


def check_rate(rate: Any, expected: str) -> Any:
    """Refuse a rate outside of 0 to 1 where it has a value, and return it."""
    try:
        value = float(ops.convert_to_numpy(rate))
    except Exception:  # each backend raises another where there is none
        return nan_outside(rate)
    refuse_outside(expected, value)
    return rate


def is_deferred(rate: Any) -> bool:
    """Tell whether a rate may have no value yet: nothing tells on every backend."""
    return True


def refuse_outside(expected: str, value: float) -> None:
    """Raise unless a rate is in [0, 1]."""
    check_returned_rate(expected, float(value), "the step to come")


def nan_outside(rate: Any) -> Any:
    """Make a rate outside of 0 to 1 NaN, which every unit becomes then.

    There is no NaN before: debuggers of numbers stop at it.
    """
    within = ops.logical_and(rate >= -ROUNDING, rate <= 1 + ROUNDING)
    return rate * ops.sqrt(ops.where(within, 1.0, -1.0))


def is_held(variable: keras.Variable) -> bool:
    """Tell whether a stateless call holds the variable's value."""
    return in_stateless_scope()


def release(model: keras.Model) -> None:
    """Return the values that a running `fit()` holds: there are none."""
