"""PyTorch: masks of few cells, drawn together for the calls to come.

What each call of NumPy's takes besides its work is most of what few cells take. The
masks do not depend on which are drawn together.
"""

from collections.abc import Sequence
from functools import lru_cache
from hashlib import blake2b
from math import prod

import numpy as np
import torch

from layerbridge.masks.backends._numpy_words import (
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

# How many layers' masks are kept: of 2**19 bytes each at most, where units have four.
_MOST_LAYERS = 128


class Masks:
    """The masks of the calls of one layer on tensors of one kind.

    Where calls of one rate follow one another, those of more and more are drawn
    together.
    """

    def __init__(
        self,
        seed: tuple[int, ...],
        grid: Grid,
        order: tuple[int, ...],
        exact_rate: bool,
        normalize: str,
        dtype: torch.dtype,
    ):
        self._seed, self._grid, self._order = seed, grid, order
        self._exact_rate, self._normalize, self._dtype = exact_rate, normalize, dtype
        self._most = max(1, min(_MOST_CALLS, _MOST_CELLS // prod(grid.shape)))
        self._rate: float | None = None
        self._ready: dict[int, tuple[torch.Tensor, torch.Tensor]] = {}

    def of_call(self, call: int, rate: float) -> tuple[torch.Tensor, torch.Tensor]:
        """Return the words that mask units, 0 where they drop, and the scale."""
        ready = self._ready if rate == self._rate else {}
        if call not in ready:
            follows = call - 1 in ready
            number = min(2 * len(ready), self._most) if follows else 1
            # Later calls may be of another mode, and train.
            with torch.inference_mode(False):
                ready = self._drawn(range(call, call + number), rate)
            self._rate, self._ready = rate, ready
        return ready[call]

    def _drawn(
        self, calls: Sequence[int], rate: float
    ) -> dict[int, tuple[torch.Tensor, torch.Tensor]]:
        shape = [self._grid.shape[axis] for axis in self._order]
        seeds = [hashed(self._seed, call) for call in calls]
        plan = plan_of(rate, self._grid, self._order, self._exact_rate)
        dropped = draw_cells(plan, shape, seeds)
        by_sample = self._normalize == "sample"
        share = kept_share_of_cells(
            dropped.reshape(-1, *shape[1:]), by_sample, len(calls)
        )
        scale = torch.from_numpy(
            scale_of_kept(self._normalize, np.float32(rate), share, self._dtype)
        )
        kept = torch.from_numpy(dropped).to(WORDS[self._dtype.itemsize]).sub_(1)
        back = [0, *(1 + self._order.index(axis) for axis in range(len(shape)))]
        scale = scale.to(self._dtype).view(len(calls), -1, *[1] * (len(shape) - 1))
        masks = zip(kept.permute(back).unbind(), scale.unbind(), strict=True)
        return dict(zip(calls, masks, strict=True))


masks_of = lru_cache(_MOST_LAYERS)(Masks)


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
