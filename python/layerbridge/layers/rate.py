"""The rate of a layer: a number or a schedule, and the state that a step reads."""

from typing import Any

import keras
import numpy as np
from keras import ops
from keras.optimizers.schedules import LearningRateSchedule as Schedule

from layerbridge.checks import check_rate_or_schedule
from layerbridge.masks import backends
from layerbridge.shown import shown


class Rate:
    """A layer's rate in variables, so that compiled steps see it change.

    Keras makes variables that are attributes of a layer its weights; variables held by
    this object are state only.

    Attributes:
        given: The number or schedule that was last set.
    """

    def __init__(self, rate: float | Schedule):
        self.given: float | Schedule = 0.0
        self._number = _variable("rate", 0.0, "float32")
        self._schedule = _Scheduled(rate) if isinstance(rate, Schedule) else None
        self.set(rate)

    def set(self, rate: float | Schedule) -> None:
        """Set a number, or return to the schedule that the rate was made with."""
        if backends.is_held(self._number):
            raise RuntimeError(
                "`rate` cannot be set while JAX's `fit()` holds the model's state; set "
                "it from the callback DropRateScheduler, or call the model's "
                "`jax_state_sync()` first"
            )
        rate = check_rate_or_schedule("rate", rate)
        if not isinstance(rate, Schedule):
            # TensorFlow caches every Python number it receives, but not NumPy's.
            self._number.assign(np.float32(rate))
        elif self._schedule is None or rate is not self._schedule.schedule:
            raise ValueError(
                "`rate` can be set to a number only; a schedule must be given when the "
                f"layer is made; received {shown(rate)}"
            )
        if self._schedule is not None:
            self._schedule.follow(isinstance(rate, Schedule))
        self.given = rate

    @property
    def variables(self) -> list[keras.Variable]:
        """The state."""
        return [self._number, *self.counted]

    @property
    def counted(self) -> list[keras.Variable]:
        """The state that says how far a schedule has come."""
        return [] if self._schedule is None else self._schedule.variables

    def current(self) -> Any:
        """Compute the rate of the next step: a scalar float32 tensor."""
        number = self._number + 0.0
        return number if self._schedule is None else self._schedule.rate_or(number)

    def next(self) -> Any:
        """Compute the rate of this step, and count the step."""
        rate = self.current()
        if self._schedule is not None:
            self._schedule.step.assign_add(1)
        return rate

    def save(self, store: Any) -> None:
        """Save the steps counted so far to a weights file."""
        if self._schedule is not None:
            store["rate_step"] = self._schedule.step.numpy()

    def load(self, store: Any) -> None:
        """Load the steps counted so far from a weights file, if it has them."""
        saved = store.keys()  # the stores of Keras 3.5 do not know `in`
        if self._schedule is not None and "rate_step" in saved:
            self._schedule.step.assign(int(store["rate_step"][()]))


class _Scheduled:
    """A schedule, its step, and whether it is in force or a number has replaced it."""

    def __init__(self, schedule: Schedule):
        self.schedule = schedule
        self.step = _variable("rate_step", 0, "int32")
        self._follows = _variable("follows_schedule", True, "bool")
        self.variables = [self.step, self._follows]

    def follow(self, follows: bool) -> None:
        self._follows.assign(np.bool_(follows))

    def rate_or(self, number: Any) -> Any:
        rate = ops.cast(self.schedule(ops.convert_to_tensor(self.step)), "float32")
        follows = ops.convert_to_tensor(self._follows)
        return ops.where(follows, ops.clip(rate, 0.0, 1.0), number)


def _variable(name: str, value: Any, dtype: str) -> keras.Variable:
    return keras.Variable(
        value,
        dtype=dtype,
        trainable=False,
        autocast=False,
        aggregation="only_first_replica",
        name=name,
    )
