"""DropRateScheduler drives the rates of a whole model."""

import keras
import numpy as np
import pytest
from modes import BACKEND

from layerbridge import DropBlock2D, DropRateScheduler, LinearRamp, SpatialDropout2D
from training import fit, kept, model_of

pytestmark = pytest.mark.backends


class Rates(keras.callbacks.Callback):
    """Records the rates with which each batch is trained."""

    def __init__(self, *layers):
        super().__init__()
        self.layers, self.seen = layers, []

    def on_train_batch_begin(self, batch, logs=None):
        self.seen.append([round(layer.rate, 6) for layer in self.layers])


def test_by_batch_the_rate_is_that_of_the_optimizers_step():
    layer = DropBlock2D(0.0, 3)
    rates = Rates(layer)
    scheduler = DropRateScheduler(LinearRamp(0, 0.5, 6))
    history = fit(model_of(layer), 2, scheduler, rates, steps=4)
    assert np.ravel(rates.seen) == pytest.approx([0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.5, 0.5])
    assert history["drop_rate"] == pytest.approx([0.3, 0.5])


def test_by_epoch_the_rate_stays_for_an_epoch():
    layer = DropBlock2D(0.0, 3)
    rates = Rates(layer)
    scheduler = DropRateScheduler(LinearRamp(0, 0.5, 3), by="epoch")
    history = fit(model_of(layer), 4, scheduler, rates, steps=2)
    expected = [0, 0, 0.25, 0.25, 0.5, 0.5, 0.5, 0.5]
    assert np.ravel(rates.seen) == pytest.approx(expected)
    assert history["drop_rate"] == pytest.approx([0, 0.25, 0.5, 0.5])


def test_the_model_trains_with_the_rate():
    scheduler = DropRateScheduler(lambda step: step % 2)
    model = model_of(DropBlock2D(0.3, 3, normalize="none"))
    assert fit(model, 4, scheduler)["loss"] == [1, 0, 1, 0]


def test_factors_and_nested_models():
    first, second = (
        DropBlock2D(0.0, 3, name="group3"),
        DropBlock2D(0.0, 3, name="group4"),
    )
    inner = keras.Sequential([keras.Input((8, 8, 4)), second, SpatialDropout2D(0.0)])
    scheduler = DropRateScheduler(lambda step: 0.4, factors={"*3": 0.25, "*": 0.5})
    fit(model_of(first, inner), 1, scheduler)
    assert [layer.rate for layer in (first, second)] == pytest.approx([0.1, 0.2])
    assert inner.layers[1].rate == pytest.approx(0.2)


if BACKEND != "torch":  # Keras has `steps_per_execution` on the other backends only

    def test_several_steps_in_one_execution_share_a_rate():
        layer = DropBlock2D(0.0, 3)
        rates = Rates(layer)
        model = model_of(layer, steps_per_execution=2)
        with pytest.warns(UserWarning, match=r"once in 2 steps.*schedule to the layer"):
            fit(model, 1, DropRateScheduler(LinearRamp(0, 0.5, 6)), rates, steps=6)
        assert np.ravel(rates.seen) == pytest.approx([0, 0.2, 0.4])

    def test_a_layers_own_schedule_moves_at_each_of_several_steps():
        layer = DropBlock2D(LinearRamp(0, 0.3, 5), 3)
        fit(model_of(layer, steps_per_execution=2), 1, steps=4)
        assert layer.current_rate == pytest.approx(0.3)


@pytest.mark.parametrize("by", ["batch", "epoch"])
def test_a_saved_training_resumes_at_the_right_rate(by, tmp_path):
    def train(model, first, last):
        scheduler = DropRateScheduler(LinearRamp(0, 0.9, 10), by=by)
        return fit(model, last, scheduler, steps=2, initial_epoch=first)["drop_rate"]

    whole = train(model_of(DropBlock2D(0.0, 3)), 0, 4)
    begun = model_of(DropBlock2D(0.0, 3))
    rates = train(begun, 0, 2)
    begun.save(tmp_path / "model.keras")
    resumed = keras.models.load_model(tmp_path / "model.keras", {"kept": kept})
    rates += train(resumed, 2, 4)
    assert rates == pytest.approx(whole)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"schedule": 0.5}, "`schedule` must be a schedule or a function of the step"),
        ({"by": "step"}, "`by` must be one of 'batch', 'epoch'; received 'step'"),
        (
            {"factors": {"a": -1}},
            r'`factors\["a"\]` must be a number of at least 0; re',
        ),
        ({"factors": {"a": True}}, "must be a number of at least 0; received True"),
        ({"factors": ["a"]}, r"have a number for each name or .*; received \['a'\]"),
        ({"factors": "a"}, "have a number for each name or pattern of names; rece"),
        ({"schedule": lambda: 0.1}, r"of the step; received a function of other argu"),
        ({"schedule": lambda x, y: 0.1}, r"received a function of .*, \(x, y\)"),
    ],
)
def test_wrong_arguments_are_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        DropRateScheduler(**{"schedule": LinearRamp(0, 1, 2), **arguments})


def test_factors_that_make_a_rate_too_large_are_named_before_training():
    scheduler = DropRateScheduler(LinearRamp(0, 0.4, 100), factors={"gr*": 3})
    with pytest.raises(ValueError, match=r"factor 3 for 'group', which .* into 1.2"):
        fit(model_of(DropBlock2D(0.1, 3, name="group")), 1, scheduler)
    later = DropRateScheduler(lambda step: 0.2 * step, factors={"gr*": 3})
    model = model_of(DropBlock2D(0.1, 3, name="group"))
    with pytest.raises(ValueError, match=r"factor 3 for 'group', which .* into 1.2"):
        fit(model, 4, later)
    assert model.layers[0].rate == pytest.approx(0.6)


def test_a_schedule_that_fails_is_named():
    scheduler = DropRateScheduler(lambda *step: step[1])
    with pytest.raises(ValueError, match=r"given as `schedule` .*step 0: tuple ind"):
        fit(model_of(SpatialDropout2D(0.1)), 1, scheduler)


def test_a_model_without_our_layers_is_an_error():
    scheduler = DropRateScheduler(LinearRamp(0, 1, 2))
    with pytest.raises(ValueError, match="needs a model with layers of layerbridge"):
        fit(model_of(keras.layers.Dropout(0.1)), 1, scheduler)


@pytest.mark.parametrize("name", ["SpatialDropout1D", "SpatialDropout2D"])
def test_keras_spatial_dropout_has_a_layer_to_use_instead(name):
    model = keras.Sequential(
        [getattr(keras.layers, name)(0.1, name="theirs"), keras.layers.Flatten()]
    )
    scheduler = DropRateScheduler(LinearRamp(0, 1, 2))
    scheduler.set_model(model)
    with pytest.raises(ValueError) as error:  # noqa: PT011 (the text is compared)
        scheduler.on_train_begin()
    assert str(error.value).endswith(
        f"which has none. Its layer 'theirs' is Keras's own {name}; use layerbridge's "
        f"{name} instead, which is `layerbridge::layer_spatial_dropout_{name[-2]}d()` "
        "in R."
    )


def test_a_pattern_that_matches_no_layer_is_an_error():
    scheduler = DropRateScheduler(LinearRamp(0, 1, 2), factors={"grup*": 1})
    with pytest.raises(
        ValueError,
        match=r"'grup\*', which no layer uses. Did you mean 'grou\*'\? This mo",
    ):
        fit(model_of(DropBlock2D(0.1, 3, name="group")), 1, scheduler)


def test_a_pattern_that_comes_too_late_is_an_error():
    scheduler = DropRateScheduler(LinearRamp(0, 1, 2), factors={"*": 1, "group": 0.5})
    with pytest.raises(ValueError, match=r"'group', which no layer uses\. Put it"):
        fit(model_of(DropBlock2D(0.1, 3, name="group")), 1, scheduler)


def test_accumulated_gradients_make_one_step():
    model = keras.Sequential(
        [DropBlock2D(0.0, 3), keras.layers.Flatten(), keras.layers.Dense(1)]
    )
    model.compile(keras.optimizers.SGD(gradient_accumulation_steps=2), "mse")
    seen = []
    scheduler = DropRateScheduler(lambda step: seen.append(step) or 0.0)
    x, y = np.ones((8, 4, 4, 1), "float32"), np.ones((8, 1), "float32")
    model.fit(x, y, batch_size=2, epochs=2, verbose=0, callbacks=[scheduler])
    assert seen == [0, 0, 1, 1, 2, 2, 3, 3]


@pytest.mark.parametrize("value", [True, None, "0.3", [0.1, 0.2]])
def test_a_schedule_that_returns_no_number_is_an_error(value):
    model = model_of(SpatialDropout2D(0.1))
    scheduler = DropRateScheduler(lambda step: value)
    with pytest.raises(ValueError, match="`schedule` of DropRateScheduler must return"):
        fit(model, 1, scheduler)


@pytest.mark.parametrize(("by", "when"), [("batch", "step 1"), ("epoch", "epoch 1")])
def test_a_bad_rate_is_said_with_its_step_or_epoch(by, when):
    doubled = DropRateScheduler(lambda step: 2 * step, by)
    with pytest.raises(ValueError, match=f"between 0 and 1; received 2 for {when}$"):
        fit(model_of(SpatialDropout2D(0.1)), 2, doubled)
    listed = DropRateScheduler(lambda step: [0.1][step], by)
    with pytest.raises(ValueError, match=f"and failed on {when}: list index"):
        fit(model_of(SpatialDropout2D(0.1)), 2, listed)
