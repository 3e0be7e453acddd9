"""plot_masks() takes a layer, several, or a dictionary, and labels each row."""

import keras
import matplotlib as mpl
import numpy as np
import pytest

from layerbridge import DropBlock2D, SpatialDropout2D, plot_masks

mpl.use("Agg")

MAPS = np.ones((5, 6, 2))


def labels(layers):
    figure = plot_masks(layers, MAPS, draws=5)
    said = [ax.get_ylabel().partition("\n")[0] for ax in figure.axes]
    return [label for label in said if label]


def test_layers_without_a_label_show_their_names():
    block = DropBlock2D(0, 3, name="block")
    whole = SpatialDropout2D(0.2, name="whole")
    assert labels(block) == ["block"]
    assert labels([block, whole]) == ["block", "whole"]
    assert labels(layer for layer in (whole, whole)) == ["whole", "whole"]
    assert labels({"a": block, "b": whole}) == ["a", "b"]
    assert labels(keras.Sequential([keras.Input((5, 6, 2)), block], name="m")) == ["m"]


@pytest.mark.parametrize(
    ("layers", "received"),
    [(3, "3"), ("abc", "'a'"), ([], r"\[\]"), ({"x": None}, "None")],
)
def test_what_is_no_layer_says_so(layers, received):
    with pytest.raises(ValueError, match=f"`layers` must be .* received {received}$"):
        plot_masks(layers, MAPS)


def test_where_nothing_drops_every_unit_has_the_colour_of_never():
    figure = plot_masks(DropBlock2D(0, 3), MAPS, channels=1, draws=5)
    frequency = figure.axes[1].get_images()[0]
    assert frequency.get_clim() == (0, 1)
    assert not frequency.get_array().any()
