"""Every attribute that `get_config()` returns is checked when set, or cannot be set."""

import numpy as np
import pytest
from modes import train

from cases import CASES

pytestmark = pytest.mark.backends

each_case = pytest.mark.parametrize("case", CASES[::2], ids=str)

# What Keras sets and checks.
KERAS = {"name", "trainable", "dtype"}
BAD = {
    "rate": [1.5, -1, "x", None, True],
    "data_format": ["last", 3],
    "batch_size": [0, -4, 2.5, "x"],
    "block_size": [0, -4, 2.5, "x", None, (1, 2, 3, 4)],
    "per_channel": [1, "yes", None],
    "normalize": ["mean", None],
    "exact_rate": [0, "no", None],
}
GOOD = {
    "rate": 0.25,
    "data_format": "channels_first",
    "batch_size": 3,
    "block_size": 4,
    "per_channel": False,
    "normalize": "none",
    "exact_rate": False,
}


def attributes(layer):
    return layer.get_config().keys() - KERAS


@each_case
def test_wrong_values_are_refused_and_change_nothing(case):
    layer = case.make(batch_size=2)
    before = layer.get_config()
    for attribute in attributes(layer) - {"seed"}:
        for value in BAD[attribute]:
            with pytest.raises(ValueError, match=f"`{attribute}` must be .* received"):
                setattr(layer, attribute, value)
    assert layer.get_config() == before


@each_case
def test_values_that_are_set_are_in_the_config(case):
    layer = case.make(batch_size=2)
    for attribute in attributes(layer) - {"seed"}:
        setattr(layer, attribute, GOOD[attribute])
        assert getattr(layer, attribute) == GOOD[attribute]
        assert layer.get_config()[attribute] == GOOD[attribute]


@each_case
def test_what_would_have_no_effect_cannot_be_set(case):
    layer = case.make(seed=1)
    settable = attributes(layer) - {"seed"}
    for attribute in {"seed", "per_channel", "normalize", "exact_rate"} - settable:
        with pytest.raises(AttributeError):
            setattr(layer, attribute, 2)


@each_case
def test_what_is_set_takes_effect(case):
    if case.is_dropblock:
        layer = case.make(0.5, per_channel=True, normalize="none")
        layer.per_channel = False
        y = train(layer, np.ones((8, *case.shape), "float32"))
        assert (y == y[..., :1]).all()
