"""The layers on TensorFlow in graph mode, beside Keras's and the paper's algorithm."""

from collections.abc import Callable
from functools import partial
from typing import Any

import keras
import numpy as np
import tensorflow as tf

import layerbridge
import paper
from cases import BLOCKS, CASES, RATE, SHAPES, label
from timing import compare

Function = Callable[[tf.Tensor], Any]


def tensor(shape: tuple[int, ...]) -> tf.Tensor:
    """Draw a tensor."""
    return tf.constant(np.random.default_rng(0).random(shape, "float32"))


def forward(function: Function, x: tf.Tensor) -> Callable[[], Any]:
    """Compile a forward pass."""
    return partial(tf.function(function), x)


def forward_and_backward(function: Function, x: tf.Tensor) -> Callable[[], Any]:
    """Compile a forward and a backward pass."""

    @tf.function
    def step(x: tf.Tensor, upstream: tf.Tensor) -> Any:
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = function(x)
        return y, tape.gradient(y, x, upstream)

    return partial(step, x, tf.ones_like(x))


def training(layer: Any) -> Function:
    """Make a function of a layer in training."""
    return partial(layer, training=True)


def record(
    topic: str,
    case: str,
    x: tf.Tensor,
    functions: dict[str, Function],
    compiled: Callable[..., Callable[[], Any]] = forward,
) -> dict[str, Any]:
    """Time functions of a tensor side by side."""
    contestants = {name: compiled(f, x) for name, f in functions.items()}
    return {"topic": topic, "unit": "ms", "case": case, "values": compare(contestants)}


def eight_cases() -> list[dict[str, Any]]:
    """Masks per channel on the maps of a ResNet."""
    records = []
    for shape, block in CASES:
        x = tensor(shape)
        mask = tf.cast(tensor(shape) > RATE, x.dtype)
        ours = training(layerbridge.DropBlock2D(RATE, block))
        dropout = training(keras.layers.Dropout(RATE))
        papers = partial(paper.dropblock, rate=RATE, block_size=block)
        case = label(shape, block)
        records += [
            record(
                "Forward",
                case,
                x,
                {
                    "layerbridge": ours,
                    "Keras Dropout": dropout,
                    "the paper's code": papers,
                    "a ready mask": partial(tf.multiply, mask),
                },
            ),
            record(
                "Forward and backward",
                case,
                x,
                {
                    "layerbridge": ours,
                    "Keras Dropout": dropout,
                    "the paper's code": papers,
                },
                forward_and_backward,
            ),
        ]
    return records


def shared_masks() -> list[dict[str, Any]]:
    """Masks that channels or whole maps share."""
    records = []
    for shape in SHAPES:
        x = tensor(shape)
        map_mask = tf.cast(tensor((*shape[:3], 1)) > RATE, x.dtype)
        channel_mask = tf.cast(tensor((shape[0], 1, 1, shape[3])) > RATE, x.dtype)
        for block in BLOCKS:
            layer = layerbridge.DropBlock2D(RATE, block, per_channel=False)
            functions = {
                "layerbridge": training(layer),
                "a ready shared mask": partial(tf.multiply, map_mask),
                "Keras Dropout": training(keras.layers.Dropout(RATE)),
            }
            case = label(shape, block)
            records.append(record("One mask for all channels", case, x, functions))
        functions = {
            "layerbridge": training(layerbridge.SpatialDropout2D(RATE)),
            "a ready shared mask": partial(tf.multiply, channel_mask),
            "Keras's": training(keras.layers.SpatialDropout2D(RATE)),
        }
        records.append(record("Spatial dropout", label(shape), x, functions))
    return records


def other_ranks() -> list[dict[str, Any]]:
    """Series and volumes."""
    shapes = [
        (64, 128, 64),
        (32, 1024, 64),
        (16, 8192, 32),
        (8, 8, 8, 8, 128),
        (8, 16, 28, 28, 32),
        (2, 64, 64, 64, 16),
    ]
    records = []
    for shape in shapes:
        x = tensor(shape)
        name = f"DropBlock{len(shape) - 2}D"
        for block in BLOCKS:
            functions = {
                "layerbridge": training(getattr(layerbridge, name)(RATE, block)),
                "Keras Dropout": training(keras.layers.Dropout(RATE)),
            }
            case = label(shape, block)
            records.append(record("Series and volumes", case, x, functions))
    return records


def data_formats() -> list[dict[str, Any]]:
    """The same maps in both layouts."""
    records = []
    for shape, block in CASES:
        layer = layerbridge.DropBlock2D
        last, first = [
            forward(
                training(layer(RATE, block, data_format=f"channels_{where}")),
                tensor(tuple(shape[axis] for axis in axes)),
            )
            for where, axes in (("last", (0, 1, 2, 3)), ("first", (0, 3, 1, 2)))
        ]
        values = compare({"layerbridge": first, "channels last": last})
        records.append(
            {
                "topic": "Data formats",
                "unit": "ms",
                "case": label(shape, block),
                "values": values,
            }
        )
    return records


def schedules() -> list[dict[str, Any]]:
    """The rate from a schedule, beside the same rate as a number."""
    ramp = layerbridge.LinearRamp(RATE, RATE, steps=2)
    records = []
    for shape in (SHAPES[0], SHAPES[-1]):
        functions = {
            "layerbridge": training(layerbridge.DropBlock2D(ramp, 3)),
            "a number": training(layerbridge.DropBlock2D(RATE, 3)),
        }
        records.append(record("Schedules", label(shape, 3), tensor(shape), functions))
    return records


def measure() -> list[dict[str, Any]]:
    """Run all."""
    return [
        *eight_cases(),
        *shared_masks(),
        *other_ranks(),
        *data_formats(),
        *schedules(),
    ]
