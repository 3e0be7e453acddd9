"""DropPath beside the copies that libraries have, each run or by its formula."""

import keras
import numpy as np
import pytest
from keras.src.applications.convnext import StochasticDepth
from modes import BACKEND, release_on, train
from scipy import stats

from layerbridge import DropPath

pytestmark = [pytest.mark.backends, pytest.mark.thinned(1)]

RATE = 0.3
SHAPES = [(6,), (9, 6), (5, 7, 6), (4, 3, 5, 6)]  # tensors of 2 to 5 axes


# What each makes of a batch, `kept` being the samples that it keeps.
FORMULAS = {
    "timm DropPath(0.3)": ("expected", lambda x, kept: x / 0.7 * kept),
    "timm DropPath(0.3, scale_by_keep=False)": ("none", lambda x, kept: x * kept),
    "torchvision StochasticDepth(0.3, 'row')": (
        "expected",
        lambda x, kept: x * (kept / 0.7),
    ),
    "keras.applications StochasticDepth(0.3)": (
        "expected",
        lambda x, kept: (x / 0.7) * kept,
    ),
    "KerasHub MiT DropPath(0.3)": ("expected", lambda x, kept: x * kept / 0.7),
}


@pytest.mark.parametrize("shape", SHAPES, ids=len)
@pytest.mark.parametrize("formula", FORMULAS)
def test_the_output_is_that_of_others_for_the_same_samples(formula, shape):
    normalize, theirs = FORMULAS[formula]
    x = np.random.default_rng(1).uniform(0.5, 2, (64, *shape)).astype("float32")
    y = train(DropPath(RATE, seed=1, normalize=normalize), x)
    kept = y.reshape(64, -1).any(1).reshape(64, *[1] * len(shape))
    assert 0 < kept.sum() < 64
    np.testing.assert_allclose(y, theirs(x, kept), rtol=3e-7)


def test_the_formula_of_keras_applications_is_its_own():
    """Eagerly: in JAX's `fit()` it fails."""
    x = np.random.default_rng(1).uniform(0.5, 2, (64, 5, 7, 6)).astype("float32")
    y = train(StochasticDepth(RATE), x)
    kept = y.any((1, 2, 3), keepdims=True)
    _, formula = FORMULAS["keras.applications StochasticDepth(0.3)"]
    np.testing.assert_allclose(y, formula(x, kept), rtol=3e-7)


@pytest.mark.parametrize("shape", SHAPES, ids=len)
def test_the_rate_and_the_mean_are_exact(shape):
    """KerasHub's in DINOv2, its batch known, keeps all and scales the mean by 1.43."""
    samples = 4000
    y = train(DropPath(RATE, seed=1), np.ones((samples, *shape), "float32"))
    by_sample = y.reshape(samples, -1)
    dropped = (by_sample == 0).all(1)
    assert stats.binomtest(int(dropped.sum()), samples, RATE).pvalue > 1e-3
    # One sample's share of the mean is 0 or 1 / 0.7.
    error = np.sqrt(RATE / (1 - RATE) / samples)
    assert abs(y.mean() - 1) < 3.3 * error


@pytest.mark.parametrize("normalize", ["batch", "sample", "expected", "none"])
def test_how_kept_samples_are_scaled(normalize):
    y = train(DropPath(0.5, 1, normalize), np.ones((10, 4, 4, 3), "float32"))
    kept = y[:, 0, 0, 0] != 0
    assert 0 < kept.sum() < 10
    scale = {"batch": 10 / kept.sum(), "expected": 2}.get(normalize, 1)
    np.testing.assert_allclose(y[kept], scale, rtol=3e-7)


@pytest.mark.parametrize(
    "jit_compile", [False, pytest.param(True, marks=release_on("tensorflow"))]
)
@pytest.mark.parametrize(
    "shape",
    [SHAPES[0], *(pytest.param(s, marks=pytest.mark.release) for s in SHAPES[1:])],
    ids=len,
)
def test_fit_with_an_unknown_batch_repeats_under_a_seed(shape, jit_compile):
    """KerasHub's in DINOv2 and DINOv3 fail here, and on JAX ConvNeXt's as well."""
    x = np.random.default_rng(1).uniform(0.5, 2, (20, *shape)).astype("float32")

    def run(seed):
        inputs = keras.Input(shape)
        branch = DropPath(RATE, seed=seed)(keras.layers.Dense(6)(inputs))
        outputs = keras.layers.Flatten()(inputs + branch)
        model = keras.Model(inputs, keras.layers.Dense(1)(outputs))
        for weight in model.weights:
            weight.assign(np.full(weight.shape, 0.01))
        fixed = "auto" if BACKEND == "torch" else jit_compile
        model.compile(keras.optimizers.SGD(1e-6), "mse", jit_compile=fixed)
        fit = model.fit(
            x, x.reshape(20, -1)[:, 0], batch_size=8, epochs=3, verbose=0, shuffle=False
        )
        return fit.history["loss"]

    losses = run(3)
    assert np.isfinite(losses).all()
    assert run(3) == losses
    assert run(4) != losses
