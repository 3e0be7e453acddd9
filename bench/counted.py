"""What PyTorch does where it is not on the CPU, counted: no GPU is needed.

The way that a GPU takes is forced on the CPU, and a dispatch mode counts the operations
and the bytes that they read and write. A kernel of Triton's counts as one operation,
which reads and writes what it is given and returns.
"""

from collections.abc import Callable
from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from cases import CASES, RATE, label
from layerbridge import DropBlock2D, SpatialDropout2D
from layerbridge.masks.backends import _torch_device as device
from layerbridge.masks.backends import torch as backend

# Operations that touch no unit: they allocate, or read a number that is on the host.
_FREE = ("empty", "detach", "alias", "lift", "_local_scalar_dense")
_WRITES_ALONE = ("random_", "zero_", "fill_")


def _bytes(tensor: torch.Tensor) -> int:
    """Count the bytes of a tensor, those that it is broadcast from once."""
    axes = zip(tensor.shape, tensor.stride(), strict=True)
    cells = torch.Size(n for n, stride in axes if stride).numel()
    return cells * tensor.element_size()


class _Count(TorchDispatchMode):
    """Counts operations, and the bytes that they read and write."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.operations = self.bytes = 0

    def __torch_dispatch__(
        self, operation: Any, types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        out = operation(*args, **(kwargs or {}))
        inputs = {n: v for n, v in (kwargs or {}).items() if n != "out"}
        read, written = (
            [leaf for leaf in tree_leaves(tree) if isinstance(leaf, torch.Tensor)]
            for tree in ((args, inputs), out)
        )
        storages = {tensor.untyped_storage().data_ptr() for tensor in read}
        changes = operation._schema.is_mutable
        is_view = not changes and all(
            tensor.untyped_storage().data_ptr() in storages for tensor in written
        )
        name = operation.__name__
        if is_view or name.startswith(_FREE):
            return out
        self.operations += 1
        if not name.startswith(_WRITES_ALONE):
            self.bytes += sum(map(_bytes, read))
        self.bytes += sum(map(_bytes, written))
        return out


def _count(step: Callable[[], Any]) -> _Count:
    """Count a step; the first one makes what later ones find."""
    step()
    with _Count() as count:
        step()
    return count


@torch.library.custom_op("bench::multiplied", mutates_args=())
def _as_one(x: torch.Tensor, kept: torch.Tensor, scale: torch.Tensor) -> torch.Tensor:
    """Stand in for Triton's kernel, which runs on no CPU."""
    units = device.unpacked(kept)[: len(x)]
    return torch.where(units, device.scaled(x, scale), 0)


def _own_dropout(x: torch.Tensor, training: bool) -> torch.Tensor:
    """Drop as `torch.nn.Dropout` does on a GPU, by one fused kernel."""
    return torch.native_dropout(x, RATE, training)[0]


def _record(name: str, layer: Any, case: str, x: torch.Tensor) -> dict[str, Any]:
    """Count a layer's forward and backward pass."""
    upstream = torch.ones_like(x)
    forward = _count(lambda: layer(x, training=True))
    both = _count(lambda: torch.autograd.grad(layer(x, training=True), x, upstream))
    figures = {
        "operations, forward": forward.operations,
        "operations, backward": both.operations - forward.operations,
        "bytes a unit, forward": forward.bytes / x.numel(),
        "bytes a unit, backward": (both.bytes - forward.bytes) / x.numel(),
    }
    return {
        "topic": f"Counted on PyTorch as on a GPU, {name}",
        "unit": "count",
        "case": case,
        "values": {figure: [count] for figure, count in figures.items()},
    }


def measure() -> list[dict[str, Any]]:
    """Count every layer on a large map."""
    backend.is_cpu = lambda device: False
    shape, _ = CASES[0]
    x = torch.rand(shape, requires_grad=True)
    mask, scale = x > 0.5, torch.ones(())
    layers = {
        **{f"DropBlock2D, block {k}": DropBlock2D(RATE, k) for k in (3, 7)},
        "one mask for all channels": DropBlock2D(RATE, 7, per_channel=False),
        "SpatialDropout2D": SpatialDropout2D(RATE),
        "a precomputed mask": lambda x, training: torch.where(mask, x * scale, 0),
        "torch.nn.Dropout": _own_dropout,
    }
    records = [_record(name, layer, label(shape), x) for name, layer in layers.items()]
    device._fused = lambda _: _as_one  # type: ignore[assignment]
    case = f"{label(shape)}, with Triton"
    blocks = [(n, layer) for n, layer in layers.items() if n.startswith("DropBlock")]
    return records + [_record(name, layer, case, x) for name, layer in blocks]
