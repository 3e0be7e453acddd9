"""Checks of arguments that several classes take."""

import numbers
from typing import Any


def check_rate(argument: str, rate: Any) -> float:
    """Return a rate as a float, or raise if it is none."""
    number = isinstance(rate, numbers.Real) and not isinstance(rate, bool)
    if not number or not 0 <= rate <= 1:
        raise ValueError(
            f"`{argument}` must be a number between 0 and 1; received {rate!r}"
        )
    return float(rate)
