"""PyTorch: a layer's state on the host, read from its device only where it changed.

To read a number waits for all that the device is doing. A tensor counts what is written
to it: as long as the count is the same, what was read still holds. What is written past
the count, by `tensor.data` or a collective, is not seen after the first call. Of
DistributedDataParallel's, which makes states the same before that call, what it writes
later is there already.
"""

from typing import Any

import torch
from torch.utils.weak import WeakTensorKeyDictionary

# Of each tensor the count, and the numbers.
_known: Any = WeakTensorKeyDictionary()


def on_host(tensor: torch.Tensor) -> torch.Tensor:
    """Return a copy of a tensor, or of a number in a tensor of length 1."""
    whole = tensor._base
    owner = tensor if whole is None or whole.numel() > 1 else whole
    if owner.is_inference():  # such do not count
        return tensor.cpu()
    count, numbers = _known.get(owner, (None, []))
    if count != owner._version:
        numbers = owner.view(-1).tolist()
        _remember(owner, numbers)
    copied = torch.tensor(numbers, dtype=tensor.dtype, device="cpu")
    return copied.view(tensor.shape)


def add_one(tensor: torch.Tensor, index: int) -> None:
    """Add 1 to one of a tensor's numbers, which stay known."""
    numbers = on_host(tensor).tolist()
    numbers[index] += 1
    tensor[index : index + 1].add_(1)
    _remember(tensor, numbers)


def forget(tensor: torch.Tensor) -> None:
    """Forget a tensor: PyTorch swaps none that is known anywhere."""
    _known.pop(tensor, None)


def _remember(tensor: torch.Tensor, numbers: list[Any]) -> None:
    if not tensor.is_inference():
        _known[tensor] = tensor._version, numbers
