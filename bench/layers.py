"""The layers alone, forward and backward, beside Keras's and their peers."""

from typing import Any, Literal

import keras
import numpy as np

from cases import BLOCKS, CASES, RATE, SHAPES, label
from layerbridge import DropBlock2D, SpatialDropout2D
from peers import peers
from steps import BACKEND, forward_and_backward
from timing import compare

# Mode, the peer that a layer is compared to, the cases.
_MODES = {
    "tensorflow": [
        ("graph", "Keras Dropout", CASES),
        ("jit_compile", "a precomputed mask", CASES),
        ("eager", "Keras Dropout", CASES),
    ],
    "jax": [("jit", "Keras Dropout", CASES), ("eager", "Keras Dropout", CASES)],
    "torch": [
        ("eager", "Keras Dropout", CASES),
        ("compile", "Keras Dropout", CASES[:2]),
    ],
}


class ReadyMask(keras.layers.Layer):
    """Multiplies by a mask that is there already."""

    def __init__(self, shape: tuple[int, ...]):
        super().__init__()
        self.mask = keras.ops.cast(keras.random.uniform(shape) > RATE, "float32")

    def call(self, x: Any, training: bool = False) -> Any:
        """Multiply."""
        return x * self.mask


def _layouts(shape: tuple[int, ...]) -> dict[str, Any]:
    """Draw a tensor; on PyTorch in both data formats, and as convolutions return it."""
    numbers = np.random.default_rng(0).random(shape, "float32")
    x = keras.ops.convert_to_tensor(numbers)
    if BACKEND != "torch":
        return {"": x}
    first = x.permute(0, 3, 1, 2).contiguous()
    return {
        ", channels last": x,
        ", channels first": first,
        ", of a convolution": first.permute(0, 2, 3, 1),
    }


def _data_format(layout: str) -> Literal["channels_first", "channels_last"]:
    return "channels_first" if "first" in layout else "channels_last"


def _record(topic: str, case: str, layers: dict[str, Any], x: Any, mode: str) -> Any:
    """Time layers side by side."""
    steps = {name: forward_and_backward(f, x, mode) for name, f in layers.items()}
    values = compare(steps, seconds=0.6)
    return {"topic": topic, "unit": "ms", "case": case, "values": values}


def per_channel() -> list[dict[str, Any]]:
    """Masks per channel on the maps of a ResNet."""
    records = []
    for mode, peer, cases in _MODES[BACKEND]:
        for shape, block in cases:
            layouts = _layouts(shape)
            for layout, x in list(layouts.items())[: 1 if mode == "compile" else None]:
                ours = DropBlock2D(RATE, block, data_format=_data_format(layout))
                theirs = (
                    ReadyMask(shape)
                    if peer == "a precomputed mask"
                    else keras.layers.Dropout(RATE)
                )
                topic = f"DropBlock2D, {BACKEND} {mode}{layout}"
                layers = {"layerbridge": ours, peer: theirs}
                records.append(_record(topic, label(shape, block), layers, x, mode))
    return records


def shared() -> list[dict[str, Any]]:
    """Masks that channels or whole maps share, beside PyTorch's own."""
    import torch

    dropout = torch.nn.Dropout2d(RATE)
    records = []
    for shape in SHAPES:
        # The peers take channels first.
        x = _layouts(shape)[", channels first"]
        theirs = {"torch.nn.Dropout2d": lambda x, training: dropout(x)}
        spatial = SpatialDropout2D(RATE, data_format="channels_first")
        layers = {"layerbridge": spatial, **theirs}
        records.append(
            _record("SpatialDropout2D, torch eager", label(shape), layers, x, "eager")
        )
        for block in BLOCKS:
            layer = DropBlock2D(
                RATE, block, data_format="channels_first", per_channel=False
            )
            layers = {"layerbridge": layer, **theirs}
            for name, peer in peers(RATE, block).items():
                if not isinstance(peer, str):
                    layers[name] = lambda x, training, f=peer: f(x)
            case = label(shape, block)
            records.append(
                _record(
                    "One mask for all channels, torch eager", case, layers, x, "eager"
                )
            )
    return records


def measure() -> list[dict[str, Any]]:
    """Run all."""
    return [*per_channel(), *(shared() if BACKEND == "torch" else [])]
