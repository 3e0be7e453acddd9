"""The fraction of units that a layer, or another library's DropBlock, actually drops.

Every DropBlock draws anchors among the cells of the map, each with the same probability
gamma, and drops the block around each anchor. A cell that the blocks of `c` possible
anchors cover is dropped with probability `1 - (1 - gamma) ** c`. Libraries differ in
gamma, in where anchors may lie, and in how far a block extends before and after its
anchor; each scheme below is those three facts.
"""

import math
from collections.abc import Callable, Sequence
from functools import reduce
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt
from keras import ops

from layerbridge.checks import check_rate, check_sizes, checked_call
from layerbridge.layers.base import StructuredDropout
from layerbridge.layers.maps import MapDropout
from layerbridge.masks.gamma import exact_hazard, paper_hazard
from layerbridge.masks.grid import make_grid
from layerbridge.shown import shown, size_shown

Formula = Literal["paper", "keras-cv", "timm", "torchvision", "dropblock"]
_Sizes = tuple[int, ...]
_Counts = list[npt.NDArray[np.int64]]


@checked_call()
def effective_rate(
    dropout: StructuredDropout | Formula,
    map_shape: int | Sequence[int],
    rate: float | None = None,
    block_size: int | Sequence[int] | None = None,
) -> float:
    """Compute the expected fraction of a map's units that dropout actually drops.

    The result is computed from the probabilities, not simulated. For a layer of
    layerbridge it equals the layer's rate, unless the layer was made with
    `exact_rate=False`.

    Args:
        dropout: A structured dropout layer, taken at its current rate; or the name of
            a formula: `"paper"` for the paper's equation 1, or the name of a library,
            `"keras-cv"`, `"timm"`, `"torchvision"` or `"dropblock"`, the PyTorch
            package.
        map_shape: Integer, or one integer per spatial axis, such as
            `(height, width)`.
        rate: Float between 0 and 1, the rate that the formula is applied to. Only for
            a formula, since a layer has its own.
        block_size: Integer, or one integer per spatial axis. Only for a formula, since
            a layer has its own.

    Returns:
        A float between 0 and 1.

    Raises:
        ValueError: If an argument is invalid, or the library does not support such a
            map or block.

    Example:
    >>> from layerbridge import DropBlock2D, effective_rate
    >>> round(effective_rate("timm", (14, 14), rate=0.1, block_size=7), 3)
    0.209
    >>> round(effective_rate(DropBlock2D(0.1, 7), (14, 14)), 3)
    0.1
    """
    lengths = check_sizes("map_shape", map_shape)
    if isinstance(dropout, StructuredDropout):
        if rate is not None or block_size is not None:
            raise ValueError(
                "`rate` and `block_size` apply to formulas only, since a layer has its "
                f"own; received the layer {dropout.name!r}"
            )
        return _of_layer(dropout, lengths)
    if not isinstance(dropout, str) or dropout not in get_args(Formula):
        raise ValueError(
            "`dropout` must be a structured dropout layer or one of "
            f"{', '.join(map(repr, get_args(Formula)))}; received {shown(dropout)}"
        )
    blocks = check_sizes("block_size", block_size, rank=len(lengths))
    blocks = blocks * (len(lengths) // len(blocks))
    gamma, counts = _SCHEMES[dropout](check_rate("rate", rate), lengths, blocks)
    return _dropped(min(max(gamma, 0.0), 1.0), counts)


def _of_layer(layer: StructuredDropout, lengths: _Sizes) -> float:
    if isinstance(layer, MapDropout) and len(lengths) != layer.rank:
        raise ValueError(
            f"`map_shape` must have {layer.rank} axes for {type(layer).__name__}; "
            f"received {size_shown(lengths)}"
        )
    grid = make_grid((1, *lengths, 1), layer.block(), len(lengths) + 1, True)
    solve = exact_hazard if layer.exact_rate else paper_hazard
    rate = ops.convert_to_tensor(layer.current_rate, "float32")
    hazard = float(solve(rate, grid.map_shape, grid.map_block))
    counts = _inside(grid.map_shape, grid.map_block)
    return _dropped(-math.expm1(-hazard), counts)


def _dropped(gamma: float, counts: _Counts) -> float:
    """Average over the cells; `counts` has, for each axis, how many anchors reach."""
    anchors = reduce(np.multiply.outer, counts)
    return float(np.mean(1 - (1 - gamma) ** anchors))


def _reaching(n: int, anchors: range, before: int, after: int) -> npt.NDArray[np.int64]:
    """Count, for each cell, the anchors up to `before` before and `after` after it."""
    cells = np.arange(n)
    first = np.maximum(cells - before, anchors.start)
    last = np.minimum(cells + after, min(anchors.stop, n) - 1)
    return np.maximum(last - first + 1, 0)


def _inside(lengths: _Sizes, blocks: _Sizes) -> _Counts:
    """Count anchors whose block lies wholly inside the map."""
    return [
        _reaching(n, range(n - k + 1), k - 1, 0)
        for n, k in zip(lengths, blocks, strict=True)
    ]


def _paper_gamma(rate: float, lengths: _Sizes, blocks: _Sizes) -> float:
    """Compute equation 1 in double precision, as libraries do in Python.

    `paper_hazard` has it for the layers, in the backend's float32.
    """
    fitting = math.prod(n - k + 1 for n, k in zip(lengths, blocks, strict=True))
    return rate * math.prod(lengths) / math.prod(blocks) / fitting


def _received(lengths: _Sizes, blocks: _Sizes) -> str:
    axes = f"{len(lengths)} {'axis' if len(lengths) == 1 else 'axes'}"
    return (
        f"received a map of {size_shown(lengths)}, with {axes}, and a block of "
        f"{size_shown(blocks)}"
    )


def _clip(lengths: _Sizes, blocks: _Sizes) -> _Sizes:
    return tuple(map(min, lengths, blocks))


def _paper(rate: float, lengths: _Sizes, blocks: _Sizes) -> tuple[float, _Counts]:
    blocks = _clip(lengths, blocks)
    return _paper_gamma(rate, lengths, blocks), _inside(lengths, blocks)


def _torchvision(rate: float, lengths: _Sizes, blocks: _Sizes) -> tuple[float, _Counts]:
    """One odd size for all axes, clipped to the shortest axis of the map."""
    block = min(*blocks, *lengths)
    if len(set(blocks)) > 1 or block % 2 == 0 or len(lengths) not in (2, 3):
        raise ValueError(
            "torchvision takes maps with 2 or 3 axes and one block size, odd once it "
            f"is clipped to the map; {_received(lengths, blocks)}"
        )
    return _paper(rate, lengths, (block,) * len(lengths))


def _timm(rate: float, lengths: _Sizes, blocks: _Sizes) -> tuple[float, _Counts]:
    """Anchors anywhere, with the paper's gamma, which assumes blocks inside the map."""
    if len(set(blocks)) > 1 or len(lengths) != 2:
        raise ValueError(
            "timm takes maps with 2 axes and one block size; "
            f"{_received(lengths, blocks)}"
        )
    blocks = _clip(lengths, blocks)
    counts = [
        _reaching(n, range(n), (k - 1) // 2, k // 2)
        for n, k in zip(lengths, blocks, strict=True)
    ]
    return _paper_gamma(rate, lengths, blocks), counts


def _dropblock(rate: float, lengths: _Sizes, blocks: _Sizes) -> tuple[float, _Counts]:
    """Anchors anywhere, with a gamma that ignores the margins."""
    if len(set(blocks)) > 1 or len(lengths) not in (2, 3):
        raise ValueError(
            "dropblock takes maps with 2 or 3 axes and one block size; "
            f"{_received(lengths, blocks)}"
        )
    counts = [
        _reaching(n, range(n), k // 2, (k - 1) // 2)
        for n, k in zip(lengths, blocks, strict=True)
    ]
    return rate / math.prod(blocks), counts


def _keras_cv(rate: float, lengths: _Sizes, blocks: _Sizes) -> tuple[float, _Counts]:
    """Rows of anchors limited by the width, and blocks clipped in some places only."""
    if len(lengths) != 2:
        raise ValueError(
            f"keras-cv takes maps with 2 axes; {_received(lengths, blocks)}"
        )
    clipped = _clip(lengths, blocks)
    fitting = math.prod(n - k + 1 for n, k in zip(lengths, blocks, strict=True))
    gamma = math.inf if rate else 0.0
    if fitting:
        gamma = rate * math.prod(lengths) / math.prod(clipped) / fitting
    width = lengths[1]
    counts = [
        _reaching(
            n, range(inside // 2, width - (inside - 1) // 2), (k - 1) // 2, k // 2
        )
        for n, k, inside in zip(lengths, blocks, clipped, strict=True)
    ]
    return gamma, counts


_SCHEMES: dict[Formula, Callable[[float, _Sizes, _Sizes], tuple[float, _Counts]]] = {
    "paper": _paper,
    "keras-cv": _keras_cv,
    "timm": _timm,
    "torchvision": _torchvision,
    "dropblock": _dropblock,
}
