"""The data: pictures and series of which a part can be hidden."""

from functools import cache
from typing import NamedTuple

import keras
import numpy as np
from numpy.typing import NDArray
from sklearn.datasets import load_digits

TRAIN = 600
HIDDEN = {"quarter": 1 / 4, "third": 1 / 3, "half": 1 / 2}


class Task(NamedTuple):
    """Samples with their classes, and the value that stands where they are hidden."""

    x: NDArray[np.float32]
    y: NDArray[np.int64]
    blank: float


@cache
def digits(side: int = 24) -> Task:
    """Return scikit-learn's 1797 handwritten digits, enlarged; grey hides."""
    found = load_digits()
    small = (found.images / 16)[..., None].astype("float32")
    x = keras.ops.image.resize(small, (side, side), interpolation="bilinear")
    return Task(keras.ops.convert_to_numpy(x), found.target, 0.5)


@cache
def series(samples: int = 1800, length: int = 96, classes: int = 8) -> Task:
    """Make series that are curves of their class, changed and with noise; 0 hides.

    A class is a sum of 6 bumps, at jittered places, up or down. Each sample moves it in
    time by up to 6 steps, stretches it by up to a tenth, scales each bump by 0.5 to 1.5
    and adds normal noise with a standard deviation of 0.3.
    """
    draw = np.random.default_rng(0)
    bumps = 6
    places = (np.arange(bumps) + draw.uniform(0.2, 0.8, (classes, bumps))) / bumps
    heights = draw.uniform(0.5, 1, (classes, bumps))
    heights = heights * draw.choice([-1, 1], heights.shape)
    y = np.arange(samples) % classes
    time = np.linspace(0, 1, length)
    time = time * draw.uniform(0.9, 1.1, (samples, 1))
    time = time + draw.uniform(-6, 6, (samples, 1)) / length
    scaled = heights[y] * draw.uniform(0.5, 1.5, (samples, bumps))
    distance = (time[:, :, None] - places[y][:, None]) / 0.05
    x = (scaled[:, None] * np.exp(-(distance**2) / 2)).sum(-1)
    x = x + draw.normal(0, 0.3, x.shape)
    return Task(x[..., None].astype("float32"), y, 0.0)


TASKS = {"digits": digits, "residual": digits, "series": series}


def split(task: Task, seed: int) -> tuple[Task, Task]:
    """Return the part to train on and the part held out."""
    rows = np.random.default_rng(seed).permutation(len(task.y))
    part = [Task(task.x[r], task.y[r], task.blank) for r in np.split(rows, [TRAIN])]
    return part[0], part[1]


def hide(task: Task, share: float, seed: int) -> NDArray[np.float32]:
    """Blank a window of each sample, at random: a share of its length on each axis."""
    draw = np.random.default_rng(seed)
    lengths = np.array(task.x.shape[1:-1])
    window = np.round(share * lengths).astype(int)
    x = task.x.copy()
    for sample in x:
        start = draw.integers(0, lengths - window + 1)
        sample[tuple(map(slice, start, start + window))] = task.blank
    return x
