"""A training step of ResNet-50 with DropBlock in groups 3 and 4: time and memory."""

import resource
import sys
from functools import partial
from typing import Any

import keras
import numpy as np

import layerbridge
from cases import RATE
from steps import BACKEND
from timing import compare

_BATCH, _SIZE = 8, 224
_CASE = f"{_SIZE}x{_SIZE} images, batch {_BATCH}"


def _to_dropout(layer: Any) -> Any:
    """Replace DropBlock by Keras's Dropout of its rate."""
    if isinstance(layer, layerbridge.DropBlock2D):
        return keras.layers.Dropout(layer.rate, name=layer.name)
    return layer.__class__.from_config(layer.get_config())


def _step(kind: str) -> Any:
    """Make a function that trains a model on one batch."""
    keras.utils.set_random_seed(0)
    model = keras.applications.ResNet50(
        weights=None, input_shape=(_SIZE, _SIZE, 3), classes=10
    )
    if kind != "no DropBlock":
        model = layerbridge.add_dropblock(model, RATE)
    if kind == "Keras Dropout":
        model = keras.models.clone_model(model, clone_function=_to_dropout)
    model.compile(keras.optimizers.SGD(1e-3), "sparse_categorical_crossentropy")
    x = np.random.default_rng(0).random((_BATCH, _SIZE, _SIZE, 3), "float32")
    return partial(model.train_on_batch, x, np.arange(_BATCH) % 10)


def _peak() -> float:
    """Return the most memory that the process has held: megabytes."""
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6


def measure(memory_of: str = "") -> list[dict[str, Any]]:
    """Time the step with and without; or take the memory of one kind.

    Args:
        memory_of: What the model has, in a process that did nothing before.
    """
    if memory_of:
        step, before = _step(memory_of), _peak()
        for _ in range(2):
            step()
        topic, unit = f"Peak memory of ResNet-50, {BACKEND}", "MB"
        values = {memory_of: [_peak() - before]}
    else:
        topic, unit = f"A training step of ResNet-50, {BACKEND}", "ms"
        kinds = ("layerbridge", "no DropBlock")
        values = compare({kind: _step(kind) for kind in kinds}, seconds=20)
    return [{"topic": topic, "unit": unit, "case": _CASE, "values": values}]
