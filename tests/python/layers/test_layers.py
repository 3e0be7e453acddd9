"""What holds for every layer in both data formats, in every mode of the backend."""

import json

import keras
import numpy as np
import pytest
from modes import BACKEND, DTYPES, MODES, release_on, training_step

from cases import CASES, CHANNELS, compiled

pytestmark = [pytest.mark.backends, pytest.mark.thinned(2)]

each_case = pytest.mark.parametrize("case", CASES, ids=str)
each_mode = pytest.mark.parametrize("mode", MODES)


def restart(layer, rate, seed=3):
    """Set the rate, and the seed's state to that of a new layer."""
    layer.rate = rate
    layer.seed_generator.state.assign([seed, 0])


@each_mode
@each_case
def test_outputs_are_zero_or_the_input_scaled(case, mode):
    layer, step = compiled(case, mode)
    restart(layer, 0.3)
    x = case.inputs()
    y, _ = step(x)
    assert y.shape == x.shape
    assert y.dtype == x.dtype
    assert 0 < np.count_nonzero(y) < y.size
    scales = np.unique(y[y != 0] / x[y != 0])
    np.testing.assert_allclose(scales, scales[0], rtol=3e-7)
    expected = y.size / np.count_nonzero(y) if case.is_dropblock else 1 / 0.7
    np.testing.assert_allclose(scales[0], expected, rtol=3e-7)


@each_mode
@each_case
def test_gradient_is_zero_or_the_scale(case, mode):
    layer, step = compiled(case, mode)
    restart(layer, 0.3)
    x, upstream = case.inputs(), case.inputs() ** 2
    y, gradient = step(x, upstream)
    np.testing.assert_array_equal(gradient == 0, y == 0)
    np.testing.assert_allclose(gradient, y / x * upstream, rtol=1e-6)


@each_mode
@each_case
def test_rate_0_keeps_every_bit(case, mode):
    layer, step = compiled(case, mode)
    restart(layer, 0)
    x, upstream = case.inputs(), case.inputs() ** 2
    y, gradient = step(x, upstream)
    np.testing.assert_array_equal(y, x)
    np.testing.assert_array_equal(gradient, upstream)


@each_mode
@each_case
def test_rate_1_gives_zeros(case, mode):
    layer, step = compiled(case, mode)
    restart(layer, 1)
    for result in step(case.inputs()):
        np.testing.assert_array_equal(result, 0)


@each_mode
@each_case
def test_masks_differ_between_calls_and_repeat_under_a_seed(case, mode):
    layer, step = compiled(case, mode)
    x = case.inputs()
    restart(layer, 0.5)
    first, second = [step(x)[0] for _ in range(2)]
    assert (first != second).any()
    restart(layer, 0.5)
    np.testing.assert_array_equal(step(x)[0], first)
    np.testing.assert_array_equal(step(x)[0], second)
    restart(layer, 0.5, seed=4)
    assert (step(x)[0] != first).any()


@each_mode
@each_case
def test_empty_batch(case, mode):
    layer, step = compiled(case, mode)
    restart(layer, 0.3)
    x = case.inputs(batch=0)
    for result in step(x):
        assert result.shape == x.shape


@pytest.mark.thinned(1)
@pytest.mark.parametrize(
    "dtype", ["mixed_float16", "mixed_bfloat16", *[d for d in DTYPES if d == "float64"]]
)
@pytest.mark.parametrize(
    ("case", "mode"),
    [(case, MODES[0]) for case in CASES]
    + [(case, MODES[-1]) for case in CASES if case.rank == 2 and len(MODES) > 1],
    ids=str,
)
def test_dtype_policies(case, mode, dtype):
    layer = case.make(dtype=dtype, normalize="none") if case.is_dropblock else None
    layer = layer or case.make(rate=0.5, dtype=dtype)
    x = case.inputs().astype("float16")
    y, gradient = training_step(layer, mode, case.axes)(x)
    assert keras.backend.standardize_dtype(y.dtype) == layer.compute_dtype
    scale = 1 if case.is_dropblock else 2
    kept = y != 0
    assert 0 < np.count_nonzero(kept) < y.size
    x = np.asarray(keras.ops.cast(keras.ops.cast(x, layer.compute_dtype), "float32"))
    np.testing.assert_array_equal(y.astype("float32"), np.where(kept, x * scale, 0))
    np.testing.assert_array_equal(gradient.astype("float32"), kept * scale)


@each_case
def test_inference_is_the_identity(case):
    x = keras.ops.convert_to_tensor(case.inputs())
    layer = case.make()
    assert layer(x) is x
    assert layer(x, training=False) is x
    assert case.make(rate=1)(x) is x


@each_case
def test_the_global_seed_makes_runs_repeat(case):
    x = case.inputs()

    def run(seed):
        keras.utils.set_random_seed(seed)
        return keras.ops.convert_to_numpy(case.make(0.5)(x, training=True))

    np.testing.assert_array_equal(run(1), run(1))
    assert (run(1) != run(2)).any()


@each_case
def test_the_seed_argument_makes_layers_repeat(case):
    x = case.inputs()

    def run(seed):
        return keras.ops.convert_to_numpy(case.make(0.5, seed=seed)(x, training=True))

    np.testing.assert_array_equal(run(1), run(1))
    assert (run(1) != run(2)).any()


@each_case
def test_config_makes_the_layer_again(case):
    arguments = {"seed": 5, "name": "a", "dtype": "mixed_float16", "trainable": False}
    arguments |= {"batch_size": 3}
    if case.is_dropblock:
        arguments |= {"per_channel": False, "normalize": "none", "exact_rate": False}
    layer = case.make(rate=0.25, **arguments)
    config = layer.get_config()
    for argument, value in {**case.arguments, **arguments, "rate": 0.25}.items():
        if argument != "dtype":
            assert config[argument] == value, argument
    again = type(layer).from_config(json.loads(json.dumps(config)))
    assert again.get_config() == config
    assert again.compute_dtype == "float16"
    same = keras.saving.deserialize_keras_object(
        keras.saving.serialize_keras_object(layer)
    )
    assert type(same) is type(layer)
    assert same.get_config() == config


@each_case
def test_default_config_leaves_out_nothing_that_matters(case):
    layer = case.make()
    assert type(layer).from_config(layer.get_config()).get_config() == (
        layer.get_config()
    )


@each_case
def test_registered_under_the_package(case):
    layer = case.make()
    name = keras.saving.get_registered_name(type(layer))
    assert name == f"layerbridge>{case.name}"


@each_case
def test_saved_model_loads(case, tmp_path):
    unknown = case.sample_shape(CHANNELS, (None,) * case.rank)
    model = keras.Sequential([keras.Input(unknown), case.make(0.5, seed=3)])
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert loaded.layers[0].get_config() == model.layers[0].get_config()
    x = case.inputs()
    np.testing.assert_array_equal(loaded.predict(x, verbose=0), x)
    first, second = [
        keras.ops.convert_to_numpy(m(x, training=True)) for m in (model, loaded)
    ]
    np.testing.assert_array_equal(first, second)


@each_case
def test_symbolic_output_is_like_the_input(case):
    layer = case.make()
    for shape in (case.shape, case.sample_shape(None, (None,) * case.rank)):
        symbolic = keras.Input(shape)
        for output in (
            layer(symbolic),
            layer(symbolic, training=True),
            layer.compute_output_spec(symbolic, training=True),
        ):
            assert output.shape == symbolic.shape
            assert output.dtype == symbolic.dtype
        assert layer.compute_output_shape(symbolic.shape) == symbolic.shape
    half = case.make(dtype="mixed_float16")
    assert half(keras.Input(case.shape)).dtype == "float16"


class MonteCarlo(keras.Model):
    """Drops at prediction too."""

    def __init__(self, layer):
        super().__init__()
        self.layer = layer

    def call(self, x):
        return self.layer(x, training=True)


@each_case
def test_monte_carlo_dropout_drops_at_prediction(case):
    model = MonteCarlo(case.make(0.5))
    x = case.inputs()
    first, second = [model.predict(x, verbose=0) for _ in range(2)]
    assert (first != second).any()
    assert (first == 0).any()


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(
            case, marks=release_on("tensorflow", "jax") if case.rank != 2 else []
        )
        for case in CASES
    ],
    ids=str,
)
@pytest.mark.parametrize(
    "sizes",
    [
        [(8, 1), (8, 8), (1, 20)],
        pytest.param([(8, 2), (9, 9)], marks=release_on("tensorflow", "jax")),
    ],
    ids=str,
)
def test_one_layer_takes_maps_of_any_size(case, sizes):
    model = MonteCarlo(case.make(0.5))
    for channels, length in sizes:
        map_shape = (length,) * case.rank
        x = np.ones((8, *case.sample_shape(channels, map_shape)), "float32")
        y = model.predict(x, verbose=0)
        assert y.shape == x.shape
        assert 0 < np.count_nonzero(y) < y.size


@pytest.mark.thinned(1)
@pytest.mark.parametrize("batch_size", [4, 3])
@pytest.mark.parametrize(
    "jit_compile",
    # JAX computes one operation after another then, as eager calls do.
    [pytest.param(False, marks=release_on("jax")), True],
)
@pytest.mark.parametrize("data_format", ["channels_last", "channels_first"])
def test_fit_trains(data_format, jit_compile, batch_size):
    """All layers of a data format in one model, as tracing is what takes the time."""
    if BACKEND == "torch" and jit_compile:
        jit_compile = "auto"
    inputs, features, arrays = [], [], []
    for case in CASES:
        if case.data_format in (data_format, None):
            x = keras.Input(case.shape)
            inputs.append(x)
            features.append(keras.layers.Flatten()(case.make()(x)))
            arrays.append(case.inputs(batch=7))
    head = keras.layers.Dense(1)
    model = keras.Model(inputs, head(keras.layers.concatenate(features)))
    model.compile("sgd", "mse", jit_compile=jit_compile)
    before = keras.ops.convert_to_numpy(head.kernel)
    target = np.linspace(-1, 1, 7, dtype="float32")[:, None]
    history = model.fit(arrays, target, batch_size=batch_size, epochs=2, verbose=0)
    assert np.isfinite(history.history["loss"]).all()
    assert (keras.ops.convert_to_numpy(head.kernel) != before).any()


if BACKEND == "torch":

    @pytest.mark.release
    @pytest.mark.parametrize(
        "case", [case for case in CASES if case.name == "DropBlock3D"], ids=str
    )
    def test_torch_compile(case):
        import torch

        layer = case.make(normalize="none")
        step = torch.compile(lambda x: 2 * layer(2 * x, training=True))
        x = torch.tensor(case.inputs(), requires_grad=True)
        y = step(x)
        y.sum().backward()
        kept = y.detach().numpy() != 0
        assert 0 < np.count_nonzero(kept) < kept.size
        np.testing.assert_array_equal(y.detach(), 4 * kept * x.detach().numpy())
        np.testing.assert_array_equal(x.grad, 4 * kept)
