"""Long training and threads: memory stays flat, and nothing is mixed up."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import keras
import numpy as np
import pytest
from modes import BACKEND

from layerbridge import DropBlock2D

pytestmark = pytest.mark.backends

# In a process of its own: where other tests ran, freed memory hides what is kept. What
# may keep the least comes first.
GROWTH = """
import ctypes, gc, re
from pathlib import Path

import numpy as np
from training import model_of

from layerbridge import DropBlock2D, DropRateScheduler, LinearRamp, SpatialDropout2D


def resident_bytes():
    gc.collect()
    getattr(ctypes.CDLL(None), "malloc_trim", lambda _: None)(0)
    status = Path("/proc/self/status").read_text("ascii")
    return int(re.search(r"VmRSS:\\s*(\\d+) kB", status)[1]) * 1024


def grown(work, first, second):
    work(first)
    before = resident_bytes()
    work(second)
    return resident_bytes() - before


ramp = LinearRamp(0, 0.3, 5000)
scheduler = DropRateScheduler(ramp, factors={"drop_block2d*": 0.5})
scheduler.set_model(model_of(DropBlock2D(0.1, 2)))
scheduler.on_train_begin()
scheduler.on_epoch_begin(0)
steps = iter(range(6000))


def set_rates(times):
    for _ in range(times):
        scheduler.on_train_batch_begin(next(steps))


model = model_of(DropBlock2D(ramp, 3), SpatialDropout2D(0.1), DropBlock2D(0.1, 2))
x, y = np.ones((12800, 8, 8, 4), "float32"), np.zeros((12800, 1), "float32")


def train(epochs):
    model.fit(x, y, 128, epochs, 0, callbacks=[scheduler], shuffle=False)


rates = grown(set_rates, 1000, 5000)
# What is kept grows each time; what TensorFlow holds of a data set comes and goes.
training = min(grown(train, epochs, 2) for epochs in (6, 0, 0))
print("grown by", rates, training)
"""


if Path("/proc/self/status").exists():

    @pytest.mark.release
    def test_memory_is_flat_over_thousands_of_steps():
        """As the rate is set, and as a model trains."""
        run = subprocess.run(
            [sys.executable, "-c", GROWTH],
            cwd=Path(__file__).parent,
            # With one arena, what threads free is not kept for each of them.
            env=os.environ | {"MALLOC_ARENA_MAX": "1"},
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        rates, training = map(int, run.stdout.rpartition("grown by")[2].split())
        # TensorFlow keeps 700 bytes or more of each of 5000 Python numbers.
        assert rates < 1.5e6
        # The map of a batch kept at each of 200 steps would be 26 MB.
        assert training < 13e6


class MonteCarlo(keras.Model):
    """Drops at prediction too, and leaves the input beside what it made of it."""

    def __init__(self):
        super().__init__()
        self.drop = DropBlock2D(0.5, 3, normalize="none")

    def call(self, x):
        return keras.ops.concatenate([x, self.drop(x, training=True)], -1)


# Keras's own `predict()` is not for threads on JAX: it takes the model's state away.
if BACKEND != "jax":

    def test_threads_that_predict_at_once_get_their_own_results():
        model = MonteCarlo()
        model.predict(np.ones((8, 8, 8, 4), "float32"), verbose=0)

        def predict(value):
            x = np.full((8, 8, 8, 4), value, "float32")
            return [model.predict(x, verbose=0) for _ in range(30)]

        with ThreadPoolExecutor(2) as threads:
            results = dict(zip((1, 2), threads.map(predict, (1, 2)), strict=True))
        for value, predictions in results.items():
            masks = set()
            for prediction in predictions:
                x, y = np.split(prediction, 2, -1)
                assert (x == value).all()
                assert ((y == 0) | (y == value)).all()
                masks.add((y == 0).tobytes())
            # Threads may take a seed at the same time, and then draw the same.
            assert len(masks) > 1
