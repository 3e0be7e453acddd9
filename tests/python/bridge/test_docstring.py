"""Docstrings of every style that libraries use, taken apart."""

import inspect

import pytest

from layerbridge.bridge.read import docstring


def test_nothing_gives_nothing():
    assert docstring.parse("") == docstring.Doc()
    assert docstring.parse_all([]) == docstring.Doc()


def test_sections_at_the_margin_are_kept():
    doc = docstring.parse(
        "Title.\n\nArgs:\n    x: One.\n\nInput shape:\n\n- If so:\n    A tensor.\n"
    )
    assert doc.params == (("x", "One."),)
    assert doc.sections[0].title == "Input shape"
    assert "- If so:" in doc.sections[0].text


def test_a_title_in_code_is_code():
    doc = docstring.parse("Title.\n\nArgs:\n    x: One.\n\n```\nNote:\n    no\n```\n")
    assert [section.title for section in doc.sections] == ["Details"]
    assert "Note:" in doc.sections[0].text


def test_prose_that_ends_in_a_colon_is_no_title():
    doc = docstring.parse("Title.\n\nFor example:\n\n    code\n\nArgs:\n    x: One.")
    assert doc.sections == ()
    assert "For example:" in doc.description


def test_one_entry_may_be_about_several_arguments():
    doc = docstring.parse("T.\n\nArgs:\n    a, b: Both.\n    *args: Rest.\n")
    assert dict(doc.params) == {"a": "Both.", "b": "Both.", "args": "Rest."}


def test_an_indentation_that_code_breaks_is_taken_away():
    doc = docstring.parse("T.\n\n    Args:\n        x: One.\n\n```\ncode\n```\n")
    assert dict(doc.params) == {"x": "One."}


def test_entries_become_a_list():
    doc = docstring.parse("T.\n\nCall arguments:\n    x: One.\n    y: Two.\n")
    assert doc.sections[0].text == "- `x`: One.\n- `y`: Two."


def test_the_nearest_docstring_wins_and_others_add_arguments():
    near, far = "N.\n\nArgs:\n    a: Near.", "F.\n\nArgs:\n    a: Far.\n    b: Far."
    doc = docstring.parse_all([near, far])
    assert doc.title == "N."
    assert dict(doc.params) == {"a": "Near.", "b": "Far."}


def test_a_title_is_the_object_s_own():
    doc = docstring.parse_all(["", "Base of all.\n\nMore.\n\nArgs:\n    a: One."])
    assert (doc.title, doc.description) == ("", "Base of all.\n\nMore.")
    assert dict(doc.params) == {"a": "One."}


def test_what_is_said_of_all_models_is_only_that_of_their_own_class():
    general = "Models.\n\nThree ways.\n\nArgs:\n    a: One."
    doc = docstring.parse_all(["", general], (), general)
    assert (doc.title, doc.description, doc.sections) == ("", "", ())
    assert dict(doc.params) == {"a": "One."}
    assert docstring.parse_all([general], (), general).description == "Three ways."


def params(text, names=()):
    return dict(docstring.parse(inspect.cleandoc(text), names).params)


@pytest.mark.parametrize(
    "text",
    [
        "T.\n\nArgs:\n    x: One.\n    y: Two\n        lines.",
        "T.\n\nargs:\n    x: One.\n    y: Two\n        lines.",
        "T.\n\nArg:\n  x: One.\n  y: Two\n    lines.",
        "T.\n\nArguments\n    x: One.\n    y: Two\n        lines.",
        "T.\n\n# Arguments\n    x: One.\n    y: Two\n        lines.",
        "T.\n\n**Arguments**\n\n- `x`: One.\n- `y`: Two\nlines.",
        "T.\n\n**Arguments**:\n- x: One.\n- y: Two\n  lines.",
        "T.\n\nParams:\n    x - One.\n    y - Two\n        lines.",
        "T.\n\nParameters\n---\nx\n    One.\ny\n    Two\n    lines.",
        "T.\n\nparameters\n------------------\nx\n    One.\ny\n    Two\n    lines.",
        "T.\n\n:param x: One.\n:param y: Two\n    lines.",
        "T.\n\n@param x: One.\n@param y: Two\n    lines.",
        "T.\n\nArgs:\n    x: One.\n    y: Two\n    lines.\n\nReturns:\n    Z.",
        "T.\n\n    Args:\n        x: One.\n        y: Two\n            lines.\n\nEnd.",
        "    T.\n\n    Args:\n      x: One.\n      y: Two\n      lines.\n    ",
    ],
)
def test_every_layout_of_arguments_is_read(text):
    found = docstring.parse(text)
    assert {k: " ".join(v.split()) for k, v in found.params} == {
        "x": "One.",
        "y": "Two lines.",
    }
    assert found.title == "T."


def test_what_follows_fields_is_no_part_of_them():
    doc = docstring.parse("T.\n\n:param x: One.\n\nMore words.\n\n:param y: Two.\n")
    assert dict(doc.params) == {"x": "One.", "y": "Two."}
    assert doc.description == "More words."


def test_what_is_not_fields_has_sections():
    doc = docstring.parse("T.\n\nExamples::\n\n    f(1)\n\n:param x: One.\n")
    assert dict(doc.params) == {"x": "One."}
    assert [(x.title, x.text) for x in doc.sections] == [("Examples", "f(1)")]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Args:\n    n (int, optional): count", "Int. Count"),
        ("Args:\n    n (list[int]): counts", "List of ints. Counts"),
        (
            "Parameters\n----------\nn : Optional[keras.Model]\n    Which.",
            "`keras.Model` or None. Which.",
        ),
        ("Args:\n    n (int): Int. How many", "Int. How many"),
        (
            "Parameters\n----------\nn : {'none', 'sqrt'}, optional\n    Which.",
            "One of `'none'`, `'sqrt'`. Which.",
        ),
        ("Parameters\n----------\nn : the number", "The number."),
        (
            "Parameters\n----------\nn : int, optional (default = None)\n    Any.",
            "Int. Any.",
        ),
        ("Parameters\n----------\nn : int or None,\n    Any.", "Int or None. Any."),
        (":param int n: count", "Int. Count"),
        (":param n: count\n:type n: int", "Int. Count"),
    ],
)
def test_types_and_choices_are_kept(text, said):
    assert params(f"T.\n\n{text}")["n"].rstrip(".") == said.rstrip(".")


@pytest.mark.parametrize(
    "body",
    [
        "    a: One.\n        b: Two.",
        "    a: One.\n  b: Two.",
        "    a: One.\n    b bool. Two.",
        "    a: One.\n    b.\n        Two.",
    ],
)
def test_the_signature_tells_entries_that_are_out_of_line(body):
    found = params(f"T.\n\nArgs:\n{body}", ["a", "b"])
    assert found["a"] == "One."
    assert found["b"].strip().endswith("Two.")


def test_attributes_are_arguments_where_the_signature_has_them():
    text = "T.\n\nAttributes:\n    a: One.\n    b: Two."
    assert params(text, ["a"]) == {"a": "One.", "b": "Two."}
    assert params(text, ["c"]) == {}
    assert docstring.parse(text).sections[0].title == "Attributes"


def test_an_empty_entry_does_not_hide_that_of_the_base():
    doc = docstring.parse_all(["T.\n\nArgs:\n    a:\n", "T.\n\nArgs:\n    a: One."])
    assert dict(doc.params) == {"a": "One."}


def test_stretches_at_the_margin_are_all_kept():
    doc = docstring.parse(
        "T.\n\nArgs:\n    x: One.\n\nFirst.\n\nReturns:\n    Z.\n\nSecond.\n\n"
        "Example:\n\n    a()\n\nExample:\n\n    b()\n"
    )
    texts = {section.title: section.text for section in doc.sections}
    assert texts["Details"].split() == ["First.", "Second."]
    assert texts["Example"].split() == ["a()", "b()"]
    assert doc.returns == "Z."


def test_a_link_may_be_far_from_its_name():
    doc = docstring.parse(
        "Net_ is.\n\nArgs:\n    x: `a b`_.\n\n.. _Net:\n    https://x.org\n.. _a b: https://y.org\n"
    )
    assert doc.title == "[Net](https://x.org) is."
    assert dict(doc.params) == {"x": "[a b](https://y.org)."}
    assert not doc.sections


def test_self_is_the_object():
    assert docstring.parse("T.\n\nReturns:\n    self").returns == "The object itself."


def test_arguments_without_entries_are_text():
    doc = docstring.parse("T.\n\nArgs:\n    Those of Dense.\n\nRaises:\n    Nothing.")
    assert doc.params == ()
    assert [(section.title, section.text) for section in doc.sections] == [
        ("Parameters", "Those of Dense."),
        ("Raises", "Nothing."),
    ]


@pytest.mark.parametrize(
    ("text", "title", "description"),
    [
        ("One line.", "One line.", ""),
        ("One\nline.\n\nMore.", "One line.", "More."),
        ("One. Two.\n\nMore.", "One.", "Two.\n\nMore."),
        ("Attention, a.k.a. Luong-style.", "Attention, a.k.a. Luong-style.", ""),
        ("As et al. Said.", "As et al. Said.", ""),
        (
            "See [A at. (2019)](https://x.org) of it.",
            "See [A at. (2019)](https://x.org) of it.",
            "",
        ),
        ("Title\nThis is more.", "Title", "This is more."),
        ("Title\n- one\n- two", "Title", "- one\n- two"),
        (
            "The operator from the paper\n\n> [Name](https://x.org)<br>\n> Ann Lee",
            "The operator from the paper [Name](https://x.org)",
            "> [Name](https://x.org)<br>\n> Ann Lee",
        ),
    ],
)
def test_a_title_is_the_first_sentence(text, title, description):
    doc = docstring.parse(text)
    assert (doc.title, doc.description) == (title, description)


@pytest.mark.parametrize("name", ["note", "Warning", "Input shape", "REFERENCES"])
def test_titles_are_known_in_any_case(name):
    (section,) = docstring.parse(f"T.\n\n{name}:\n    Words.").sections
    assert (section.title.casefold(), section.text) == (name.casefold(), "Words.")


def test_what_is_taken_by_any_name_is_said_without_its_type():
    text = "Do.\n\nParameters\n----------\n**kwargs : dict\n    Passed on."
    assert docstring.parse(text, ["kwargs"]).params == (("kwargs", "Passed on."),)


INTERPOLATED = """Scale.

    Args:
        inner: The optimizer.
        {more}

    Example:

    >>> f()
    1
    """
EXAMPLE = """
```python
boxes = {
    "a": 1,
}
```
"""
MORE = """name: A name.
            clip: A
                number.
            decay: Another."""


def as_python_compiles(text, version):
    """A docstring as the compiler leaves it: 3.13 takes the indentation away."""
    return inspect.cleandoc(text) if version >= (3, 13) else text


def test_what_is_put_into_a_docstring_reads_the_same_in_every_python():
    old, new = (
        docstring.parse(
            as_python_compiles(INTERPOLATED, version).replace("{more}", MORE),
            ["inner", "name", "clip", "decay"],
        )
        for version in [(3, 12), (3, 13)]
    )
    assert old == new
    assert dict(old.params) == {
        "inner": "The optimizer.",
        "name": "A name.",
        "clip": "A\nnumber.",
        "decay": "Another.",
    }


def test_code_that_is_put_into_a_docstring_keeps_its_indentation():
    text = "T.\n\n    Example:\n    {example}\n    "
    for version in [(3, 12), (3, 13)]:
        put = as_python_compiles(text, version).replace("{example}", EXAMPLE)
        (section,) = docstring.parse(put).sections
        assert 'boxes = {\n    "a": 1,\n}' in section.text


@pytest.mark.parametrize(
    "text",
    [
        "[" * 60_000,
        "T.\n\nArgs:\n    x (" + "list[" * 30_000 + "): a",
        "T.\n\nParameters\n----------\nx : " + "(" * 30_000,
        "T.\n\nArgs:\n" + "    x: a\n" * 50_000,
        "Plain words. " * 200_000,
        "` `` " * 30_000,
    ],
)
def test_a_docstring_of_any_size_is_read_in_part(text):
    doc = docstring.parse(text, ["x"])
    parts = (doc.title, doc.description, *(text for _, text in doc.params))
    assert 0 < sum(map(len, parts)) < 60_000
    assert docstring.parse(text, ["x"]) == doc


def test_only_what_is_no_argument_of_the_class_is_a_section():
    doc = docstring.parse("T.\n\nArgs:\n    x: One.\n\nCall arguments:\n    y: Two.")
    assert dict(doc.params) == {"x": "One."}
    assert (doc.sections[0].title, doc.sections[0].text) == (
        "Call arguments",
        "- `y`: Two.",
    )


@pytest.mark.parametrize(
    ("text", "title", "body"),
    [
        ("Its two-fold use:\n    a() and b()", "Its two-fold use", "a() and b()"),
        ("Inputs: a tensor,\n    or two", "Inputs", "a tensor,\nor two"),
    ],
)
def test_any_title_over_an_indented_text_is_one(text, title, body):
    doc = docstring.parse(f"T.\n\n{text}\n\nEnd.")
    assert (doc.sections[0].title, doc.sections[0].text) == (title, body)
    assert doc.sections[1].text == "End."
