"""Each stage by itself: names, kinds, literals, docstrings, idioms, markup."""

import math
from pathlib import Path

import pytest

from layerbridge.bridge import kinds, library, naming, rules, texts
from layerbridge.bridge.text import docstring
from layerbridge.bridge.text.idioms import Idioms
from layerbridge.bridge.text.literals import NotLiteralError, r_literal, r_name
from layerbridge.bridge.text.markdown import to_rd
from layerbridge.bridge.wrapper import LayerSpec, Param, from_json, to_json
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

    @pytest.mark.parametrize(
        ("name", "plain"),
        [
            ("units", "units"),
            ("if", "if_"),
            ("TRUE", "TRUE_"),
            ("_x", "x_"),
            ("..1", "arg"),
            ("é", "e"),
            ("a-b", "a.b"),
            ("", "arg"),
        ],
    )
    def test_of_arguments_are_plain(self, name, plain):
        assert r_name(name) == plain

    def test_of_arguments_are_told_apart(self):
        assert r_name("x", frozenset({"x", "x_"})) == "x__"


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


class TestLiterals:
    @pytest.mark.parametrize(
        ("value", "source"),
        [
            (None, "NULL"),
            (True, "TRUE"),
            (3, "3L"),
            (-1, "-1L"),
            (2**40, "1099511627776"),
            (0.0, "0"),
            (1e-6, "1e-06"),
            (math.inf, "Inf"),
            (-math.inf, "-Inf"),
            ('a"b\\\n', '"a\\"b\\\\\\n"'),
            ("é", '"\\u{e9}"'),
            ((), "list()"),
            ((1, (2, None)), "list(1L, list(2L, NULL))"),
            ({"a": 1, "if": 2}, 'list(a = 1L, "if" = 2L)'),
        ],
    )
    def test_are_r_source(self, value, source):
        assert r_literal(value) == source

    def test_nan_is_a_number_in_r_too(self):
        assert r_literal(math.nan) == "NaN"

    @pytest.mark.parametrize(
        "value", [object(), len, "\0", "\ud800", b"", {1: 2}, {"": 1}]
    )
    def test_of_other_things_there_are_none(self, value):
        with pytest.raises(NotLiteralError):
            r_literal(value)


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


class TestDocstrings:
    def test_nothing_gives_nothing(self):
        assert docstring.parse("") == docstring.Doc()
        assert docstring.parse_all([]) == docstring.Doc()

    def test_sections_at_the_margin_are_kept(self):
        doc = docstring.parse(
            "Title.\n\nArgs:\n    x: One.\n\nInput shape:\n\n- If so:\n    A tensor.\n"
        )
        assert doc.params == (("x", "One."),)
        assert doc.sections[0].title == "Input shape"
        assert "- If so:" in doc.sections[0].text

    def test_a_title_in_code_is_code(self):
        doc = docstring.parse(
            "Title.\n\nArgs:\n    x: One.\n\n```\nNote:\n    no\n```\n"
        )
        assert [section.title for section in doc.sections] == ["Details"]
        assert "Note:" in doc.sections[0].text

    def test_prose_that_ends_in_a_colon_is_no_title(self):
        doc = docstring.parse(
            "Title.\n\nFor example:\n\n    code\n\nArgs:\n    x: One."
        )
        assert doc.sections == ()
        assert "For example:" in doc.description

    def test_one_entry_may_be_about_several_arguments(self):
        doc = docstring.parse("T.\n\nArgs:\n    a, b: Both.\n    *args: Rest.\n")
        assert dict(doc.params) == {"a": "Both.", "b": "Both.", "args": "Rest."}

    def test_an_indentation_that_code_breaks_is_taken_away(self):
        doc = docstring.parse("T.\n\n    Args:\n        x: One.\n\n```\ncode\n```\n")
        assert dict(doc.params) == {"x": "One."}

    def test_entries_become_a_list(self):
        doc = docstring.parse("T.\n\nCall arguments:\n    x: One.\n    y: Two.\n")
        assert doc.sections[0].text == "- `x`: One.\n- `y`: Two."

    def test_the_nearest_docstring_wins_and_others_add_arguments(self):
        near, far = "N.\n\nArgs:\n    a: Near.", "F.\n\nArgs:\n    a: Far.\n    b: Far."
        doc = docstring.parse_all([near, far])
        assert doc.title == "N."
        assert dict(doc.params) == {"a": "Near.", "b": "Far."}


DENSE = LayerSpec(
    python="keras.layers.Dense",
    r_name="layer_dense",
    style="object",
    accepts_dots=True,
    params=(Param("units", "units", None, "int", "docstring"),),
)


class TestIdioms:
    @pytest.mark.parametrize(
        ("python", "r"),
        [
            ("None", "NULL"),
            ("True", "TRUE"),
            ("(2, 2)", "c(2, 2)"),
            ("(None, 3)", "list(NULL, 3)"),
            ("[1, [2]]", "list(1, c(2))"),
            ("-1", "-1"),
            ("'same'", '"same"'),
            ("padding='same'", 'padding = "same"'),
            ("{'a': 1}", "list(a = 1)"),
            ("keras.layers.Dense(10)", "layer_dense(units = 10)"),
            ("keras.layers.Dense(10, name='x')", 'layer_dense(units = 10, name = "x")'),
            ("keras.ops.relu(x)", "keras$ops$relu(x)"),
            ("layer.trainable", "layer$trainable"),
            ("x ** 2", "x ** 2"),
            ("not python (", "not python ("),
            ("a == b", "a == b"),
            ("f(*x)", "f(*x)"),
        ],
    )
    def test_of_code(self, python, r):
        assert Idioms([DENSE]).code(python) == r

    def test_of_prose(self):
        said = Idioms().prose("Defaults to None; True if so. None of these.")
        assert said == "Defaults to NULL; TRUE if so. None of these."


class TestMarkup:
    @pytest.mark.parametrize(
        ("markdown", "rd"),
        [
            ("", ""),
            ("100% {x} \\y", "100\\% \\{x\\} \\\\y"),
            ("`a`", "\\code{a}"),
            ("`it's`", "\\verb{it's}"),
            ("``a``", "\\code{a}"),
            (":class:`keras.Layer`", "\\code{keras$Layer}"),
            ("*a* **b**", "\\emph{a} \\strong{b}"),
            ("[t](https://x.org/a%20b)", "\\href{https://x.org/a\\%20b}{t}"),
            ("[t](other.html)", "t"),
            ("- a\n- b", "\\itemize{\n\\item a\n\\item b\n}"),
            ("1. a", "\\enumerate{\n\\item a\n}"),
            ("```\nf(x) # {\n```", "\\preformatted{f(x) # \\{\n}"),
            (">>> x = 1\n1", "\\preformatted{>>> x = 1\n1\n}"),
            ("a\n\nb", "a\n\nb"),
            ("#ifdef x", "{}#ifdef x"),
            ("@eval x", "{}@eval x"),
            ("<b>x</b>", "<b>x</b>"),
        ],
    )
    def test_of_markdown(self, markdown, rd):
        assert to_rd(markdown, Idioms()) == rd


class TestRendering:
    def test_needs_no_more_than_the_committed_specification(self):
        """R/wrappers.R comes from plain data, without a look at any class."""
        layers = from_json((ROOT / "tests/fixtures/spec.json").read_text("utf-8"))
        for name, text in render.r_files(layers, texts("layerbridge")).items():
            assert (ROOT / "R" / name).read_text("utf-8") == text

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
