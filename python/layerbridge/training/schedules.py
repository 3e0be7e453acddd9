"""Schedules of the rate."""

from typing import Any

import keras
from keras import ops

from layerbridge.checks import check_integer, check_rate, checked_call
from layerbridge.shown import settings_shown, shown


@keras.saving.register_keras_serializable(package="layerbridge")
class LinearRamp(keras.optimizers.schedules.LearningRateSchedule):
    """Moves linearly from one rate to another, then stays there.

    DropBlock with a fixed rate slows the start of training; the paper (section 3.1)
    raises the rate from 0 to its target instead.

    Args:
        start: Float between 0 and 1. The rate at the first step.
        stop: Float between 0 and 1. The rate from step number `steps` on.
        steps: Integer of at least 2, the number of steps from `start` to `stop`, both
            included.

    Raises:
        ValueError: If an argument is invalid.

    Reference:

    - [Ghiasi et al., 2018](https://arxiv.org/abs/1810.12890)

    Example:
    >>> from layerbridge import LinearRamp
    >>> ramp = LinearRamp(0.0, 0.25, steps=5)
    >>> [float(ramp(step)) for step in range(6)]
    [0.0, 0.0625, 0.125, 0.1875, 0.25, 0.25]
    """

    is_bounded = True  # its rates are between 0 and 1, and need no check

    @checked_call()
    def __init__(self, start: float, stop: float, steps: int):
        self.start = check_rate("start", start)
        self.stop = check_rate("stop", stop)
        self.steps = check_integer("steps", steps, least=2)

    def __repr__(self) -> str:
        """Return the class with the schedule's settings."""
        return settings_shown(self, self.get_config())

    def __call__(self, step: Any) -> Any:
        """Return the rate at a step, counted from 0."""
        done = ops.minimum(ops.cast(step, "float32") / (self.steps - 1), 1.0)
        return self.start + (self.stop - self.start) * done

    def __ge__(self, other: Any) -> bool:
        """Raise: Keras's own layers ask so whether their rate is a number from 0."""
        raise TypeError(
            f"`rate` must be a number; received {shown(self)}. The layers of "
            "layerbridge follow schedules, such as layerbridge.SpatialDropout2D, in R "
            "layerbridge::layer_spatial_dropout_2d()\n"
            "'<=' not supported between instances of "
            f"{type(other).__name__!r} and {type(self).__name__!r}"
        )

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that recreate the schedule."""
        return {"start": self.start, "stop": self.stop, "steps": self.steps}


def check_scaled(argument: str, rate: float, factor: float, layer: str) -> float:
    """Return a rate multiplied by a factor; raise if that is larger than 1."""
    if rate * factor > 1:
        raise ValueError(
            f"`{argument}` must keep each rate at 1 or below; received the factor "
            f"{factor:g} for {layer!r}, which turns a rate of {rate:g} into "
            f"{rate * factor:g}"
        )
    return rate * factor


def highest(schedule: Any) -> float | None:
    """Return the highest rate of a schedule, or `None` if it is not known before."""
    if isinstance(schedule, LinearRamp):
        return max(schedule.start, schedule.stop)
    return None


def scaled(argument: str, rate: Any, factor: float, layer: str) -> Any:
    """Return a rate or a schedule multiplied by a factor, for the layer named."""
    if not isinstance(rate, keras.optimizers.schedules.LearningRateSchedule):
        return check_scaled(argument, rate, factor, layer)
    check_scaled(argument, highest(rate) or 0.0, factor, layer)
    return rate if factor == 1 else Scaled(rate, factor)


@keras.saving.register_keras_serializable(package="layerbridge")
class Scaled(keras.optimizers.schedules.LearningRateSchedule):
    """A schedule multiplied by a number."""

    def __init__(self, schedule: Any, factor: float):
        if isinstance(schedule, dict):
            schedule = keras.optimizers.schedules.deserialize(schedule)
        self.schedule = schedule
        self.factor = factor
        self.is_bounded = getattr(schedule, "is_bounded", False)

    def __repr__(self) -> str:
        """Return the class with the schedule and the factor."""
        settings = {"schedule": self.schedule, "factor": self.factor}
        return settings_shown(self, settings)

    def __call__(self, step: Any) -> Any:
        """Return the rate at a step, counted from 0."""
        return self.schedule(step) * self.factor

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that recreate the schedule."""
        schedule = keras.optimizers.schedules.serialize(self.schedule)
        return {"schedule": schedule, "factor": self.factor}
