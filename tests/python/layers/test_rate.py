"""`layer.rate` is state that can be set, and no weight."""

import keras
import pytest
from modes import BACKEND

from cases import CASES

pytestmark = pytest.mark.backends

each_layer = pytest.mark.parametrize(
    "case", [c for c in CASES if c.data_format != "channels_first"], ids=str
)


class ShareOfZeros(keras.metrics.Metric):
    """The share of zeros among the last batch's predictions."""

    def __init__(self):
        super().__init__(name="zeros")
        self.share = self.add_variable((), "zeros", name="share")

    def update_state(self, y_true, y_pred, sample_weight=None):
        zeros = keras.ops.cast(keras.ops.equal(y_pred, 0), "float32")
        self.share.assign(keras.ops.mean(zeros))

    def result(self):
        return keras.ops.convert_to_tensor(self.share)


class OneWeight(keras.layers.Layer):
    """Gives `fit()` something to train."""

    def build(self, shape):
        self.weight = self.add_weight((), initializer="ones")

    def call(self, x):
        return x * self.weight


@each_layer
def test_setting_the_rate_takes_effect_in_a_compiled_model(case):
    layer = case.make(0)
    inputs = keras.Input(case.shape)
    model = keras.Model(inputs, layer(OneWeight()(inputs)))
    model.compile(keras.optimizers.SGD(0.0), "mse", metrics=[ShareOfZeros()])
    x = case.inputs(batch=16)
    for rate, zeros in ((0, 0), (1, 1), (0.5, None), (0, 0)):
        layer.rate = rate
        assert layer.rate == rate
        share = model.fit(x, x, batch_size=16, verbose=0).history["zeros"][0]
        assert share == zeros or (zeros is None and 0 < share < 1)


@each_layer
def test_the_rate_is_no_weight(case):
    model = keras.Sequential([keras.Input(case.shape), case.make(), case.make()])
    assert model.weights == []
    assert model.get_weights() == []
    assert model.count_params() == 0
    assert model.layers[0].count_params() == 0
    model.set_weights([])


@pytest.mark.parametrize("rate", [1.5, -1, float("nan"), "x", True])
def test_a_bad_rate_is_refused_and_changes_nothing(rate):
    layer = CASES[0].make(0.25)
    with pytest.raises(ValueError, match="must be a number between 0 and 1; received"):
        layer.rate = rate
    assert layer.rate == 0.25
    assert float(layer.current_rate) == 0.25


def test_a_function_as_rate_is_told_where_functions_go():
    with pytest.raises(ValueError, match=r"or a schedule such as .* to DropRateSched"):
        CASES[0].make(lambda step: 0.1)


@each_layer
def test_the_rate_that_was_set_is_saved(case, tmp_path):
    model = keras.Sequential([keras.Input(case.shape), case.make(0.1)])
    model.layers[0].rate = 0.75
    model.save(tmp_path / "model.keras")
    assert keras.saving.load_model(tmp_path / "model.keras").layers[0].rate == 0.75
    assert keras.models.clone_model(model).layers[0].rate == 0.75


if BACKEND == "tensorflow":

    def test_setting_the_rate_traces_nothing_again():
        import tensorflow as tf

        layer = CASES[0].make(0)
        step = tf.function(lambda x: layer(x, training=True))
        x = CASES[0].inputs()
        for rate in (0, 0.5, 1):
            layer.rate = rate
            step(tf.constant(x))
        assert step.experimental_get_tracing_count() == 1
