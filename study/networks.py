"""The networks: five convolutions, global average pooling, one dense layer."""

from collections.abc import Callable
from typing import Any

import keras
from keras import layers

from grid import Cell
from layerbridge import DropBlock1D, DropBlock2D

FILTERS, STRIDES = (8, 16, 16, 32, 32), (2, 1, 1, 2, 1)
KERNELS = {1: 7, 2: 3}
EARLY, LATE = (1, 2), (3, 4)
PLACES = {"early": EARLY, "late": LATE, "skips": ()}


def dropping(cell: Cell, axes: int) -> Callable[[int, Any], Any]:
    """Return a function that drops from the output of the convolution of a number."""
    layer = {1: DropBlock1D, 2: DropBlock2D}[axes]

    def drop(number: int, x: Any) -> Any:
        if cell.rate == 0:
            return x
        block = cell.block if number in EARLY else (cell.block + 1) // 2
        return layer(cell.rate, block, per_channel=cell.mask == "own")(x)

    return drop


def network(cell: Cell, shape: tuple[int, ...], classes: int) -> Any:
    """Build the network of a cell, for samples of a shape.

    A layer that drops follows the activation of each of the last four convolutions, or
    of those that `cell.where` chooses. Where the task is residual, the third and the
    fifth convolution have a skip connection around them.
    """
    axes = len(shape) - 1
    convolution = {1: layers.Conv1D, 2: layers.Conv2D}[axes]
    pooling = {1: layers.GlobalAveragePooling1D, 2: layers.GlobalAveragePooling2D}[axes]
    drop = dropping(cell, axes)

    x = inputs = keras.Input(shape)
    for number, (filters, stride) in enumerate(zip(FILTERS, STRIDES, strict=True)):
        before = x
        kernel = KERNELS[axes]
        x = convolution(filters, kernel, stride, padding="same", use_bias=False)(x)
        x = layers.BatchNormalization(momentum=0.9)(x)
        x = layers.ReLU()(x)
        if number in PLACES.get(cell.where, EARLY + LATE):
            x = drop(number, x)
        if cell.task == "residual" and number in (2, 4):
            skip = drop(number, before) if cell.where in ("skips", "both") else before
            x = layers.Add()([x, skip])
    x = pooling(name="pooling")(x)
    return keras.Model(inputs, layers.Dense(classes, activation="softmax")(x))
