"""The rate of a layer: a number or a schedule, and the state that a step reads."""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
from keras import ops
from keras.optimizers.schedules import LearningRateSchedule as Schedule

from layerbridge.checks import (
    check_rate_or_schedule,
    check_returned_rate,
    check_scalar,
    check_step,
)
from layerbridge.masks import backends
from layerbridge.shown import shown

# Stands in the variable where no number is in force, but the schedule.
_SCHEDULED = -1.0

_EXPECTED = "the schedule given as `rate` must return a number between 0 and 1"


class Rate:
    """A layer's rate in a variable, so that compiled steps see it change.

    The steps of a schedule are the calls that the layer's seed has counted.

    Attributes:
        number: The variable: the rate in force, or -1 while the schedule is.
        schedule: The schedule, or `None`.
    """

    def __init__(self, rate: float | Schedule, seed_state: keras.Variable):
        rate = check_rate_or_schedule("rate", rate)
        self.schedule: Schedule | None = rate if isinstance(rate, Schedule) else None
        self._latest = rate
        self._seed_state = seed_state
        if self.schedule is not None:
            self._check_first(self.schedule)
        number = _SCHEDULED if self.schedule else rate
        self.number = keras.Variable(
            lambda shape, dtype: ops.convert_to_tensor([number], dtype),
            shape=(1,),  # some tools of PyTorch refuse scalars
            dtype="float32",
            trainable=False,
            autocast=False,
            aggregation="only_first_replica",
            name="rate",
        )

    @property
    def source(self) -> float | Schedule:
        """The number in force, or the schedule.

        Tools that restore variables know nothing of what was last set.
        """
        value = _value_of(self.number)
        if value is None:
            return self._latest
        number = value[0]
        if number < 0 and self.schedule is not None:
            return self.schedule
        if isinstance(self._latest, float) and np.float32(self._latest) == number:
            return self._latest
        return float(str(number))

    def set(self, rate: float | Schedule) -> None:
        """Set a number, or return to the schedule that the rate was made with."""
        if backends.is_held(self.number):
            raise RuntimeError(
                "`rate` cannot be set while JAX's `fit()` or a stateless call holds "
                "the layer's state; set it from the callback DropRateScheduler, call "
                "the model's `jax_state_sync()` first, or give the layer a schedule"
            )
        rate = check_rate_or_schedule("rate", rate)
        if isinstance(rate, Schedule) and rate is not self.schedule:
            raise ValueError(
                "`rate` must be set to a number, since a schedule is given when the "
                f"layer is made; received {shown(rate)}"
            )
        # TensorFlow caches every Python number it receives, but not NumPy's.
        number = _SCHEDULED if isinstance(rate, Schedule) else rate
        self.number.assign(np.array([number], "float32"))
        self._latest = rate

    def start(self, step: int) -> None:
        """Let the schedule go on from a step."""
        if step and self.schedule is None:
            raise ValueError(
                "`rate_step` needs a schedule as `rate`; received the rate "
                f"{shown(self._latest)}"
            )
        if step:
            self._count(step)

    @property
    def step(self) -> int | None:
        """The step that the schedule has reached, or `None` if that is not known."""
        state = _value_of(self._seed_state)
        return None if state is None else int(state[1])

    def current(self, read: Callable[[keras.Variable], Any]) -> Any:
        """Compute the rate of the next step: a scalar float32 tensor.

        Args:
            read: A function of a variable that returns its value.
        """
        number = read(self.number)[0]
        if self.schedule is None:
            return number
        step = ops.cast(read(self._seed_state)[1], "int32")
        return ops.where(number < 0, self._scheduled(self.schedule, step), number)

    def _scheduled(self, schedule: Schedule, step: Any) -> Any:
        rate = schedule(step)
        rate = ops.cast(check_scalar(_EXPECTED, rate), "float32")
        if self.is_checked:
            rate = backends.check_rate(rate, _EXPECTED)
        return ops.clip(rate, 0.0, 1.0)

    @property
    def is_checked(self) -> bool:
        """Whether a schedule of unknown bounds gives the rate."""
        if self.schedule is None:
            return False
        return not getattr(self.schedule, "is_bounded", False)

    def _check_first(self, schedule: Schedule) -> None:
        """Raise unless the schedule starts with a rate, as far as that has a value."""
        rate = check_scalar(_EXPECTED, schedule(np.int32(0)))
        if _value_of(rate) is not None:
            check_returned_rate(_EXPECTED, rate, "step 0")

    def save(self, store: Any) -> None:
        """Save the schedule's step to a weights file."""
        if self.schedule is not None:
            store["rate_step"] = ops.convert_to_numpy(self._seed_state)[1]

    def load(self, store: Any) -> None:
        """Load the schedule's step from a weights file, if it has it."""
        saved = store.keys()  # the stores of Keras 3.5 do not know `in`
        if self.schedule is not None and "rate_step" in saved:
            step = check_step("rate_step", np.asarray(store["rate_step"])[()])
            self._count(step)

    def _count(self, step: int) -> None:
        seed = self._seed_state[0]
        self._seed_state.assign(ops.stack([seed, ops.cast(step, seed.dtype)]))


def _value_of(number: Any) -> Any:
    """Return the value of a variable or a tensor, or `None` where it has none just now.

    JAX's `fit()` takes the values away, and compiled steps only know that there are
    some.
    """
    try:
        return keras.ops.convert_to_numpy(number)
    except Exception:  # each backend raises another
        return None
