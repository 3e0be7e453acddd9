"""Checks of arguments that several classes take."""

import numbers
import operator
from typing import Any


def check_rate(argument: str, rate: Any) -> float:
    """Return a rate as a float, or raise if it is none."""
    number = isinstance(rate, numbers.Real) and not isinstance(rate, bool)
    if not number or not 0 <= rate <= 1:
        raise ValueError(
            f"`{argument}` must be a number between 0 and 1; received {rate!r}"
        )
    return float(rate)


def as_integer(value: Any) -> int | None:
    """Return an integer of any type as an `int`, and `None` for anything else."""
    try:
        return None if isinstance(value, bool) else operator.index(value)
    except TypeError:
        return None


def check_seed(seed: Any) -> int | None:
    """Return a seed that every backend takes, or raise if it is none."""
    number = as_integer(seed)
    if seed is not None and (number is None or not 0 <= number < 2**31):
        raise ValueError(
            f"`seed` must be None or an integer from 0 to {2**31 - 1}; "
            f"received {seed!r}"
        )
    return number


def check_count(argument: str, value: Any) -> int:
    """Return a number of things as an `int`, or raise if it is none."""
    number = as_integer(value)
    if number is None or number < 1:
        raise ValueError(
            f"`{argument}` must be an integer of at least 1; received {value!r}"
        )
    return number


def check_batch_size(batch_size: Any) -> int | None:
    """Return a batch size as an `int`, or raise if it is none."""
    number = as_integer(batch_size)
    if batch_size is not None and (number is None or number < 1):
        raise ValueError(
            "`batch_size` must be None or an integer of at least 1; received "
            f"{batch_size!r}"
        )
    return number


def check_flag(argument: str, value: Any) -> bool:
    """Return a boolean, or raise if it is none."""
    if not isinstance(value, bool):
        raise ValueError(f"`{argument}` must be True or False; received {value!r}")
    return value


def check_choice(argument: str, choices: tuple[str, ...], value: Any) -> str:
    """Return one of the choices, or raise if it is none."""
    if not isinstance(value, str) or value not in choices:
        raise ValueError(
            f"`{argument}` must be one of {', '.join(map(repr, choices))}; "
            f"received {value!r}"
        )
    return value
