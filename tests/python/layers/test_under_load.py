"""Long training and threads: memory stays flat, and nothing is mixed up."""

import gc
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import keras
import numpy as np
import pytest
from modes import BACKEND
from training import fit, model_of

from layerbridge import DropBlock2D, DropRateScheduler, LinearRamp, SpatialDropout2D

pytestmark = pytest.mark.backends


def resident_bytes():
    gc.collect()
    status = Path("/proc/self/status").read_text("ascii")
    return int(re.search(r"VmRSS:\s*(\d+) kB", status)[1]) * 1024


def test_memory_is_flat_over_thousands_of_training_steps():
    ramp = LinearRamp(0, 0.3, 5000)
    model = model_of(DropBlock2D(ramp, 3), SpatialDropout2D(0.1), DropBlock2D(0.1, 2))
    scheduler = DropRateScheduler(ramp, factors={"drop_block2d*": 0.5})
    fit(model, 10, scheduler, steps=100)
    before = resident_bytes()
    fit(model, 40, scheduler, steps=100)
    # A map of a batch kept at each of the 4000 steps would be 65 MB.
    assert resident_bytes() - before < 10e6


def test_setting_the_rate_keeps_no_memory():
    layer = SpatialDropout2D(0.1)
    scheduler = DropRateScheduler(LinearRamp(0, 1, 40000))
    scheduler.set_model(model_of(layer))
    scheduler.on_train_begin()
    scheduler.on_epoch_begin(0)

    def train(steps):
        for step in steps:
            scheduler.on_train_batch_begin(step)

    train(range(1000))
    before = resident_bytes()
    train(range(1000, 11000))
    # TensorFlow keeps 750 bytes of each Python number that it is given.
    assert resident_bytes() - before < 2e6


# Keras's own `predict()` is not for threads on JAX: it takes the model's state away.
if BACKEND != "jax":

    class MonteCarlo(keras.Model):
        """Drops at prediction too, and leaves the input beside what it made of it."""

        def __init__(self):
            super().__init__()
            self.drop = DropBlock2D(0.5, 3, normalize="none")

        def call(self, x):
            return keras.ops.concatenate([x, self.drop(x, training=True)], -1)

    def test_threads_that_predict_at_once_get_their_own_results():
        model = MonteCarlo()
        model.predict(np.ones((8, 8, 8, 4), "float32"), verbose=0)

        def predict(value):
            x = np.full((8, 8, 8, 4), value, "float32")
            return [model.predict(x, verbose=0) for _ in range(30)]

        with ThreadPoolExecutor(2) as threads:
            for value, results in zip(
                (1, 2), threads.map(predict, (1, 2)), strict=True
            ):
                masks, shares = [], []
                for result in results:
                    x, y = np.split(result, 2, -1)
                    assert (x == value).all()
                    assert ((y == 0) | (y == value)).all()
                    masks.append((y == 0).tobytes())
                shares.append((y == 0).mean())
                assert 0.4 < np.mean(shares) < 0.6
            assert len(set(masks)) > 15
