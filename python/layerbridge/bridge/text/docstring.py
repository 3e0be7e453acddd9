"""Docstrings of any style as titled Markdown, by way of docstring_parser."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import docstring_parser as dp
from docstring_parser import google
from docstring_parser.common import (
    Docstring,
    DocstringExample,
    DocstringMeta,
    DocstringParam,
    DocstringRaises,
    DocstringReturns,
)

from layerbridge.bridge.wrapper import Section

__all__ = ["Doc", "parse", "parse_all"]

_TITLE = re.compile(r"([A-Z][\w /-]{0,40}):[ \t]*")
_FENCE = re.compile(r"[ \t]*(```|~~~)")
_PARSED = [
    s for s in google.DEFAULT_SECTIONS if s.key in ("param", "raises", "returns")
]
_KNOWN = {section.title for section in google.DEFAULT_SECTIONS} | {
    "Call arguments",
    "Input shape",
    "Output shape",
    "Reference",
    "References",
    "Note",
    "Notes",
}
_UNTITLED = "Details"
_REST = re.compile(r"^\s*:(param|parameter|arg|type|returns?|raises?)\b", re.MULTILINE)
_NUMPY = re.compile(r"^[A-Z]\w*( \w+)?\n-{3,}\s*$", re.MULTILINE)
_LISTED = re.compile(r"[*`]*(\w+)[*`]*(?: \([^)\n]*\))?:(?=\s)")


@dataclass(frozen=True)
class Doc:
    """A docstring taken apart; all text is Markdown."""

    title: str = ""
    description: str = ""
    params: tuple[tuple[str, str], ...] = ()
    types: tuple[tuple[str, str], ...] = ()
    returns: str = ""
    sections: tuple[Section, ...] = ()


def parse_all(texts: Iterable[str]) -> Doc:
    """Take apart the nearest docstring; the others add arguments that it lacks."""
    docs = [parse(text) for text in texts] or [Doc()]
    params: dict[str, str] = {}
    types: dict[str, str] = {}
    for doc in docs:
        params = {**dict(doc.params), **params}
        types = {**dict(doc.types), **types}
    first = docs[0]
    return Doc(
        title=first.title,
        description=first.description,
        params=tuple(params.items()),
        types=tuple(types.items()),
        returns=first.returns,
        sections=first.sections,
    )


def parse(text: str) -> Doc:
    """Take one docstring apart; what no parser understands stays description."""
    try:
        parsed = _parser(text)(text)
    except Exception:
        # A stranger's text must not stop the run, whatever trips the parser.
        title, _, description = text.strip().partition("\n")
        return Doc(title=title, description=description.strip())
    params = [(name, p) for p in parsed.params for name in _names(p.arg_name)]
    return Doc(
        title=parsed.short_description or "",
        description=parsed.long_description or "",
        params=tuple((name, p.description or "") for name, p in params),
        types=tuple((name, p.type_name) for name, p in params if p.type_name),
        returns=_returns(parsed),
        sections=tuple(_sections(parsed.meta)),
    )


def _names(said: str) -> list[str]:
    """Return the arguments that one entry is about: `x`, `*args`, `x, y`."""
    return re.findall(r"\w+", said.partition("(")[0])


def _returns(parsed: Docstring) -> str:
    if not parsed.returns or parsed.returns.is_generator:
        return ""
    said = [parsed.returns.type_name, parsed.returns.description]
    return ": ".join(filter(None, said))


def _sections(items: Iterable[DocstringMeta]) -> list[Section]:
    """Join what has the same title, in the order in which titles come first."""
    texts: dict[str, list[str]] = {}
    for item in items:
        body = (item.description or "").strip("\n")
        match item:
            case DocstringParam() | DocstringReturns():
                continue
            case DocstringRaises():
                title, body = "Raises", f"- `{item.type_name}`: {body}"
            case DocstringExample():
                title = "Examples"
                body = "\n".join(filter(None, [item.snippet, body]))
            case _:
                title = item.args[0].replace("_", " ")
        texts.setdefault(title[:1].upper() + title[1:], []).append(_listed(body))
    return [
        Section(title, "\n".join(said)) for title, said in texts.items() if any(said)
    ]


def _listed(text: str) -> str:
    """Make `name: what it means` entries, one under another, a list."""
    heads = [line for line in text.split("\n") if line[:1].strip()]
    if not heads or not all(map(_LISTED.match, heads)):
        return text
    lines = (
        _LISTED.sub(r"- `\1`:", line, count=1) if line[:1].strip() else line
        for line in text.split("\n")
    )
    return "\n".join(lines)


def _parser(text: str) -> Callable[[str], Docstring]:
    if _REST.search(text):
        return dp.rest.parse
    if _NUMPY.search(text):
        return dp.numpydoc.parse
    return _parse_google


def _parse_google(text: str) -> Docstring:
    """Parse Google style with whatever titles the text has, indented or not."""
    lines = _dedented(text.split("\n"))
    titles = _titles(lines)
    names = dict.fromkeys([*titles.values(), _UNTITLED])
    own = [
        google.Section(title, title, google.SectionType.SINGULAR)
        for title in names
        if title not in {section.title for section in _PARSED}
    ]
    return google.GoogleParser([*_PARSED, *own]).parse(_indented(lines, titles))


def _dedented(lines: list[str]) -> list[str]:
    """Take away an indentation that all lines share but the first and fenced code."""
    depths = []
    fenced = False
    for line in lines[1:]:
        fence = bool(_FENCE.match(line))
        if line.strip() and not fenced and not fence:
            depths.append(len(line) - len(line.lstrip()))
        fenced ^= fence
    pad = " " * min(depths, default=0)
    return [line.removeprefix(pad) for line in lines]


def _titles(lines: list[str]) -> dict[int, str]:
    """Return the lines that are titles: known ones, and any after the first known."""
    found: dict[int, str] = {}
    fenced = False
    for number, line in enumerate(lines):
        if _FENCE.match(line):
            fenced = not fenced
        matched = None if fenced else _TITLE.fullmatch(line)
        if matched and (
            matched[1] in _KNOWN or (found and _is_indented(lines, number))
        ):
            found[number] = matched[1]
    return found


def _is_indented(lines: list[str], title: int) -> bool:
    body = next((line for line in lines[title + 1 :] if line.strip()), "")
    return body.startswith((" ", "\t"))


def _indented(lines: list[str], titles: dict[int, str]) -> str:
    """Indent the bodies that stand at the margin, where the parser would drop them.

    A line at the margin ends an indented body, title or not.
    """
    out = []
    pad = ""
    for number, line in enumerate(lines):
        if number in titles:
            pad = "" if _is_indented(lines, number) else "    "
            out.append(line)
            continue
        inside = titles and number > min(titles)
        if inside and not pad and line[:1].strip():
            out.append(f"{_UNTITLED}:")
            pad = "    "
        out.append(pad + line if line.strip() else line)
    return "\n".join(out)
