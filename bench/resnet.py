"""A whole training step of ResNet-50 with DropBlock in groups 3 and 4, and without."""

from functools import partial
from typing import Any

import keras
import numpy as np

import layerbridge
from cases import RATE
from timing import compare

_BATCH = 32
_SIZE = 64


def measure() -> list[dict[str, Any]]:
    """Time both side by side."""
    keras.utils.set_random_seed(0)
    plain = keras.applications.ResNet50(
        weights=None, input_shape=(_SIZE, _SIZE, 3), classes=10
    )
    steps = {}
    x = np.random.default_rng(0).random((_BATCH, _SIZE, _SIZE, 3), "float32")
    y = np.arange(_BATCH) % 10
    for name, model in (
        ("layerbridge", layerbridge.add_dropblock(plain, RATE)),
        ("no DropBlock", plain),
    ):
        model.compile(keras.optimizers.SGD(1e-3), "sparse_categorical_crossentropy")
        steps[name] = partial(model.train_on_batch, x, y)
    return [
        {
            "topic": "A training step of ResNet-50",
            "unit": "ms",
            "case": f"{_SIZE}x{_SIZE} images, batch {_BATCH}",
            "values": compare(steps, seconds=20),
        }
    ]
