"""The networks: convolutions, global average pooling, one dense layer."""

from collections.abc import Callable
from typing import Any

import keras
from keras import layers

from grid import Cell
from layerbridge import DropBlock1D, DropBlock2D
from tasks import Samples

FILTERS = {"cifar-plain": (16, 32, 32, 64, 64)}
STRIDES = {"cifar-plain": (1, 2, 1, 2, 1)}
SMALL_FILTERS, SMALL_STRIDES = (8, 16, 16, 32, 32), (2, 1, 1, 2, 1)
RESIDUAL_FILTERS = (16, 32, 64)
KERNELS = {1: 7, 2: 3}
# The resolutions that drop, 0 being that of the largest maps.
PLACES = {"early": (0,), "late": (1, 2), "skips": ()}


def dropping(cell: Cell, axes: int) -> Callable[[int, Any], Any]:
    """Return a function that drops from a map of a resolution."""
    layer = {1: DropBlock1D, 2: DropBlock2D}[axes]

    def drop(resolution: int, x: Any) -> Any:
        if cell.rate == 0:
            return x
        block = -(-cell.block // 2**resolution)
        return layer(cell.rate, block, per_channel=cell.mask == "own")(x)

    return drop


def normalized(x: Any, filters: int, stride: int, kernel: int | None = None) -> Any:
    """Convolve and normalize."""
    axes = len(x.shape) - 2
    convolution = {1: layers.Conv1D, 2: layers.Conv2D}[axes]
    shape = {"padding": "same", "use_bias": False}
    x = convolution(filters, kernel or KERNELS[axes], stride, **shape)(x)
    return layers.BatchNormalization(momentum=0.9)(x)


def convolutions(cell: Cell, x: Any) -> Any:
    """Apply five convolutions.

    A layer that drops follows the activation of each of the last four, or of those
    that `cell.where` chooses. Where the task is residual, the third and the fifth have
    a skip connection around them.
    """
    drop = dropping(cell, len(x.shape) - 2)
    filters = FILTERS.get(cell.task, SMALL_FILTERS)
    strides = STRIDES.get(cell.task, SMALL_STRIDES)
    for number, (outputs, stride) in enumerate(zip(filters, strides, strict=True)):
        before = x
        x = layers.ReLU()(normalized(x, outputs * cell.width, stride))
        resolution = int(number > 2)
        if number and resolution in PLACES.get(cell.where, (0, 1)):
            x = drop(resolution, x)
        if cell.task == "residual" and number in (2, 4):
            skips = cell.where in ("skips", "both")
            x = layers.Add()([x, drop(resolution, before) if skips else before])
    return x


def residual_blocks(cell: Cell, x: Any) -> Any:
    """Apply a convolution of stride 2 and three residual blocks: a ResNet-8.

    A layer that drops follows both convolutions of a block, and with `"both"` its skip
    connection, as in DropBlock's paper.
    """
    drop = dropping(cell, 2)
    x = layers.ReLU()(normalized(x, RESIDUAL_FILTERS[0] * cell.width, 2))
    for resolution, filters in enumerate(RESIDUAL_FILTERS):
        outputs, stride = filters * cell.width, 2 if resolution else 1
        skip = normalized(x, outputs, stride, kernel=1) if resolution else x
        x = layers.ReLU()(normalized(x, outputs, stride))
        branch = resolution in PLACES.get(cell.where, (0, 1, 2))
        x = drop(resolution, x) if branch else x
        x = normalized(x, outputs, 1)
        x = drop(resolution, x) if branch else x
        skip = drop(resolution, skip) if cell.where in ("skips", "both") else skip
        x = layers.ReLU()(layers.Add()([x, skip]))
    return x


def augmented(cell: Cell, x: Any, blank: float) -> Any:
    """Change the pictures of training."""
    if cell.augment == "flips and crops":
        x = layers.RandomFlip("horizontal")(x)
        x = layers.RandomTranslation(1 / 8, 1 / 8, interpolation="nearest")(x)
    if cell.erase:
        often = (cell.erase, cell.erase)  # a single number would be the most
        fill = blank if cell.filling == "known" else None
        x = layers.RandomErasing(often, fill_value=fill, value_range=(0, 1))(x)
    return x


def network(cell: Cell, samples: Samples) -> Any:
    """Build the network of a cell, for the shape and the classes of samples."""
    inputs = keras.Input(samples.x.shape[1:])
    body = residual_blocks if cell.task == "cifar-resnet" else convolutions
    x = body(cell, augmented(cell, inputs, samples.blank))
    pooling = {3: layers.GlobalAveragePooling1D, 4: layers.GlobalAveragePooling2D}
    x = pooling[len(x.shape)](name="pooling")(x)
    classes = int(samples.y.max()) + 1
    return keras.Model(inputs, layers.Dense(classes, activation="softmax")(x))
