"""More than one device: each takes its part of every batch.

`tf.distribute.MirroredStrategy` calls a layer once on each device, with that device's
samples; under `keras.distribution.DataParallel` JAX runs one program on all samples.
"""

import functools
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pytest
from on_devices import BATCH, LAYERS, RATE, numbers

# A replica of TensorFlow's is a layer on one device, which `ways` has in `make test`.
TENSORFLOW = pytest.param("tensorflow", marks=pytest.mark.release)
both = pytest.mark.parametrize("backend", [TENSORFLOW, "jax"])
each_number_of_devices = pytest.mark.parametrize(
    ("backend", "devices"),
    [
        ("jax", 1),
        ("jax", 2),
        *(pytest.param("tensorflow", n, marks=pytest.mark.release) for n in (1, 2)),
    ],
)
each_layer = pytest.mark.parametrize("name", LAYERS)


@functools.cache
def run(backend, *numbers):
    """Run `on_devices.py`: what it printed, and its arrays if it came to an end."""
    environment = {
        **os.environ,
        "KERAS_BACKEND": backend,
        "XLA_FLAGS": f"{os.environ['XLA_FLAGS']} "
        f"--xla_force_host_platform_device_count={max(numbers)}",
    }
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder, "out.npz")
        script = Path(__file__).with_name("on_devices.py")
        command = [sys.executable, script, out, *map(str, numbers)]
        done = subprocess.run(command, env=environment, capture_output=True, text=True)
        if done.returncode:
            return done.stderr, None
        with np.load(out) as found:
            return "", dict(found)


def results(backend, devices=2):
    """Give arrays of outputs: axes for runs, steps, devices, samples and so on."""
    # TensorFlow divides a processor once only, and has one device in a release alone.
    numbers = (1, 2) if backend == "jax" else (devices,)
    problem, found = run(backend, *numbers)
    assert found, problem
    end = f" on {devices}"
    return {k.removesuffix(end): v for k, v in found.items() if k.endswith(end)}


def split(devices=2):
    """Give each device's part of the samples."""
    return np.array(np.split(numbers(BATCH), devices))


def kept_share(y, axes):
    return (y != 0).mean(axes, dtype="float64", keepdims=True)


@both
def test_training_works(backend):
    loss = results(backend)["loss"][0]
    assert np.isfinite(loss).all()
    assert loss[-1] < loss[0]


@both
def test_a_schedule_counts_each_step_once(backend):
    """Eight of sixteen steps lead half the way from 0 to 0.8."""
    assert results(backend)["rate"] == pytest.approx([0.4, 0.4])


@both
def test_the_callback_counts_the_optimizers_steps(backend):
    """Step 11 follows eight steps, and three of the next four."""
    assert results(backend)["scheduled"] == pytest.approx(np.full((2, 1), 0.55))


@both
@each_layer
def test_devices_draw_different_masks(backend, name):
    for step in results(backend)[name][0]:
        first, second = step == 0
        assert not np.array_equal(first, second)


@both
@each_layer
def test_masks_of_devices_are_independent(backend, name):
    """The shares that samples drop are no more alike across devices than by chance."""
    shares = (results(backend)[name][0] == 0).mean((3, 4, 5))
    first, second = shares.swapaxes(0, 1).reshape(2, -1)
    r = np.corrcoef(first, second)[0, 1]
    assert abs(r) * np.sqrt(len(first)) < 4


@both
@each_layer
def test_steps_draw_different_masks(backend, name):
    first, second = results(backend)[name][0] == 0
    assert not np.array_equal(first, second)


@both
@pytest.mark.parametrize("name", [*LAYERS, "loss", "weights"])
def test_a_run_repeats_under_a_seed(backend, name):
    first, second = results(backend)[name]
    np.testing.assert_array_equal(first, second)


@each_number_of_devices
def test_a_samples_scale_is_its_own(backend, devices):
    """With "sample" only the sample's own mask counts, wherever it is."""
    for y in results(backend, devices)["sample"][0]:
        expected = np.where(y == 0, 0, split(devices) / kept_share(y, (2, 3, 4)))
        np.testing.assert_allclose(y, expected, rtol=1e-5)


@each_number_of_devices
def test_the_expected_scale_is_a_constant(backend, devices):
    for y in results(backend, devices)["expected"][0]:
        expected = np.where(y == 0, 0, split(devices) / (1 - RATE))
        np.testing.assert_allclose(y, expected, rtol=1e-5)


@pytest.mark.parametrize(
    ("backend", "together"),
    [
        pytest.param("tensorflow", (1, 2, 3, 4), marks=pytest.mark.release),
        ("jax", (0, 1, 2, 3, 4)),
    ],
)
def test_the_batch_is_what_a_call_sees(backend, together):
    """With "batch" a replica of TensorFlow's counts its own part, JAX all samples."""
    for y in results(backend)["batch"][0]:
        expected = np.where(y == 0, 0, split() / kept_share(y, together))
        np.testing.assert_allclose(y, expected, rtol=1e-5)


@each_layer
def test_jax_gives_the_same_however_the_batch_is_split(name):
    one, two = (results("jax", devices)[name][0] for devices in (1, 2))
    np.testing.assert_array_equal(one.reshape(two.shape) == 0, two == 0)
    np.testing.assert_allclose(one.reshape(two.shape), two, rtol=1e-5)
