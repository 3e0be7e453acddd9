"""What holds for each public name: a new one has nothing else to pass."""

import json
from pathlib import Path

import keras
import pytest
from keras.optimizers.schedules import LearningRateSchedule

import layerbridge
from cases import CASES

ROOT = Path(__file__).resolve().parents[3]
NAMES = [name for name in layerbridge.__all__ if name != "__version__"]
SPEC = json.loads((ROOT / "tests/fixtures/spec.json").read_text("utf-8"))
WRAPPERS = {wrapper["python"]: wrapper for wrapper in SPEC}
BY_HAND = {"plot_masks", "plot_rate"}  # in R/plot.R, the latter as plot()


@pytest.mark.parametrize("name", NAMES)
def test_it_belongs_to_the_package(name):
    assert getattr(layerbridge, name).__module__ == "layerbridge"


@pytest.mark.parametrize("name", [name for name in NAMES if name not in BY_HAND])
def test_it_has_an_r_function_with_an_example(name):
    assert WRAPPERS[f"layerbridge.{name}"]["examples"]


@pytest.mark.parametrize("name", NAMES)
def test_keras_can_load_it_from_a_file(name):
    public = getattr(layerbridge, name)
    saved = (keras.layers.Layer, LearningRateSchedule)
    if isinstance(public, type) and issubclass(public, saved):
        assert keras.saving.get_registered_name(public) == f"layerbridge>{name}"


def test_every_layer_is_a_case_of_the_tests_of_layers():
    public = {name: getattr(layerbridge, name) for name in NAMES}
    assert {case.name for case in CASES} == {
        name
        for name, thing in public.items()
        if isinstance(thing, type) and issubclass(thing, keras.layers.Layer)
    }
