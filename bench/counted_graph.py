"""What TensorFlow does on a GPU where XLA compiles nothing, counted: none is needed.

The way that a GPU takes is forced, and the operations of a step's graph are counted,
with the bytes that they read and write. Keras compiles models for GPUs by XLA where it
can, which fuses what is counted here one by one.
"""

from collections.abc import Callable
from math import prod
from typing import Any

import keras
import tensorflow as tf

from cases import CASES, RATE, label
from layerbridge import DropBlock2D, SpatialDropout2D
from layerbridge.masks.backends import tensorflow as backend

# Operations that compute nothing: they pass on, reshape, or hold what is known.
_FREE = {
    "Bitcast",
    "Const",
    "ExpandDims",
    "Identity",
    "IdentityN",
    "NoOp",
    "Pack",
    "Placeholder",
    "ReadVariableOp",
    "Reshape",
    "Shape",
    "Squeeze",
    "StopGradient",
    "StridedSlice",
}


def _bytes(tensor: Any) -> int:
    """Count the bytes of a tensor; a variable's handle has none."""
    return 0 if tensor.dtype == tf.resource else prod(tensor.shape) * tensor.dtype.size


def _needed(graph: Any) -> set[Any]:
    """Return the operations that a graph's results need: TensorFlow runs no others."""
    needed: set[Any] = set()
    ahead = [tensor.op for tensor in graph.outputs] + list(graph.control_outputs)
    while ahead:
        operation = ahead.pop()
        if operation not in needed:
            needed.add(operation)
            ahead += [tensor.op for tensor in operation.inputs]
            ahead += operation.control_inputs
    return needed


def _count(step: Callable[..., Any], shape: tuple[int, ...]) -> tuple[int, int, float]:
    """Count a step's operations, those on masks or units, and their bytes a unit."""
    spec = tf.TensorSpec(shape, tf.float32)
    graph = tf.function(step).get_concrete_function(spec).graph
    taken = [
        sum(map(_bytes, (*op.inputs, *op.outputs)))
        for op in _needed(graph)
        if op.type not in _FREE
    ]
    large = [count for count in taken if count > prod(shape) / 100]
    return len(taken), len(large), sum(taken) / prod(shape)


def _record(name: str, layer: Any, shape: tuple[int, ...]) -> dict[str, Any]:
    """Count a layer's forward and backward pass."""
    layer(tf.zeros(shape), training=True)  # makes its variables

    def forward(x: Any) -> Any:
        return layer(x, training=True)

    def both(x: Any) -> Any:
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = forward(x)
        if y.dtype == tf.bool:  # there is nothing to derive
            return y
        return y, tape.gradient(y, x, output_gradients=x)

    counts, counts_of_both = _count(forward, shape), _count(both, shape)
    added = [b - a for a, b in zip(counts, counts_of_both, strict=True)]
    figures = {
        "operations, forward": counts[0],
        "on masks or units": counts[1],
        "operations, backward": added[0],
        "bytes a unit, forward": counts[2],
        "bytes a unit, backward": added[2],
    }
    return {
        "topic": f"Counted on TensorFlow as on a GPU without XLA, {name}",
        "unit": "count",
        "case": label(shape),
        "values": {figure: [count] for figure, count in figures.items()},
    }


def _limits(shape: tuple[int, ...]) -> dict[str, Callable[..., Any]]:
    """Make what no layer can leave out: a draw for each unit, and a multiplication."""
    factors, seed = tf.Variable(tf.ones(shape)), tf.Variable([0, 0])

    def multiplied(x: Any, training: bool) -> Any:
        return tf.math.multiply_no_nan(x, factors)

    def drawn(x: Any, training: bool) -> Any:
        return tf.random.stateless_uniform(shape, seed, None, None, tf.int32) < 0

    return {"a precomputed mask": multiplied, "random numbers compared": drawn}


def measure() -> list[dict[str, Any]]:
    """Count every layer on a large map."""
    backend._has_gpu = lambda: True
    shape, _ = CASES[0]
    layers: dict[str, Callable[..., Any]] = {
        **{f"DropBlock2D, block {k}": DropBlock2D(RATE, k) for k in (3, 7)},
        "one mask for all channels": DropBlock2D(RATE, 7, per_channel=False),
        "SpatialDropout2D": SpatialDropout2D(RATE),
        **_limits(shape),
        "Keras Dropout": keras.layers.Dropout(RATE),
    }
    return [_record(name, layer, shape) for name, layer in layers.items()]
