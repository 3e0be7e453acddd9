"""The rate of a layer: a number or a schedule, and the state that a step reads."""

import math
from typing import Any

import keras
import numpy as np
from keras import ops
from keras.optimizers.schedules import LearningRateSchedule as Schedule

from layerbridge._arguments import check_rate


class Rate:
    """What a layer's rate is, in variables, so that compiled steps see it change.

    Keras tracks variables that are attributes of a layer and makes them weights; held
    by this object they are state alone.

    Attributes:
        given: The number or schedule that was set last.
    """

    def __init__(self, rate: float | Schedule):
        self.given: float | Schedule = 0.0
        self._number = keras.Variable(
            0.0,
            dtype="float32",
            trainable=False,
            autocast=False,
            aggregation="only_first_replica",
            name="rate",
        )
        self._schedule: Schedule | None = None
        self._step: keras.Variable | None = None
        if isinstance(rate, Schedule):
            self._schedule = rate
            self._step = keras.Variable(
                0,
                dtype="int32",
                trainable=False,
                aggregation="only_first_replica",
                name="rate_step",
            )
        self.set(rate)

    def set(self, rate: float | Schedule) -> None:
        """Set a number, or go back to the schedule that the rate was made with."""
        if getattr(self._number, "_value", self._number) is None:
            raise RuntimeError(
                "`rate` cannot be set while JAX's `fit()` holds the model's state; set "
                "it from a `layerbridge.DropRateScheduler`, or call "
                "`model.jax_state_sync()` first"
            )
        if not isinstance(rate, Schedule):
            number = rate = check_rate("rate", rate)
        elif rate is self._schedule:
            number = math.nan  # none: the schedule holds
        else:
            raise ValueError(
                "`rate` can be set to a number only; a schedule must be given when the "
                f"layer is made; received {rate!r}"
            )
        # TensorFlow keeps each Python number that it was ever given, NumPy's not.
        self._number.assign(np.float32(number))
        self.given = rate

    @property
    def variables(self) -> list[keras.Variable]:
        """The state."""
        return [self._number] if self._step is None else [self._number, self._step]

    def current(self) -> Any:
        """Give the rate of the next step: a scalar float32 tensor."""
        number = self._number + 0.0
        if self._schedule is None or self._step is None:
            return number
        scheduled = ops.cast(
            self._schedule(ops.convert_to_tensor(self._step)), "float32"
        )
        return ops.where(ops.isnan(number), ops.clip(scheduled, 0.0, 1.0), number)

    def next(self) -> Any:
        """Give the rate of this step, and count it."""
        rate = self.current()
        if self._step is not None:
            self._step.assign_add(1)
        return rate

    def save(self, store: Any) -> None:
        """Put the steps counted so far into a weights file."""
        if self._step is not None:
            store["rate_step"] = self._step.numpy()

    def load(self, store: Any) -> None:
        """Take the steps counted so far from a weights file that has them."""
        saved = store.keys()  # the stores of Keras 3.5 do not know `in`
        if self._step is not None and "rate_step" in saved:
            self._step.assign(int(store["rate_step"][()]))
