"""How the cost grows with the tensor, the channels, the block and the batch.

Processor time of one thread, forward and backward, beside Keras's Dropout; and the time
that elapses on one core and on all.
"""

import time
from typing import Any

import keras
import numpy as np

import layerbridge
from cases import RATE, SERIES, label
from layers import ReadyMask
from steps import BACKEND, forward_and_backward
from timing import compare

_MODES = {"tensorflow": "graph", "jax": "jit", "torch": "eager"}


def _record(topic: str, shape: tuple[int, ...], block: int, mode: str) -> Any:
    """Time DropBlock of the tensor's rank beside Dropout."""
    x = keras.ops.convert_to_tensor(np.random.default_rng(0).random(shape, "float32"))
    dropblock = getattr(layerbridge, f"DropBlock{len(shape) - 2}D")
    layers = {
        "layerbridge": dropblock(RATE, block),
        "Keras Dropout": keras.layers.Dropout(RATE),
        "a precomputed mask": ReadyMask(shape),
    }
    steps = {n: forward_and_backward(layer, x, mode) for n, layer in layers.items()}
    clock = time.perf_counter if topic.startswith("Elapsed") else time.process_time
    values = compare(steps, seconds=0.5, clock=clock)
    case = label(shape, block)
    return {
        "topic": topic,
        "unit": "ms",
        "case": case,
        "values": values,
        "limits": ["a precomputed mask"],
    }


def measure(topic: str) -> list[dict[str, Any]]:
    """Measure one of the topics."""
    mode = _MODES[BACKEND]
    return [
        _record(f"{topic}, {BACKEND}", shape, block, mode)
        for shape, block in SERIES[topic]
    ]
