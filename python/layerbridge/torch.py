"""Structured dropout as PyTorch modules, which follow `train()` and `eval()`.

Keras must run on PyTorch: set `KERAS_BACKEND=torch` before Python first imports Keras.
The masks are those of the Keras layers. Channels are the second axis, and the output
has the input's dtype, under autocast too. To drop whole channels at a fixed rate, use
`torch.nn.Dropout2d`. What `torch.jit.script` has saved needs `import layerbridge.torch`
before `torch.jit.load`.

Example:
>>> import torch
>>> from layerbridge import LinearRamp
>>> from layerbridge.torch import DropBlock2d
>>> net = torch.nn.Sequential(
...     torch.nn.Conv2d(3, 16, 3),
...     torch.nn.BatchNorm2d(16),
...     torch.nn.ReLU(),
...     DropBlock2d(LinearRamp(0, 0.1, steps=10_000), block_size=7),
... )
>>> net.train()(torch.ones(8, 3, 32, 32)).shape
torch.Size([8, 16, 30, 30])
"""

import copy
import functools
import inspect
from collections.abc import Callable, Sequence
from typing import Any, ParamSpec, TypeVar, get_args

import keras
from keras.optimizers.schedules import LearningRateSchedule as Schedule

from layerbridge.checks import (
    call_given,
    check_call,
    check_choice,
    check_flag,
    check_integer,
    check_rate,
    check_rate_or_schedule,
    check_seed,
    check_sizes,
    check_takes_step,
    checked,
)
from layerbridge.masks import backends
from layerbridge.masks.drop import structured_dropout
from layerbridge.masks.scale import Normalize
from layerbridge.shown import shown

if keras.backend.backend() != "torch":
    raise ImportError(
        "layerbridge.torch needs Keras on PyTorch, and Keras runs on "
        f"{keras.backend.backend()!r} here. Set the environment variable "
        "KERAS_BACKEND=torch before Python first imports Keras or layerbridge."
    )

import torch
from torch._subclasses.fake_tensor import unset_fake_temporarily

from layerbridge.masks.backends._torch_host import forget
from layerbridge.masks.backends._torch_state import assignable, count_call, moved

__all__ = [
    "DropBlock1d",
    "DropBlock2d",
    "DropBlock3d",
    "DropPath",
    "DropRateScheduler",
]

P = ParamSpec("P")
R = TypeVar("R")


def _checked_call(init: Callable[P, R]) -> Callable[P, R]:
    """Decorate an `__init__` that is checked in the name of the class itself."""
    signature = inspect.signature(init)
    names = list(signature.parameters)

    @functools.wraps(init)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        caller = type(args[0]).__name__
        check_call(caller, signature, names, args, kwargs, names_all=True)
        return init(*args, **kwargs)

    return call


class _StructuredDropout(torch.nn.Module):
    """Drops units of a tensor together, in training.

    A subclass implements `block()` and `_check_axes()`, and may override `per_channel`,
    `exact_rate` and `_settings()`.

    The buffer `seed_state` holds the seed and the number of training calls, which is
    also the step of a schedule.
    """

    per_channel = property(lambda _: True)
    exact_rate = property(lambda _: True)
    normalize = checked(
        "normalize", functools.partial(check_choice, choices=get_args(Normalize))
    )
    seed_state: torch.Tensor

    def __init__(self, rate: float | Schedule, seed: int | None, normalize: Normalize):
        super().__init__()
        self._number = torch.zeros((), device="cpu")
        self.rate = rate
        self.normalize = normalize
        self._seed = check_seed("seed", seed)
        state = torch.zeros(2, dtype=torch.int64, device="cpu")
        self.register_buffer("seed_state", assignable(state))
        self.reset_parameters()

    @property
    def rate(self) -> float | Schedule:
        """The expected fraction of units dropped, or its schedule.

        What is set takes effect at the next training call, in a compiled net too.
        """
        return self._rate

    @rate.setter
    def rate(self, rate: float | Schedule) -> None:
        rate = check_rate_or_schedule("rate", rate)
        self._rate = rate
        # Compiled code that read `_rate` would be compiled anew for each number.
        self._schedule: Schedule | None = rate if isinstance(rate, Schedule) else None
        self._number.fill_(0.0 if isinstance(rate, Schedule) else rate)

    @property
    def seed(self) -> int | None:
        """The seed that the module was made with."""
        return self._seed

    @property
    def current_rate(self) -> float:
        """The expected fraction of units that the next training call drops."""
        return float(self._rate_at(self.seed_state[1]))

    def reset_parameters(self) -> None:
        """Start again from the seed, or from a new one where none was given."""
        seed = _new_seed() if self.seed is None else self.seed
        with torch.no_grad():
            self.seed_state.copy_(torch.tensor([seed, 0], device="cpu"))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Drop in training; otherwise return the input itself."""
        if isinstance(x, torch.fx.Proxy):  # a graph calls the module as it is
            tracer: Any = x.tracer
            path = tracer.path_of_module(self)
            proxy: torch.Tensor = tracer.create_proxy("call_module", path, (x,), {})
            return proxy
        self._check(x)
        if not self.training or self._leaves_integers(x):
            return x
        rate, seed = backends.once(self, self._next)
        if self._is_checked and backends.is_deferred(rate):
            # Where no error can be raised, a rate of NaN must show.
            x = x + (rate - rate)
        return structured_dropout(
            x,
            rate,
            self.block(),
            channel_axis=1,
            per_channel=self.per_channel,
            normalize=self.normalize,
            exact_rate=self.exact_rate,
            seed=seed,
        )

    def block(self) -> Sequence[int] | None:
        """Return the block's length by spatial axis, or `None` for the whole map."""
        raise NotImplementedError

    def extra_repr(self) -> str:
        """Return the rate, and the settings that are not as usual."""
        settings = {"rate": self.rate, **self._settings()}
        return ", ".join(f"{name}={shown(value)}" for name, value in settings.items())

    def _settings(self) -> dict[str, Any]:
        return self._unusual(seed=None)

    def _unusual(self, **usual: Any) -> dict[str, Any]:
        values = {name: getattr(self, name) for name in usual}
        return {name: values[name] for name in usual if values[name] != usual[name]}

    def _next(self) -> tuple[torch.Tensor, torch.Tensor]:
        """Return the rate and the seed of this call, and count it."""
        state = count_call(self.seed_state)
        return self._rate_at(state[1]), state

    def _rate_at(self, step: torch.Tensor) -> torch.Tensor:
        if self._schedule is None:
            return self._number
        rate = torch.as_tensor(self._schedule(step), dtype=torch.float32, device="cpu")
        if self._is_checked:
            rate = backends.check_rate(rate, "`rate` must be a number between 0 and 1")
        return rate.clamp(0.0, 1.0)

    @property
    def _is_checked(self) -> bool:
        """Whether a schedule of unknown bounds gives the rate."""
        return not getattr(self._schedule, "is_bounded", self._schedule is None)

    def _check(self, x: torch.Tensor) -> None:
        name = type(self).__name__
        if not isinstance(x, torch.Tensor):
            raise TypeError(f"{name} must be called on a tensor; received {shown(x)}")
        if x.is_nested and x.layout != torch.jagged:
            raise ValueError(
                f"{name} takes nested tensors of the layout torch.jagged; received one "
                f"of {x.layout}. Pass `layout=torch.jagged` where it is made."
            )
        self._check_axes(x)

    def _leaves_integers(self, x: torch.Tensor) -> bool:
        """Tell whether nothing is to drop of integers; raise if something is."""
        if x.is_floating_point():
            return False
        if self.rate == 0:
            return True
        raise ValueError(
            f"{type(self).__name__} must be called on floating-point numbers in "
            f"training; received {x.dtype}. Convert them first: `x.float()`."
        )

    def _check_axes(self, x: torch.Tensor) -> None:
        """Raise unless the module takes tensors of so many axes."""
        raise NotImplementedError

    def __prepare_scriptable__(self) -> torch.nn.Module:
        """Return what `torch.jit.script` compiles in the module's place."""
        return _Scriptable(self)

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        """Copy the module, with another seed where none was given.

        Nets repeat a block by copies of it, which must not drop the same.
        """
        other = self.__new__(type(self))
        memo[id(self)] = other
        other.__dict__.update(copy.deepcopy(self.__dict__, memo))
        if self.seed is None:
            other.seed_state[0] = _new_seed()
        return other

    def _apply(self, fn: Any, recurse: bool = True) -> Any:
        """Move the state with the net, but keep what it holds."""
        buffers = self._buffers.copy()
        super()._apply(fn, recurse)  # type: ignore[no-untyped-call]
        self._buffers.update(moved(buffers, self._buffers))
        return self

    def _load_from_state_dict(
        self, state_dict: dict[str, Any], prefix: str, *args: Any
    ) -> None:
        """Load the state, or keep it where there is none: pretrained nets have none."""
        key = f"{prefix}seed_state"
        state = state_dict.setdefault(key, self.seed_state)
        whole = not (state.is_floating_point() or state.is_complex())
        if whole and state.shape == (2,) and (state.is_meta or (state >= 0).all()):
            forget(self.seed_state)
            super()._load_from_state_dict(state_dict, prefix, *args)
        else:
            errors = args[-1]
            errors.append(
                f"{key} must be two integers of at least 0, a seed and a number of "
                f"calls; received {state}"
            )


class _Scriptable(torch.nn.Module):
    """A module of a fixed rate in the few words of TorchScript.

    It takes tensors of as many axes as the module does: of 2 or more, or of one number.
    """

    seed_state: torch.Tensor

    def __init__(self, module: _StructuredDropout):
        super().__init__()
        if isinstance(module.rate, Schedule):
            raise ValueError(
                "torch.jit.script needs a number as `rate`, since a schedule is "
                f"Python; received {shown(module.rate)}. Use torch.compile instead."
            )
        self.train(module.training)
        self.register_buffer("seed_state", module.seed_state)
        self.name = type(module).__name__
        self.axes: int = getattr(module, "rank", 0) + 2
        self.rate = module._number
        block = module.block()
        self.block = None if block is None else list(block)
        self.per_channel = module.per_channel
        self.normalize = module.normalize
        self.exact_rate = module.exact_rate

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if x.dim() < self.axes or (self.block is not None and x.dim() > self.axes):
            raise ValueError(
                f"{self.name} cannot be called on a tensor of {x.dim()} axes"
            )
        if not self.training:
            return x
        if not x.is_floating_point():
            if bool(self.rate == 0):
                return x
            raise ValueError(
                f"{self.name} must be called on floating-point numbers in training. "
                "Convert them first: `x.float()`."
            )
        factors = torch.ops.layerbridge.factors(
            x.detach(),
            self.rate,
            self.block,
            self.per_channel,
            self.normalize,
            self.exact_rate,
            self._count(),
        )
        return torch.where(factors == 0, 0, x * factors)

    def _count(self) -> torch.Tensor:
        calls = torch.ops.layerbridge.count_call(self.seed_state[1])
        return torch.stack([self.seed_state[0], calls])


@torch.library.custom_op("layerbridge::factors", mutates_args=())
def _factors(
    x: torch.Tensor,
    rate: torch.Tensor,
    block: Sequence[int] | None,
    per_channel: bool,
    normalize: str,
    exact_rate: bool,
    state: torch.Tensor,
) -> torch.Tensor:
    """Draw what the units of a tensor are multiplied by."""
    return structured_dropout(
        torch.ones_like(x),
        rate,
        block,
        channel_axis=1,
        per_channel=per_channel,
        normalize=normalize,
        exact_rate=exact_rate,
        seed=state,
    )


def _new_seed() -> int:
    """Draw a seed, which follows `torch.manual_seed`."""
    with unset_fake_temporarily():
        return int(torch.randint(2**31, (), device="cpu"))


class _DropBlock(_StructuredDropout):
    """Drops blocks of a map; a subclass sets `rank`."""

    rank: int
    per_channel = checked("per_channel", check_flag)
    exact_rate = checked("exact_rate", check_flag)

    @_checked_call
    def __init__(
        self,
        rate: float | Schedule,
        block_size: int | Sequence[int],
        per_channel: bool = True,
        normalize: Normalize = "batch",
        exact_rate: bool = True,
        seed: int | None = None,
    ):
        super().__init__(rate, seed, normalize)
        self.block_size = block_size
        self.per_channel = per_channel
        self.exact_rate = exact_rate

    @property
    def block_size(self) -> int | Sequence[int]:
        """The block's length: one integer, or one per spatial axis."""
        return self._block_size

    @block_size.setter
    def block_size(self, block_size: int | Sequence[int]) -> None:
        sizes = check_sizes("block_size", block_size, self.rank)
        self._block_size = sizes if isinstance(block_size, Sequence) else sizes[0]

    def block(self) -> Sequence[int]:
        """Return the block's length along each spatial axis."""
        sizes = self.block_size
        return sizes if isinstance(sizes, Sequence) else (sizes,) * self.rank

    def _settings(self) -> dict[str, Any]:
        unusual = self._unusual(per_channel=True, normalize="batch", exact_rate=True)
        return {"block_size": self.block_size, **unusual, **super()._settings()}

    def _check_axes(self, x: torch.Tensor) -> None:
        if x.ndim != self.rank + 2:
            axes = ", ".join("NCDHW"[:2] + "DHW"[3 - self.rank :])
            raise ValueError(
                f"{type(self).__name__} must be called on a tensor of {self.rank + 2} "
                f"axes, ({axes}); received one of shape {tuple(x.shape)}"
            )


class DropBlock1d(_DropBlock):
    """Drops contiguous blocks of steps, with a separate mask per channel.

    As in `layerbridge.DropBlock1D`, the expected fraction of dropped units is exactly
    `rate`, whatever the sequence and the block.

    Args:
        rate: Float between 0 and 1, the expected fraction of units dropped; or a
            schedule, such as `LinearRamp`, whose steps are the module's training calls.
        block_size: Integer, the number of steps in a block; or a tuple of one integer.
            A block larger than the sequence is clipped to it.
        per_channel: Boolean. If `False`, all channels of a sample share one mask.
        normalize: String, how kept units are scaled up: `"batch"` divides by the
            fraction kept in the whole tensor, as the paper does; `"sample"` by that in
            each sample; `"expected"` by `1 - rate`; `"none"` leaves them as they are.
        exact_rate: Boolean. If `False`, use the paper's probability, which only
            approximates `rate`.
        seed: Integer, or `None` for one that follows `torch.manual_seed`. Where it is
            `None`, `copy.deepcopy()` gives the copy a seed of its own.

    Shape:
        `(batch, channels, steps)`, for the input and the output.

    Raises:
        TypeError: If an argument is missing or unknown.
        ValueError: If an argument is invalid, or the input has another number of axes.

    Reference:

    - [Ghiasi et al., 2018](https://arxiv.org/abs/1810.12890)

    Example:
    >>> import torch
    >>> from layerbridge.torch import DropBlock1d
    >>> DropBlock1d(0.1, block_size=7)(torch.ones(8, 16, 64)).shape
    torch.Size([8, 16, 64])
    """

    rank = 1


class DropBlock2d(_DropBlock):
    """Drops contiguous blocks of a feature map, with a separate mask per channel.

    As in `layerbridge.DropBlock2D`, the expected fraction of dropped units is exactly
    `rate`, whatever the map and the block.

    Args:
        rate: Float between 0 and 1, the expected fraction of units dropped; or a
            schedule, such as `LinearRamp`, whose steps are the module's training calls.
        block_size: Integer, the height and width of a block; or a tuple of two
            integers, its height and its width. The paper uses 7. A block larger than
            the map is clipped to it.
        per_channel: Boolean. If `False`, all channels of a sample share one mask.
        normalize: String, how kept units are scaled up: `"batch"` divides by the
            fraction kept in the whole tensor, as the paper does; `"sample"` by that in
            each sample; `"expected"` by `1 - rate`; `"none"` leaves them as they are.
        exact_rate: Boolean. If `False`, use the paper's probability, which only
            approximates `rate`.
        seed: Integer, or `None` for one that follows `torch.manual_seed`. Where it is
            `None`, `copy.deepcopy()` gives the copy a seed of its own.

    Shape:
        `(batch, channels, height, width)`, for the input and the output.

    Raises:
        TypeError: If an argument is missing or unknown.
        ValueError: If an argument is invalid, or the input has another number of axes.

    Reference:

    - [Ghiasi et al., 2018](https://arxiv.org/abs/1810.12890)

    Example:
    >>> import torch
    >>> from layerbridge.torch import DropBlock2d
    >>> DropBlock2d(0.1, block_size=7)(torch.ones(8, 16, 14, 14)).shape
    torch.Size([8, 16, 14, 14])
    """

    rank = 2


class DropBlock3d(_DropBlock):
    """Drops contiguous blocks of a volume, with a separate mask per channel.

    As in `layerbridge.DropBlock3D`, the expected fraction of dropped units is exactly
    `rate`, whatever the volume and the block.

    Args:
        rate: Float between 0 and 1, the expected fraction of units dropped; or a
            schedule, such as `LinearRamp`, whose steps are the module's training calls.
        block_size: Integer, the depth, height and width of a block; or a tuple of three
            integers, its depth, its height and its width. A block larger than the
            volume is clipped to it.
        per_channel: Boolean. If `False`, all channels of a sample share one mask.
        normalize: String, how kept units are scaled up: `"batch"` divides by the
            fraction kept in the whole tensor, as the paper does; `"sample"` by that in
            each sample; `"expected"` by `1 - rate`; `"none"` leaves them as they are.
        exact_rate: Boolean. If `False`, use the paper's probability, which only
            approximates `rate`.
        seed: Integer, or `None` for one that follows `torch.manual_seed`. Where it is
            `None`, `copy.deepcopy()` gives the copy a seed of its own.

    Shape:
        `(batch, channels, depth, height, width)`, for the input and the output.

    Raises:
        TypeError: If an argument is missing or unknown.
        ValueError: If an argument is invalid, or the input has another number of axes.

    Reference:

    - [Ghiasi et al., 2018](https://arxiv.org/abs/1810.12890)

    Example:
    >>> import torch
    >>> from layerbridge.torch import DropBlock3d
    >>> DropBlock3d(0.1, block_size=7)(torch.ones(2, 16, 8, 14, 14)).shape
    torch.Size([2, 16, 8, 14, 14])
    """

    rank = 3


class DropPath(_StructuredDropout):
    """Drops whole samples of a residual branch: stochastic depth.

    The counterpart of `layerbridge.DropPath`. Put it last in the branch, right before
    the addition.

    Args:
        rate: Float between 0 and 1, the expected fraction of samples dropped; or a
            schedule, such as `LinearRamp`, whose steps are the module's training calls.
        seed: Integer, or `None` for one that follows `torch.manual_seed`. Where it is
            `None`, `copy.deepcopy()` gives the copy a seed of its own.
        normalize: String, how kept samples are scaled up: `"expected"` divides by
            `1 - rate`; `"batch"` by the fraction of the batch that is kept; `"none"`
            and `"sample"` leave them as they are.

    Shape:
        `(N, ...)`, with one axis or more besides the batch, for the input and the
        output.

    Raises:
        TypeError: If an argument is missing or unknown.
        ValueError: If an argument is invalid, or the input has fewer than 2 axes.

    Reference:

    - [Huang et al., 2016](https://arxiv.org/abs/1603.09382)

    Example:
    >>> import torch
    >>> from layerbridge.torch import DropPath
    >>> x, branch = torch.ones(8, 16), torch.nn.Linear(16, 16)
    >>> (x + DropPath(0.1)(branch(x))).shape
    torch.Size([8, 16])
    """

    per_channel = property(lambda _: False)

    @_checked_call
    def __init__(
        self,
        rate: float | Schedule,
        seed: int | None = None,
        normalize: Normalize = "expected",
    ):
        super().__init__(rate, seed, normalize)

    def block(self) -> None:
        """Return `None`: the block covers the whole sample."""

    def _settings(self) -> dict[str, Any]:
        return {**self._unusual(normalize="expected"), **super()._settings()}

    def _check_axes(self, x: torch.Tensor) -> None:
        if x.ndim < 2:
            raise ValueError(
                "DropPath must be called on a tensor of at least 2 axes, (N, ...); "
                f"received one of shape {tuple(x.shape)}"
            )


class DropRateScheduler:
    """Sets the rate of all structured dropout modules of a net from one schedule.

    Call `step()` before each batch. Like PyTorch's schedulers of the learning rate, it
    is saved and restored by `state_dict()` and `load_state_dict()`.

    Args:
        net: A `torch.nn.Module` with modules of `layerbridge.torch` in it.
        schedule: A schedule, such as `LinearRamp`, or a function that takes a step,
            counted from 0, and returns a rate.

    Raises:
        ValueError: If the net has no such modules, or `schedule` is not callable.

    Example:
    >>> import torch
    >>> from layerbridge import LinearRamp
    >>> from layerbridge.torch import DropBlock2d, DropRateScheduler
    >>> net = torch.nn.Sequential(torch.nn.Conv2d(3, 8, 3), DropBlock2d(0, 5))
    >>> scheduler = DropRateScheduler(net, LinearRamp(0, 0.5, steps=3))
    >>> for batch in range(3):
    ...     scheduler.step()
    ...     print(net[1].rate)
    0.0
    0.25
    0.5
    """

    def __init__(self, net: torch.nn.Module, schedule: Callable[[int], Any]):
        if not callable(schedule):
            raise ValueError(
                "`schedule` must be a schedule or a function of the step; received "
                f"{shown(schedule)}"
            )
        check_takes_step("schedule", schedule)
        self._modules = [m for m in net.modules() if isinstance(m, _StructuredDropout)]
        if not self._modules:
            raise ValueError(
                "`net` must have modules of layerbridge.torch, such as DropBlock2d; "
                f"received a {type(net).__name__} that has none"
            )
        self.schedule = schedule
        self._steps = 0

    def step(self) -> None:
        """Set the rate of the next batch."""
        when = f"step {self._steps}"
        value = call_given("schedule", self.schedule, self._steps, when)
        rate = check_rate("schedule", float(value))
        for module in self._modules:
            module.rate = rate
        self._steps += 1

    def state_dict(self) -> dict[str, int]:
        """Return the number of steps taken."""
        return {"steps": self._steps}

    def load_state_dict(self, state_dict: dict[str, int]) -> None:
        """Go on after the steps that `state_dict()` returned."""
        self._steps = check_integer("steps", state_dict["steps"], least=0)
