"""The fraction of units that drops, beside the rate."""

from typing import Any

import keras
import numpy as np

import layerbridge
from cases import DRAWS, MAPS, RATES
from peers import peers


def _contestants(rate: float, block: int) -> dict[str, Any]:
    """Make functions of a tensor that has one channel."""
    if keras.backend.backend() != "tensorflow":
        return peers(rate, block)
    import paper

    layer = layerbridge.DropBlock2D(rate, block)
    return {
        "layerbridge": lambda x: layer(x, training=True),
        "the paper's code": lambda x: paper.dropblock(x, rate, block),
        **peers(rate, block),
    }


def _shares(function: Any, map_shape: tuple[int, ...]) -> list[float] | str:
    """Measure the share that each draw drops, or tell why there is none."""
    if isinstance(function, str):
        return function
    torch = keras.backend.backend() == "torch"
    shape = (MAPS, 1, *map_shape) if torch else (MAPS, *map_shape, 1)
    x = keras.ops.ones(shape)
    try:
        draws = [keras.ops.convert_to_numpy(function(x)) for _ in range(DRAWS)]
    except ValueError:
        return "error"
    return [float(np.mean(~(y > 0))) for y in draws]


def measure() -> list[dict[str, Any]]:
    """Drop ones, and count the zeros."""
    return [
        {
            "topic": "Fraction of units dropped",
            "unit": "fraction",
            "case": f"{n1}x{n2}, block {block}, rate {rate:.2f}",
            "values": {
                name: _shares(function, (n1, n2))
                for name, function in _contestants(rate, block).items()
            },
        }
        for (n1, n2), block, rate in RATES
    ]
