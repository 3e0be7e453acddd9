"""Markdown, and the reStructuredText in it, as Rd."""

import pytest

from layerbridge.bridge.words.idioms import Idioms
from layerbridge.bridge.words.markdown import plain_line, split_code, to_rd


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
        ("in the range `[0, 1]`", "in the range \\code{[0, 1]}"),
        ("in the range\n`[0, 1]`", "in the range\n\\code{[0, 1]}"),
        ("between `[1 - a, 1 + a]`", "between \\code{[1 - a, 1 + a]}"),
        ("in the range `(0, infinity)`", "in the range \\code{(0, infinity)}"),
        ("in `['a', 'b']`", 'in \\code{c("a", "b")}'),
        ("any range (e.g. `[0., 1.)` or `[0, 255]`)",
         "any range (e.g. \\code{[0., 1.)} or \\code{[0, 255]})"),
        ("in `[0, 1]`, as `[0, 2]`", "in \\code{[0, 1]}, as \\code{c(0, 2)}"),
        ("a list `[0, 1]`", "a list \\code{c(0, 1)}"),
        ("- a\n- b", "\\itemize{\n\\item a\n\\item b\n}"),
        ("1. a", "\\enumerate{\n\\item a\n}"),
        ("a\n\n```\n\n```", "a"),
        ("```\nf(x) # {\n```", "In Python:\n\n\\preformatted{f(x) # \\{\n}"),
        (">>> x = 1\n1", "In Python:\n\n\\preformatted{>>> x = 1\n1\n}"),
        ("a\n\nb", "a\n\nb"),
        ("#ifdef x", "{}#ifdef x"),
        ("@eval x", "{}@eval x"),
        ("<b>x</b>", "<b>x</b>"),
    ],
)  # fmt: skip
def test_of_markdown(markdown, rd):
    assert to_rd(markdown, Idioms()) == rd


@pytest.mark.parametrize(
    ("text", "rd"),
    [
        (r"$$ a_{1} $$", "\\preformatted{a_\\{1\\}}"),
        ("so:\n$$\n\\alpha\n$$\nthen", "so:\n\\preformatted{\\\\alpha}\nthen"),
        (r"is \( \hat\X \)", r"is \verb{\\hat\\X}"),
        (r"is \[ x \]", r"is \preformatted{x}"),
        (":math:`x^2` a", r"\code{x^2} a"),
        (".. math:: x^2\n\nend", "\\preformatted{x^2}\n\nend"),
        ("$5 and $6", "$5 and $6"),
        (r"$\input{x}$", r"\verb{\\input\{x\}}"),
        (".. code-block:: r\n   :linenos:\n\n   f(x)\n\nend",
         "\\preformatted{f(x)\n}\n\nend"),
        (".. note:: Careful\n   now.\n\nend", "\\strong{Note:} Careful\nnow.\n\nend"),
        (".. warning::\n\n   No.", "\\strong{Warning:} No."),
        ("This::\n\n    a b c\n\nend", "This:\n\n\\preformatted{a b c\n}\n\nend"),
        ("This::\n\n```\na b\n```", "This:\n\n\\preformatted{a b\n}"),
        (".. rubric:: A part\n\nend", "\\strong{A part}\n\nend"),
        ("See `the site <https://x.org>`_.", "See \\href{https://x.org}{the site}."),
        ("See `site`_.\n\n.. _site: https://x.org", "See \\href{https://x.org}{site}."),
        ("As [1]_ says.\n\n.. [1] Ann: Book.", "As [1] says.\n\n[1] Ann: Book."),
        ("[a b]\n  (https://x.org)", "\\href{https://x.org}{a b}"),
        (":obj:`[a,\n b]`", "\\code{c(a, b)}"),
        ("[1] Ann: A.\n[2] Bob: B\n[3].", "[1] Ann: A.\n\n[2] Bob: B\n[3]."),
        ("As[^1] says.\n\n[^1]: Book.", "As[1] says.\n\n[1] Book."),
        ("a<br>\nb<br/>c", "a\\cr\nb\\cr\nc"),
        ("> quoted", "quoted"),
        (".. image:: x.png\n   :alt: x\n\nend", "end"),
        (".. a comment\n\nend", "end"),
        ("one\n  The first.\ntwo-b\n  The\n  other.\n\nend",
         "\\itemize{\n\\item one: The first.\n\\item two-b: The\nother.\n}\n\nend"),
        ("`f(x)`\n    Does.", "\\itemize{\n\\item \\code{f(x)}: Does.\n}"),
        ("in the range `[0, n]`", "in the range \\code{[0, n]}"),
        ("`a`\\ s, of shape `(p, q)`", "\\code{a}s, of shape \\code{c(p, q)}"),
        (":py:class:`~keras.layers.Layer`", "\\code{Layer}"),
        (":ref:`words <target>`", "\\code{words}"),
        ("So:\n    x = f(1)\nend",
         "So:\n\nIn Python:\n\n\\preformatted{x = f(1)\n}\n\nend"),
        ("So that:\n    words go on", "So that:\nwords go on"),
        ("```python\nf\n```", "In Python:\n\n\\preformatted{f\n}"),
    ],
)  # fmt: skip
def test_of_either_markup(text, rd):
    assert to_rd(text, Idioms()) == rd


def test_a_title_says_that_code_is_python():
    assert to_rd("```\nf()\n```", Idioms(), in_python=True) == "\\preformatted{f()\n}"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("**A** `b`\nc", "A b c"),
        ("The [paper](https://x.org)", "The paper"),
        ("a * b", "a b"),
        ("", ""),
    ],
)
def test_a_title_has_no_markup(text, line):
    assert plain_line(text) == line


def test_words_and_code_are_told_apart():
    text = "One:\n\n```python\nf()\n```\n\nTwo:\n\n>>> g()\n1\n\nThree."
    assert [(words, code.strip()) for words, code in split_code(text)] == [
        ("One:", "f()"),
        ("Two:", ">>> g()\n1"),
        ("Three.", ""),
    ]
    assert split_code("x = f(1)\ny = x")[0][1].strip() == "x = f(1)\ny = x"
