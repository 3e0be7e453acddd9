"""effective_rate() against what layers and libraries drop."""

from typing import get_args

import keras
import numpy as np
import pytest

from layerbridge import (
    DropBlock1D,
    DropBlock2D,
    DropBlock3D,
    LinearRamp,
    SpatialDropout2D,
    effective_rate,
)
from layerbridge.formulas import Formula

pytestmark = pytest.mark.backends

# Measured with keras-cv 0.9.0, timm 1.0.31, torchvision 0.29.2 and dropblock 0.3.0: the
# mean over 50,000 planes (4,000 in three dimensions), and its standard error.
MEASURED = [
    ("keras-cv", (14, 14), 7, 0.1, 0.0927, 0.0006),
    ("timm", (14, 14), 7, 0.1, 0.2102, 0.0008),
    ("torchvision", (14, 14), 7, 0.1, 0.0936, 0.0006),
    ("dropblock", (14, 14), 7, 0.1, 0.0742, 0.0005),
    ("keras-cv", (14, 14), 7, 0.25, 0.2104, 0.0008),
    ("timm", (14, 14), 7, 0.25, 0.4412, 0.0009),
    ("torchvision", (14, 14), 7, 0.25, 0.2090, 0.0008),
    ("dropblock", (14, 14), 7, 0.25, 0.1750, 0.0007),
    ("keras-cv", (7, 7), 7, 0.1, 0.1007, 0.0013),
    ("timm", (7, 7), 7, 0.1, 0.9297, 0.0006),
    ("torchvision", (7, 7), 7, 0.1, 0.0997, 0.0013),
    ("dropblock", (7, 7), 7, 0.1, 0.0545, 0.0008),
    ("keras-cv", (10, 20), 5, 0.1, 0.1143, 0.0005),
    ("timm", (10, 20), 5, 0.1, 0.1575, 0.0005),
    ("torchvision", (10, 20), 5, 0.1, 0.0934, 0.0004),
    ("dropblock", (10, 20), 5, 0.1, 0.0794, 0.0004),
    ("keras-cv", (20, 10), 5, 0.1, 0.0356, 0.0003),
    ("timm", (20, 10), 5, 0.1, 0.1574, 0.0005),
    ("torchvision", (20, 10), 5, 0.1, 0.0937, 0.0004),
    ("dropblock", (20, 10), 5, 0.1, 0.0796, 0.0004),
    ("keras-cv", (4, 4), 7, 0.1, 0.0247, 0.0007),
    ("timm", (4, 4), 7, 0.1, 0.5930, 0.0015),
    ("dropblock", (4, 4), 7, 0.1, 0.0321, 0.0008),
    ("keras-cv", (9, 9), 4, 0.2, 0.1762, 0.0007),
    ("timm", (9, 9), 4, 0.2, 0.3009, 0.0008),
    ("dropblock", (9, 9), 4, 0.2, 0.1457, 0.0006),
    ("keras-cv", (8, 12), 6, 0.2, 0.2486, 0.0010),
    ("timm", (8, 12), 6, 0.2, 0.4718, 0.0011),
    ("dropblock", (8, 12), 6, 0.2, 0.1316, 0.0008),
    ("torchvision", (6, 7, 8), 3, 0.2, 0.1761, 0.0015),
    ("dropblock", (6, 7, 8), 4, 0.2, 0.1141, 0.0018),
]


@pytest.mark.parametrize(
    ("library", "shape", "block", "rate", "mean", "error"), MEASURED
)
def test_formulas_agree_with_the_libraries(library, shape, block, rate, mean, error):
    expected = effective_rate(library, shape, rate, block)
    # Half a unit of the last digit for rounding.
    assert abs(expected - mean) < 4 * error + 5e-5


@pytest.mark.parametrize("name", get_args(Formula))
def test_each_name_that_the_type_lists_is_a_formula(name):
    assert 0 < effective_rate(name, (14, 14), 0.1, 7) < 1


@pytest.mark.parametrize(
    ("layer", "shape"),
    [
        (DropBlock1D(0.3, 4), (9,)),
        (DropBlock2D(0.1, 7), (14, 14)),
        (DropBlock2D(0.25, (4, 7)), (10, 5)),
        (DropBlock3D(0.2, 3), (4, 5, 6)),
        (SpatialDropout2D(0.2), (6, 7)),
        (DropBlock2D(0.0, 7), (14, 14)),
        (DropBlock2D(1.0, 7), (14, 14)),
    ],
)
def test_our_layers_drop_their_rate(layer, shape):
    assert effective_rate(layer, shape) == pytest.approx(layer.rate, abs=2e-6)


def test_a_layer_with_the_papers_gamma():
    layer = DropBlock2D(0.2, 6, exact_rate=False)
    expected = effective_rate(layer, (8, 12))
    assert expected == pytest.approx(effective_rate("paper", (8, 12), 0.2, 6), abs=1e-6)
    outputs = layer(np.ones((2000, 8, 12, 8), "float32"), training=True)
    planes = (keras.ops.convert_to_numpy(outputs) == 0).mean((1, 2)).ravel()
    assert abs(planes.mean() - expected) < 4 * planes.std() / planes.size**0.5


def test_a_layer_with_a_schedule_is_taken_at_its_present_rate():
    assert effective_rate(DropBlock2D(LinearRamp(0.1, 0.5, 9), 3), (8, 8)) == (
        pytest.approx(0.1, abs=2e-6)
    )


def test_every_scheme_agrees_where_blocks_are_single_cells():
    for library in ("paper", "keras-cv", "timm", "torchvision", "dropblock"):
        assert effective_rate(library, (5, 5), 0.3, 1) == pytest.approx(0.3)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("torch", 4, 0.1, 3), "'dropblock'; received 'torch'"),
        ((DropBlock2D(0.1, 3), (4, 4), 0.1), "a layer has its own; received"),
        ((DropBlock2D(0.1, 3), 4), r"`map_shape` must have 2 axes for DropBlock2D"),
        (
            ("paper", (4, 4), None, 3),
            "`rate` must be a number between 0 and 1; received",
        ),
        (
            ("paper", (4, 4), 0.1),
            "`block_size` must be a positive integer, or 2 positive",
        ),
        (("paper", (4, 4), 0.1, (1, 2, 3)), r"2 positive.* received \(1, 2, 3\)"),
        (("paper", (4, 0), 0.1, 3), r"`map_shape` must be a positive integer, or pos"),
        (
            ("torchvision", (9, 9), 0.1, 4),
            "torchvision takes maps with 2 or 3 axes and one",
        ),
        (("timm", 9, 0.1, 3), "timm takes maps with 2 axes"),
        (("dropblock", 9, 0.1, 3), "dropblock takes maps with 2 or 3 axes"),
        (("keras-cv", 9, 0.1, 3), "keras-cv takes maps with 2 axes"),
    ],
)
def test_wrong_arguments_are_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        effective_rate(*arguments)
