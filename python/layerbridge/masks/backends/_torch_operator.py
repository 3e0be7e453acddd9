"""PyTorch: operators that draw masks, into which nothing looks.

Compilers, tracers and transforms take them whole.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import torch

from layerbridge.masks.backends._torch_steps import is_watched
from layerbridge.masks.grid import Grid


class Settings(NamedTuple):
    """What a mask depends on besides random numbers and the rate.

    Attributes:
        shape: The grid's length along each axis.
        block: The block's length along each axis.
        channel_axis: The axis of the channels.
        exact_rate: Whether the rate holds exactly.
        normalize: How kept units are scaled up.
        dtype: The dtype of the units.
        order: The order of the mask's axes in memory.
        device: Where the units are.
    """

    shape: Sequence[int]
    block: Sequence[int]
    channel_axis: int
    exact_rate: bool
    normalize: str
    dtype: torch.dtype
    order: Sequence[int]
    device: torch.device

    @property
    def grid(self) -> Grid:
        return Grid(tuple(self.shape), tuple(self.block), self.channel_axis)


_SCHEMA = (
    "(Tensor state, Tensor element, Tensor rate, SymInt[] shape, int[] block, "
    "int channel_axis, bool exact_rate, str normalize, ScalarType dtype, int[] order, "
    "Device device) -> (Tensor, Tensor)"
)


def operator(
    name: str, new_mask: Callable[[Settings], torch.Tensor], draw: Callable[..., Any]
) -> Any:
    """Make an operator of what draws a mask and its scale.

    Args:
        name: Its name.
        new_mask: A function of the settings that returns an empty mask.
        draw: A function of the seed's state, the number of an element, the rate and the
            settings that returns a mask and the scale of its kept units.
    """

    def operate(state: Any, element: Any, rate: Any, *settings: Any) -> Any:
        return draw(state, element, rate, Settings(*settings))

    def fake(state: Any, element: Any, rate: Any, *settings: Any) -> Any:
        told = Settings(*settings)
        samples = told.shape[0] if told.normalize == "sample" else 1
        scale = torch.empty(samples, dtype=told.dtype, device=told.device)
        return new_mask(told), scale

    def rule(info: Any, in_dims: Any, *arguments: Any) -> Any:
        masks = []
        for i in range(info.batch_size):
            state, element, rate = (
                tensor if axis is None else tensor.select(axis, i)
                for tensor, axis in zip(arguments[:3], in_dims[:3], strict=True)
            )
            if in_dims[1] is not None:
                element = element * info.batch_size + i
            masks.append(call(state, element, rate, *arguments[3:]))
        return tuple(map(torch.stack, zip(*masks, strict=True))), (0, 0)

    opaque: Any = torch.library.custom_op(
        f"layerbridge::{name}", operate, mutates_args=(), schema=_SCHEMA
    )
    opaque.register_fake(fake)
    opaque.register_vmap(rule)

    def call(*arguments: Any) -> Any:
        return (opaque if is_watched() else operate)(*arguments)

    return call
