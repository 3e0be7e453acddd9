"""The base of the layers for maps of one to three axes."""

from typing import Any

from keras import config
from keras.optimizers.schedules import LearningRateSchedule as Schedule

from layerbridge.checks import DataFormat, check_data_format, checked
from layerbridge.layers.arguments import LayerArguments, Unpack
from layerbridge.layers.base import StructuredDropout

_MAP_AXES = {1: "steps", 2: "height, width", 3: "depth, height, width"}


class MapDropout(StructuredDropout):
    """Drops units of a map together.

    A subclass sets `rank`, the number of spatial axes, and implements `block()`.

    Args:
        rate: Float between 0 and 1, the expected fraction of units dropped; or a
            schedule.
        data_format: String, `"channels_last"` or `"channels_first"`, or `None` for
            `image_data_format` from the Keras config.
        seed: Integer, or `None`.
        **kwargs: Arguments of every structured dropout layer.
    """

    rank: int
    data_format: DataFormat | None = checked("data_format", check_data_format)

    def __init__(
        self,
        rate: float | Schedule,
        data_format: DataFormat | None = None,
        seed: int | None = None,
        **kwargs: Unpack[LayerArguments],
    ):
        super().__init__(rate, seed, **kwargs)
        self.data_format = data_format

    @property
    def _axes(self) -> int:
        return self.rank + 2

    @property
    def channel_axis(self) -> int:
        """The axis of the channels, counted from 0."""
        return 1 if self.data_format == "channels_first" else self.rank + 1

    @property
    def _usual(self) -> dict[str, Any]:
        return {"data_format": config.image_data_format(), **super()._usual}

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that recreate the layer."""
        return {**super().get_config(), "data_format": self.data_format}

    def _check_axes(self, shape: tuple[int | None, ...]) -> None:
        if len(shape) != self._axes:
            map_axes = _MAP_AXES[self.rank]
            first = self.data_format == "channels_first"
            axes = f"channels, {map_axes}" if first else f"{map_axes}, channels"
            family = next(c for c in type(self).__mro__ if MapDropout in c.__bases__)
            names = {rank + 2: f"{family.__name__}{rank}D" for rank in _MAP_AXES}
            ways = ["add the missing axes"] if len(shape) < self.rank + 2 else []
            ways += [f"use {names[len(shape)]}"] if len(shape) in names else []
            advice = f" You can {' or '.join(ways)}." if ways else ""
            raise ValueError(
                f"{type(self).__name__} must be called on a tensor of {self.rank + 2} "
                f"axes, (batch, {axes}); received one of shape {shape}."
                f"{advice}"
            )
