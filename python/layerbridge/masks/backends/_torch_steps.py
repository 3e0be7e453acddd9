"""PyTorch: training steps under transforms, and those that a gradient runs again.

`torch.utils.checkpoint` discards a step and runs it again for the gradient. It restores
PyTorch's own random number generator first, so a number that this draws identifies the
step among those of a layer.
"""

from collections import OrderedDict
from collections.abc import Callable
from typing import Any
from weakref import WeakKeyDictionary

import torch
from torch._functorch.pyfunctorch import temporarily_clear_interpreter_stack
from torch.fx.experimental.proxy_tensor import get_proxy_mode

_MOST_REMEMBERED = 512

# What the latest steps of each layer returned, by their numbers.
_returned: WeakKeyDictionary[torch.nn.Module, OrderedDict[int, Any]] = (
    WeakKeyDictionary()
)


def once(layer: torch.nn.Module, advance: Callable[[], Any]) -> Any:
    """Advance a layer's state, outside of transforms, once for each training step.

    A transform of `torch.func` refuses to assign a variable. One that a transform has
    put into the layer is assigned inside of it.
    """
    if torch.compiler.is_compiling() or _is_traced():
        return advance()
    if not _is_in_func():
        return _once(layer, advance)
    if _is_transformed(layer):
        return advance()
    with temporarily_clear_interpreter_stack():
        return _once(layer, advance)


def _once(layer: torch.nn.Module, advance: Callable[[], Any]) -> Any:
    number = int(torch.randint(2**62, (), device="cpu"))
    returned = _returned.setdefault(layer, OrderedDict())
    if not _is_gradient() or number not in returned:
        returned[number] = advance()
        if len(returned) > _MOST_REMEMBERED:
            returned.popitem(last=False)
    return returned[number]


def is_transforming() -> bool:
    """Tell whether derivatives are taken forward, or a transform of `torch.func` runs.

    Such take operations that they know, where others take `autograd.Function`, and so
    does `torch.export`, which would lose the gradient.
    """
    if torch.compiler.is_compiling():
        return is_exporting() or _is_in_func()
    return torch.autograd.forward_ad._current_level >= 0 or _is_in_func()


is_exporting: Callable[[], bool] = getattr(
    torch.compiler, "is_exporting", lambda: False
)


def is_watched() -> bool:
    """Tell whether a compiler, a tracer or a transform looks at the operations."""
    return torch.compiler.is_compiling() or is_transforming() or _is_traced()


@torch.compiler.assume_constant_result
def _is_in_func() -> bool:
    """Tell whether a transform of `torch.func` runs; nothing public tells."""
    return torch._C._functorch.peek_interpreter_stack() is not None  # pyright: ignore[reportAttributeAccessIssue]


def is_traced_by_jit() -> bool:
    """Tell whether `torch.jit.trace()` writes operations down."""
    return not torch.compiler.is_compiling() and torch._C._is_tracing()


def _is_traced() -> bool:
    """Tell whether tensors have no numbers, because operations are written down."""
    if is_traced_by_jit() or get_proxy_mode() is not None:
        return True
    return type(torch.empty(0)) is not torch.Tensor


def _is_transformed(layer: torch.nn.Module) -> bool:
    """Tell whether a transform has put state of its own into a layer or a module."""
    is_wrapped = torch._C._functorch.is_functorch_wrapped_tensor  # pyright: ignore[reportAttributeAccessIssue]
    state = [variable.value for variable in getattr(layer, "variables", [])]
    return any(map(is_wrapped, state or layer.buffers()))


def _is_gradient() -> bool:
    """Tell whether a gradient is being computed; nothing public tells."""
    return torch._C._current_graph_task_id() >= 0
