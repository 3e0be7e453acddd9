"""The code that the guides show in both languages does the same in both."""

import re
from pathlib import Path

import keras
import numpy as np
import pytest
from keras import layers

import layerbridge

GUIDES = Path(__file__).resolve().parents[2] / "vignettes"


def code(guide, language, label=""):
    """Return the code of a guide's only block of a language, or of a label in R."""
    opening = rf"^```\{{r {label}\b[^\n]*\n" if language == "r" else "^```python\n"
    text = (GUIDES / f"{guide}.Rmd").read_text("utf-8")
    [found] = re.findall(rf"{opening}(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    return found


@pytest.fixture
def model():
    keras.utils.set_random_seed(1)
    return keras.Sequential(
        [
            keras.Input((8, 8, 1)),
            layers.Conv2D(4, 3, activation="relu"),
            layers.BatchNormalization(),
            layerbridge.DropBlock2D(0.3, 3),
            layers.GlobalAveragePooling2D(),
            layers.Dense(3, activation="softmax"),
        ]
    )


@pytest.fixture
def in_r(r, model, tmp_path):
    """R, with the model read from a file, as a user of R would have it."""
    model.save(tmp_path / "model.keras")
    r('keras <- reticulate::import("keras")')
    r(f'model <- keras$models$load_model("{tmp_path}/model.keras")')
    return r


@pytest.fixture
def x():
    return np.random.default_rng(1).normal(size=(5, 8, 8, 1)).astype("float32")


def test_class_activation_maps(in_r, model, x):
    names = {}
    exec(code("where", "python"), names)
    ours = names["class_activation_map"](model, x[:1])
    in_r(code("where", "r", "map"))
    theirs = in_r("reticulate::r_to_py(class_activation_map(model, x))", x=x[:1])
    np.testing.assert_allclose(theirs, ours, rtol=1e-5)
    kernel, bias = model.layers[-1].get_weights()
    logits = np.log(model(x[:1])[0])
    summed = ours.mean() + bias[logits.argmax()]
    pooled = keras.Model(model.inputs[0], model.layers[-2].output)(x[:1])
    np.testing.assert_allclose(
        summed, (pooled @ kernel + bias).numpy().max(), rtol=1e-5
    )


def check_passes(passes, answer, disagreement):
    assert passes.shape == (30, 5, 3)
    assert len(np.unique(passes[:, 0, 0])) > 1
    np.testing.assert_array_equal(answer, passes.mean(0).argmax(-1))
    disagree = (passes.argmax(-1) != answer).mean(0)
    np.testing.assert_allclose(disagreement, disagree)


def test_passes_in_python(model, x):
    statistics = model.layers[1].get_weights()
    names = {"model": model, "x": x}
    exec(code("uncertainty", "python"), names)
    check_passes(names["passes"], names["answer"], names["disagreement"])
    for before, after in zip(statistics, model.layers[1].get_weights(), strict=True):
        np.testing.assert_array_equal(before, after)


def test_passes_in_r(in_r, model, x):
    in_r("before <- model$get_weights()")
    in_r(code("uncertainty", "r", "passes"), x=x)

    def found(name):
        return np.array(in_r(f"reticulate::r_to_py(as.array({name}))"))

    passes = np.moveaxis(found("passes"), -1, 0)
    check_passes(passes, found("answer") - 1, found("disagreement"))
    assert in_r("identical(before, model$get_weights())")[0]
