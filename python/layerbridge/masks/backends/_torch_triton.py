"""PyTorch: the multiplication by a mask of one bit a cell in one kernel, by Triton.

Triton comes with PyTorch's builds for GPUs. The kernel reads each unit and each byte of
the mask once and writes each unit once; PyTorch's own operations read units twice.
"""

# Few systems have Triton, and what it takes as a kernel is not called as Python is.
# pyright: reportIndexIssue=false, reportMissingImports=false

from typing import Any

import torch
import triton
import triton.language as tl

_WORDS_AT_ONCE = 1024


@triton.jit
def _kernel(
    x: Any,
    kept: Any,
    scale: Any,
    y: Any,
    units: Any,
    words: Any,
    units_a_scale: Any,
    at_once: tl.constexpr,
) -> None:
    run = tl.program_id(1)
    word = tl.program_id(0) * at_once + tl.arange(0, at_once)
    unit = run.to(tl.int64) * words + word
    there = (word < words) & (unit < units)
    is_kept = (tl.load(kept + word, there, 0) >> run) & 1
    number = tl.load(x + unit, there, 0.0)
    factor = tl.load(scale + unit // units_a_scale, there, 0.0)
    if number.dtype.primitive_bitwidth < 32:  # as PyTorch multiplies
        product = (number.to(tl.float32) * factor.to(tl.float32)).to(number.dtype)
    else:
        product = number * factor
    tl.store(y + unit, tl.where(is_kept != 0, product, 0.0), there)


def multiplied(
    x: torch.Tensor, kept: torch.Tensor, scale: torch.Tensor
) -> torch.Tensor:
    """Scale up the units that are kept, in the order of memory; make the others 0."""
    y = torch.empty_like(x)
    grid = (triton.cdiv(len(kept), _WORDS_AT_ONCE), 8)
    sizes = (len(x), len(kept), len(x) // len(scale))
    with torch.cuda.device_of(x):
        _kernel[grid](x, kept, scale, y, *sizes, at_once=_WORDS_AT_ONCE)
    return y
