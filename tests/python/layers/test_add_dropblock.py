"""add_dropblock() puts DropBlock into models that exist."""

import keras
import numpy as np
import pytest
from modes import release_on

from layerbridge import DropBlock1D, DropBlock2D, LinearRamp, add_dropblock

# Keras's graphs are the same on each, and JAX compiles for longest.
pytestmark = [pytest.mark.backends, release_on("jax")]

layers = keras.layers


def block(x, name, projection=False, normalized=True):
    """A residual block of two convolutions."""

    def convolve(x, part, kernel):
        x = layers.Conv2D(4, kernel, padding="same", name=f"{name}_{part}_conv")(x)
        normalize = layers.BatchNormalization(name=f"{name}_{part}_bn")
        return normalize(x) if normalized else x

    skip = convolve(x, 0, 1) if projection else x
    x = layers.ReLU()(convolve(x, 1, 3))
    x = convolve(x, 2, 3)
    x = layers.Add(name=f"{name}_add")([skip, x])
    return layers.ReLU(name=f"{name}_out")(x)


def resnet(**arguments):
    inputs = keras.Input((8, 8, 3))
    x = layers.Conv2D(4, 3, name="stem")(inputs)
    x = block(x, "a1", projection=True, **arguments)
    x = block(x, "a2", **arguments)
    x = block(x, "b1", **arguments)
    return keras.Model(inputs, layers.Dense(2)(layers.GlobalAveragePooling2D()(x)))


def chain(*names):
    """One convolution after another, which is quickly compiled."""
    inputs = x = keras.Input((8, 8, 3))
    for name in names:
        x = layers.Conv2D(2, 3, padding="same", name=name)(x)
        x = layers.ReLU()(layers.BatchNormalization(name=f"{name}_bn")(x))
    return keras.Model(inputs, layers.Dense(2)(layers.GlobalAveragePooling2D()(x)))


def added(model):
    """The new layers: from each one's name to what it is called on."""
    return {
        layer.name: source(layer)
        for layer in model.layers
        if isinstance(layer, DropBlock1D | DropBlock2D)
    }


def source(layer):
    return layer.input._keras_history.operation.name


def inputs_of(layer):
    return [x._keras_history.operation.name for x in layer.input]


def randomize(model):
    """Set weights and moving averages that differ from those of a new model."""
    draw = np.random.default_rng(1).uniform
    model.set_weights([draw(0.5, 1, w.shape) for w in model.get_weights()])
    return model


X = np.random.default_rng(0).normal(size=(2, 8, 8, 3)).astype("float32")


def assert_same_model(new, old, x=X):
    for layer in old.layers:
        copy = new.get_layer(layer.name)
        assert copy is not layer
        for mine, theirs in zip(copy.get_weights(), layer.get_weights(), strict=True):
            np.testing.assert_array_equal(mine, theirs)
    np.testing.assert_array_equal(new.predict(x, verbose=0), old.predict(x, verbose=0))


def test_dropblock_follows_normalized_convolutions_and_skips_identities():
    old = randomize(resnet())
    new = add_dropblock(old, 0.2, 3, layers="a*")
    assert added(new) == {
        "a1_0_bn_dropblock": "a1_0_bn",
        "a1_1_bn_dropblock": "a1_1_bn",
        "a1_2_bn_dropblock": "a1_2_bn",
        "a2_1_bn_dropblock": "a2_1_bn",
        "a2_2_bn_dropblock": "a2_2_bn",
        "a2_add_skip_dropblock": "a1_out",
    }
    assert inputs_of(new.get_layer("a1_add")) == [
        "a1_0_bn_dropblock",
        "a1_2_bn_dropblock",
    ]
    assert inputs_of(new.get_layer("a2_add")) == [
        "a2_add_skip_dropblock",
        "a2_2_bn_dropblock",
    ]
    assert source(new.get_layer("a2_1_conv")) == "a1_out"
    assert_same_model(new, old)
    assert not any("dropblock" in layer.name for layer in old.layers)


def test_without_skip_connections():
    new = add_dropblock(resnet(), 0.2, layers="b*", skip_connections=False)
    assert list(added(new)) == ["b1_1_bn_dropblock", "b1_2_bn_dropblock"]


def test_convolutions_without_normalization():
    old = randomize(resnet(normalized=False))
    new = add_dropblock(old, 0.2, 3, layers=["a1_*", "a2_*"])
    assert list(added(new).values()).count("a1_out") == 1
    assert added(new)["a1_0_conv_dropblock"] == "a1_0_conv"
    assert len(added(new)) == 6
    assert_same_model(new, old)


@pytest.mark.parametrize(
    ("rate", "at_start", "later"),
    [(0.2, 0.05, 0.05), (LinearRamp(0, 0.2, 3), 0.0, 0.025)],
)
@release_on("tensorflow")
def test_factors_of_a_number_and_of_a_schedule(rate, at_start, later):
    new = add_dropblock(chain("a1", "b"), rate, 3, layers={"a*": 0.25, "*": 1})
    new.compile("sgd", "mse")
    drop = new.get_layer("a1_bn_dropblock")
    assert drop.current_rate == pytest.approx(at_start)
    new.fit(X, np.zeros((2, 2)), verbose=0)
    assert drop.current_rate == pytest.approx(later)
    other = new.get_layer("b_bn_dropblock")
    assert other.current_rate == pytest.approx(4 * later)


def test_a_predicate_chooses_layers():
    new = add_dropblock(resnet(), 0.1, layers=lambda layer: layer.name[:2] == "b1")
    assert list(added(new)) == [
        "b1_1_bn_dropblock",
        "b1_add_skip_dropblock",
        "b1_2_bn_dropblock",
    ]


def test_arguments_of_the_layer_are_passed_on():
    new = add_dropblock(
        resnet(), 0.1, (2, 3), layers="b*", per_channel=False, normalize="none", seed=5
    )
    drops = [layer for layer in new.layers if isinstance(layer, DropBlock2D)]
    assert sorted(drop.seed for drop in drops) == [5, 6, 7]
    assert not drops[0].per_channel
    assert drops[0].normalize == "none"
    assert drops[0].block_size == (2, 3)


def test_training_drops_and_a_saved_model_loads(tmp_path):
    new = add_dropblock(randomize(resnet()), 0.5, 3, layers="b*")
    dropped = np.asarray(keras.ops.convert_to_numpy(new(X, training=True)))
    assert (dropped != new.predict(X, verbose=0)).any()
    new.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert added(loaded) == added(new)
    np.testing.assert_array_equal(
        loaded.predict(X, verbose=0), new.predict(X, verbose=0)
    )


def test_a_sequential_model_and_models_inside_models():
    series = keras.Sequential(
        [
            keras.Input((16, 3)),
            layers.Conv1D(4, 3, name="first"),
            layers.BatchNormalization(name="norm"),
            layers.Conv1D(4, 3, name="last"),
        ]
    )
    series.compile("sgd", "mse")
    new = add_dropblock(series, 0.1, 3, layers="*")
    # A convolution whose output is the model's is not followed.
    names = ["first", "norm", "norm_dropblock", "last"]
    assert [layer.name for layer in new.layers] == names
    assert new.compiled
    outer = keras.Sequential([keras.Input((16, 3)), series, layers.Flatten()])
    new = add_dropblock(randomize(outer), 0.1, 3, layers="first")
    assert [layer.name for layer in new.layers[0].layers] == names
    assert all(isinstance(m, keras.Sequential) for m in (new, new.layers[0]))
    x = np.ones((2, 16, 3))
    np.testing.assert_array_equal(
        new.predict(x, verbose=0), outer.predict(x, verbose=0)
    )


def test_a_convolution_that_is_called_twice():
    inputs = keras.Input((8, 8, 3))
    shared = layers.Conv2D(3, 3, padding="same", name="shared")
    outputs = layers.ReLU()(shared(layers.ReLU()(shared(inputs))))
    new = add_dropblock(keras.Model(inputs, outputs), 0.1, 3, layers="shared")
    assert list(added(new)) == ["shared_dropblock", "shared_dropblock_2"]


def test_what_models_share_stays_shared():
    shared = layers.Conv2D(3, 3, padding="same", name="shared")
    inputs = keras.Input((8, 8, 3))
    inner = keras.Model(inputs, layers.ReLU()(shared(inputs)), name="inner")
    x = layers.ReLU()(shared(inputs))
    for name in ("one", "two"):
        nested = keras.Input((8, 8, 3))
        x = keras.Model(nested, inner(nested), name=name)(x)
    old = randomize(keras.Model(inputs, layers.GlobalMaxPooling2D()(x)))
    new = add_dropblock(old, 0.1, 3, layers="shared")
    assert len(new.trainable_variables) == len(old.trainable_variables) == 2
    np.testing.assert_array_equal(new.predict(X), old.predict(X))


def test_additions_written_with_an_operator():
    inputs = keras.Input((8, 8, 3))
    convolved = layers.Conv2D(3, 3, padding="same", name="convolved")(inputs)
    outputs = layers.ReLU()(layers.ReLU()(convolved) + inputs)
    old = keras.Model(inputs, outputs)
    new = add_dropblock(old, 0.1, 3, layers=["convolved", "add*"])
    assert sorted(added(new).values()) == sorted(
        ["convolved", old.inputs[0]._keras_history.operation.name]
    )


def test_channels_first_and_dtype_follow_the_convolution():
    inputs = keras.Input((3, 8, 8))
    x = layers.Conv2D(
        4, 3, data_format="channels_first", dtype="mixed_bfloat16", name="c"
    )(inputs)
    new = add_dropblock(keras.Model(inputs, layers.ReLU()(x)), 0.1, 3, layers="c")
    drop = new.get_layer("c_dropblock")
    assert drop.data_format == "channels_first"
    assert drop.dtype_policy.name == "mixed_bfloat16"


@pytest.mark.parametrize(
    ("chosen", "message"),
    [
        ("b2_*", r"received 'b2_\*', which matches nothing. Did you mean 'b1_\*'\?"),
        (
            ["a*", "a2_1_con"],
            "'a2_1_con', which matches nothing. Did you mean 'a2_1_conv'",
        ),
        ({"zzz": 1}, "This model has 'stem', 'a1_1_conv'"),
        (lambda layer: False, "which matches nothing"),
        ([], r"received \[\], which matches nothing"),
        (-2, "received -2; this model has 1 resolution of more than one cell"),
        ({"a*": -1}, r'`layers\["a\*"\]` must be a number of at least 0; received -1'),
        ({"a*": "1"}, "must be a number of at least 0; received '1'"),
        ({3: 1}, "; received 3$"),
        (3, "`layers` must be patterns of names.*; received 3"),
        ([3], "; received 3$"),
        (True, "; received True$"),
    ],
)
def test_wrong_choices_are_errors(chosen, message):
    with pytest.raises(ValueError, match=message):
        add_dropblock(resnet(), 0.1, layers=chosen)


def test_a_model_may_have_dropblock_after_other_convolutions_only():
    new = add_dropblock(resnet(), 0.1, layers="a*")
    assert set(added(new)) < set(added(add_dropblock(new, 0.1, layers="b*")))
    with pytest.raises(
        ValueError, match=r"such as 'a\w+', which DropBlock already follows"
    ):
        add_dropblock(new, 0.1, layers="a*")
    left = add_dropblock(new, 0.1, layers="*")
    assert set(added(left)) == set(added(add_dropblock(resnet(), 0.1, layers="*")))


def test_dropblock_that_was_there_is_not_repeated():
    inputs = keras.Input((8, 8, 3))
    x = layers.Conv2D(3, 3, padding="same", name="a")(inputs)
    x = DropBlock2D(0.1, 3, name="mine")(layers.ReLU()(x))
    x = layers.Conv2D(3, 3, padding="same", name="b")(x)
    x = layers.ReLU(name="b_dropblock")(layers.Add()([x, DropBlock2D(0.1, 3)(inputs)]))
    old = keras.Model(inputs, layers.GlobalMaxPooling2D()(x))
    new = add_dropblock(old, 0.2, 3)
    assert set(added(new)) - set(added(old)) == {"b_dropblock_2"}


def test_patterns_may_come_from_a_generator():
    listed = add_dropblock(resnet(), 0.1, layers=["a*"])
    generated = add_dropblock(resnet(), 0.1, layers=(name for name in ["a*"]))
    assert set(added(generated)) == set(added(listed))


def test_a_second_normalization_comes_after_dropblock():
    inputs = keras.Input((8, 8, 3))
    x = layers.Conv2D(4, 3, name="conv")(inputs)
    x = layers.BatchNormalization(name="first")(x)
    x = layers.BatchNormalization(name="second")(x)
    new = add_dropblock(keras.Model(inputs, layers.ReLU()(x)), 0.1, 3, layers="conv")
    assert added(new) == {"first_dropblock": "first"}
    assert source(new.get_layer("second")) == "first_dropblock"


def test_a_seed_that_is_no_integer_is_an_error():
    with pytest.raises(ValueError, match="`seed` must be None or an integer"):
        add_dropblock(resnet(), 0.1, layers="*", seed="1")


def test_nothing_follows_the_models_output():
    inputs = keras.Input((8, 8, 3))
    model = keras.Model(inputs, layers.Conv2D(4, 3, name="last")(inputs))
    with pytest.raises(ValueError, match="such as 'last', whose output is the model's"):
        add_dropblock(model, 0.1, layers="last")
    with pytest.raises(ValueError, match=r"get no DropBlock, such as 'last', whose"):
        add_dropblock(model, 0.1)


def test_wrong_models_and_rates_are_errors():
    with pytest.raises(ValueError, match="built functional or Sequential model"):
        add_dropblock(keras.Sequential([layers.Dense(1)]), 0.1)
    with pytest.raises(ValueError, match="`rate` must be a number between 0 and 1"):
        add_dropblock(resnet(), 1.5, layers="*")
    with pytest.raises(ValueError, match="or a schedule such as LinearRamp"):
        add_dropblock(resnet(), lambda step: 0.1, layers="*")


def test_a_model_of_another_kind_is_told_what_to_do():
    class Subclassed(keras.Model):
        def call(self, inputs):
            return inputs

    with pytest.raises(ValueError, match="Call DropBlock layers in the model's own"):
        add_dropblock(Subclassed(), 0.1)
    with pytest.raises(ValueError, match="add an `Input` to it"):
        add_dropblock(keras.Sequential([layers.Dense(1)]), 0.1)
    with pytest.raises(ValueError, match=r"received 3\.$"):
        add_dropblock(3, 0.1)


@pytest.mark.parametrize("rate", [0.4, LinearRamp(0, 0.4, 9)])
def test_factors_that_make_a_rate_too_large_are_named(rate):
    with pytest.raises(ValueError, match=r"factor 3 for 'a1_1_bn', which .* into 1.2"):
        add_dropblock(resnet(), rate, layers={"a1_1*": 3})


def test_a_function_that_does_not_take_a_layer_is_named():
    with pytest.raises(
        ValueError, match=r"`layers` is called on one argument, .* 'stem': .* takes 0"
    ):
        add_dropblock(resnet(), 0.1, layers=lambda: True)


def test_a_function_that_chooses_returns_true_or_false():
    with pytest.raises(ValueError, match="must return True or False; received 'no'"):
        add_dropblock(resnet(), 0.1, layers=lambda layer: "no")


def own_loss(y, predicted):
    return keras.ops.mean((y - predicted) ** 2)


class OwnLoss(keras.losses.Loss):
    def call(self, y, predicted):
        return own_loss(y, predicted)


class OwnOptimizer(keras.optimizers.SGD):
    pass


class OwnArguments(keras.optimizers.SGD):
    def __init__(self, first):
        super().__init__(first)


@pytest.mark.parametrize(
    "arguments",
    [
        {"loss": own_loss},
        {"loss": lambda y, predicted: own_loss(y, predicted)},
        {"loss": OwnLoss(), "metrics": [own_loss, "mae"]},
        {
            "loss": "mse",
            "metrics": [keras.metrics.MeanMetricWrapper(own_loss, "own")],
            "optimizer": OwnOptimizer(0.25),
        },
    ],
)
@release_on("tensorflow")
def test_the_copy_is_compiled_with_what_the_model_was(arguments):
    model = chain("a")
    model.compile(**{"optimizer": "adam", **arguments})
    copy = add_dropblock(model, 0.1)
    assert copy.compiled
    assert copy.optimizer is not model.optimizer
    assert type(copy.optimizer) is type(model.optimizer)
    assert copy.optimizer.get_config() == model.optimizer.get_config()
    x, y = np.ones((4, 8, 8, 3)), np.zeros((4, 2))
    theirs, ours = (
        m.evaluate(x, y, return_dict=True, verbose=0) for m in (model, copy)
    )
    assert ours == pytest.approx(theirs, rel=1e-5)
    assert copy.fit(x, y, verbose=0).history.keys() == ours.keys()


def test_a_copy_that_cannot_be_compiled_says_so():
    model = resnet()
    model.compile(OwnArguments(0.1), "mse")
    with pytest.warns(
        UserWarning, match="the copy is not compiled, because Keras .*Own"
    ):
        assert not add_dropblock(model, 0.1).compiled
