"""Eager calls on small maps, and making a layer: Python's overhead is all there is."""

from collections.abc import Callable
from functools import partial
from typing import Any

import keras
import numpy as np

from cases import RATE, label
from layerbridge import DropBlock2D, SpatialDropout2D
from steps import BACKEND
from timing import compare

_SHAPES = [(4, 8, 8, 8), (8, 16, 16, 8), (1, 32, 32, 16)]
_CALLS = 20


def _several(function: Any) -> Any:
    """Call a function several times: one call is too short for the clock."""

    def run() -> None:
        for _ in range(_CALLS):
            function()

    return run


def _record(topic: str, case: str, functions: dict[str, Any]) -> dict[str, Any]:
    times = compare({n: _several(f) for n, f in functions.items()}, seconds=1.0)
    values = {n: [t / _CALLS for t in found] for n, found in times.items()}
    return {"topic": topic, "unit": "ms", "case": case, "values": values}


class State(keras.layers.Layer):
    """A layer with the state of ours, and nothing else."""

    def __init__(self) -> None:
        super().__init__()
        self.seed_generator = keras.random.SeedGenerator()
        self.number = keras.Variable("zeros", shape=(1,), trainable=False, name="rate")
        self._build_at_init()  # as Dropout does; on PyTorch it lists the variables


class ReadyMask(keras.layers.Layer):
    """Counts a call of its seed, and multiplies by a mask that is there already."""

    def __init__(self) -> None:
        super().__init__()
        self.seed_generator = keras.random.SeedGenerator()

    def build(self, shape: tuple[int, ...]) -> None:
        """Make the mask."""
        self.mask = self.add_weight(shape=shape, initializer="ones", trainable=False)

    def call(self, x: Any, training: bool = False) -> Any:
        """Count and multiply."""
        self.seed_generator.next()
        return x * self.mask


def measure() -> list[dict[str, Any]]:
    """Time calls of each layer, and the making of one."""
    makers: dict[str, Callable[[], Any]] = {
        "layerbridge": partial(DropBlock2D, RATE, 3),
        "our spatial dropout": partial(SpatialDropout2D, RATE),
        "Keras Dropout": partial(keras.layers.Dropout, RATE),
    }
    callers: dict[str, Callable[[], Any]] = {
        **makers,
        "Keras GaussianNoise": partial(keras.layers.GaussianNoise, RATE),
        "a precomputed mask and a seed": ReadyMask,
    }
    records = []
    for shape in _SHAPES:
        numbers = np.random.default_rng(0).random(shape, "float32")
        x = keras.ops.convert_to_tensor(numbers)
        calls = {n: partial(make(), x, training=True) for n, make in callers.items()}
        topic = f"An eager call on a small map, {BACKEND}"
        records.append(_record(topic, label(shape), calls))
    makers["the state alone"] = State
    records.append(_record(f"Creating a layer, {BACKEND}", "one layer", makers))
    return records
