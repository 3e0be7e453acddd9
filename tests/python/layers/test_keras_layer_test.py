"""Keras's own battery of tests for a layer, `run_layer_test`."""

import importlib.metadata

import keras
import pytest
from keras.src.testing import TestCase
from modes import release_on

from cases import CASES

pytestmark = [pytest.mark.backends, pytest.mark.thinned(1)]

KERAS = tuple(map(int, importlib.metadata.version("keras").split(".")[:2]))


@pytest.fixture
def keras_case():
    case = TestCase()
    case.setUp()
    yield case
    case.doCleanups()


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(case, marks=release_on("jax") if case.rank != 2 else [])
        for case in CASES
    ],
    ids=str,
)
def test_keras_accepts_the_layer(case, keras_case):
    # Keras 3.5 does not ask for it.
    built = {"assert_built_after_instantiation": True} if KERAS >= (3, 10) else {}
    keras_case.run_layer_test(
        type(case.make()),
        init_kwargs={"rate": 0.5, **case.arguments},
        call_kwargs={"training": True},
        input_shape=(2, *case.shape),
        expected_output_shape=(2, *case.shape),
        expected_num_trainable_weights=0,
        expected_num_non_trainable_weights=0,
        # Keras's Dropout has only its seed.
        expected_num_non_trainable_variables=2,
        expected_num_seed_generators=1,
        expected_num_losses=0,
        supports_masking=True,
        **built,
    )


@pytest.mark.parametrize("case", CASES[::2], ids=str)
def test_a_subclass_is_built(case):
    class Shifted(type(case.make())):
        def build(self, input_shape):
            self.shift = self.add_weight((input_shape[-1],), initializer="ones")

        def call(self, inputs, training=False):
            return super().call(inputs, training=training) + self.shift

    layer = Shifted(0.5, **case.arguments)
    assert not layer.built
    y = keras.ops.convert_to_numpy(layer(case.inputs()))
    assert layer.built
    assert len(layer.weights) == 1
    assert (y == case.inputs() + 1).all()
