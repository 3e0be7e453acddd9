"""PyTorch: masks of one bit a cell where PyTorch alone can draw them, as on a GPU.

A number is drawn for every cell, and what is no place of a block is taken out again.
Nothing waits for the device: no shape depends on what is drawn, and no number is read.
The masks are not those that the CPU draws, and differ with the order of the axes in
memory.
"""

from collections.abc import Sequence
from functools import lru_cache
from math import expm1, prod

import torch

from layerbridge.masks.backends._numpy_words import Plan, places_in_words
from layerbridge.masks.words import spread_words

# Times eight bytes of 0 or 1, this has them as the bits of its highest byte.
_COLLECT = 0x0102040810204080


def draw_on_device(
    plan: Plan, words: int, device: torch.device, seed: int
) -> torch.Tensor:
    """Draw a mask: bytes whose bits are set where cells drop."""
    generator = torch.Generator(device).manual_seed(seed)
    cells = torch.empty(words, 8, dtype=torch.uint8, device=device)
    cells.bernoulli_(-expm1(-plan.hazard), generator=generator)
    # The highest byte is the last one: what runs PyTorch is little-endian.
    anchors = (cells.view(torch.int64) * _COLLECT).view(torch.uint8)[:, 7]
    anchors = anchors & _places(plan._replace(hazard=0.0), words, device)
    return spread_words(anchors, plan.block, plan.strides, torch.cat)


@lru_cache(64)
def _places(plan: Plan, words: int, device: torch.device) -> torch.Tensor:
    """Return the places of blocks, as bits."""
    return torch.from_numpy(places_in_words(plan, words, "uint8")).to(device)


def kept_share_on_device(
    dropped: torch.Tensor, shape: Sequence[int], by_sample: bool
) -> torch.Tensor:
    """Compute the share of bits that are not set: of all, or of each sample's."""
    if by_sample:
        numbers = torch.arange(8, dtype=torch.uint8, device=dropped.device)
        runs = (dropped >> numbers[:, None]) & 1
        count = runs.flatten()[: prod(shape)].view(shape[0], -1).sum(1)
    else:
        count = _bits_set(dropped.device)[dropped.int()].sum(0, keepdim=True)
    cells = prod(shape[1:] if by_sample else shape)
    return ((cells - count) / cells).float()


@lru_cache(64)
def _bits_set(device: torch.device) -> torch.Tensor:
    """Return of each byte how many of its bits are set."""
    counts = [byte.bit_count() for byte in range(256)]
    return torch.tensor(counts, dtype=torch.uint8, device=device)
