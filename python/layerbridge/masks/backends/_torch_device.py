"""PyTorch: masks of one bit a cell where PyTorch alone can draw them, as on a GPU.

A number is drawn for every eight cells, and what is no place of a block is taken out
again. Nothing waits for the device: no shape depends on what is drawn, and no number is
read. The masks are not those that the CPU draws, and differ with the order of the axes
in memory.

Bits are set where cells are kept. Time goes by what operations read and write, and by
their number.
"""

from collections.abc import Callable, Sequence
from functools import lru_cache
from math import exp, expm1, prod
from typing import Any

import numpy as np
import torch

from layerbridge.masks.anchors import spread
from layerbridge.masks.backends._numpy_bits import BITS_SET, Plan, places_in_words
from layerbridge.masks.backends._torch_steps import is_watched
from layerbridge.masks.scale import largest, scale_of_kept

_BITS = 8


def draw_on_device(
    plan: Plan, words: int, device: torch.device, seed: int
) -> torch.Tensor:
    """Draw a mask: bytes whose bits are set where cells are kept."""
    generator = torch.Generator(device).manual_seed(seed)
    drawn = torch.empty(words, dtype=torch.int32, device=device)
    drawn.random_(generator=generator)
    kept = torch.bucketize(drawn, _last_draws(plan.hazard, device), out_int32=True)
    cells = torch.empty(plan.reach + words, dtype=torch.uint8, device=device)
    others = _other_cells(plan._replace(hazard=0.0), words, device)
    torch.bitwise_or(kept, others, out=cells[plan.reach :])
    # What is shifted into a run of cells is the end of the run before, put in front;
    # before the first cell nothing drops.
    one, end = _number(1, torch.uint8, device), plan.reach
    while end > 0:
        start = max(end - words, 0)
        run = cells[start + words : end + words]
        torch.add(one, run, alpha=2, out=cells[start:end])
        end = start

    def unite(cells: torch.Tensor, axis: int, n: int) -> torch.Tensor:
        shift = n * plan.strides[axis]
        return cells[shift:] & cells[:-shift]

    return spread(cells, plan.block, unite)


@lru_cache(64)
def _last_draws(hazard: float, device: torch.device) -> torch.Tensor:
    """Return of each byte but 255 the last of the draws, 31 bits long, that give it.

    The bytes share the draws by how likely they are, their bits being independent.
    """
    bits_set = BITS_SET.astype("float64")
    shares = exp(-hazard) ** bits_set * (-expm1(-hazard)) ** (_BITS - bits_set)
    ends = np.nan_to_num(np.cumsum(shares[:-1]))  # without a rate, all is kept
    last = np.rint(ends * 2.0**31) - 1
    return torch.from_numpy(last.astype("int32")).to(device)


@lru_cache(64)
def _other_cells(plan: Plan, words: int, device: torch.device) -> torch.Tensor:
    """Return the cells that are no place of a block, as bits."""
    return torch.from_numpy(~places_in_words(plan, words, "uint8")).to(device)


def scale_on_device(
    normalize: str,
    rate: Any,
    kept: torch.Tensor,
    shape: Sequence[int],
    dtype: torch.dtype,
) -> torch.Tensor:
    """Compute the scale of kept units; see `scale_of_kept`.

    Where nothing is kept it is the largest number, by which no unit is multiplied.
    """
    device = kept.device
    if normalize not in ("batch", "sample"):
        scale = scale_of_kept(normalize, rate, np.ones(1, "float32"), dtype)
        return torch.full((1,), scale.item(), dtype=dtype, device=device)
    cells = prod(shape)
    if normalize == "sample":
        units = (_single_bits(kept) != 0).view(-1)[:cells]
        count = units.view(shape[0], -1).sum(1)
        cells //= shape[0]
    else:
        count = _bits_set(device)[kept.int()].sum(0, keepdim=True)
        fill = _BITS * len(kept) - cells
        count = count - fill if fill else count
    # On a GPU only a quotient of tensors is exact.
    scale = torch.div(_number(cells, torch.float32, device), count)
    return scale.clamp_(max=largest(dtype).item()).to(dtype)


def multiplied_on_device(
    x: torch.Tensor, kept: torch.Tensor, scale: torch.Tensor
) -> torch.Tensor:
    """Scale up the units that are kept, in the order of memory; make the others 0."""
    fused = None if is_watched() else _fused(x.device)
    if fused:
        return fused(x, kept, scale)
    return torch.where(unpacked(kept)[: len(x)], scaled(x, scale), zero(x))


@lru_cache
def _fused(device: torch.device) -> Callable[..., torch.Tensor] | None:
    """Return Triton's kernel if it runs: that needs a compiler of C, too."""
    if device.type != "cuda":
        return None
    try:
        from layerbridge.masks.backends._torch_triton import multiplied

        units, kept, scale = (torch.ones(n, device=device) for n in (8, 1, 1))
        multiplied(units, kept.to(torch.uint8), scale)
    except Exception:  # Triton and its compilers raise many
        return None
    return multiplied


def scaled(x: torch.Tensor, scale: torch.Tensor) -> torch.Tensor:
    """Multiply the units of a call, or those of each sample, by a scale."""
    return (x.view(len(scale), -1) * scale[:, None]).view(-1)


def zero(x: torch.Tensor) -> torch.Tensor:
    """Return a 0 beside a tensor and of its dtype."""
    return _number(0, x.dtype, x.device)


def unpacked(words: torch.Tensor) -> torch.Tensor:
    """Return a boolean a cell, true where the bit is set: a run of cells a bit."""
    single = _single_bits(words)
    if words.dtype != torch.uint8 or is_watched():
        return (single != 0).view(-1)
    return single.view(torch.bool).view(-1)  # any byte but 0 is true


def _single_bits(words: torch.Tensor) -> torch.Tensor:
    """Return the words with one bit each."""
    bits = torch.iinfo(words.dtype).bits
    return words & _powers(bits, words.dtype, words.device)


def _constant(make: Any) -> Any:
    """Decorate what makes a constant: made once, but not where something watches."""
    cached = lru_cache(64)(make)

    def constant(*arguments: Any) -> Any:
        return (make if is_watched() else cached)(*arguments)

    return constant


@_constant
def _powers(bits: int, dtype: torch.dtype, device: torch.device) -> torch.Tensor:
    """Return words in which one bit is set, in a column."""
    numbers = torch.arange(bits, dtype=dtype, device=device)
    return (torch.ones_like(numbers) << numbers)[:, None]


@_constant
def _bits_set(device: torch.device) -> torch.Tensor:
    """Return of each byte how many of its bits are set."""
    return torch.from_numpy(BITS_SET).to(device)


@_constant
def _number(number: int, dtype: torch.dtype, device: torch.device) -> torch.Tensor:
    return torch.full((), number, dtype=dtype, device=device)
