"""plot_masks() draws what layers drop."""

import sys

import keras
import matplotlib as mpl
import numpy as np
import pytest
from modes import release_on

from layerbridge import (
    DropBlock1D,
    DropBlock2D,
    DropBlock3D,
    DropPath,
    LinearRamp,
    SpatialDropout2D,
    plot_masks,
    plot_rate,
)

# What differs by the backend is what the layers drop, which other tests look at.
pytestmark = [pytest.mark.backends, release_on("jax", "torch")]
mpl.use("Agg")

MAPS = np.random.default_rng(0).normal(size=(9, 11, 6))
RAMP = LinearRamp(0, 0.3, 4)
PLAIN_MAPS = np.ones((5, 6, 2))


def images(figure):
    """The pictures of each row, the colour bars left out."""
    rows = [ax.get_images()[0].get_array() for ax in figure.axes if ax.get_images()]
    return [np.ma.filled(image, np.nan) for image in rows]


def test_a_row_shows_masks_and_frequencies():
    figure = plot_masks(DropBlock2D(0.3, 3, name="drop"), MAPS, channels=3, draws=200)
    *maps, frequency = images(figure)
    assert len(maps) == 3
    for channel, shown in enumerate(maps):
        dropped = np.isnan(shown)
        np.testing.assert_allclose(shown[~dropped], MAPS[..., channel][~dropped], 1e-6)
    assert frequency.mean() == pytest.approx(0.3, abs=0.05)
    assert frequency[4, 5] > 2 * frequency[0, 0]
    assert figure.axes[0].get_ylabel().startswith("drop\n")


def test_the_family_in_one_picture():
    figure = plot_masks(
        {
            "dropout": keras.layers.Dropout(0.5),
            "DropBlock": DropBlock2D(LinearRamp(0, 0.5, 8), 3),
            "first": DropBlock2D(0.5, 3, data_format="channels_first"),
            "spatial dropout": SpatialDropout2D(0.5),
        },
        MAPS,
        channels=2,
        draws=50,
    )
    pictures = images(figure)
    assert len(pictures) == 4 * (2 + 1)
    for whole in pictures[-3:-1]:
        assert np.isnan(whole).mean() in (0, 1)
    rates = [line.get_ydata() for ax in figure.axes for line in ax.lines]
    assert len(rates) == 1
    np.testing.assert_allclose(rates[0][:9], np.minimum(np.arange(9) / 14, 0.5), 1e-6)
    assert len(rates[0]) == 11


def test_the_layer_is_left_as_it_is():
    layer = DropBlock2D(LinearRamp(0, 0.5, 8), 3)
    plot_masks(layer, MAPS, draws=10, steps=4)
    assert layer.current_rate == 0


def test_maps_must_be_those_of_one_sample():
    with pytest.raises(
        ValueError, match=r"\(height, width, channels\); received one of"
    ):
        plot_masks(DropBlock2D(0.1, 3), np.ones((4, 4)))


def labels(layers):
    figure = plot_masks(layers, PLAIN_MAPS, draws=5)
    said = [ax.get_ylabel().partition("\n")[0] for ax in figure.axes]
    return [label for label in said if label]


def test_layers_without_a_label_show_their_names():
    block = DropBlock2D(0, 3, name="block")
    whole = SpatialDropout2D(0.2, name="whole")
    assert labels(block) == ["block"]
    assert labels([block, whole]) == ["block", "whole"]
    assert labels(layer for layer in (whole, whole)) == ["whole", "whole"]
    assert labels({"a": block, "b": whole}) == ["a", "b"]


@pytest.mark.parametrize(
    ("layers", "received"),
    [(3, "3"), ("abc", "'abc'"), ([], r"\[\]"), ({"x": None}, "None")],
)
def test_what_is_no_layer_says_so(layers, received):
    with pytest.raises(ValueError, match=f"`layers` must be .* received {received}$"):
        plot_masks(layers, PLAIN_MAPS)


def test_where_nothing_drops_every_unit_has_the_colour_of_never():
    figure = plot_masks(DropBlock2D(0, 3), PLAIN_MAPS, channels=1, draws=5)
    frequency = figure.axes[1].get_images()[0]
    assert frequency.get_clim() == (0, 1)
    assert not frequency.get_array().any()


@pytest.mark.parametrize("argument", ["draws", "channels"])
@pytest.mark.parametrize("number", [0, 2.5, None])
def test_numbers_must_be_counts(argument, number):
    with pytest.raises(ValueError, match=f"`{argument}` must be an integer of at leas"):
        plot_masks(DropBlock2D(0.1, 3), PLAIN_MAPS, **{argument: number})


@pytest.mark.parametrize(
    ("layer", "shape"),
    [
        (DropBlock1D(0.3, 7), (1, 56)),
        (SpatialDropout2D(0.3), (14, 14)),
        (DropBlock3D(0.3, 3), (14, 14)),
    ],
)
def test_layers_of_every_rank_have_maps_by_default(layer, shape):
    *maps, frequency = images(plot_masks(layer, draws=20))
    assert len(maps) == 4
    assert {image.shape for image in [*maps, frequency]} == {shape}
    assert frequency.mean() == pytest.approx(0.3, abs=0.15)


def test_maps_of_another_rank_say_so():
    with pytest.raises(ValueError, match=r"of shape \(steps, channels\); received one"):
        plot_masks(DropBlock1D(0.1, 3), PLAIN_MAPS)
    with pytest.raises(ValueError, match="of one rank; received layers of 1D and 2D"):
        plot_masks([DropBlock1D(0.1, 3), DropBlock2D(0.1, 3)])


def test_a_layer_that_drops_nothing_says_so():
    figure = plot_masks(DropBlock2D(0, 3, name="idle"), draws=5)
    assert figure.axes[0].get_ylabel() == "idle\ndrops nothing"
    for layer in (keras.layers.Dense(3), keras.layers.ReLU()):
        with pytest.raises(ValueError, match=r"that drop; received the (Dense|ReLU) '"):
            plot_masks(layer, draws=5)


def test_a_model_stands_for_its_structured_dropout_layers():
    inner = keras.Sequential([DropBlock2D(0.3, 3, name="b")])
    layers = [keras.layers.Dropout(0.1), DropBlock2D(0.3, 3, name="a"), inner]
    model = keras.Sequential([keras.Input((9, 9, 2)), *layers, DropPath(0.1, name="c")])
    figure = plot_masks(model, draws=5)
    rows = [ax.get_ylabel().partition("\n")[0] for ax in figure.axes]
    assert [row for row in rows if row] == ["a", "b", "c"]


def test_models_without_such_layers_and_among_others_are_refused_by_name():
    plain = keras.Sequential([keras.layers.Dropout(0.1)], name="m")
    with pytest.raises(ValueError, match="received the model 'm', which has none"):
        plot_masks(plain)
    with pytest.raises(ValueError, match=r"the model 'm' among .* Choose"):
        plot_masks([plain, plain], draws=5)


@pytest.mark.parametrize("scheduled", [RAMP, DropBlock2D(RAMP, 3)])
def test_a_rate_is_drawn_over_the_steps(scheduled):
    (line,) = plot_rate(scheduled).axes[0].lines
    np.testing.assert_allclose(line.get_ydata(), [0, 0.1, 0.2, 0.3, 0.3, 0.3], 1e-6)
    assert len(plot_rate(scheduled, steps=3).axes[0].lines[0].get_ydata()) == 3


@pytest.mark.parametrize("steps", [0, -1, True, 2.5])
def test_what_is_no_number_of_steps_says_so(steps):
    with pytest.raises(ValueError, match="`steps` must be an integer of at least 1"):
        plot_rate(LinearRamp(0, 0.1, 5), steps)


def test_what_has_no_schedule_has_no_rate_to_draw():
    with pytest.raises(
        ValueError, match="rate follows one; received the DropBlock2D '"
    ):
        plot_rate(DropBlock2D(0.1, 3))


def test_without_matplotlib_the_error_says_what_to_install(monkeypatch):
    for name in {"matplotlib", *sys.modules}:
        if name.partition(".")[0] == "matplotlib":
            monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(ImportError, match="`python -m pip install matplotlib`"):
        plot_masks(DropBlock2D(0.1, 3), PLAIN_MAPS)
