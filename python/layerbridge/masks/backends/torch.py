"""PyTorch: on the CPU, few random numbers and one bit a cell.

Anchors are drawn by their number and their places, as on TensorFlow. The mask is laid
out as the units lie in memory, which is not always how their axes are ordered: Keras's
convolutions return the channels as the last axis and keep them as the first one.

Bit `b` of a word stands for sample `b`, so that blocks of all samples are spread at
once. A word is as wide as a unit: shifted, it masks the unit's own bits.

What draws is opaque to `torch.compile`: PyTorch 2.13 has no generators there, and
turns unions of masks into C++ that does not compile.
"""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from hashlib import blake2b
from math import ceil
from typing import Any

import keras
import numpy as np
import torch

from layerbridge.masks.anchors import draw_anchors, spread
from layerbridge.masks.backends import portable
from layerbridge.masks.backends.portable import is_held, release
from layerbridge.masks.grid import Grid
from layerbridge.masks.hazard import solve_hazard
from layerbridge.masks.scale import scale_of_kept

__all__ = ["drop", "is_held", "once", "release", "track"]

# With more hits a place than this, a number for every place is cheaper.
_MOST_HITS = 0.25

_WORDS = {2: torch.int16, 4: torch.int32, 8: torch.int64}

# The states from which the latest training steps started; a gradient may run some of
# the steps again.
_begun: OrderedDict[int, list[torch.Tensor]] = OrderedDict()
_MOST_BEGUN = 512

_BITS_SET = torch.tensor([byte.bit_count() for byte in range(256)])


def drop(
    x: torch.Tensor,
    grid: Grid,
    rate: torch.Tensor,
    exact_rate: bool,
    normalize: str,
    seed: keras.random.SeedGenerator,
) -> torch.Tensor:
    """Drop blocks of a tensor; the arguments are those of `portable.drop`."""
    laid_out = (grid.shape, grid.block, grid.channel_axis)
    drawn = (_next(seed), rate, *laid_out, exact_rate, normalize, x.dtype)
    if x.device.type == "cpu" and grid.shape == tuple(x.shape):
        order = _memory_order(x, grid)
        y = _multiply(x.permute(order), *_kept_words(*drawn, order))
        return y.permute([order.index(axis) for axis in range(x.ndim)])
    dropped, scale = _dropped_cells(*drawn)
    if x.device.type != "cpu":
        return torch.where(dropped, 0, x * scale)
    # Not finite times 0 is NaN here; a mask that keeps it from that is twice as slow.
    return x * (scale * ~dropped)


def once(layer: keras.layers.Layer, step: Callable[[], Any]) -> Any:
    """Run a training step; if the gradient runs it again, start from the same state.

    `torch.utils.checkpoint` discards a step and runs it again for the gradient. It
    restores PyTorch's own random number generator first, so a number that this draws
    identifies the step.
    """
    if torch.compiler.is_compiling() or torch._C._functorch.peek_interpreter_stack():
        return step()
    known_by = int(torch.randint(2**62, ()))
    variables = layer.variables
    is_gradient = torch._C._current_graph_task_id() >= 0
    if not is_gradient or known_by not in _begun:
        _begun[known_by] = [variable.value.clone() for variable in variables]
        while len(_begun) > _MOST_BEGUN:
            _begun.popitem(last=False)
        return step()
    now = [variable.value.clone() for variable in variables]
    try:
        for variable, before in zip(variables, _begun[known_by], strict=True):
            variable.assign(before)
        return step()
    finally:
        for variable, value in zip(variables, now, strict=True):
            variable.assign(value)


def track(layer: keras.layers.Layer, variables: Sequence[keras.Variable]) -> None:
    """Put variables in the layer's `state_dict()`, beside its weights.

    The names are those of the variables. Keras's own would be numbered by layers made
    before, and differ from run to run.
    """
    values = {weight.path: weight.value for weight in layer.weights}
    values |= {variable.name: variable.value for variable in variables}
    layer._torch_params = torch.nn.ParameterDict(values)


def _next(seed: keras.random.SeedGenerator) -> torch.Tensor:
    """Return a seed's state and count the call.

    Its own `next()` breaks graphs of `torch.compile`: Keras 3.15 makes an array there.
    """
    state = seed.state * 1
    seed.state.assign(torch.stack([state[0], state[1] + 1]))
    return state


def _memory_order(x: torch.Tensor, grid: Grid) -> list[int]:
    """Order a tensor's axes as they lie in memory: the channels first or last.

    Other orders are as right, but slower. Strides are compared but not sorted, which
    `torch.compile` cannot do where sizes change.
    """
    channels, maps = grid.channel_axis, grid.map_axes
    if maps and x.stride(channels) > x.stride(maps[-1]):
        return [0, channels, *maps]
    return [0, *maps, channels]


def _generator(seed: torch.Tensor) -> torch.Generator:
    """Make a generator from a seed and the number of the call.

    They are hashed, so that no call of one seed begins a run of another's calls. The
    CPU's generator takes 32 bits of the hash: single calls may meet. Processes that
    train together share seeds, but not masks.
    """
    numbers = seed.tolist()
    if torch.distributed.is_available() and torch.distributed.is_initialized():
        numbers.append(torch.distributed.get_rank())
    digest = blake2b(" ".join(map(str, numbers)).encode(), digest_size=8).digest()
    generator = torch.Generator(seed.device)
    return generator.manual_seed(int.from_bytes(digest, "little"))


_DRAWN = (
    "Tensor seed, Tensor rate, int[] shape, int[] block, int channel_axis, "
    "bool exact_rate, str normalize, ScalarType dtype"
)


@torch.library.custom_op(
    "layerbridge::dropped_cells",
    mutates_args=(),
    schema=f"({_DRAWN}) -> (Tensor, Tensor)",
)
def _dropped_cells(
    seed: torch.Tensor,
    rate: torch.Tensor,
    shape: Sequence[int],
    block: Sequence[int],
    channel_axis: int,
    exact_rate: bool,
    normalize: str,
    dtype: torch.dtype,
) -> tuple[torch.Tensor, torch.Tensor]:
    """Draw a mask of one boolean a cell, true where it drops, and the scale."""
    grid = Grid(tuple(shape), tuple(block), channel_axis)
    hazard = _hazard(rate, grid, exact_rate)
    uniform = partial(torch.rand, generator=_generator(seed), device=seed.device)
    last = grid.channels_last()
    dropped = seed.new_zeros(last.shape, dtype=torch.bool)
    places = tuple(map(slice, last.places))
    dropped[places] = draw_anchors(last, hazard, uniform)
    dropped = spread(dropped, last.block, _unite).movedim(-1, channel_axis)
    dropped = dropped.contiguous()
    scale = portable.scale_of_mask(dropped, rate, normalize, dtype)
    return dropped, _for_samples(scale, shape).clone()


@torch.library.custom_op(
    "layerbridge::kept_words",
    mutates_args=(),
    schema=f"({_DRAWN}, int[] order) -> (Tensor, Tensor)",
)
def _kept_words(
    seed: torch.Tensor,
    rate: torch.Tensor,
    shape: Sequence[int],
    block: Sequence[int],
    channel_axis: int,
    exact_rate: bool,
    normalize: str,
    dtype: torch.dtype,
    order: Sequence[int],
) -> tuple[torch.Tensor, torch.Tensor]:
    """Draw a mask of one bit a cell, set where it is kept, and the scale.

    The mask's axes are in the order of `order`.
    """
    grid = Grid(tuple(shape), tuple(block), channel_axis)
    hazard = _hazard(rate, grid, exact_rate)
    words = _new_words(seed, shape, order, dtype).zero_()
    # The channels last whatever the memory: every layout draws the same anchors.
    last = words.permute(
        [order.index(a) for a in (0, *grid.map_axes, grid.channel_axis)]
    )
    mark = _mark_sparse if hazard < _MOST_HITS else _mark_dense
    mark(last, grid.channels_last(), hazard, _generator(seed))
    words = spread(words, [block[a] for a in order], _unite)
    share = _kept_share(words, shape, normalize == "sample")
    scale = scale_of_kept(normalize, rate, share, dtype)
    return ~words, _for_samples(scale, shape).clone()


def _fake_scale(
    seed: torch.Tensor, shape: Sequence[int], normalize: str, dtype: torch.dtype
) -> torch.Tensor:
    samples = shape[0] if normalize == "sample" else 1
    return seed.new_empty([samples, *[1] * (len(shape) - 1)], dtype=dtype)


@_dropped_cells.register_fake
def _(
    seed: Any,
    rate: Any,
    shape: Any,
    block: Any,
    channel_axis: Any,
    exact_rate: Any,
    normalize: Any,
    dtype: Any,
) -> Any:
    dropped = seed.new_empty(shape, dtype=torch.bool)
    return dropped, _fake_scale(seed, shape, normalize, dtype)


@_kept_words.register_fake
def _(
    seed: Any,
    rate: Any,
    shape: Any,
    block: Any,
    channel_axis: Any,
    exact_rate: Any,
    normalize: Any,
    dtype: Any,
    order: Any,
) -> Any:
    words = _new_words(seed, shape, order, dtype)
    return words, _fake_scale(seed, shape, normalize, dtype)


def _hazard(rate: torch.Tensor, grid: Grid, exact_rate: bool) -> torch.Tensor:
    """Solve for the hazard, once where the rate stays as it is."""
    return rate.new_tensor(_solved(rate.item(), grid, exact_rate))


@lru_cache(1024)
def _solved(rate: float, grid: Grid, exact_rate: bool) -> Any:
    """Solve in NumPy, which is faster than small tensors."""
    return solve_hazard(np.float32(rate), grid, exact_rate)


def _for_samples(number: torch.Tensor, shape: Sequence[int]) -> torch.Tensor:
    """Give numbers of a call or of each sample axes that broadcast over a mask."""
    return number.reshape(-1, *[1] * (len(shape) - 1))


def _new_words(
    seed: torch.Tensor, shape: Sequence[int], order: Sequence[int], dtype: torch.dtype
) -> torch.Tensor:
    """Return words in memory order, as many of each cell as hold all samples' bits."""
    word = _WORDS[dtype.itemsize]
    words = ceil(shape[0] / torch.iinfo(word).bits)
    return seed.new_empty([words, *(shape[a] for a in order[1:])], dtype=word)


def _samples_a_word(words: torch.Tensor, samples: int) -> int:
    """Return how many samples have a bit in each word, the first one in bit 0."""
    return ceil(samples / len(words))


def _mark_sparse(
    words: torch.Tensor, grid: Grid, hazard: torch.Tensor, generator: torch.Generator
) -> None:
    """Draw each sample's number of anchors, and their places; set their bits."""
    samples, *places = grid.places
    mean = hazard.double() * torch.Size(places).numel()
    counts = torch.poisson(mean.expand(samples), generator).long().tolist()
    address = torch.zeros(sum(counts), dtype=torch.int64)
    for length, stride in zip(places, words.stride()[1:], strict=True):
        if length > 1:
            address += stride * torch.randint(
                length, address.shape, generator=generator
            )
    in_word = _samples_a_word(words, samples)
    memory = words.as_strided([len(words), words[0].numel()], [words.stride(0), 1])
    for sample, anchors in enumerate(address.split(counts)):
        group, bit = divmod(sample, in_word)
        cells = memory[group]
        # A place that was drawn twice is written twice, the same.
        cells[anchors] = cells[anchors].bitwise_or_(_bit(bit, words.dtype))


def _mark_dense(
    words: torch.Tensor, grid: Grid, hazard: torch.Tensor, generator: torch.Generator
) -> None:
    """Draw a number for every place of a block; set the anchors' bits."""
    anchors = draw_anchors(grid, hazard, partial(torch.rand, generator=generator))
    marked = words[(slice(None), *map(slice, grid.places[1:]))]
    in_word = _samples_a_word(words, len(anchors))
    for sample, of_sample in enumerate(anchors):
        group, bit = divmod(sample, in_word)
        marked[group] |= of_sample.to(words.dtype) << bit


def _bit(bit: int, dtype: torch.dtype) -> int:
    """Return the number of which one bit is set; it is negative for the highest."""
    return 1 << bit if bit + 1 < torch.iinfo(dtype).bits else torch.iinfo(dtype).min


def _unite(words: torch.Tensor, axis: int, cells: int) -> torch.Tensor:
    """Unite a mask with a copy shifted by some cells.

    Blocks end inside of the map, so that none is shifted into the next row.
    """
    flat, shift = words.flatten(), cells * words.stride(axis)
    return torch.cat([flat[:shift], flat[shift:] | flat[:-shift]]).view_as(words)


def _kept_share(
    dropped: torch.Tensor, shape: Sequence[int], by_sample: bool
) -> torch.Tensor:
    """Compute the share of bits that are not set: of all, or of each sample's."""
    if by_sample:
        bits = range(_samples_a_word(dropped, shape[0]))
        by_bit = [(dropped >> bit & 1).flatten(1).sum(1) for bit in bits]
        count = torch.stack(by_bit, 1).flatten()[: shape[0]]
    else:
        as_bytes = dropped.flatten().view(torch.uint8)
        count = torch.bincount(as_bytes, minlength=256) @ _BITS_SET
    cells = torch.Size(shape[1:] if by_sample else shape).numel()
    return _for_samples(((cells - count) / float(cells)).float(), shape)


class _Multiply(torch.autograd.Function):
    """Multiplication of units by a scale where they are kept, by 0 where not."""

    @staticmethod
    def forward(
        x: torch.Tensor, kept: torch.Tensor, scale: torch.Tensor
    ) -> torch.Tensor:
        bits = torch.iinfo(kept.dtype).bits
        in_word = _samples_a_word(kept, len(x))
        shifts = torch.arange(bits - 1, bits - 1 - in_word, -1, dtype=kept.dtype)
        # Each sample's bit becomes the sign, which fills the word.
        signs = kept[:, None] << shifts.view(-1, *[1] * (x.ndim - 1))
        masks = signs.bitwise_right_shift_(bits - 1).flatten(0, 1)[: len(x)]
        return masks.bitwise_and_(x.view(kept.dtype)).view(x.dtype).mul_(scale)

    @staticmethod
    def setup_context(ctx: Any, inputs: Any, output: Any) -> None:
        ctx.save_for_backward(*inputs[1:])

    @staticmethod
    def backward(ctx: Any, upstream: torch.Tensor) -> Any:
        return _multiply(upstream, *ctx.saved_tensors), None, None


_multiply: Any = _Multiply.apply
