"""PyTorch: masks of few cells, drawn together for the calls to come.

What each call of NumPy's takes besides its work is most of what few cells take. The
masks do not depend on which are drawn together.
"""

from collections.abc import Sequence
from hashlib import blake2b
from math import prod
from threading import Lock
from typing import NamedTuple

import numpy as np
import torch

from layerbridge.masks.backends._numpy_bits import (
    draw_cells,
    kept_share_of_cells,
    plan_of,
)
from layerbridge.masks.grid import Grid
from layerbridge.masks.scale import scale_of_kept

# Integers as wide as a unit.
WORDS = {2: torch.int16, 4: torch.int32, 8: torch.int64}

# How many masks at most are drawn together, and how many cells these have.
_MOST_CALLS = 32
_MOST_CELLS = 2**17

# How many bytes of masks are kept, and how many those objects take that hold one.
_MOST_BYTES = 2**25
_BYTES_OF_OBJECTS = 2**10

Mask = tuple[torch.Tensor, torch.Tensor]


class Kind(NamedTuple):
    """What calls have in common whose masks are drawn together."""

    seed: tuple[int, ...]
    grid: Grid
    order: tuple[int, ...]
    exact_rate: bool
    normalize: str
    dtype: torch.dtype
    rate: float


def _bytes_of(masks: dict[int, Mask | None]) -> int:
    held = [0 if mask is None else mask[0].nbytes for mask in masks.values()]
    return sum(held) + len(held) * _BYTES_OF_OBJECTS


class _Latest(dict[Kind, dict[int, Mask | None]]):
    """The masks of calls by their number, those of the kinds that were drawn latest.

    Of a call that follows none of its kind, as every one of a schedule, the number
    alone is kept.
    """

    def __init__(self) -> None:
        super().__init__()
        self._bytes, self._lock = 0, Lock()

    def keep(self, kind: Kind, masks: dict[int, Mask | None]) -> None:
        """Keep the masks of a kind, and of other kinds as many as there is room for."""
        with self._lock:
            self._bytes += _bytes_of(masks) - _bytes_of(self.pop(kind, {}))
            self[kind] = masks
            while self._bytes > _MOST_BYTES:
                self._bytes -= _bytes_of(self.pop(next(iter(self))))


_ready = _Latest()


def mask_of_call(kind: Kind, call: int) -> Mask:
    """Return the words that mask units, 0 where they drop, and the scale.

    Where calls of one kind follow one another, the masks of more and more are drawn
    together.
    """
    ready = _ready.get(kind, {})
    mask = ready.get(call)
    if mask is not None:
        return mask
    follows = call - 1 in ready
    most = max(1, min(_MOST_CALLS, _MOST_CELLS // prod(kind.grid.shape)))
    number = min(2 * len(ready), most) if follows else 1
    # Later calls may be of another mode, and train.
    with torch.inference_mode(False):
        drawn = _drawn(kind, range(call, call + number))
    _ready.keep(kind, {**drawn} if follows else {call: None})
    return drawn[call]


def _drawn(kind: Kind, calls: Sequence[int]) -> dict[int, Mask]:
    shape = [kind.grid.shape[axis] for axis in kind.order]
    seeds = [hashed(kind.seed, call) for call in calls]
    plan = plan_of(kind.rate, kind.grid, kind.order, kind.exact_rate)
    dropped = draw_cells(plan, shape, seeds)
    by_sample = kind.normalize == "sample"
    share = kept_share_of_cells(dropped.reshape(-1, *shape[1:]), by_sample, len(calls))
    scale = torch.from_numpy(
        scale_of_kept(kind.normalize, np.float32(kind.rate), share, kind.dtype)
    )
    kept = torch.from_numpy(dropped).to(WORDS[kind.dtype.itemsize]).sub_(1)
    back = [0, *(1 + kind.order.index(axis) for axis in range(len(shape)))]
    scale = scale.to(kind.dtype).view(len(calls), -1, *[1] * (len(shape) - 1))
    masks = zip(kept.permute(back).unbind(), scale.unbind(), strict=True)
    return dict(zip(calls, masks, strict=True))


def hashed(seed: tuple[int, ...], call: int, element: int = 0) -> int:
    """Make one number of a seed, the number of the call and that of the element.

    They are hashed, so that no call of one seed begins a run of another's calls.
    """
    numbers = (seed[0], call, element, *seed[1:])
    digest = blake2b(" ".join(map(str, numbers)).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "little")


def rank_of_process() -> tuple[int, ...]:
    """Return the number of this process among those that train together, if any.

    They share seeds, but not masks.
    """
    if torch.distributed.is_available() and torch.distributed.is_initialized():
        return (torch.distributed.get_rank(),)
    return ()
