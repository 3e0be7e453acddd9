"""DropBlock of other libraries, for whichever of them is installed."""

from collections.abc import Callable
from typing import Any

import keras


def _keras_cv(rate: float, block: int) -> Callable[[Any], Any]:
    import keras_cv

    layer = keras_cv.layers.DropBlock2D(rate, block)
    return lambda x: layer(x, training=True)


def _dropblock(rate: float, block: int) -> Callable[[Any], Any]:
    import dropblock

    return dropblock.DropBlock2D(rate, block).train()


def _timm(rate: float, block: int) -> Callable[[Any], Any]:
    import timm.layers

    return timm.layers.DropBlock2d(rate, block).train()


def _torchvision(rate: float, block: int) -> Callable[[Any], Any]:
    import torchvision.ops

    return torchvision.ops.DropBlock2d(rate, block).train()


_OF_BACKEND = {
    "tensorflow": {"keras-cv": _keras_cv},
    "torch": {
        "PyTorch dropblock": _dropblock,
        "timm": _timm,
        "torchvision": _torchvision,
    },
}


def _made(
    make: Callable[[float, int], Callable[[Any], Any]], rate: float, block: int
) -> Callable[[Any], Any] | str:
    try:
        return make(rate, block)
    except ImportError:
        return "not installed"


def peers(rate: float, block: int) -> dict[str, Callable[[Any], Any] | str]:
    """Make what peers the backend has: functions of a tensor, or what is in the way.

    Those for PyTorch take channels first.
    """
    known = _OF_BACKEND.get(keras.backend.backend(), {})
    return {name: _made(make, rate, block) for name, make in known.items()}
