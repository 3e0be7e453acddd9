"""Rates that move: schedules in a layer, and numbers set while a model trains."""

import keras
import numpy as np
import pytest
from keras.optimizers import schedules
from modes import BACKEND

from layerbridge import DropBlock2D, LinearRamp, SpatialDropout2D
from layerbridge.training.schedules import Scaled
from training import AtEpoch, fit, kept, model_of

pytestmark = pytest.mark.backends

KERAS_SCHEDULES = [
    schedules.CosineDecay(0.4, 4),
    schedules.CosineDecay(0.1, 4, warmup_target=0.4, warmup_steps=2),
    schedules.CosineDecayRestarts(0.4, 2),
    schedules.ExponentialDecay(0.4, 2, 0.5),
    schedules.InverseTimeDecay(0.4, 2, 0.5),
    schedules.PiecewiseConstantDecay([1, 2], [0.1, 0.2, 0.3]),
    schedules.PolynomialDecay(0.4, 4, 0.1),
    LinearRamp(0.1, 0.4, 4),
    Scaled(LinearRamp(0.1, 0.4, 4), 0.5),
]


class Spy(keras.layers.Layer):
    """Counts how often it is traced."""

    calls = 0

    def call(self, inputs):
        self.calls += 1
        return inputs


def steps(rates):
    boundaries = list(range(len(rates) - 1))
    return schedules.PiecewiseConstantDecay(boundaries, [float(r) for r in rates])


def test_linear_ramp_gives_what_pytorch_dropblock_gives():
    ramp = LinearRamp(0, 0.25, 5)
    rates = [float(ramp(step)) for step in range(8)]
    assert rates == [0, 0.0625, 0.125, 0.1875, 0.25, 0.25, 0.25, 0.25]


def test_linear_ramp_may_fall():
    assert [float(LinearRamp(1, 0, 3)(step)) for step in range(4)] == [1, 0.5, 0, 0]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((-0.1, 0.2, 5), "`start` must be a number between 0 and 1; received -0.1"),
        ((0, 1.5, 5), "`stop` must be a number between 0 and 1; received 1.5"),
        ((0, 0.2, 1), "`steps` must be an integer of at least 2; received 1"),
        ((0, 0.2, 2.5), "`steps` must be an integer of at least 2; received 2.5"),
    ],
)
def test_linear_ramp_says_what_is_wrong(arguments, message):
    with pytest.raises(ValueError, match=message):
        LinearRamp(*arguments)


@pytest.mark.parametrize("layer", [keras.layers.Dropout, keras.layers.SpatialDropout2D])
def test_layers_of_keras_that_take_a_number_name_those_that_follow(layer):
    with pytest.raises(TypeError, match=r"layerbridge\.SpatialDropout2D.*") as error:
        layer(LinearRamp(0, 0.1, 5))
    assert str(error.value).splitlines()[-1] == (
        "'<=' not supported between instances of 'int' and 'LinearRamp'"
    )


@pytest.mark.parametrize("schedule", KERAS_SCHEDULES, ids=lambda s: type(s).__name__)
def test_a_layer_follows_any_schedule_as_it_trains(schedule):
    layer = SpatialDropout2D(schedule)
    model = model_of(layer)
    for step in range(5):
        assert layer.current_rate == pytest.approx(float(schedule(step)), abs=1e-6)
        fit(model, 1)


def test_a_step_drops_at_the_rate_of_the_schedule():
    model = model_of(DropBlock2D(steps([0, 1, 0, 1]), 3, normalize="none"))
    assert fit(model, 4)["loss"] == [1, 0, 1, 0]


def test_inference_does_not_count_as_a_step():
    layer = SpatialDropout2D(LinearRamp(0, 0.5, 3))
    model = model_of(layer)
    model.predict(np.ones((2, 8, 8, 4)), verbose=0)
    assert layer.current_rate == 0


class Returns(schedules.LearningRateSchedule):
    """Returns one value at step 0 and another one from step 1 on."""

    def __init__(self, first, then):
        self.first, self.then = first, then

    def __call__(self, step):
        if not isinstance(self.first, float):
            return self.first
        return keras.ops.where(step > 0, self.then, self.first)

    def get_config(self):
        return {"first": self.first, "then": self.then}


WORDS = "`rate` must return a number between 0 and 1"
NO_RATES = [float("nan"), 2.0, -0.5, float("inf")]


@pytest.mark.parametrize(
    "value", [*NO_RATES, -1, True, None, "0.1", [0.1, 0.2], np.array([0.1])], ids=repr
)
def test_a_schedule_that_starts_with_no_rate_is_refused(value):
    with pytest.raises(ValueError, match=rf"{WORDS}; received"):
        DropBlock2D(Returns(value, 0.1), 1)


@pytest.mark.parametrize("value", NO_RATES)
@pytest.mark.parametrize("make", [lambda s: DropBlock2D(s, 3), SpatialDropout2D])
def test_a_schedule_that_comes_to_no_rate_is_refused_at_that_step(make, value):
    layer = make(Returns(0.1, value))
    layer(np.ones((2, 8, 8, 4), "float32"), training=True)
    with pytest.raises(ValueError, match=f"{WORDS}; received"):
        layer(np.ones((2, 8, 8, 4), "float32"), training=True)
    with pytest.raises(ValueError, match=f"{WORDS}; received"):
        assert layer.current_rate


def test_a_schedule_that_is_checked_at_once_changes_no_unit():
    x = np.full((2, 8, 8, 4), -0.0, "float32")
    layers = DropBlock2D(Returns(0.1, 0.1), 3, seed=1), DropBlock2D(0.1, 3, seed=1)
    checked, plain = (
        keras.ops.convert_to_numpy(layer(x, training=True)) for layer in layers
    )
    np.testing.assert_array_equal(np.signbit(checked), np.signbit(plain))


@pytest.mark.parametrize("make", [lambda s: DropBlock2D(s, 3), SpatialDropout2D])
def test_compiled_steps_refuse_it_too(make):
    # TensorFlow and JAX have errors of their own for what a compiled step meets.
    with pytest.raises(Exception, match=WORDS):
        fit(model_of(make(Returns(0.1, 2.0)), jit_compile=BACKEND == "jax"), 2)


if BACKEND == "tensorflow":

    def test_under_xla_which_raises_nothing_it_shows():
        layer = DropBlock2D(Returns(0.1, 2.0), 3)
        history = fit(model_of(layer, jit_compile=True), 2)
        assert np.isfinite(history["loss"][0])
        assert np.isnan(history["loss"][1])


def test_what_rounding_alone_takes_out_of_0_to_1_is_in():
    assert SpatialDropout2D(Returns(1 + 1e-7, 0.0)).current_rate == 1


def test_a_number_takes_the_schedules_place_until_it_is_set_again():
    ramp = LinearRamp(0, 1, 3)
    layer = DropBlock2D(ramp, 1)
    layer.rate = 0.125
    assert (layer.rate, layer.current_rate) == (0.125, 0.125)
    layer.rate = ramp
    assert (layer.rate, layer.current_rate) == (ramp, 0)


def test_another_schedule_cannot_be_set():
    layer = DropBlock2D(0.1, 1)
    with pytest.raises(ValueError, match="a schedule is given when the layer is made"):
        layer.rate = LinearRamp(0, 1, 3)


@pytest.mark.parametrize("schedule", KERAS_SCHEDULES, ids=lambda s: type(s).__name__)
def test_a_saved_model_goes_on_where_it_stopped(schedule, tmp_path):
    model = model_of(SpatialDropout2D(schedule, name="drop"))
    fit(model, 2)
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras", {"kept": kept})
    layer = loaded.get_layer("drop")
    assert layer.rate.get_config() == schedule.get_config()
    assert layer.current_rate == pytest.approx(float(schedule(2)), abs=1e-6)


def test_a_rate_set_in_the_middle_of_fit_takes_effect_at_the_next_step():
    layer = DropBlock2D(0.0, 3, normalize="none")
    model = model_of(layer)

    def drop_all():
        layer.rate = 1.0

    assert fit(model, 4, AtEpoch(2, drop_all))["loss"] == [1, 1, 0, 0]
    assert layer.rate == 1


if BACKEND == "jax":

    def test_a_rate_that_jax_would_lose_is_an_error():
        layer = DropBlock2D(0.0, 3)

        class SetRate(keras.callbacks.Callback):
            def on_train_batch_begin(self, batch, logs=None):
                layer.rate = 0.5

        with pytest.raises(
            RuntimeError, match=r"the model's `jax_state_sync\(\)` first"
        ):
            fit(model_of(layer), 1, SetRate(), steps=2)


if BACKEND != "torch":

    def test_a_rate_that_moves_compiles_nothing_again():
        spy = Spy()
        layer = DropBlock2D(LinearRamp(0, 0.5, 10), 3)
        other = SpatialDropout2D(0.0)
        model = model_of(layer, other, spy)
        fit(model, 2)
        traced = spy.calls
        other.rate = 0.5
        fit(model, 5)
        assert spy.calls == traced
        assert layer.current_rate > 0.3
