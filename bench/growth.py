"""How the cost grows with the tensor, the channels, the block and the batch.

Processor time of one thread, forward and backward, beside Keras's Dropout.
"""

from typing import Any

import keras
import numpy as np

import layerbridge
from cases import RATE, label
from steps import BACKEND, forward_and_backward
from timing import compare

_MODES = {"tensorflow": "graph", "jax": "jit", "torch": "eager"}

# The tensors of each topic, each with its block.
_SERIES: dict[str, list[tuple[tuple[int, ...], int]]] = {
    "Growth with the map": [((4, n, n, 32), 7) for n in (8, 16, 32, 64, 128, 256)],
    "Growth with the batch": [((n, 128, 128, 32), 7) for n in (1, 2, 4, 8, 16)],
    "Growth with the channels": [((4, 256, 256, n), 7) for n in (1, 3, 8, 16, 32)],
    "Growth with the block": [((8, 64, 64, 32), n) for n in (1, 2, 3, 7, 15, 31)],
    "A sample alone": [
        ((1, 128, 128, 32), 7),
        ((1, 512, 512, 32), 31),
        ((1, 64, 64, 64, 32), 5),
        ((1, 65536, 32), 9),
    ],
}


def _record(topic: str, shape: tuple[int, ...], block: int, mode: str) -> Any:
    """Time DropBlock of the tensor's rank beside Dropout."""
    x = keras.ops.convert_to_tensor(np.random.default_rng(0).random(shape, "float32"))
    dropblock = getattr(layerbridge, f"DropBlock{len(shape) - 2}D")
    layers = {
        "layerbridge": dropblock(RATE, block),
        "Keras Dropout": keras.layers.Dropout(RATE),
    }
    steps = {n: forward_and_backward(layer, x, mode) for n, layer in layers.items()}
    values = compare(steps, seconds=1.0)
    case = label(shape, block)
    return {"topic": topic, "unit": "ms", "case": case, "values": values}


def measure() -> list[dict[str, Any]]:
    """Measure every series."""
    mode = _MODES[BACKEND]
    return [
        _record(f"{name}, {BACKEND}", shape, block, mode)
        for name, cases in _SERIES.items()
        for shape, block in cases
    ]
