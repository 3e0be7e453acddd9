"""PyTorch: the state of layers, where its tools look for state."""

from collections.abc import Sequence
from typing import Any

import keras
import torch

from layerbridge.masks.backends._torch_host import add_one, on_host
from layerbridge.masks.backends._torch_steps import is_watched


class State(torch.nn.ParameterDict):
    """A layer's weights as parameters, and its other state as buffers.

    Variables and buffers share what they hold, but not the tensor: Keras puts those of
    variables among the parameters of models, and `torch.export` tells parameters from
    buffers. Tools that train or shard take parameters for weights, and a file without
    the buffers is one of a net without the layer.
    """

    def __init__(
        self, weights: Sequence[keras.Variable], variables: Sequence[keras.Variable]
    ):
        super().__init__({weight.path: weight.value for weight in weights})
        self._variables = {variable.name: variable for variable in variables}
        for name, variable in self._variables.items():
            self.register_buffer(name, variable._value)
        self._share()

    def __len__(self) -> int:
        """Count the weights and the seed, as Keras does of a layer's `torch_params`."""
        return super().__len__() + 1

    def _apply(self, fn: Any, recurse: bool = True) -> Any:
        """Move the buffers, but keep their types: `half()` is for a net's numbers."""
        buffers = self._buffers.copy()
        super()._apply(fn, recurse)  # type: ignore[no-untyped-call]
        self._buffers.update(moved(buffers, self._buffers))
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
        """Give each variable what is in its buffer, but of the variable's own type.

        `load_state_dict(assign=True)` takes for parameters what it loads.
        """
        for name, variable in self._variables.items():
            loaded = self._parameters.pop(name, None)
            buffer = self.get_buffer(name) if loaded is None else loaded
            value = assignable(buffer.to(variable._value.dtype)).detach()
            self._buffers[name] = value
            variable._value = torch.nn.Parameter(value, requires_grad=False)


def assignable(value: torch.Tensor) -> torch.Tensor:
    """Return a value that can be assigned, unlike one made in inference mode."""
    with torch.inference_mode(False):
        return value.clone() if value.is_inference() else value


def moved(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    """Move buffers to the devices of others, and keep what they hold.

    A net is sent to the device "meta" to be initialized later, when nothing would give
    the layer its state again: that stays.
    """
    return {
        name: buffer if after[name].is_meta else buffer.to(after[name].device)
        for name, buffer in before.items()
    }


def count_call(state: torch.Tensor) -> torch.Tensor:
    """Return a layer's state, a seed and a number of calls, and count a call."""
    if torch.compiler.is_compiling():
        return torch.stack([state[..., 0], _count_call(state[..., 1])], -1)
    if state.is_cpu or is_watched():
        return _count(state)
    before = on_host(state)
    add_one(state, 1)
    return before


def _count(state: torch.Tensor) -> torch.Tensor:
    before = state.clone()
    state[..., 1].add_(1)
    return before


# Compilers refuse to assign a variable within a transform of `torch.func`, unless an
# operator does into which they do not look. `torch.export.draft_export` looks for the
# change in what it mutates, where a seed would hide it.
@torch.library.custom_op("layerbridge::count_call", mutates_args=("calls",))
def _count_call(calls: torch.Tensor) -> torch.Tensor:
    before = calls.clone()
    calls.add_(1)
    return before


@_count_call.register_fake
def _(calls: torch.Tensor) -> torch.Tensor:
    return torch.empty_like(calls)


@_count_call.register_vmap
def _(_: Any, in_dims: Any, calls: torch.Tensor) -> Any:
    return _count_call(calls.movedim(in_dims[0], 0)), 0
