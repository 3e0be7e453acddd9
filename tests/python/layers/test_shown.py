"""Objects tell what they are: settings, and no address."""

import keras
import numpy as np
import pytest

from layerbridge import (
    DropBlock1D,
    DropBlock2D,
    DropPath,
    DropRateScheduler,
    LinearRamp,
    SpatialDropout3D,
)
from layerbridge.shown import shown
from layerbridge.training.schedules import Scaled

RAMP = LinearRamp(0, 0.25, 5)
STEPS = keras.optimizers.schedules.PiecewiseConstantDecay([2], [0.1, 0.2])


@pytest.mark.parametrize(
    ("thing", "text"),
    [
        (DropBlock1D(0.1, 7, name="a"), "<DropBlock1D name=a, rate=0.1, block_size=7>"),
        (
            DropBlock2D(RAMP, (3, 5), name="b"),
            "<DropBlock2D name=b, rate=<LinearRamp start=0, stop=0.25, steps=5>, "
            "block_size=3x5>",
        ),
        (SpatialDropout3D(0.2, name="c"), "<SpatialDropout3D name=c, rate=0.2>"),
        (
            SpatialDropout3D(STEPS, name="d"),
            "<SpatialDropout3D name=d, rate=<PiecewiseConstantDecay boundaries=[2], "
            "values=[0.1, 0.2]>>",
        ),
        (
            DropBlock2D(
                *(0.1, 3, "channels_first", False, "sample", False, 7),
                name="e",
                batch_size=4,
            ),
            "<DropBlock2D name=e, rate=0.1, block_size=3, data_format=channels_first, "
            "seed=7, batch_size=4, per_channel=False, normalize=sample, "
            "exact_rate=False>",
        ),
        (DropPath(0.2, name="f"), "<DropPath name=f, rate=0.2>"),
        (
            DropPath(0.2, 7, "none", name="g"),
            "<DropPath name=g, rate=0.2, seed=7, normalize=none>",
        ),
        (
            Scaled(RAMP, 0.25),
            "<Scaled schedule=<LinearRamp start=0, stop=0.25, steps=5>, factor=0.25>",
        ),
        (
            DropRateScheduler(RAMP, factors={"a*": 0.5, "b": 1}),
            "<DropRateScheduler schedule=<LinearRamp start=0, stop=0.25, steps=5>, "
            "by=batch, factors=a*: 0.5, b: 1>",
        ),
        (
            DropRateScheduler(lambda step: 0.1, "epoch"),
            "<DropRateScheduler schedule=a function, by=epoch>",
        ),
    ],
)
def test_what_is_printed(thing, text):
    assert repr(thing) == str(thing) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (print, "a function"),
        (LinearRamp, "the class LinearRamp"),
        (object(), "an object of class object"),
        ("a" * 100, f"'{'a' * 80}' ..."),
        (list(range(30)), "30 values"),
        (np.ones((9, 4)), "an array of shape (9, 4)"),
        (np.float32(1.5), "1.5"),
        (keras.ops.ones((2, 3)), "a tensor of shape (2, 3)"),
        ((3, 4), "(3, 4)"),
        (keras.Input((2,), name="x"), "the KerasTensor 'x'"),
    ],
)
def test_values_in_messages(value, text):
    assert shown(value) == text
