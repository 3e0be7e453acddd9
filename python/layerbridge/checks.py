"""Checks of arguments and attributes, one for each idea.

A check takes a name and a value, and returns the value in the form the code uses. It
raises `ValueError`, which says what was expected and what was received.
"""

import functools
import inspect
import numbers
import operator
from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, Literal, NoReturn, ParamSpec, TypeVar, get_args

import keras
import numpy as np
from keras import config
from keras.optimizers.schedules import LearningRateSchedule as Schedule

from layerbridge.shown import shown

# Of an argument of other libraries, the one that a call here must take for it to have a
# meaning, and that meaning.
_ELSEWHERE = {
    "batchwise": ("rate", "has no equivalent: every sample has a mask of its own"),
    "couple_channels": ("per_channel", "is `per_channel` here: False where it is True"),
    "drop_prob": ("rate", "is `rate` here"),
    "drop_rate": ("rate", "is `rate` here"),
    "dropblock_keep_prob": ("rate", "is 1 - `rate` here"),
    "dropblock_size": ("block_size", "is `block_size` here"),
    "fast": ("rate", "has no equivalent: leave it out"),
    "gamma_scale": (
        "rate",
        "multiplies the rate: pass `rate` times `gamma_scale` as `rate`",
    ),
    "inplace": ("rate", "has no equivalent: the input stays as it is"),
    "keep_prob": ("rate", "is 1 - `rate` here"),
    "keep_proba": ("rate", "is 1 - `rate` here"),
    "mode": (
        "rate",
        "is not needed: samples drop one by one, as in the mode 'row'",
    ),
    "p": ("rate", "is `rate` here"),
    "scale_by_keep": (
        "normalize",
        "is `normalize` here: 'expected' for True, 'none' for False",
    ),
    "sync_channels": ("per_channel", "is `per_channel` here: False where it is True"),
    "warmup_iters": (
        "rate",
        "is a schedule here: rate=LinearRamp(0, rate, steps=warmup_iters)",
    ),
    "with_noise": ("rate", "has no equivalent: dropped units are zero"),
}

# How far outside of 0 to 1 the rounding of float32 may bring a computed rate.
ROUNDING = 1e-6

if TYPE_CHECKING:  # Python 3.10 has no `typing.Self`
    from typing_extensions import Self

P = ParamSpec("P")
R = TypeVar("R")
T = TypeVar("T")

DataFormat = Literal["channels_last", "channels_first"]


def check_rate(name: str, value: Any) -> float:
    """Return `value` as a float; raise unless it is in [0, 1]."""
    if not _is_number(value) or not 0 <= value <= 1:
        _refuse(name, "a number between 0 and 1", value)
    return float(value)


def check_rate_or_schedule(name: str, value: Any) -> float | Schedule:
    """Return a schedule as it is, and anything else as `check_rate()` does."""
    if isinstance(value, Schedule):
        return value
    if callable(value):
        raise ValueError(
            f"`{name}` must be a number between 0 and 1, or a schedule such as "
            f"LinearRamp(0, 0.1, steps=1000); received {shown(value)}. Give a function "
            "of the step to DropRateScheduler"
        )
    return check_rate(name, value)


def check_scalar(expected: str, value: Any, when: str = "") -> Any:
    """Return what a schedule gave; raise unless it is one number or a tensor of one.

    Args:
        expected: What the schedule must return, for the error message.
        value: What it returned, which need not have a value yet.
        when: The step, for the error message.
    """
    dtype = getattr(value, "dtype", None)
    if dtype is None:
        fits = _is_number(value)
    else:
        kind = str(keras.backend.standardize_dtype(dtype))
        fits = tuple(value.shape) == () and ("float" in kind or "int" in kind)
    if not fits:
        raise ValueError(
            f"{expected}; received {shown(value)}{when and f' for {when}'}"
        )
    return value


def check_returned_rate(expected: str, value: Any, when: str) -> float:
    """Return what a schedule gave as a float; raise unless it is in [0, 1].

    What is outside by the rounding of float32 alone is in.

    Args:
        expected: What the schedule must return, for the error message.
        value: What it returned, which has a value.
        when: The step, for the error message.
    """
    number = check_scalar(expected, value, when)
    if keras.ops.is_tensor(number):
        number = keras.ops.convert_to_numpy(number)[()]
    if not -ROUNDING <= number <= 1 + ROUNDING:
        raise ValueError(f"{expected}; received {shown(number)} for {when}")
    return min(max(float(number), 0.0), 1.0)


def check_factor(name: str, value: Any) -> float:
    """Return `value` as a float; raise unless it is a finite number of at least 0."""
    if not _is_number(value) or not 0 <= value < float("inf"):
        _refuse(name, "a number of at least 0", value)
    return float(value)


def check_integer(name: str, value: Any, least: int = 1) -> int:
    """Return `value` as an `int`; raise unless it is a whole number from `least` up."""
    number = _as_integer(value)
    if number is None or number < least:
        _refuse(name, f"an integer of at least {least}", value)
    return number


def check_sizes(name: str, value: Any, rank: int | None = None) -> tuple[int, ...]:
    """Return positive integers, one per spatial axis.

    Args:
        name: The argument's name, for the error message.
        value: An integer, or a sequence of one integer per axis.
        rank: The number of axes, or `None` for any.

    Returns:
        A tuple, of length one if `value` is an integer.
    """
    several = isinstance(value, Sequence) and not isinstance(value, str | bytes)
    given = tuple(value) if several else (value,)
    sizes = tuple(k for k in map(_as_integer, given) if k is not None and k >= 1)
    wrong_rank = several and rank is not None and len(sizes) != rank
    if not given or len(sizes) < len(given) or wrong_rank:
        number = "" if rank is None else f"{rank} "
        many = f", or {number}positive integers, one per spatial axis"
        _refuse(name, "a positive integer" + many * (rank != 1), value)
    return sizes


def check_seed(name: str, value: Any) -> int | None:
    """Return `value`; raise unless it is `None` or a seed for any backend."""
    number = _as_integer(value)
    if value is not None and (number is None or not 0 <= number < 2**31):
        _refuse(name, f"None or an integer from 0 to {2**31 - 1}", value)
    return number


def check_step(name: str, value: Any) -> int:
    """Return `value` as an `int`; raise unless it is a number of steps."""
    number = _as_integer(value)
    if number is None or not 0 <= number < 2**31:
        _refuse(name, f"an integer from 0 to {2**31 - 1}", value)
    return number


def check_seed_state(name: str, value: Any) -> list[int]:
    """Return `value`; raise unless it is a seed and a number of calls."""
    numbers = [_as_integer(number) for number in value] if _is_pair(value) else []
    known = [number for number in numbers if number is not None]
    if len(known) < 2 or not all(0 <= number < 2**31 for number in known):
        _refuse(
            name, f"two integers from 0 to {2**31 - 1}, a seed and its calls", value
        )
    return known


def check_batch_size(name: str, value: Any) -> int | None:
    """Return `value`; raise unless it is `None` or a positive integer."""
    number = _as_integer(value)
    if value is not None and (number is None or number < 1):
        _refuse(name, "None or an integer of at least 1", value)
    return number


def check_flag(name: str, value: Any) -> bool:
    """Return `value`; raise unless it is a boolean."""
    if not isinstance(value, bool):
        _refuse(name, "True or False", value)
    return value


def check_choice(name: str, value: Any, choices: Sequence[T]) -> T:
    """Return `value`; raise unless it is one of the choices."""
    if not isinstance(value, str) or value not in choices:
        _refuse(name, f"one of {', '.join(map(repr, choices))}", value)
    return choices[choices.index(value)]


def check_data_format(name: str, value: Any) -> DataFormat:
    """Return `value`, or the configured format for `None`; raise if it is invalid."""
    if value is None:
        return config.image_data_format()
    if value not in get_args(DataFormat):
        _refuse(name, "'channels_last', 'channels_first' or None", value)
    return value


def call_given(name: str, function: Callable[..., Any], value: Any, what: str) -> Any:
    """Call a function that was given as an argument; say whose it is if it fails.

    Args:
        name: The argument's name, for the error message.
        function: The function.
        value: What it is called on.
        what: What that is, for the error message.

    Returns:
        What the function returns.
    """
    try:
        return function(value)
    except Exception as error:
        reason = str(error).partition("\n")[0] or type(error).__name__
        raise ValueError(
            f"the function given as `{name}` is called on one argument, and failed on "
            f"{what}: {reason}"
        ) from error


def check_takes_step(name: str, function: Callable[..., Any]) -> None:
    """Raise unless a function can be called on a step alone."""
    try:
        inspect.signature(function).bind(0)
    except TypeError:
        raise ValueError(
            f"`{name}` must be a schedule or a function of the step; received a "
            f"function of other arguments, {inspect.signature(function)}"
        ) from None
    except ValueError:
        return  # a function written in C tells no arguments


class CheckedCall:
    """Checks that a call suits a class, in the name of the class itself.

    Python's own error names the class that defines `__init__`. Keyword arguments that
    no `__init__` names are for Keras to judge.
    """

    def __new__(cls, *args: Any, **kwargs: Any) -> "Self":
        """Raise `TypeError` if an argument is missing or one too many."""
        called: type = cls
        signature = _signatures(called)[0]
        check_call(cls.__name__, signature, _names(called), (None, *args), kwargs)
        return super().__new__(cls, *args, **kwargs)


def checked_call(
    passes_on: type | None = None,
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Return a decorator that checks the arguments of a function or an `__init__`.

    An argument that is missing, unknown or one too many raises `TypeError`, which
    suggests the nearest name.

    Args:
        passes_on: The class whose arguments the function takes as `**kwargs`.
    """

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        signature = inspect.signature(function)
        name = function.__qualname__.removesuffix(".__init__")
        names = _named(signature)
        if passes_on is not None:
            names += _names(passes_on)

        @functools.wraps(function)
        def call(*args: P.args, **kwargs: P.kwargs) -> R:
            check_call(name, signature, names, args, kwargs, names_all=True)
            return function(*args, **kwargs)

        return call

    return decorate


def check_known(cls: type, kwargs: Mapping[str, Any], refused: str) -> None:
    """Raise if Keras has refused some arguments, with the names most like theirs."""
    unknown = [name for name in kwargs if repr(name) in refused]
    if unknown and "Unrecognized keyword argument" in refused:
        raise ValueError(
            f"Unrecognized keyword argument {unknown[0]!r} passed to {cls.__name__}."
            f"{_near(unknown, _names(cls))}"
        ) from None


def check_call(
    caller: str,
    signature: inspect.Signature,
    names: Sequence[str],
    args: Sequence[Any],
    kwargs: Mapping[str, Any],
    names_all: bool = False,
) -> None:
    """Raise unless a call suits a signature.

    Args:
        caller: The function's or the class's name, for the error message.
        signature: The signature.
        names: The names of arguments, with those that `**kwargs` takes.
        args: The arguments by position.
        kwargs: The arguments by name.
        names_all: Whether `**kwargs` takes no other names.
    """
    unknown = [name for name in kwargs if name not in names]
    try:
        signature.bind(*args, **kwargs)
        if names_all and unknown:
            raise TypeError(f"got an unexpected keyword argument {unknown[0]!r}")
    except TypeError as error:
        for name in unknown:
            if meaning := _elsewhere(name, names):
                raise TypeError(f"{caller}: the argument {meaning}.") from None
        said = f"{caller}: {error}"
        near = _near(unknown, [name for name in names if name not in kwargs])
        if unknown and repr(unknown[0]) not in said + near:
            said += f"; received {unknown[0]!r}"
        raise TypeError(f"{said}.{near}") from None


@functools.cache
def _signatures(cls: type) -> list[inspect.Signature]:
    """Return the signature of each `__init__` of a class and its bases."""
    bases = [base for base in cls.__mro__ if "__init__" in vars(base)]
    return [inspect.signature(vars(base)["__init__"]) for base in bases]


@functools.cache
def _names(cls: type) -> list[str]:
    """Return the names of the arguments of a class and its bases."""
    return [name for signature in _signatures(cls) for name in _named(signature)]


def _named(signature: inspect.Signature) -> list[str]:
    several = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    return [p.name for p in signature.parameters.values() if p.kind not in several]


def _near(unknown: Sequence[str], known: Sequence[str]) -> str:
    for name in unknown:
        if meaning := _elsewhere(name, known):
            return f" {meaning}."
        for near in get_close_matches(name, known, 1):
            return f" Did you mean `{near}`, not {name!r}?"
    return ""


def _elsewhere(name: str, known: Sequence[str]) -> str:
    """Return what another library's argument is for one that takes `known`."""
    ours, meaning = _ELSEWHERE.get(name, ("", ""))
    return f"`{name}` {meaning}" if meaning and ours in known else ""


def checked(name: str, check: Callable[[str, Any], Any]) -> Any:
    """Return a property that checks each value it is set to."""
    attribute = f"_{name}"

    def get(self: Any) -> Any:
        return getattr(self, attribute)

    def set_checked(self: Any, value: Any) -> None:
        # Keras and PyTorch would search what is set for weights, which takes long.
        self.__dict__[attribute] = check(name, value)

    return property(get, set_checked)


def _refuse(name: str, expected: str, value: Any) -> NoReturn:
    raise ValueError(f"`{name}` must be {expected}; received {shown(value)}")


def _is_pair(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 2


def _is_number(value: Any) -> bool:
    return isinstance(value, numbers.Real) and not isinstance(value, bool)


def _as_integer(value: Any) -> int | None:
    """Return an integer, also of a whole float: R's numbers arrive as such."""
    if isinstance(value, float | np.floating):
        return int(value) if value.is_integer() else None
    try:
        return None if isinstance(value, bool | np.bool_) else operator.index(value)
    except TypeError:
        return None
