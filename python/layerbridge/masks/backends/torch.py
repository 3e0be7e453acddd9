"""PyTorch: on the CPU, few random numbers and one bit a cell.

The gaps between anchors are drawn, not a number for every place. Words are laid out as
the units lie in memory, which is not always how their axes are ordered: Keras's
convolutions return the channels as the last axis and keep them as the first one. A word
is as wide as a unit: shifted, it masks the unit's own bits.

NumPy draws the masks, in less time than small tensors take; those of few cells have a
word a cell, which needs fewer operations, and are drawn for several calls. What draws
is opaque to `torch.compile`, as PyTorch's own generators are in 2.13.
"""

from collections.abc import Sequence
from math import prod
from typing import Any

import keras
import numpy as np
import torch

from layerbridge.masks.backends import portable
from layerbridge.masks.backends._numpy_bits import (
    draw_words,
    kept_share,
    plan_of,
)
from layerbridge.masks.backends._torch_device import (
    draw_on_device,
    multiplied_on_device,
    scale_on_device,
    unpacked,
    zero,
)
from layerbridge.masks.backends._torch_few import (
    WORDS,
    Kind,
    hashed,
    mask_of_call,
    rank_of_process,
)
from layerbridge.masks.backends._torch_host import on_host
from layerbridge.masks.backends._torch_operator import Settings, operator
from layerbridge.masks.backends._torch_state import State, count_call
from layerbridge.masks.backends._torch_steps import (
    is_exporting,
    is_traced_by_jit,
    is_transforming,
    is_watched,
    once,
)
from layerbridge.masks.backends.portable import is_held, release, with_rank
from layerbridge.masks.bits import number_of_words
from layerbridge.masks.gamma import solve_hazard
from layerbridge.masks.grid import Grid
from layerbridge.masks.scale import scale_of_kept

__all__ = [
    "check_rate",
    "drop",
    "is_deferred",
    "is_held",
    "next_seed",
    "once",
    "read",
    "release",
    "track",
    "with_rank",
]

# Up to so many cells, a mask of one bit a cell is not the faster one.
_FEW_CELLS = 2**16

# The number of an element where nothing maps over several.
_ALONE = torch.zeros((), dtype=torch.int64, device="cpu")


def is_cpu(device: torch.device) -> bool:
    """Tell whether NumPy draws, into words as wide as a unit: on the CPU."""
    return device.type == "cpu"


def read(layer: keras.layers.Layer, variable: keras.Variable) -> torch.Tensor:
    """Return the value of a variable; `torch.export` finds buffers alone."""
    if is_exporting() and not is_held(variable):
        return layer._torch_params.get_buffer(variable.name)
    return variable.value


def next_seed(layer: keras.layers.Layer) -> torch.Tensor:
    """Return the state of the layer's seed and count the call.

    Its own `next()` breaks graphs of `torch.compile`: Keras 3.15 makes an array there.
    """
    variable = layer.seed_generator.state
    state = read(layer, variable)
    if is_held(variable):
        variable.assign(state + state.new_tensor([0, 1]))
        return state
    return count_call(state)


def drop(
    x: torch.Tensor,
    grid: Grid,
    rate: torch.Tensor,
    exact_rate: bool,
    normalize: str,
    seed: torch.Tensor,
) -> torch.Tensor:
    """Drop blocks of a tensor; the arguments are those of `portable.drop`."""
    if x.is_meta:
        return x.clone()
    if is_traced_by_jit():
        return _drop_traced(x, grid, rate, exact_rate, normalize)
    if x.is_nested:
        return _drop_nested(x, grid, rate, exact_rate, normalize, seed)
    if _is_distributed(x):
        return _drop_distributed(x, grid, rate, exact_rate, normalize, seed)
    order, watched = _memory_order(x, grid), is_watched()
    if not watched and is_cpu(x.device) and prod(grid.shape) <= _FEW_CELLS:
        return _drop_few(x, grid, rate, exact_rate, normalize, seed, order)
    if not (watched or is_cpu(rate.device)):
        rate = on_host(rate)
    laid_out = (grid.shape, grid.block, grid.channel_axis)
    settings = Settings(*laid_out, exact_rate, normalize, x.dtype, order, x.device)
    element = _element() if watched else _ALONE
    if is_transforming():
        kept, scale = _kept_cells(seed, element, rate, *settings)
        return torch.where(kept, x * _by_sample(scale, x.ndim), 0)
    words, scale = _kept_words(seed, element, rate, *settings)
    if grid.shape == tuple(x.shape):
        y = _multiply(x.permute(order).reshape(-1), words, scale)
        return _in_order(y, grid.shape, order)
    kept = _cells(words, grid.shape, order)
    scale = _by_sample(scale, x.ndim)
    if not is_cpu(x.device):
        return torch.where(kept, x * scale, zero(x))
    return _multiply_shared(x, kept, scale)


def _drop_few(
    x: torch.Tensor,
    grid: Grid,
    rate: torch.Tensor,
    exact_rate: bool,
    normalize: str,
    seed: torch.Tensor,
    order: list[int],
) -> torch.Tensor:
    """Drop by the same mask, but in few operations: each takes time of its own."""
    number, call = seed.tolist()
    settings = (grid, tuple(order), exact_rate, normalize, x.dtype)
    kind = Kind((number, *rank_of_process()), *settings, rate.item())
    return _multiply_shared(x, *mask_of_call(kind, call))


def _drop_traced(
    x: torch.Tensor, grid: Grid, rate: torch.Tensor, exact_rate: bool, normalize: str
) -> torch.Tensor:
    """Drop in operations that `torch.jit.trace` can run again, whatever the batch.

    What the seed gives would be written down as one mask for all: PyTorch's own
    generator draws.
    """
    hazard = solve_hazard(rate, grid, exact_rate)
    dropped = portable.dropped_cells(grid, hazard, torch.rand)
    return portable.apply(x, dropped, rate, normalize)


def _drop_nested(x: torch.Tensor, grid: Grid, *drawn: Any) -> torch.Tensor:
    """Drop of a tensor whose samples differ in length: each of these one cell long."""
    if not all(isinstance(n, int) for n in grid.shape):
        raise ValueError(
            "only whole samples or channels of a nested tensor can drop, as DropPath "
            "and SpatialDropout1D do; to drop blocks, make it a common tensor first: "
            "`torch.nested.to_padded_tensor(x, 0.0)`"
        )
    ones = torch.ones(grid.shape, dtype=x.dtype, device=x.device)
    factors = torch.ones_like(x.detach()) * drop(ones, grid, *drawn)
    return torch.where(factors == 0, 0, x * factors)


def _is_distributed(x: torch.Tensor) -> bool:
    """Tell whether a tensor is a `DTensor`; to import the class takes long."""
    return hasattr(x, "device_mesh")


def _drop_distributed(x: Any, *drawn: Any) -> torch.Tensor:
    """Drop the same of a distributed tensor as of a whole one.

    The first device's mask is that of all, whatever the seeds of the others.
    """
    from torch.distributed.tensor import DTensor, Replicate

    factors = drop(torch.ones(x.shape, dtype=x.dtype, device=x.device), *drawn)
    everywhere = [Replicate()] * x.device_mesh.ndim
    shared = DTensor.from_local(factors, x.device_mesh, everywhere, run_check=True)
    local = shared.redistribute(placements=x.placements)
    return torch.where(local == 0, 0, x * local)


def check_rate(rate: torch.Tensor, expected: str) -> torch.Tensor:
    """Refuse a rate outside of 0 to 1, but not where `torch.compile` made the step."""
    if torch.compiler.is_compiling():
        return portable.nan_outside(rate)
    return portable.check_rate(rate, expected)


def is_deferred(rate: torch.Tensor) -> bool:
    """Tell whether a compiler or a tracer reads a rate before it has its value."""
    return is_watched()


def track(layer: keras.layers.Layer, variables: Sequence[keras.Variable]) -> None:
    """Put variables in the layer's `state_dict()`, beside its weights."""
    if all(variable._value is not None for variable in variables):
        layer._torch_params = State(layer.weights, variables)


def _element() -> torch.Tensor:
    """Draw a 0, as `torch.vmap` lets any number be drawn.

    It raises, returns one for all elements or one for each, whichever the `randomness`
    says; the operators' rules then number the elements.
    """
    return torch.randint(1, (), device="cpu")


def _memory_order(x: torch.Tensor, grid: Grid) -> list[int]:
    """Order a tensor's axes as they lie in memory: the channels first or last.

    Other orders are as right, but slower. Strides are compared but not sorted, which
    `torch.compile` cannot do where sizes change.
    """
    channels, maps = grid.channel_axis, grid.map_axes
    if maps and x.stride(channels) > x.stride(maps[-1]):
        return [0, channels, *maps]
    return [0, *maps, channels]


def _new_words(told: Settings) -> torch.Tensor:
    """Return words as wide as a unit; elsewhere than on the CPU, bytes."""
    on_cpu = is_cpu(told.device)
    word = WORDS[told.dtype.itemsize] if on_cpu else torch.uint8
    words = number_of_words(told.shape, torch.iinfo(word).bits)
    return torch.empty(words, dtype=word, device=told.device)


def _draw(
    state: torch.Tensor, element: torch.Tensor, rate: torch.Tensor, told: Settings
) -> tuple[torch.Tensor, torch.Tensor]:
    """Draw a mask of one bit a cell, set where it is kept, and the scale."""
    p = np.float32(rate.item())
    plan = plan_of(float(p), told.grid, tuple(told.order), told.exact_rate)
    number, call = state.tolist()
    seed = hashed((number, *rank_of_process()), call, int(element))
    if is_cpu(told.device):
        kept = _new_words(told)
        words = draw_words(plan, kept.numpy(), seed)
        share = kept_share(words, told.shape, told.normalize == "sample")
        scale = scale_of_kept(told.normalize, p, share, told.dtype)
        return kept, torch.from_numpy(scale).to(told.dtype)
    kept = draw_on_device(plan, number_of_words(told.shape, 8), told.device, seed)
    scale = scale_on_device(told.normalize, p, kept, told.shape, told.dtype)
    return kept, scale


_kept_words = operator("kept_words", _new_words, _draw)


def _new_cells(told: Settings) -> torch.Tensor:
    return torch.empty(told.shape, dtype=torch.bool, device=told.device)


def _draw_cells(*drawn: Any) -> tuple[torch.Tensor, torch.Tensor]:
    """Draw the same mask with a boolean a cell."""
    words, scale = _draw(*drawn)
    told = drawn[-1]
    return _cells(words, told.shape, told.order).contiguous(), scale


_kept_cells = operator("kept_cells", _new_cells, _draw_cells)


def _cells(
    words: torch.Tensor, shape: Sequence[int], order: Sequence[int]
) -> torch.Tensor:
    """Return a mask with a boolean a cell."""
    return _in_order(unpacked(words)[: prod(shape)], shape, order)


def _in_order(
    flat: torch.Tensor, shape: Sequence[int], order: Sequence[int]
) -> torch.Tensor:
    """Shape what lies in memory, its axes in an order of their own."""
    back = [order.index(axis) for axis in range(len(shape))]
    return flat.view([shape[axis] for axis in order]).permute(back)


def _by_sample(scale: torch.Tensor, rank: int) -> torch.Tensor:
    """Give the scale of a call, or those of each sample, axes that broadcast."""
    return scale.view(-1, *[1] * (rank - 1))


class _Multiply(torch.autograd.Function):
    """Multiplication of units by a scale where they are kept, by 0 where not.

    The units are those of a tensor in the order of its memory.
    """

    @staticmethod
    def forward(
        ctx: Any, x: torch.Tensor, kept: torch.Tensor, scale: torch.Tensor
    ) -> torch.Tensor:
        ctx.save_for_backward(kept, scale)
        if not is_cpu(x.device):
            return multiplied_on_device(x, kept, scale)
        # Each cell's bit becomes the sign, which fills the word.
        bits = torch.iinfo(kept.dtype).bits
        shifts = torch.arange(bits - 1, -1, -1, dtype=kept.dtype, device=kept.device)
        signs = kept << shifts[:, None]
        masks = signs.bitwise_right_shift_(bits - 1)
        masks, units = masks.view(-1)[: len(x)], x.view(kept.dtype)
        kept_units = masks.bitwise_and_(units).view(x.dtype)
        kept_units.view(len(scale), -1).mul_(scale[:, None])
        return kept_units

    @staticmethod
    def backward(ctx: Any, upstream: torch.Tensor) -> Any:
        return _multiply(upstream.contiguous(), *ctx.saved_tensors), None, None


def _multiply_shared(
    x: torch.Tensor, kept: torch.Tensor, scale: torch.Tensor
) -> torch.Tensor:
    """Scale up the units that are kept, and set the others to 0.

    Args:
        x: The units.
        kept: Booleans, or words as wide as a unit whose bits are all set where units
            are kept, which broadcast.
        scale: The scale, which broadcasts.
    """
    if x.requires_grad and torch.is_grad_enabled():
        shared: torch.Tensor = _MultiplyShared.apply(x, kept, scale)  # type: ignore[no-untyped-call]
        return shared
    word = WORDS[x.dtype.itemsize]
    words = kept if kept.dtype == word else -kept.to(word)
    return (x.view(word) & words).view(x.dtype).mul_(scale)


class _MultiplyShared(torch.autograd.Function):
    """`_multiply_shared()` with a derivative.

    Masking bits takes three fifths of the time of `torch.where()`, and as that does
    sets dropped units to 0 where they are infinite or NaN.
    """

    @staticmethod
    def forward(
        ctx: Any, x: torch.Tensor, kept: torch.Tensor, scale: torch.Tensor
    ) -> torch.Tensor:
        ctx.save_for_backward(kept, scale)
        return _multiply_shared(x, kept, scale)

    @staticmethod
    def backward(ctx: Any, upstream: torch.Tensor) -> Any:
        return _multiply_shared(upstream, *ctx.saved_tensors), None, None


_multiply: Any = _Multiply.apply
