"""What each module of `masks.backends` promises."""

import importlib
import inspect
import os
import platform
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import keras
import numpy as np
import pytest
from modes import BACKEND, CROSSED, release_on, train

import layerbridge
from cases import CASES
from layerbridge.masks import backends
from layerbridge.masks.backends import portable
from layerbridge.masks.grid import make_grid

pytestmark = [pytest.mark.backends, pytest.mark.thinned(CROSSED)]

PACKAGE = Path(backends.__file__).parent
NAMES = [path.stem for path in PACKAGE.glob("[!_]*.py")]
FUNCTIONS = [
    "check_rate",
    "drop",
    "is_deferred",
    "is_held",
    "next_seed",
    "once",
    "read",
    "release",
    "track",
    "with_rank",
]


def runs_here(name):
    return name in ("portable", BACKEND)


@pytest.mark.parametrize("name", [name for name in NAMES if runs_here(name)])
def test_a_module_has_the_functions_of_the_portable_one(name):
    module = import_module(f"{backends.__name__}.{name}")
    for function in FUNCTIONS:
        ours = inspect.signature(getattr(module, function)).parameters
        assert list(ours) == list(
            inspect.signature(getattr(portable, function)).parameters
        )


def test_the_module_in_use_is_named_after_the_backend():
    own = BACKEND if BACKEND in NAMES else "portable"
    assert backends.drop is import_module(f"{backends.__name__}.{own}").drop


def test_no_other_module_asks_for_the_backend():
    package = PACKAGE.parents[1]
    asking = [
        str(path.relative_to(package))
        for path in package.rglob("*.py")
        if "backend.backend()" in path.read_text("utf-8")
    ]
    assert sorted(asking) == ["__main__.py", "masks/backends/__init__.py", "torch.py"]


@pytest.mark.parametrize("normalize", ["batch", "sample", "expected", "none"])
@pytest.mark.parametrize("name", [name for name in NAMES if runs_here(name)])
@pytest.mark.parametrize("shape", [(4, 6, 7, 16), (4, 6, 7, 2), (4, 1, 1, 8)])
def test_drop_keeps_or_drops_and_scales(name, shape, normalize):
    module = import_module(f"{backends.__name__}.{name}")
    x = np.random.default_rng(0).uniform(0.5, 2, shape).astype("float32")
    rate = keras.ops.convert_to_tensor(np.float32(0.4))
    grid = make_grid(shape, (3, 3), 3, True)
    seed = module.next_seed(layerbridge.DropPath(0.4, seed=1))
    y = module.drop(keras.ops.convert_to_tensor(x), grid, rate, True, normalize, seed)
    y = keras.ops.convert_to_numpy(y)
    kept = y != 0
    assert kept.any()
    axes = (1, 2, 3) if normalize == "sample" else None
    scale = {"none": 1, "expected": 1 / 0.6}.get(normalize)
    with np.errstate(divide="ignore"):
        scale = scale or 1 / kept.mean(axes, keepdims=True)
    np.testing.assert_allclose(y, np.where(kept, x * scale, 0), rtol=1e-6)


if BACKEND == "tensorflow":
    import tensorflow as tf

    @pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
    @pytest.mark.parametrize("normalize", ["batch", "sample"])
    @pytest.mark.parametrize("data_format", ["channels_last", "channels_first"])
    @pytest.mark.parametrize("channels", [3, 6, 8])
    def test_bits_drop_on_a_gpu_what_booleans_drop(
        monkeypatch, channels, data_format, normalize, dtype
    ):
        monkeypatch.setattr(backends._backend, "_has_gpu", lambda: True)
        shape = {"channels_last": (4, 7, 5, channels)}.get(
            data_format, (4, channels, 7, 5)
        )
        x = tf.cast(np.random.default_rng(0).random(shape) + 0.5, dtype)
        results = []
        for are_bits in (True, False):
            if not are_bits:
                monkeypatch.setattr(
                    backends._backend, "_is_best_packed", lambda grid: False
                )
            layer = layerbridge.DropBlock2D(
                0.2, 3, data_format, normalize=normalize, seed=1, dtype=dtype
            )

            @tf.function
            def step(x, layer=layer):
                with tf.GradientTape() as tape:
                    tape.watch(x)
                    y = layer(x, training=True)
                return y, tape.gradient(y, x)

            results.append([tf.cast(tensor, "float32") for tensor in step(x)])
        for of_bits, of_booleans in zip(*results, strict=True):
            assert 0 < np.count_nonzero(of_bits == 0) < of_bits.shape.num_elements()
            tolerance = 1e-6 if dtype == "float32" else 1e-2
            np.testing.assert_array_equal(of_bits == 0, of_booleans == 0)
            np.testing.assert_allclose(of_bits, of_booleans, rtol=tolerance)


if BACKEND == "torch":
    import torch

    from layerbridge import DropBlock2D

    @pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
    @pytest.mark.parametrize("data_format", ["channels_last", "channels_first"])
    @pytest.mark.parametrize("per_channel", [True, False])
    @pytest.mark.parametrize("normalize", ["batch", "sample", "expected", "none"])
    @pytest.mark.parametrize("shape", [(4, 6, 7, 16), (3, 5, 7, 1)])
    def test_it_drops_and_scales_elsewhere_than_on_the_cpu(
        monkeypatch, shape, normalize, per_channel, data_format, dtype
    ):
        monkeypatch.setattr(backends._backend, "is_cpu", lambda device: False)
        arguments = {"normalize": normalize, "data_format": data_format, "seed": 1}
        layer = DropBlock2D(0.3, 2, per_channel=per_channel, dtype=dtype, **arguments)
        x = torch.rand(shape, dtype=getattr(torch, dtype)) + 0.5
        x.requires_grad_()
        y = layer(x, training=True)
        kept = (y != 0).float()
        assert 0 < kept.mean() < 1
        share = {
            "batch": kept.mean(),
            "sample": kept.mean((1, 2, 3), keepdim=True),
            "expected": torch.tensor(0.7),
            "none": torch.tensor(1.0),
        }[normalize]
        factor = (kept / share).to(y.dtype)
        tolerance = {"rtol": 2e-3 if dtype == "float16" else 1e-6, "atol": 0}
        torch.testing.assert_close(y, x * factor, **tolerance)
        (slope,) = torch.autograd.grad(y.sum(), x)
        torch.testing.assert_close(slope, factor, **tolerance)

    def make_as_on_a_gpu(monkeypatch):
        monkeypatch.setattr(backends._backend, "is_cpu", lambda device: False)
        return DropBlock2D(0.3, 3, seed=1)

    ONES = torch.ones(4, 6, 7, 16)

    def test_a_step_elsewhere_reads_nothing_of_a_device(monkeypatch):
        """A number read of a GPU waits for it; what is on the host already is read."""
        layer = make_as_on_a_gpu(monkeypatch)
        layer(ONES, training=True)
        of_device = {v.value.data_ptr() for v in layer.variables}

        def reading(method):
            def read(tensor, *arguments):
                assert tensor.numel() <= 2
                assert tensor.data_ptr() not in of_device
                return method(tensor, *arguments)

            return read

        for name in ("item", "tolist", "cpu", "numpy", "nonzero", "__bool__"):
            method = reading(getattr(torch.Tensor, name))
            monkeypatch.setattr(torch.Tensor, name, method)
        x = ONES.clone().requires_grad_()
        layer(x, training=True).backward(ONES)

    def test_what_is_assigned_to_the_state_counts_elsewhere(monkeypatch):
        layer = make_as_on_a_gpu(monkeypatch)
        first = layer(ONES, training=True)
        saved = {name: value.clone() for name, value in layer.state_dict().items()}
        second = layer(ONES, training=True)
        assert not torch.equal(first, second)
        layer.load_state_dict(saved)
        torch.testing.assert_close(layer(ONES, training=True), second)
        layer.rate = 1.0
        assert not layer(ONES, training=True).any()

    def test_a_compiled_step_elsewhere_drops_what_an_eager_one_drops(monkeypatch):
        eager, layer = (make_as_on_a_gpu(monkeypatch) for _ in range(2))
        compiled = torch.compile(layer, backend="aot_eager")
        for _ in range(2):
            expected = eager(ONES, training=True)
            torch.testing.assert_close(compiled(ONES, training=True), expected)

    if (sys.platform, platform.machine()) == ("linux", "x86_64"):

        @pytest.mark.release
        def test_tritons_kernel_gives_what_pytorchs_operations_give():
            triton = Path(__file__).parents[3] / ".venv" / "triton"
            environment = {"PYTHONPATH": str(triton), "TRITON_INTERPRET": "1"}
            script = Path(__file__).with_name("on_triton.py")
            subprocess.run(
                [sys.executable, script], env={**os.environ, **environment}, check=True
            )


def test_nothing_holds_a_variable_outside_of_training():
    variable = keras.Variable(1.0)
    assert not backends.is_held(variable)


@pytest.fixture
def _unknown_backend(monkeypatch):
    """Let layerbridge take the backend for one that it has no module for."""
    with monkeypatch.context() as patch:
        patch.setattr(keras.backend, "backend", lambda: "unknown")
        importlib.reload(backends)
    assert backends.drop is portable.drop
    yield
    importlib.reload(backends)


@release_on("jax")
@pytest.mark.usefixtures("_unknown_backend")
@pytest.mark.parametrize("case", CASES, ids=str)
def test_an_unknown_backend_runs_every_layer_on_portable_alone(case):
    layer, x = case.make(0.5, seed=1), case.inputs(batch=16)
    first, second = (train(layer, x) for _ in range(2))
    assert 0.1 < (first == 0).mean() < 0.9
    assert (first != second).any()
    scales = (first / x)[first != 0]
    np.testing.assert_allclose(scales, scales[0], rtol=1e-6)
    np.testing.assert_array_equal(train(case.make(0.5, seed=1), x), first)


@release_on("jax")
@pytest.mark.usefixtures("_unknown_backend")
def test_an_unknown_backend_trains_saves_and_goes_on(tmp_path):
    ramp = layerbridge.LinearRamp(0, 0.5, 11)
    model = keras.Sequential(
        [
            keras.Input((8, 8, 3)),
            layerbridge.DropBlock2D(ramp, 3, name="ramp"),
            layerbridge.SpatialDropout2D(0.1),
            keras.layers.GlobalAveragePooling2D(),
            keras.layers.Dense(1),
        ]
    )
    model.compile("sgd", "mse")
    x = np.ones((12, 8, 8, 3), "float32")
    model.fit(x, x[:, 0, 0, :1], batch_size=4, verbose=0)
    model.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras")
    assert again.get_layer("ramp").current_rate == pytest.approx(0.15)
