"""The functions for Keras against those that keras3 exports."""

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from layerbridge.bridge.resolve import resolve

sys.path.append(str(Path(__file__).parents[3] / "tools"))

from keras3_agreement import (
    FAMILIES,
    Argument,
    differences,
    differing,
    explain,
    keras3_functions,
    paired,
    plain,
    uncompared,
)


@pytest.fixture(scope="module")
def theirs():
    return keras3_functions()[1]


def test_the_facts_are_of_every_family(theirs):
    assert len(theirs) > 600
    for family in FAMILIES:
        assert any(function.name.startswith(family) for function in theirs), family


@pytest.mark.newest
def test_every_difference_from_keras3_has_a_reason(theirs):
    pairs = paired(theirs, resolve("keras").wrappers)
    explained, idle = explain([*differences(theirs, pairs), *uncompared(pairs)])
    assert [difference for difference, why in explained.items() if why is None] == []
    assert idle == []
    assert len(pairs) > 610
    agreeing = len(pairs) - len(differing(explained, {"differs"}))
    assert agreeing / len(pairs) >= 0.97


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"arguments": ()}, "argument units"),
        ({"name": "layer_thick"}, "name"),
    ],
)
def test_a_difference_is_noticed(theirs, change, what):
    dense = next(function for function in theirs if function.name == "layer_dense")
    changed = [replace(dense, **change)]
    pairs = paired(changed, resolve("keras.layers.Dense").wrappers)
    assert what in [difference.what for difference in differences(changed, pairs)]


@pytest.mark.parametrize(
    ("argument", "what"),
    [
        (Argument("units", "1", "as_integer"), "default of units"),
        (Argument("units", "", "as_axis"), "coercion of units"),
        (Argument("units", "", ""), "coercion of units"),
    ],
)
def test_a_different_argument_is_noticed(theirs, argument, what):
    dense = next(function for function in theirs if function.name == "layer_dense")
    changed = [
        replace(
            dense,
            arguments=tuple(
                argument if known.name == argument.name else known
                for known in dense.arguments
            ),
        )
    ]
    pairs = paired(changed, resolve("keras.layers.Dense").wrappers)
    assert what in [difference.what for difference in differences(changed, pairs)]


def test_spellings_of_one_default_compare_equal():
    assert plain("1e-04") == plain("0.0001")
    assert plain("c(1L, 2)") == plain("list(1, 2L)")
    assert plain("'conv_2d'") == plain('"conv_2d"')
    assert plain("1L") != plain("2L")


@pytest.fixture(scope="module")
def models():
    wrappers = resolve("keras").wrappers
    return {wrapper.r_name: [p.r_name for p in wrapper.params] for wrapper in wrappers}


def test_a_model_has_the_arguments_of_the_class_that_a_row_reads(models):
    assert models["keras_model"][:2] == ["inputs", "outputs"]


def test_arguments_that_a_row_shows_come_in_its_order(models):
    shown = models["keras_model_sequential"]
    assert shown[:2] == ["input_shape", "name"]
    assert shown[-2:] == ["trainable", "layers"]


def test_a_function_that_takes_a_model_is_a_method_of_models(models):
    (plot,) = (w for w in resolve("keras").wrappers if w.r_name == "plot.model")
    assert plot.defined_as == "plot.keras.src.trainers.trainer.Trainer"
    assert plot.python == "keras.utils.plot_model"
    assert plot.params[-1].r_name == "to_file"
    assert "plot_model" not in models
