"""Samples of predictions: layers that drop do, and nothing else is as in training."""

import keras
import numpy as np
import pytest
from keras import layers
from modes import BACKEND, release_on

import layerbridge
from layerbridge import LinearRamp, predict_samples

pytestmark = [pytest.mark.backends, pytest.mark.thinned(1)]

SHAPE = (6, 6, 4)
X = np.random.default_rng(0).uniform(0.5, 2, (10, *SHAPE)).astype("float32")
SAME = np.repeat(X[:1], 10, 0)


@keras.saving.register_keras_serializable()
class AddsWhenTraining(layers.Layer):
    """Stands for all that has another way of training, but does not drop."""

    def call(self, x, training=False):
        return x + 100.0 if training else x


class Nested(keras.Model):
    """Holds a layer where no graph shows it."""

    def __init__(self, layer):
        super().__init__()
        self.inner = keras.Sequential([layers.Identity(), layer])

    def call(self, x, training=False):
        return self.inner(x, training=training)


def by_step(layer):
    flat = layers.Reshape((6, 24))
    return keras.Sequential([keras.Input(SHAPE), flat, layers.TimeDistributed(layer)])


def attention():
    inputs = keras.Input(SHAPE)
    x = layers.Reshape((36, 4))(inputs)
    return keras.Model(inputs, layers.MultiHeadAttention(2, 4, dropout=0.5)(x, x))


def sequential(*chain):
    return keras.Sequential([keras.Input(SHAPE), *chain])


MODELS = {
    "DropBlock2D": lambda: sequential(layerbridge.DropBlock2D(0.3, 3)),
    "SpatialDropout2D": lambda: sequential(layerbridge.SpatialDropout2D(0.3)),
    "DropPath": lambda: sequential(layerbridge.DropPath(0.5)),
    "scheduled": lambda: sequential(
        layerbridge.DropBlock2D(LinearRamp(0.3, 0.6, 9), 3)
    ),
    "Keras's Dropout": lambda: sequential(layers.Dropout(0.3)),
    "Keras's Dropout, seeded": lambda: sequential(layers.Dropout(0.3, seed=1)),
    "Keras's Dropout, noise_shape": lambda: sequential(
        layers.Dropout(0.3, noise_shape=(None, 1, 1, 4))
    ),
    "Keras's SpatialDropout2D": lambda: sequential(layers.SpatialDropout2D(0.3)),
    "Keras's GaussianDropout": lambda: sequential(layers.GaussianDropout(0.3)),
    "Keras's AlphaDropout": lambda: sequential(layers.AlphaDropout(0.3)),
    "nested": lambda: sequential(sequential(layerbridge.DropBlock2D(0.3, 3))),
    "subclassed": lambda: Nested(layerbridge.DropBlock2D(0.3, 3)),
    "TimeDistributed": lambda: by_step(layers.Dropout(0.3)),
    "attention": attention,
    "several": lambda: sequential(
        layerbridge.DropBlock2D(0.3, 3), layers.Dropout(0), layers.Dropout(0.3)
    ),
}
# Of Keras's own layers one stands for those that are made alike.
ALIKE = {"SpatialDropout2D", "DropPath", "Keras's SpatialDropout2D"} | {
    f"Keras's {name}"
    for name in ("Dropout", "Dropout, noise_shape", "GaussianDropout", "AlphaDropout")
}
each_model = pytest.mark.parametrize(
    "make",
    [
        pytest.param(
            make, marks=release_on("tensorflow", "jax") if name in ALIKE else []
        )
        for name, make in MODELS.items()
    ],
    ids=MODELS,
)


def differs(a, b):
    return bool((a != b).any())


@each_model
@pytest.mark.parametrize("hold_masks", [False, True])
def test_samples_differ_and_masks_are_held_where_told(make, hold_masks):
    drawn = predict_samples(make(), SAME, 8, batch_size=5, hold_masks=hold_masks)
    assert drawn.shape[:2] == (8, 10)
    assert differs(drawn, drawn[:1])
    spread = np.ptp(drawn, axis=1).max()
    assert spread < 1e-5 if hold_masks else spread > 0.01


def test_the_seed_of_keras_makes_samples_repeat():
    model = MODELS["several"]()

    def run(seed):
        keras.utils.set_random_seed(seed)
        return predict_samples(model, X, 2, batch_size=4)

    first = run(1)
    np.testing.assert_array_equal(run(1), first)
    assert differs(run(2), first)


def trained(kind):
    keras.utils.set_random_seed(1)
    model = sequential(
        layers.Conv2D(4, 3, padding="same"),
        layers.BatchNormalization(momentum=0.5),
        AddsWhenTraining(),
        kind,
        layers.GlobalAveragePooling2D(),
        layers.Dropout(0.2),
    )
    model.compile("sgd", "mse")
    model.fit(X, X.mean((1, 2)), epochs=2, batch_size=5, verbose=0)
    return model


@pytest.mark.parametrize("hold_masks", [False, True])
def test_nothing_else_is_as_in_training(hold_masks):
    model = trained(layerbridge.DropBlock2D(0.2, 2))
    for layer in model.layers:
        if hasattr(layer, "rate"):
            layer.rate = 0.0
    drawn = predict_samples(model, X, 2, hold_masks=hold_masks)
    single = model.predict(X, verbose=0)
    # Two programs may round the same sum differently.
    np.testing.assert_allclose(drawn, np.stack([single, single]), rtol=1e-6)


def test_the_model_does_not_change():
    layer = layerbridge.DropBlock2D(LinearRamp(0, 0.4, 10), 3)
    model = trained(layer)
    single = model.predict(X, verbose=0)
    before = [keras.ops.convert_to_numpy(v) for v in model.variables]
    rate, current = layer.rate, layer.current_rate
    for _ in range(2):
        predict_samples(model, X, 2)
    assert layer.rate is rate
    assert layer.current_rate == current
    for variable, value in zip(model.variables, before, strict=True):
        np.testing.assert_array_equal(keras.ops.convert_to_numpy(variable), value)
    np.testing.assert_array_equal(model.predict(X, verbose=0), single)
    assert np.isfinite(model.fit(X, X.mean((1, 2)), verbose=0).history["loss"]).all()
    assert layer.current_rate > current


def test_the_model_does_not_change_where_predicting_fails():
    model = trained(layerbridge.DropBlock2D(0.3, 3))
    single = model.predict(X, verbose=0)
    with pytest.raises(Exception, match=r"."):
        predict_samples(model, X[:, :2, :, :1])
    np.testing.assert_array_equal(model.predict(X, verbose=0), single)


class Batches(keras.utils.PyDataset):
    def __len__(self):
        return 2

    def __getitem__(self, i):
        return X[5 * i : 5 * i + 5]


def test_data_and_outputs_of_every_kind():
    one, two = keras.Input(SHAPE, name="one"), keras.Input(SHAPE, name="two")
    drop = layerbridge.DropBlock2D(0.3, 3)
    outputs = {"a": drop(one), "b": layers.Flatten()(layers.Dropout(0.3)(two))}
    drawn = predict_samples(keras.Model([one, two], outputs), {"one": X, "two": X}, 3)
    assert {k: v.shape for k, v in drawn.items()} == {
        "a": (3, 10, *SHAPE),
        "b": (3, 10, 144),
    }
    assert predict_samples(sequential(drop), Batches(), 2).shape == (2, 10, *SHAPE)
    if BACKEND == "tensorflow":
        import tensorflow as tf

        data = tf.data.Dataset.from_tensor_slices(X).batch(4)
        assert predict_samples(sequential(drop), data, 2).shape == (2, 10, *SHAPE)


@pytest.mark.parametrize(
    ("act", "message"),
    [
        (
            lambda drops: predict_samples(layers.Dropout(0.1, name="a"), X),
            "`model` must be a Keras model; received the Dropout 'a'",
        ),
        (
            lambda drops: predict_samples(sequential(layers.ReLU()), X),
            "`model` must have layers that drop, such as DropBlock2D or Keras's "
            "Dropout; received the Sequential",
        ),
        (
            lambda drops: predict_samples(drops, X, samples=0),
            "`samples` must be an integer of at least 1; received 0",
        ),
        (
            lambda drops: predict_samples(drops, X, batch_size=-1),
            "`batch_size` must be None or an integer of at least 1; received -1",
        ),
        (
            lambda drops: predict_samples(drops, X, hold_masks="yes"),
            "`hold_masks` must be True or False; received 'yes'",
        ),
        (
            lambda drops: predict_samples(drops, (x for x in [X])),
            "`x` must be data that can be read several times, such as an array or a "
            "dataset; received a generator",
        ),
    ],
)
def test_errors(act, message):
    with pytest.raises(ValueError) as error:  # noqa: PT011 (the text is compared)
        act(sequential(layerbridge.DropBlock2D(0.3, 3)))
    assert message in str(error.value)
