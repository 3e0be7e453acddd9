"""Markdown as Rd, with everything escaped that Rd or roxygen2 would act on."""

from __future__ import annotations

import functools
import re
import textwrap
from collections.abc import Iterator

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from mdit_py_plugins.dollarmath import dollarmath_plugin
from mdit_py_plugins.footnote import footnote_plugin

from layerbridge.bridge.words import rest
from layerbridge.bridge.words.idioms import Idioms

__all__ = [
    "clean",
    "escape",
    "escape_lines",
    "escape_markdown",
    "escape_r",
    "plain_line",
    "rd_code",
    "split_code",
    "to_rd",
]


def _translate(state: StateCore) -> None:
    """Translate words where they are words, before spans and links are read."""
    for token in state.tokens:
        if token.type == "inline":
            token.content = state.env["idioms"].prose(token.content)


_PARSER = (
    MarkdownIt("commonmark", {"html": False})
    .enable("table")
    .use(
        dollarmath_plugin,
        allow_labels=False,
        allow_space=False,
        allow_digits=False,
        double_inline=True,
    )
    .use(footnote_plugin, inline=False)
)
_PARSER.core.ruler.before("inline", "idioms", _translate)
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]"
)
_SURROGATE = re.compile("[\ud800-\udfff]")
_PROMPT = re.compile(r"^[ \t]*>>> ")
_PLAIN_CODE = re.compile(
    r"""(?:[\w .,:;=()\[\]<>+*/|&!?$^~-]|"[\w .,-]*"|'[\w .,-]*')+"""
)
_BEFORE_INTERVAL = re.compile(
    r"\b(?:between|in|intervals?|ranges?|within)(?: of)?\s*"
    r"(?:\((?:e\.g\.,?|such as)\s*)?$"
)
_TWO_NUMBERS = re.compile(
    r"[\[(] ?-?[\d.]+, ?-?(?:[\d.]+|inf\w*) ?[\])]"
    r"|\[[\w. +*/-]+,[\w. +*/-]+[\])]"
)
_CONDITION = re.compile(r"#(?=ifn?def|endif)")
_COMMENT_OR_STRING = re.compile(
    r"""(\#[^\n]*|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')""", re.DOTALL
)
_AS_IS = Idioms()


def clean(text: str) -> str:
    """Drop what a page cannot show: control characters, half characters."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", "    ")
    return _SURROGATE.sub("\ufffd", _UNSEEN.sub(" ", text))


def escape(text: str) -> str:
    """Make Rd take `text` as it is."""
    for char in "\\%{}":
        text = text.replace(char, "\\" + char)
    return text


def escape_lines(text: str) -> str:
    """Make Rd take lines of code as they are; `#ifdef` must not start a line there."""
    return _CONDITION.sub(" #", escape(text))


def escape_examples(code: str) -> str:
    """Make Rd take the R code of examples, whose strings keep their braces."""
    parts = _COMMENT_OR_STRING.split(code)
    escaped = (
        escape_r(part) if part[:1] in ('"', "'") else escape_lines(part)
        for part in parts
    )
    return "".join(escaped)


def escape_r(text: str) -> str:
    """Make Rd take R code as it is, where braces stand only in strings."""
    return text.replace("\\", "\\\\").replace("%", "\\%")


def escape_markdown(text: str) -> str:
    """Make R Markdown take a line of text without code as it is."""
    return re.sub(r"([\\_{}\[\]()<>#|~$!@^&+-])", r"\\\1", text)


def _escape_words(text: str) -> str:
    return _CONDITION.sub("{}#", escape(text))


def plain_line(text: str, idioms: Idioms = _AS_IS) -> str:
    """Return `text` as one line without markup, not escaped."""
    one = " ".join(rest.to_markdown(clean(text)).split())
    (inline,) = _PARSER.parseInline(one, {"idioms": idioms})
    text = "".join(
        idioms.code(child.content) if child.type == "code_inline" else child.content
        for child in inline.children or []
    )
    return " ".join(re.sub(r"[`*]", "", text).split())


def rd_code(code: str) -> str:
    """Return Rd for a piece of code in a line."""
    code = " ".join(clean(code).split("\n"))
    macro = "code" if _PLAIN_CODE.fullmatch(code) else "verb"
    return f"\\{macro}{{{escape(code)}}}"


@functools.lru_cache(maxsize=4096)  # many pages say the same of an argument
def to_rd(markdown: str, idioms: Idioms, *, in_python: bool = False) -> str:
    """Return Rd for a Markdown text.

    Python code says that it is Python, unless the title already does: `in_python`.
    """
    text = _only_markdown(markdown)
    return _Blocks(idioms, in_python).render(_PARSER.parse(text, {"idioms": idioms}))


def split_code(markdown: str) -> list[tuple[str, str]]:
    """Return each stretch of words, as Markdown, with the code that comes after it."""
    text = _only_markdown(rest.fenced(_fenced_prompts(markdown)))
    lines = text.split("\n")
    parts = []
    start = 0
    for token in _PARSER.parse(text, {"idioms": _AS_IS}):
        if token.type in ("fence", "code_block") and token.level == 0 and token.map:
            first, end = token.map
            parts.append(("\n".join(lines[start:first]).strip(), token.content))
            start = end
    rest_of_text = "\n".join(lines[start:]).strip()
    return [*parts, (rest_of_text, "")] if rest_of_text else parts


def _only_markdown(text: str) -> str:
    return rest.to_markdown(_fenced_prompts(clean(textwrap.dedent(text)))).strip()


def _fenced_prompts(text: str) -> str:
    """Put a fence around interpreter sessions, which Markdown takes for quotations."""
    out: list[str] = []
    inside = fence = False
    for line in text.split("\n"):
        fence ^= line.lstrip().startswith(("```", "~~~"))
        if not inside and not fence and _PROMPT.match(line):
            out.append("```python")
            inside = True
        elif inside and not line.strip():
            out.append("```")
            inside = False
        out.append(line)
    return "\n".join([*out, "```"] if inside else out)


class _Blocks:
    def __init__(self, idioms: Idioms, in_python: bool) -> None:
        self._idioms = idioms
        self._in_python = in_python

    def render(self, tokens: list[Token]) -> str:
        blocks = list(self._blocks(iter(tokens), None))
        return "\n\n".join(block for block in blocks if block.strip())

    def _blocks(self, tokens: Iterator[Token], until: str | None) -> Iterator[str]:
        for token in tokens:
            match token.type:
                case kind if kind == until:
                    return
                case "inline":
                    yield self._fill(self._inline(token.children or []))
                case "heading_open":
                    inside = "\n".join(self._blocks(tokens, "heading_close"))
                    yield f"\\strong{{{inside}}}"
                case "fence" | "code_block" if token.content.strip():
                    if not self._in_python and _is_python(token):
                        yield "In Python:"
                    yield f"\\preformatted{{{escape_lines(token.content)}}}"
                case "bullet_list_open":
                    yield self._list(tokens, "itemize", "bullet_list_close")
                case "ordered_list_open":
                    yield self._list(tokens, "enumerate", "ordered_list_close")
                case "table_open":
                    yield self._table(tokens)
                case "math_block":
                    yield _display(token.content)
                case "footnote_open":
                    inside = "\n\n".join(self._blocks(tokens, "footnote_close"))
                    yield f"[{_label(token)}] {inside}"

    def _list(self, tokens: Iterator[Token], macro: str, until: str) -> str:
        items = []
        for token in tokens:
            if token.type == until:
                break
            if token.type == "list_item_open":
                inside = "\n\n".join(self._blocks(tokens, "list_item_close"))
                items.append(f"\\item {inside}")
        return "\n".join([f"\\{macro}{{", *items, "}"])

    def _table(self, tokens: Iterator[Token]) -> str:
        rows: list[list[str]] = []
        for token in tokens:
            if token.type == "table_close":
                break
            if token.type == "tr_open":
                rows.append([])
            elif token.type == "inline":
                rows[-1].append(self._inline(token.children or []))
        lines = [" \\tab ".join(row) + " \\cr" for row in rows]
        return "\n".join([f"\\tabular{{{'l' * len(rows[0])}}}{{", *lines, "}"])

    def _inline(self, tokens: list[Token]) -> str:
        out = []
        before = ""
        is_interval = False
        for token in _with_links(tokens):
            if token.type == "code_inline":
                is_next = is_interval and before.strip() in ("and", "or", ",")
                is_interval = _is_interval("in" if is_next else before, token.content)
            span = self._span(token, before)
            is_as_is = token.type == "code_inline" and is_interval
            out.append(rd_code(token.content) if is_as_is else span)
            if token.type != "softbreak":
                before = token.content
        return "".join(out)

    def _span(self, token: Token, before: str) -> str:
        match token.type:
            case "text" | "html_inline":
                return _escape_words(token.content)
            case "code_inline":
                return rd_code(self._idioms.code(token.content, before))
            case "softbreak":
                return "\n"
            case "hardbreak":
                return "\\cr\n"
            case "math_inline":
                return rd_code(token.content)
            case "math_inline_double":
                return _display(token.content)
            case "footnote_ref":
                return f"[{_label(token)}]"
            case "em_open":
                return "\\emph{"
            case "strong_open":
                return "\\strong{"
            case "link_open":
                return f"\\href{{{escape(str(token.attrGet('href')))}}}{{"
            case "em_close" | "strong_close" | "link_close":
                return "}"
            case "image":
                return _escape_words(token.content)
        return ""

    @staticmethod
    def _fill(text: str) -> str:
        """Take away indentation; roxygen2 would take a leading `@` for a tag."""
        lines = (re.sub("^@", "{}@", line.strip()) for line in text.split("\n"))
        return "\n".join(filter(None, lines))


def _is_python(token: Token) -> bool:
    if language := token.info.strip():
        return language in ("py", "python")
    return bool(_PROMPT.search(token.content)) or rest.is_code(token.content)


def _is_interval(before: str, code: str) -> bool:
    """Tell whether `[0, 1]` is mathematics, and not the list of two numbers."""
    return bool(_BEFORE_INTERVAL.search(before) and _TWO_NUMBERS.fullmatch(code))


def _display(tex: str) -> str:
    return f"\\preformatted{{{escape_lines(tex.strip())}}}"


def _label(token: Token) -> str:
    return _escape_words(str(token.meta["label"]))


def _with_links(tokens: list[Token]) -> list[Token]:
    """Keep links to the web; of any other, keep the words."""
    out = []
    open_links: list[bool] = []
    for token in tokens:
        if token.type == "link_open":
            href = str(token.attrGet("href"))
            open_links.append(bool(re.match(r"https?://", href)))
            if not open_links[-1]:
                continue
        elif token.type == "link_close" and not open_links.pop():
            continue
        out.append(token)
    return out
