"""The functions for keras.layers against those that keras3 exports."""

import sys
from pathlib import Path

import pytest

from layerbridge.bridge.resolve import resolve

sys.path.append(str(Path(__file__).parents[3] / "tools"))

from keras3_agreement import differences, explain, keras3_functions


@pytest.mark.newest
def test_every_difference_from_keras3_has_a_reason():
    _, theirs = keras3_functions()
    layers = {layer.class_name: layer for layer in resolve("keras.layers").wrappers}
    explained, _ = explain(differences(theirs, layers))
    assert len(theirs) > 130
    assert [difference for difference, why in explained.items() if why is None] == []


def test_a_difference_is_noticed():
    _, theirs = keras3_functions()
    name, arguments = theirs["Dense"]
    theirs = {"Dense": (name, arguments[:-1])}
    layers = {
        layer.class_name: layer for layer in resolve("keras.layers.Dense").wrappers
    }
    found = [difference.what for difference in differences(theirs, layers)]
    assert "argument ..." in found
