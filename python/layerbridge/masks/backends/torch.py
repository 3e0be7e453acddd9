"""PyTorch: on the CPU, few random numbers and one bit a cell.

Anchors are drawn by their number and their places, as on TensorFlow. The mask is laid
out as the units lie in memory, which is not always how their axes are ordered: Keras's
convolutions return the channels as the last axis and keep them as the first one.

Bit `b` of a word stands for sample `b`, so that blocks of all samples are spread at
once. A word is as wide as a unit: shifted, it masks the unit's own bits.

What draws is opaque to `torch.compile`: PyTorch 2.13 has no generators there, and
turns unions of masks into C++ that does not compile.
"""

from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from hashlib import blake2b
from math import ceil
from typing import Any, NamedTuple

import keras
import numpy as np
import torch

from layerbridge.masks.anchors import draw_anchors, spread
from layerbridge.masks.backends import portable
from layerbridge.masks.backends._torch_steps import is_transforming, once
from layerbridge.masks.backends.portable import is_held, release
from layerbridge.masks.grid import Grid
from layerbridge.masks.hazard import solve_hazard
from layerbridge.masks.scale import scale_of_kept

__all__ = [
    "check_rate",
    "drop",
    "is_held",
    "next_seed",
    "once",
    "release",
    "track",
]

# With more hits a place than this, a number for every place is cheaper.
_MOST_HITS = 0.25

_WORDS = {2: torch.int16, 4: torch.int32, 8: torch.int64}

_BITS_SET = torch.tensor([byte.bit_count() for byte in range(256)])


class _Settings(NamedTuple):
    """What a mask depends on besides random numbers and the rate.

    Attributes:
        shape: The grid's length along each axis.
        block: The block's length along each axis.
        channel_axis: The axis of the channels.
        exact_rate: Whether the rate holds exactly.
        normalize: How kept units are scaled up.
        dtype: The dtype of the units.
        order: The order of the mask's axes in memory.
    """

    shape: Sequence[int]
    block: Sequence[int]
    channel_axis: int
    exact_rate: bool
    normalize: str
    dtype: torch.dtype
    order: Sequence[int]

    @property
    def grid(self) -> Grid:
        return Grid(tuple(self.shape), tuple(self.block), self.channel_axis)


_SCHEMA = (
    "(Tensor state, Tensor element, Tensor rate, int[] shape, int[] block, "
    "int channel_axis, bool exact_rate, str normalize, ScalarType dtype, int[] order) "
    "-> (Tensor, Tensor)"
)


def next_seed(seed: keras.random.SeedGenerator) -> torch.Tensor:
    """Return a seed's state and count the call.

    Its own `next()` breaks graphs of `torch.compile`: Keras 3.15 makes an array there.
    """
    state = seed.state * 1
    seed.state.assign(torch.stack([state[0], state[1] + 1]))
    return state


def drop(
    x: torch.Tensor,
    grid: Grid,
    rate: torch.Tensor,
    exact_rate: bool,
    normalize: str,
    seed: torch.Tensor,
) -> torch.Tensor:
    """Drop blocks of a tensor; the arguments are those of `portable.drop`."""
    order = _memory_order(x, grid)
    laid_out = (grid.shape, grid.block, grid.channel_axis)
    settings = _Settings(*laid_out, exact_rate, normalize, x.dtype, order)
    drawn = (seed, _element(), rate, *settings)
    if x.device.type == "cpu" and grid.shape == tuple(x.shape):
        y = _multiply(x.permute(order), *_kept_words(*drawn))
        return y.permute([order.index(axis) for axis in range(x.ndim)])
    dropped, scale = _dropped_cells(*drawn)
    if x.device.type != "cpu":
        return torch.where(dropped, 0, x * scale)
    # Not finite times 0 is NaN here; a mask that keeps it from that is twice as slow.
    return x * (scale * ~dropped)


def check_rate(rate: torch.Tensor, words: str) -> torch.Tensor:
    """Refuse a rate outside of 0 to 1, but not where `torch.compile` made the step."""
    if torch.compiler.is_compiling():
        return portable.nan_outside(rate)
    return portable.check_rate(rate, words)


def track(layer: keras.layers.Layer, variables: Sequence[keras.Variable]) -> None:
    """Put variables in the layer's `state_dict()`, beside its weights."""
    if all(variable._value is not None for variable in variables):
        layer._torch_params = _State(layer.weights, variables)


class _State(torch.nn.ParameterDict):
    """A layer's weights as parameters, and its other state as buffers.

    Variables and buffers share their tensors. Tools that train or shard take parameters
    for weights, and a file without the buffers is one of a net without the layer.
    """

    def __init__(
        self, weights: Sequence[keras.Variable], variables: Sequence[keras.Variable]
    ):
        super().__init__({weight.path: weight.value for weight in weights})
        self._variables = {variable.name: variable for variable in variables}
        for name, variable in self._variables.items():
            self.register_buffer(name, variable._value)

    def _apply(self, fn: Any, recurse: bool = True) -> Any:
        """Move the buffers, but keep their types: `half()` is for a net's numbers."""
        super()._apply(fn, recurse)  # type: ignore[no-untyped-call]
        self._share()
        return self

    def _load_from_state_dict(
        self, state_dict: dict[str, Any], prefix: str, *others: Any
    ) -> None:
        """Load the buffers that there are, of this version or one before."""
        own = {prefix + name: buffer for name, buffer in self._buffers.items()}
        missing = {key: value for key, value in own.items() if key not in state_dict}
        state_dict.update(missing)
        state_dict.pop(f"{prefix}follows_schedule", None)
        step = state_dict.pop(f"{prefix}rate_step", None)
        if step is not None:
            key = f"{prefix}seed_generator_state"
            state_dict[key] = torch.stack([state_dict[key][0], step])
        super()._load_from_state_dict(state_dict, prefix, *others)
        self._share()

    def _share(self) -> None:
        """Give each variable what is in its buffer, but of the variable's own type."""
        for name, variable in self._variables.items():
            buffer, value = self.get_buffer(name), variable._value
            if buffer is not value:
                same = buffer if buffer.dtype == value.dtype else value
                same = torch.nn.Parameter(same.to(buffer.device), requires_grad=False)
                variable._value = self._buffers[name] = same


def _element() -> torch.Tensor:
    """Draw a 0, as `torch.vmap` lets any number be drawn.

    It raises, returns one for all elements or one for each, whichever the `randomness`
    says; the operators' rules then number the elements.
    """
    return torch.randint(1, ())


def _memory_order(x: torch.Tensor, grid: Grid) -> list[int]:
    """Order a tensor's axes as they lie in memory: the channels first or last.

    Other orders are as right, but slower. Strides are compared but not sorted, which
    `torch.compile` cannot do where sizes change.
    """
    channels, maps = grid.channel_axis, grid.map_axes
    if maps and x.stride(channels) > x.stride(maps[-1]):
        return [0, channels, *maps]
    return [0, *maps, channels]


def _generator(state: torch.Tensor, element: torch.Tensor) -> torch.Generator:
    """Make a generator from a seed, the number of the call and that of the element.

    They are hashed, so that no call of one seed begins a run of another's calls. The
    CPU's generator takes 32 bits of the hash: single calls may meet. Processes that
    train together share seeds, but not masks.
    """
    numbers = [*state.tolist(), int(element)]
    if torch.distributed.is_available() and torch.distributed.is_initialized():
        numbers.append(torch.distributed.get_rank())
    digest = blake2b(" ".join(map(str, numbers)).encode(), digest_size=8).digest()
    generator = torch.Generator(state.device)
    return generator.manual_seed(int.from_bytes(digest, "little"))


def _operator(name: str, fake_mask: Callable[..., torch.Tensor]) -> Any:
    """Decorate what draws a mask and its scale, as an operator opaque to compilers.

    Args:
        name: The operator's name.
        fake_mask: A function of the state and the settings that returns an empty mask.
    """

    def decorate(draw: Callable[..., Any]) -> Any:
        def operate(state: Any, element: Any, rate: Any, *settings: Any) -> Any:
            return draw(state, element, rate, _Settings(*settings))

        def fake(state: Any, element: Any, rate: Any, *settings: Any) -> Any:
            told = _Settings(*settings)
            samples = told.shape[0] if told.normalize == "sample" else 1
            shape = [samples, *[1] * (len(told.shape) - 1)]
            return fake_mask(state, told), state.new_empty(shape, dtype=told.dtype)

        def rule(info: Any, in_dims: Any, *arguments: Any) -> Any:
            masks = []
            for i in range(info.batch_size):
                state, element, rate = (
                    tensor if axis is None else tensor.select(axis, i)
                    for tensor, axis in zip(arguments[:3], in_dims[:3], strict=True)
                )
                if in_dims[1] is not None:
                    element = element * info.batch_size + i
                masks.append(operator(state, element, rate, *arguments[3:]))
            return tuple(map(torch.stack, zip(*masks, strict=True))), (0, 0)

        operator = torch.library.custom_op(
            f"layerbridge::{name}", operate, mutates_args=(), schema=_SCHEMA
        )
        operator.register_fake(fake)
        operator.register_vmap(rule)
        return operator

    return decorate


@_operator(
    "dropped_cells",
    lambda state, told: state.new_empty(told.shape, dtype=torch.bool),
)
def _dropped_cells(
    state: torch.Tensor, element: torch.Tensor, rate: torch.Tensor, told: _Settings
) -> tuple[torch.Tensor, torch.Tensor]:
    """Draw a mask of one boolean a cell, true where it drops, and the scale."""
    hazard = _hazard(rate, told.grid, told.exact_rate)
    generator = _generator(state, element)
    uniform = partial(torch.rand, generator=generator, device=state.device)
    last = told.grid.channels_last()
    dropped = state.new_zeros(last.shape, dtype=torch.bool)
    places = tuple(map(slice, last.places))
    dropped[places] = draw_anchors(last, hazard, uniform)
    dropped = spread(dropped, last.block, _unite).movedim(-1, told.channel_axis)
    dropped = dropped.contiguous()
    scale = portable.scale_of_mask(dropped, rate, told.normalize, told.dtype)
    return dropped, _for_samples(scale, told.shape).clone()


def _new_words(state: torch.Tensor, told: _Settings) -> torch.Tensor:
    """Return words in memory order, as many of each cell as hold all samples' bits."""
    word = _WORDS[told.dtype.itemsize]
    words = ceil(told.shape[0] / torch.iinfo(word).bits)
    return state.new_empty(
        [words, *(told.shape[a] for a in told.order[1:])], dtype=word
    )


@_operator("kept_words", _new_words)
def _kept_words(
    state: torch.Tensor, element: torch.Tensor, rate: torch.Tensor, told: _Settings
) -> tuple[torch.Tensor, torch.Tensor]:
    """Draw a mask of one bit a cell, set where it is kept, and the scale.

    The mask's axes are in the order of `order`.
    """
    grid, order = told.grid, told.order
    hazard = _hazard(rate, grid, told.exact_rate)
    words = _new_words(state, told).zero_()
    # The channels last whatever the memory: every layout draws the same anchors.
    last = words.permute(
        [order.index(a) for a in (0, *grid.map_axes, grid.channel_axis)]
    )
    mark = _mark_sparse if hazard < _MOST_HITS else _mark_dense
    mark(last, grid.channels_last(), hazard, _generator(state, element))
    words = spread(words, [grid.block[a] for a in order], _unite)
    share = _kept_share(words, grid.shape, told.normalize == "sample")
    scale = scale_of_kept(told.normalize, rate, share, told.dtype)
    return ~words, _for_samples(scale, grid.shape).clone()


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


_apply: Any = _Multiply.apply


def _multiply(x: torch.Tensor, kept: torch.Tensor, scale: torch.Tensor) -> torch.Tensor:
    """Scale up the units that are kept, and set the others to 0."""
    if not is_transforming():
        return _apply(x, kept, scale)
    in_word = _samples_a_word(kept, len(x))
    bits = torch.arange(in_word, dtype=kept.dtype).view(-1, *[1] * (x.ndim - 1))
    single = (kept[:, None] >> bits & 1).flatten(0, 1)[: len(x)]
    return torch.where(single != 0, x * scale, 0)
