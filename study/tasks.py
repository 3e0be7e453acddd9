"""The data: pictures and series of which a part can be hidden."""

import io
import os
import zipfile
from collections.abc import Callable
from functools import cache
from pathlib import PurePosixPath
from typing import Any, NamedTuple

import keras
import numpy as np
from numpy.typing import NDArray
from sklearn.datasets import load_digits

CIFAR10 = "LAYERBRIDGE_CIFAR10"  # the variable that names an archive of its pictures
SHARES = {"quarter": 1 / 4, "third": 1 / 3, "half": 1 / 2}


class Samples(NamedTuple):
    """Samples with their classes, and the value that stands where they are hidden."""

    x: NDArray[Any]
    y: NDArray[np.int64]
    blank: float


class Parts(NamedTuple):
    """The samples to train on, to choose settings by, and to report."""

    training: Samples
    validation: Samples
    test: Samples


@cache
def digits(side: int = 24) -> Samples:
    """Return scikit-learn's 1797 handwritten digits, enlarged; grey hides."""
    found = load_digits()
    small = (found.images / 16)[..., None].astype("float32")
    x = keras.ops.image.resize(small, (side, side), interpolation="bilinear")
    return Samples(keras.ops.convert_to_numpy(x), found.target, 0.5)


@cache
def series(samples: int = 1800, length: int = 96, classes: int = 8) -> Samples:
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
    return Samples(x[..., None].astype("float32"), y, 0.0)


@cache
def cifar10() -> Samples:
    """Return CIFAR-10, first its 50,000 training pictures, then the test's; grey hides.

    They come from an archive of JPEG files where an environment variable names one.
    """
    archive = os.environ.get(CIFAR10)
    parts = read_archive(archive) if archive else keras.datasets.cifar10.load_data()
    x, y = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
    return Samples(x, y.ravel().astype(int), 0.5)


def read_archive(path: str) -> list[tuple[NDArray[np.uint8], NDArray[np.int64]]]:
    """Read pictures and classes from `train/CLASS/` and `test/CLASS/` of a zip file."""
    with zipfile.ZipFile(path) as archive:
        names = sorted(n for n in archive.namelist() if n.endswith(".jpg"))
        files = [keras.utils.load_img(io.BytesIO(archive.read(name))) for name in names]
    x = np.stack([np.asarray(file) for file in files])
    part, label = np.array([PurePosixPath(name).parts[:2] for name in names]).T
    y = np.unique(label, return_inverse=True)[1]
    return [(x[part == name], y[part == name]) for name in ("train", "test")]


class Task(NamedTuple):
    """Data, how many samples train and choose, and how much of the test's is hidden.

    The last samples, `kept` in number, are the test; where there are none, the rest is.
    """

    data: Callable[[], Samples]
    training: int
    validation: int
    kept: int = 0
    hidden: tuple[str, ...] = ("quarter", "third", "half")


TASKS = {
    "digits": Task(digits, 600, 397),
    "residual": Task(digits, 600, 397),
    "series": Task(series, 600, 400),
    "cifar-resnet": Task(cifar10, 5000, 2000, 10_000, ("half",)),
    "cifar-plain": Task(cifar10, 5000, 2000, 10_000, ("half",)),
}


def split(task: Task, seed: int) -> Parts:
    """Split the samples of a task, at random."""
    samples = task.data()
    others = len(samples.y) - task.kept
    rows = np.random.default_rng(seed).permutation(others)
    ends = np.cumsum([task.training, task.validation])
    training, validation, test = np.split(rows, ends)
    if task.kept:
        test = np.arange(others, len(samples.y))
    return Parts(*(chosen(samples, part) for part in (training, validation, test)))


def chosen(samples: Samples, rows: NDArray[np.int64]) -> Samples:
    """Return the samples of some rows, with bytes as fractions."""
    x = samples.x[rows]
    x = x.astype("float32") / 255 if x.dtype == np.uint8 else x
    return samples._replace(x=x, y=samples.y[rows])


def hide(samples: Samples, size: str, seed: int) -> Samples:
    """Blank a window of each sample, at random: a share of its length on each axis."""
    draw = np.random.default_rng(seed)
    lengths = np.array(samples.x.shape[1:-1])
    window = np.round(SHARES[size] * lengths).astype(int)
    x = samples.x.copy()
    for sample in x:
        start = draw.integers(0, lengths - window + 1)
        sample[tuple(map(slice, start, start + window))] = samples.blank
    return samples._replace(x=x)
