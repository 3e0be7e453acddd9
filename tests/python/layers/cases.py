"""Every layer in both data formats, with inputs that suit it."""

import dataclasses
import functools
from typing import Any

import numpy as np
from modes import training_step

import layerbridge

_MAPS = {0: (), 1: (9,), 2: (5, 7), 3: (4, 3, 5)}
_BLOCKS = {1: 3, 2: (2, 3), 3: 2}
CHANNELS = 6


@dataclasses.dataclass(frozen=True)
class Case:
    """A layer, its data format if it has one, and what it takes besides the rate."""

    name: str
    rank: int
    data_format: str | None

    @property
    def arguments(self) -> dict[str, Any]:
        arguments = {"data_format": self.data_format} if self.data_format else {}
        if self.is_dropblock:
            arguments["block_size"] = _BLOCKS[self.rank]
        return arguments

    @property
    def traits(self) -> set[Any]:
        """What a test that is thinned tries at least once."""
        family = self.name.removesuffix(f"{self.rank}D")
        return {self.name, (family, self.data_format), (self.rank, self.data_format)}

    @property
    def is_dropblock(self) -> bool:
        return self.name.startswith("DropBlock")

    @property
    def map_shape(self) -> tuple[int, ...]:
        return _MAPS[self.rank]

    @property
    def shape(self) -> tuple[int, ...]:
        """A sample's shape."""
        return self.sample_shape(CHANNELS, self.map_shape)

    def sample_shape(self, channels, map_shape):
        if self.data_format == "channels_first":
            return (channels, *map_shape)
        return (*map_shape, channels)

    @property
    def axes(self) -> int:
        """The number of axes of a tensor, the batch's included."""
        return len(self.shape) + 1

    def inputs(self, batch=None, dtype="float32"):
        """Draw numbers none of which is 0: of so many samples that some drop."""
        if batch is None:
            batch = 16 if self.name == "DropPath" else 3
        size = (batch, *self.shape)
        numbers = np.random.default_rng(7).uniform(0.5, 2, size)
        return (numbers * np.resize([1, -1, -1], size)).astype(dtype)

    def make(self, rate=0.3, **more):
        layer = getattr(layerbridge, self.name)
        return layer(rate, **{**self.arguments, **more})

    def __str__(self):
        which = self.data_format or f"axes_{self.axes}"
        return f"{self.name}-{which.removeprefix('channels_')}"


CASES = [
    Case(f"{family}{rank}D", rank, data_format)
    for family in ("DropBlock", "SpatialDropout")
    for rank in (1, 2, 3)
    for data_format in ("channels_last", "channels_first")
] + [Case("DropPath", rank, None) for rank in (0, 2)]


@functools.cache
def compiled(case, mode):
    """Make a layer and its training step once for all tests: tracing is slow."""
    layer = case.make(seed=3)
    return layer, training_step(layer, mode, case.axes)
