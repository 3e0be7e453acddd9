"""Callbacks that drive structured dropout in `fit()`."""

import fnmatch
import warnings
from collections.abc import Callable, Mapping
from typing import Any, Literal, get_args

import keras
import numpy as np
from keras.optimizers.schedules import LearningRateSchedule as Schedule

from layerbridge.checks import (
    call_given,
    check_choice,
    check_returned_rate,
    check_takes_step,
    checked_call,
)
from layerbridge.layers.base import StructuredDropout
from layerbridge.masks import backends
from layerbridge.shown import settings_shown, shown
from layerbridge.training.patterns import Factors, nearest, some
from layerbridge.training.schedules import check_scaled, highest

_WORDS = "the `schedule` of DropRateScheduler must return a number between 0 and 1"

By = Literal["batch", "epoch"]

_THEIRS = {
    1: keras.layers.SpatialDropout1D,
    2: keras.layers.SpatialDropout2D,
    3: keras.layers.SpatialDropout3D,
}


class DropRateScheduler(keras.callbacks.Callback):
    """Sets the rate of all structured dropout layers of a model from one schedule.

    Nested models are included. The rate appears in the logs as `drop_rate`, and so in
    the progress bar and the history.

    With `by="batch"`, steps are the optimizer's, so that training resumed from a saved
    model continues at the right rate. With `by="epoch"`, they are the epochs that
    `fit()` counts from `initial_epoch`.

    With `steps_per_execution`, Keras runs several steps at a time, all at one rate. To
    set the rate of each step, give the schedule to the layers instead.

    Args:
        schedule: A function of the step, counted from 0, that returns a rate between 0
            and 1: a `LinearRamp`, any learning rate schedule of Keras, or a plain
            function.
        by: String, `"batch"` to set the rate before each batch or `"epoch"` before each
            epoch.
        factors: Dictionary, or `None`. For names of layers, or patterns of names with
            `*`, the factor of the rate, a number of at least 0. The first pattern that
            matches counts; other layers get the rate itself.

    Raises:
        ValueError: If an argument is invalid; or, when training begins, if the model
            has no structured dropout layers, a pattern matches none of them, or a
            factor makes a rate larger than 1. For schedules other than `LinearRamp`,
            the last of these is raised only at the step where it happens.

    Reference:

    - [Ghiasi et al., 2018](https://arxiv.org/abs/1810.12890), where group 3 of
      ResNet-50 has a quarter of the rate of group 4.

    Example:
    >>> import keras, numpy as np
    >>> from layerbridge import DropBlock2D, DropRateScheduler, LinearRamp
    >>> model = keras.Sequential([
    ...     DropBlock2D(0.0, 3, name="block3"), DropBlock2D(0.0, 3, name="block4"),
    ...     keras.layers.Flatten(), keras.layers.Dense(1),
    ... ])
    >>> model.compile("sgd", "mse")
    >>> ramp = DropRateScheduler(LinearRamp(0, 0.2, 3), factors={"*3": 0.25})
    >>> history = model.fit(
    ...     np.ones((6, 8, 8, 1)), np.ones(6), batch_size=2, verbose=0, callbacks=[ramp]
    ... )
    >>> [round(model.get_layer(name).rate, 3) for name in ("block3", "block4")]
    [0.05, 0.2]
    >>> round(history.history["drop_rate"][0], 3)
    0.2
    """

    @checked_call()
    def __init__(
        self,
        schedule: Callable[[int], Any],
        by: By = "batch",
        factors: Mapping[str, float] | None = None,
    ):
        super().__init__()
        if not callable(schedule):
            raise ValueError(
                "`schedule` must be a schedule or a function of the step; received "
                f"{shown(schedule)}"
            )
        check_takes_step("schedule", schedule)
        self.schedule = schedule
        self.by = check_choice("by", by, get_args(By))
        if not isinstance(factors, Mapping | None):
            raise ValueError(
                "`factors` must have a number for each name or pattern of names; "
                f"received {shown(factors)}"
            )
        self.factors = dict(factors or {})
        self._factors = Factors("factors", self.factors)
        self._layers: list[tuple[StructuredDropout, float]] = []
        self._rate: float | None = None
        self._first_step = 0
        self._batches_a_step = 1

    def __repr__(self) -> str:
        """Return the class with the callback's settings."""
        settings = {"schedule": self.schedule, "by": self.by, "factors": self.factors}
        return settings_shown(self, {k: v for k, v in settings.items() if v})

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Find the layers."""
        layers = [
            layer
            for layer in self.model._flatten_layers()
            if isinstance(layer, StructuredDropout)
        ]
        names = [layer.name for layer in layers]
        if not layers:
            raise ValueError(
                "DropRateScheduler needs a model with layers of layerbridge, such as "
                f"DropBlock2D; received {self.model.name!r}, which has none"
                + _advice(self.model)
            )
        for pattern in self._factors.unmatched([name] for name in names):
            near = nearest(pattern, names)
            hint = f" Did you mean {near!r}?" if near else ""
            if fnmatch.filter(names, str(pattern)):
                hint = " Put it before the pattern that matches the same layers."
            raise ValueError(
                "`factors` must name layers of the model, each of which uses the first "
                f"pattern that matches; received {pattern!r}, which no layer uses."
                f"{hint} This model has {some(names)}."
            )
        factors = map(self._factors.of, names)
        self._layers = [
            (layer, 1.0 if factor is None else factor)
            for layer, factor in zip(layers, factors, strict=True)
        ]
        self._rate = None
        steps = getattr(self.model, "steps_per_execution", None) or 1
        if self.by == "batch" and steps > 1:
            warnings.warn(
                f"With `steps_per_execution` {steps}, Keras calls DropRateScheduler "
                f"once in {steps} steps, which then have one rate. To set the rate of "
                "each step, give the schedule to the layers: "
                "DropBlock2D(LinearRamp(...), 7)",
                stacklevel=2,
            )
        self._check_factors(highest(self.schedule) or 0.0)

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Set the rate of the epoch, or count from the optimizer's steps."""
        if self.by == "epoch":
            self._set(epoch)
        else:
            optimizer = self.model.optimizer
            self._first_step = int(keras.ops.convert_to_numpy(optimizer.iterations))
            optimizer = getattr(optimizer, "inner_optimizer", optimizer)
            self._batches_a_step = optimizer.gradient_accumulation_steps or 1

    def on_train_batch_begin(
        self, batch: int, logs: dict[str, Any] | None = None
    ) -> None:
        """Set the rate of the batch."""
        if self.by == "batch":
            self._set(self._first_step + batch // self._batches_a_step)

    def on_train_batch_end(
        self, batch: int, logs: dict[str, Any] | None = None
    ) -> None:
        """Log the rate."""
        if logs is not None:
            logs["drop_rate"] = self._rate

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Log the rate."""
        if logs is not None:
            logs["drop_rate"] = self._rate

    def _set(self, step: int) -> None:
        # TensorFlow caches every Python number it receives, but not NumPy's.
        at: Any = np.int32(step) if isinstance(self.schedule, Schedule) else step
        when = f"{'epoch' if self.by == 'epoch' else 'step'} {step}"
        value = call_given("schedule", self.schedule, at, when)
        rate = check_returned_rate(_WORDS, value, when)
        if rate == self._rate:
            return
        self._check_factors(rate)
        backends.release(self.model)
        for layer, factor in self._layers:
            layer.rate = rate * factor
        self._rate = rate

    def _check_factors(self, rate: float) -> None:
        for layer, factor in self._layers:
            check_scaled("factors", rate, factor, layer.name)


def _advice(model: keras.Model) -> str:
    """Say which layer to use instead of Keras's spatial dropout, if there is any."""
    for layer in model._flatten_layers():
        for rank, theirs in _THEIRS.items():
            if isinstance(layer, theirs):
                return (
                    f". Its layer {layer.name!r} is Keras's own {theirs.__name__}; use "
                    f"layerbridge's {theirs.__name__} instead, which is "
                    f"`layerbridge::layer_spatial_dropout_{rank}d()` in R."
                )
    return ""
