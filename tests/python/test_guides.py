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
def x():
    return np.random.default_rng(1).normal(size=(5, 8, 8, 1)).astype("float32")


def test_class_activation_maps(r, model, x):
    names = {}
    exec(code("where", "python"), names)
    ours = names["class_activation_map"](model, x[:1])
    r('keras <- reticulate::import("keras")')
    r(code("where", "r", "map"))
    theirs = r(
        "reticulate::r_to_py(class_activation_map(model, image))",
        model=model,
        image=x[:1],
    )
    np.testing.assert_allclose(theirs, ours, rtol=1e-5)
    kernel, bias = model.layers[-1].get_weights()
    logits = np.log(model(x[:1])[0])
    summed = ours.mean() + bias[logits.argmax()]
    pooled = keras.Model(model.inputs[0], model.layers[-2].output)(x[:1])
    np.testing.assert_allclose(
        summed, (pooled @ kernel + bias).numpy().max(), rtol=1e-5
    )


@pytest.mark.parametrize("language", ["python", "r"])
def test_passes(r, model, x, language):
    means = model.layers[1].get_weights()
    if language == "python":
        names = {"model": model, "x": x}
        exec(code("uncertainty", "python"), names)
        first = 0
    else:
        r('keras <- reticulate::import("keras")')
        names = r(
            "{"
            + code("uncertainty", "r", "passes")
            + "reticulate::r_to_py(list(passes = passes,"
            "answer = as.array(answer), disagreement = as.array(disagreement)))}",
            model=model,
            x=x,
        )
        names["passes"] = np.moveaxis(names["passes"], -1, 0)
        first = 1
    passes = names["passes"]
    assert passes.shape == (30, 5, 3)
    assert len(np.unique(passes[:, 0, 0])) > 1
    answer = passes.mean(0).argmax(-1)
    votes = passes.argmax(-1)
    np.testing.assert_array_equal(names["answer"], answer + first)
    np.testing.assert_allclose(names["disagreement"], (votes != answer).mean(0))
    for before, after in zip(means, model.layers[1].get_weights(), strict=True):
        np.testing.assert_array_equal(before, after)
