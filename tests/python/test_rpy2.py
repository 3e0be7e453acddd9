"""A Keras model made in Python, piped through R functions in the same process."""

import sys

import keras
import pytest


def test_reticulate_is_attached_to_this_python(r):
    assert r("reticulate::py_config()$python")[0] == sys.executable
    assert r("module$executable", module=sys)  # not convert: still a Python object
    assert r("as.character(module$getpid())", module=__import__("os"))[0] == str(
        __import__("os").getpid()
    )


def test_an_object_comes_back_as_itself(r):
    layer = keras.layers.Dense(2)
    assert r("layer", layer=layer) is layer
