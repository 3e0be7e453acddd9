"""What the training steps of a stack of convolutions add to the memory of a process."""

import resource
import sys
from typing import Any

import keras
import numpy as np

import layerbridge
from cases import RATE, SHAPES, label

_LAYERS = 6
_STEPS = 5

_DROPS = {
    "layerbridge": lambda: layerbridge.DropBlock2D(RATE, 7),
    "Keras Dropout": lambda: keras.layers.Dropout(RATE),
}


def _peak() -> float:
    """Give the most memory that the process has held: megabytes."""
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6


def measure(name: str) -> list[dict[str, Any]]:
    """Train with one kind of dropout, in a process that did nothing before."""
    channels = SHAPES[0][-1]
    model = keras.Sequential([keras.layers.Input(SHAPES[0][1:])])
    for _ in range(_LAYERS):
        model.add(keras.layers.Conv2D(channels, 3, padding="same", activation="relu"))
        model.add(_DROPS[name]())
    model.compile("sgd", "mse")
    x = np.random.default_rng(0).random(SHAPES[0], "float32")
    before = _peak()
    for _ in range(_STEPS):
        model.train_on_batch(x, x)
    return [
        {
            "topic": "Peak memory of training",
            "unit": "MB",
            "case": f"{_LAYERS} convolutions of {label(SHAPES[0])}",
            "values": {name: [_peak() - before]},
        }
    ]
