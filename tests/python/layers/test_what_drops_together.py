"""Which units drop together, and which do not: what tells the family's members apart.

A mask is seen as an array of samples, channels and cells of the map. It is constant
along the axes where units drop together, and along no other.
"""

import numpy as np
import pytest
from modes import train
from reference import planes

import layerbridge
from cases import CASES

pytestmark = pytest.mark.backends

MAPS = {0: (), 1: (8,), 2: (4, 5), 3: (4, 3, 2)}
FORMATS = ["channels_last", "channels_first"]
WHOLE = 9

# Of each layer, with what arguments, the axes along which units drop together.
TOGETHER = [
    ("DropBlock", {"block_size": 2}, set()),
    ("DropBlock", {"block_size": 2, "per_channel": False}, {"channels"}),
    ("DropBlock", {"block_size": WHOLE}, {"map"}),
    ("DropBlock", {"block_size": WHOLE, "per_channel": False}, {"channels", "map"}),
    ("SpatialDropout", {}, {"map"}),
]
ROWS = [
    (f"{family}{rank}D", rank, {**arguments, "data_format": data_format}, together)
    for family, arguments, together in TOGETHER
    for rank in (1, 2, 3)
    for data_format in FORMATS
] + [("DropPath", rank, {}, {"channels", "map"}) for rank in MAPS]


@pytest.mark.parametrize(("name", "rank", "arguments", "together"), ROWS)
def test_what_drops_together(name, rank, arguments, together):
    layer = getattr(layerbridge, name)(0.4, seed=5, **arguments)
    data_format = arguments.get("data_format", "channels_last")
    x = np.ones((32, 6, *MAPS[rank]), "float32")
    x = np.moveaxis(x, 1, -1) if data_format == "channels_last" else x
    dropped = planes(train(layer, x) == 0, data_format).reshape(32, 6, -1)
    axes = {"samples": 0, "channels": 1, "map": 2}
    constant = {
        name
        for name, axis in axes.items()
        if (dropped == dropped.take([0], axis)).all()
    }
    assert constant == together


def test_every_layer_has_a_row():
    assert {row[0] for row in ROWS} == {case.name for case in CASES}
