"""Each stage by itself: names, kinds, rendering."""

from pathlib import Path

import pytest

from layerbridge.bridge import kinds, library, naming, rules, texts
from layerbridge.bridge.wrapper import from_json, to_json
from layerbridge.bridge.write import render

ROOT = Path(__file__).parents[3]


class TestNames:
    @pytest.mark.parametrize(
        ("name", "function"),
        [
            ("Conv2D", "layer_conv_2d"),
            ("Conv2DTranspose", "layer_conv_2d_transpose"),
            ("ConvLSTM2D", "layer_conv_lstm_2d"),
            ("LSTM", "layer_lstm"),
            ("GRUCell", "rnn_cell_gru"),
            ("STFTSpectrogram", "layer_stft_spectrogram"),
            ("TransformerLayer", "layer_transformer"),
            ("DropBlock3D", "layer_dropblock_3d"),
            ("TCN", "layer_tcn"),
            ("If", "layer_if"),
            ("Größe", "layer_grosse"),
            ("snake_case", "layer_snake_case"),
            ("_Hidden", "layer_hidden"),
        ],
    )
    def test_of_functions_follow_keras3(self, name, function):
        rows = rules.load("elsewhere")
        assert naming.function_name(f"lib.{name}", f"lib.{name}", rows) == function

    def test_exceptions_are_rows(self):
        rows = rules.load("keras")
        for python, home, function in [
            ("PReLU", "activations.prelu.PReLU", "layer_activation_parametric_relu"),
            ("ReLU", "activations.relu.ReLU", "layer_activation_relu"),
            ("LayerNormalization", "normalization.x.X", "layer_layer_normalization"),
        ]:
            path = f"keras.src.layers.{home}"
            assert (
                naming.function_name(f"keras.layers.{python}", path, rows) == function
            )


class TestOverrides:
    def test_an_unknown_table_is_named_with_its_file(self, tmp_path):
        file = tmp_path / "lib.toml"
        file.write_text("[nmaes]\nA = 'b'\n")
        with pytest.raises(rules.OverrideError, match=r"lib\.toml.*`nmaes`"):
            rules.parse([file])

    def test_the_file_of_the_library_comes_first(self, tmp_path):
        first, second = tmp_path / "a.toml", tmp_path / "b.toml"
        first.write_text("[names]\nx = 'a'\ny = 'a'\n")
        second.write_text("[names]\nx = 'b'\n")
        assert rules.parse([first, second]).names == {"x": "b", "y": "a"}


NOTHING = (None, "", False, None, "")


class TestKinds:
    @pytest.mark.parametrize(
        ("override", "annotation", "has_default", "default", "doc", "kind"),
        [
            ("axis", "int", True, 1, "", ("axis", "override")),
            (None, "int | None", True, None, "", ("int", "annotation")),
            (None, "Optional[int]", False, None, "", ("int", "annotation")),
            (
                None,
                "tuple[int, int] | int",
                True,
                3,
                "",
                ("int_or_tuple", "annotation"),
            ),
            (None, "Union[float, int]", True, 1, "", ("float", "annotation")),
            (None, "Literal['a', 'b']", True, "a", "", ("enum", "annotation")),
            (None, "Literal[1, 3]", True, 1, "", ("int", "annotation")),
            (None, "Sequence[str]", False, None, "", ("str", "annotation")),
            (None, "SomeClass", True, True, "", ("bool", "default")),
            (None, "", True, 0, "float. How much.", ("float", "docstring")),
            (None, "", True, 1, "Integer or tuple.", ("int_or_tuple", "default")),
            (None, "", True, (1, 2), "", ("int_or_tuple", "default")),
            (None, "", True, (1, 2.5), "", ("float_or_tuple", "default")),
            (None, "", True, (None, "a"), "", ("tuple", "default")),
            (None, "", False, None, "Positive integer.", ("int", "docstring")),
            (
                None,
                "",
                False,
                None,
                "Tuple of integers.",
                ("int_or_tuple", "docstring"),
            ),
            (None, "", False, None, "The point in time.", ("any", "none")),
            (None, "", True, None, "An object. Not an int.", ("any", "none")),
        ],
    )
    def test_have_a_source(self, override, annotation, has_default, default, doc, kind):
        assert kinds.kind_of(override, annotation, has_default, default, doc) == kind

    def test_a_name_decides_only_for_want_of_anything_else(self):
        assert kinds.kind_of(*NOTHING, likely="int") == ("int", "name")
        typed = (None, "float", False, None, "")
        assert kinds.kind_of(*typed, likely="int") == ("float", "annotation")


class TestRendering:
    def test_needs_no_more_than_the_committed_specification(self):
        """R/000-layers.R comes from plain data, without a look at any class."""
        layers = from_json((ROOT / "tests/fixtures/spec.json").read_text("utf-8"))
        committed = (ROOT / "R/000-layers.R").read_text("utf-8")
        assert render.r_file(layers, texts("layerbridge")) == committed

    def test_the_committed_specification_is_in_step(self):
        committed = (ROOT / "tests/fixtures/spec.json").read_text("utf-8")
        assert to_json(library("layerbridge").layers) == committed, (
            "Run `layerbridge spec layerbridge --json >tests/fixtures/spec.json`."
        )

    @pytest.mark.newest
    def test_arguments_stand_in_the_order_of_keras3(self):
        found = {x.class_name: x for x in library("keras.layers").layers}
        order = {
            name: [argument for argument, _ in render.formals(found[name])]
            for name in ("Concatenate", "Resizing", "MultiHeadAttention", "GRUCell")
        }
        assert order["Concatenate"] == ["inputs", "...", "axis"]
        assert order["Resizing"][-2:] == ["...", "antialias"]
        assert order["MultiHeadAttention"][:3] == ["inputs", "num_heads", "key_dim"]
        assert order["GRUCell"][0] == "units"
