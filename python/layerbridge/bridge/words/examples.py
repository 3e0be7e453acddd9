"""Python examples as R code: blocks of Python come in, the R code of a page goes out.

What is translated is shown only where it was run and gave what Python gives; which
that is, the caller knows. Anything else stays Python.
"""

from __future__ import annotations

import doctest
import re
import textwrap
from collections.abc import Callable, Iterable, Iterator, Sequence

from layerbridge.bridge.syntax import module
from layerbridge.bridge.words.idioms import Idioms, NoIdiomError
from layerbridge.bridge.words.translation import Line, Translation
from layerbridge.bridge.words.verified import is_verified

__all__ = ["Script", "r_code"]

_MOST_STATEMENTS = 40
_WIDTH = 72
_CONVERT = {"numpy": ", convert = FALSE"}  # an array of NumPy stays one


def r_code(lines: Iterable[Line]) -> str:
    """Return the R code of statements."""
    return "\n".join(line.r for line in lines)


def _was_run(lines: Sequence[Line]) -> bool:
    return is_verified(r_code(lines))


class Script:
    """The R code of one page: blocks see what those before them have assigned."""

    def __init__(
        self,
        idioms: Idioms,
        home: str = "keras.layers",
        is_right: Callable[[Sequence[Line]], bool] = _was_run,
    ) -> None:
        """Begin without names but those of the page's module, `home`.

        `is_right` says of a block whether to take it.
        """
        self._translation = Translation(idioms, home)
        self._is_right = is_right
        self._blocks: list[str] = []
        self.problem = ""

    def add(self, words: Iterable[str], code: str) -> str:
        """Translate a block under the lines that lead to it, or paragraphs of it.

        Return what stays Python.
        """
        if self._try_to_add(words, code):
            return ""
        left = [part for part in _paragraphs(code) if not self._try_to_add((), part)]
        return "\n\n".join(left)

    def _try_to_add(self, words: Iterable[str], code: str) -> bool:
        before, self._translation = self._translation, self._translation.copy()
        self.problem = ""
        try:
            parts = list(self._parts(_source(code)))
            lines = [part for part in parts if isinstance(part, Line)]
            if lines and self._is_right(lines):
                texts = (p.r if isinstance(p, Line) else p for p in parts)
                comments = filter(None, map(_comment, words))
                self._blocks.append("\n".join([*comments, *texts]))
                return True
        except ValueError as problem:
            self.problem = f"no R form: {problem!r}"
        self._translation = before
        # What it would have assigned, nobody knows.
        before.forget(
            re.findall(r"^(?:>>> )?(\w+)(?=(?:, ?\w+)* = )", code, re.MULTILINE)
        )
        return False

    def say(self, words: Iterable[str]) -> None:
        """Add a comment."""
        self._blocks += filter(None, ["\n".join(map(_comment, words))])

    @property
    def modules(self) -> dict[str, str]:
        """The Python modules that the code needs, by their names in R."""
        return self._translation.modules

    def guarded(self, module: str) -> str:
        """Return the R code, which runs only where R finds the Python module.

        An example that has fallen behind its library must not end the check of the
        package: its error is shown, and those of the other pages run.
        """
        if not self._blocks:
            return ""
        imports = [
            f'{name} <- reticulate::import("{path}"{_CONVERT.get(path, "")})'
            for name, path in self.modules.items()
        ]
        code = "\n\n".join(filter(None, ["\n".join(imports), *self._blocks]))
        return (
            f'if (reticulate::py_module_available("{module}")) try({{\n'
            f"{textwrap.indent(code, '  ')}\n}})\n"
        )

    def _parts(self, source: str) -> Iterator[Line | str]:
        """Yield statements, and comments between them."""
        tree = module(source)
        if tree is None or len(tree.body) > _MOST_STATEMENTS:
            raise NoIdiomError(source)
        lines = source.split("\n")
        end = 0
        for statement in tree.body:
            yield from _comments(lines[end : statement.lineno - 1])
            end = statement.end_lineno or statement.lineno
            yield from self._translation.lines(statement)


def _source(code: str) -> str:
    """Return the code of an interpreter's session, or the code as it is."""
    if not re.search(r"^ *>>>", code, re.MULTILINE):
        return textwrap.dedent(code)
    examples = doctest.DocTestParser().get_examples(textwrap.dedent(code))
    return "".join(example.source for example in examples)


def _paragraphs(code: str) -> list[str]:
    """Part a block where it has empty lines between statements."""
    whole: list[str] = []
    open_part = ""
    for part in re.split(r"\n(?:[ \t]*\n)+", code.strip("\n")):
        open_part = f"{open_part}\n\n{part}" if open_part else part
        if module(_source(open_part)):
            whole.append(open_part)
            open_part = ""
    return [*whole, open_part] if open_part else whole


def _comment(line: str) -> str:
    lines = textwrap.wrap(line, _WIDTH, break_on_hyphens=False)
    return "\n".join(f"# {part}" for part in lines)


def _comments(lines: list[str]) -> Iterator[str]:
    for line in lines:
        if match := re.match(r" *#+ *(\S.*)", line):
            yield f"# {match[1].strip()}"
