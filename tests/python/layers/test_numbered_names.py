"""Names with braces number the layers that share a pattern."""

import keras
import pytest

from layerbridge import DropBlock2D, SpatialDropout1D


@pytest.fixture(autouse=True)
def _no_names_taken():
    keras.utils.clear_session(free_memory=False)


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        ("stage3-drop{}", ["stage3-drop1", "stage3-drop2", "stage3-drop3"]),
        ("drop-{:<03d}", ["drop-100", "drop-200", "drop-300"]),
        ("drop-{:03d}", ["drop-001", "drop-002", "drop-003"]),
        ("{0}-{0}", ["1-1", "2-2", "3-3"]),
        ("drop{{}}-{}", ["drop{}-1", "drop{}-2", "drop{}-3"]),
    ],
)
def test_layers_that_share_a_pattern_are_numbered(pattern, names):
    layers = [
        DropBlock2D(0.1, 3, name=pattern),
        SpatialDropout1D(0.1, name=pattern),
        DropBlock2D(0.1, 3, name=pattern),
    ]
    assert [layer.name for layer in layers] == names


def test_each_pattern_counts_by_itself():
    assert DropBlock2D(0.1, 3, name="a{}").name == "a1"
    assert DropBlock2D(0.1, 3, name="b{}").name == "b1"


def test_clear_session_starts_again():
    for _ in range(2):
        assert DropBlock2D(0.1, 3, name="a{}").name == "a1"
        keras.utils.clear_session(free_memory=False)


def test_other_names_are_taken_as_they_are():
    for _ in range(2):
        assert DropBlock2D(0.1, 3, name="plain").name == "plain"
    assert DropBlock2D(0.1, 3).name == "drop_block2d"
    assert DropBlock2D(0.1, 3, name=None).name == "drop_block2d_1"


def test_the_number_stays_in_the_config():
    layer = DropBlock2D(0.1, 3, name="a{}")
    assert DropBlock2D.from_config(layer.get_config()).name == "a1"
    assert DropBlock2D(0.1, 3, name="a{}").name == "a2"
