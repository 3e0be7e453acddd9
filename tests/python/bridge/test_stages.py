"""Text by itself: literals, docstrings, idioms, markup."""

import math

import pytest

from layerbridge.bridge import rules
from layerbridge.bridge.text import docstring
from layerbridge.bridge.text.idioms import Idioms
from layerbridge.bridge.text.literals import NotLiteralError, r_literal
from layerbridge.bridge.text.markdown import to_rd
from layerbridge.bridge.wrapper import Param, Wrapper


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


DENSE = Wrapper(
    python="keras.layers.Dense",
    r_name="layer_dense",
    family=rules.load("keras").families["layer"],
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
