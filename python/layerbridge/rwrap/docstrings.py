"""Docstrings of any style as titled Markdown, by way of docstring_parser."""

from __future__ import annotations

import re
from dataclasses import dataclass

import docstring_parser as dp
from docstring_parser.common import (
    DocstringExample as Example,
)
from docstring_parser.common import (
    DocstringParam as Param,
)
from docstring_parser.common import (
    DocstringRaises as Raises,
)
from docstring_parser.common import (
    DocstringReturns as Returns,
)
from docstring_parser.google import DEFAULT_SECTIONS, GoogleParser, SectionType
from docstring_parser.google import Section as GoogleSection

from layerbridge.rwrap.spec import Section

__all__ = ["Doc", "parse", "parse_all"]

_TITLE = re.compile(r"^([A-Z][\w /-]{0,40}):[ \t]*$", re.MULTILINE)
_KNOWN = {section.title for section in DEFAULT_SECTIONS}


@dataclass(frozen=True)
class Doc:
    """A docstring taken apart; all text is Markdown."""

    title: str = ""
    description: str = ""
    params: tuple[tuple[str, str], ...] = ()
    types: tuple[tuple[str, str], ...] = ()
    returns: str = ""
    sections: tuple[Section, ...] = ()
    examples: str = ""


def parse_all(texts: tuple[str, ...]) -> Doc:
    """Take apart the nearest docstring; the others add arguments that it lacks."""
    docs = [parse(text) for text in texts] or [Doc()]
    params: dict[str, str] = {}
    types: dict[str, str] = {}
    for doc in docs:
        params = {**dict(doc.params), **params}
        types = {**dict(doc.types), **types}
    first = docs[0]
    return Doc(
        first.title,
        first.description,
        tuple(params.items()),
        tuple(types.items()),
        first.returns,
        first.sections,
        first.examples,
    )


def parse(text: str) -> Doc:
    """Take one docstring apart; what no parser understands stays description."""
    try:
        parsed = _parser(text)(text)
    except Exception:
        return _plain(text)
    sections = []
    examples = []
    for item in parsed.meta:
        words = item.args
        if isinstance(item, (Param, Returns)):
            continue
        body = (item.description or "").strip("\n")
        if isinstance(item, Example):
            examples.append("\n".join(filter(None, [item.snippet, body])))
        elif isinstance(item, Raises):
            sections.append(Section("Raises", f"`{item.type_name}`: {body}"))
        elif body:
            sections.append(Section(words[0].replace("_", " ").capitalize(), body))
    return Doc(
        title=parsed.short_description or "",
        description=parsed.long_description or "",
        params=tuple((p.arg_name, p.description or "") for p in parsed.params),
        types=tuple((p.arg_name, p.type_name) for p in parsed.params if p.type_name),
        returns=(parsed.returns.description or "") if parsed.returns else "",
        sections=tuple(sections),
        examples="\n\n".join(examples),
    )


def _parser(text: str):
    if re.search(r"^\s*:(param|type|returns?|raises?)\b", text, re.MULTILINE):
        return dp.rest.parse
    if re.search(r"^[A-Z]\w*( \w+)?\n-{3,}\s*$", text, re.MULTILINE):
        return dp.numpydoc.parse
    titles = [t for t in _TITLE.findall(text) if t not in _KNOWN]
    own = [
        GoogleSection(title, title.lower(), SectionType.SINGULAR)
        for title in dict.fromkeys(titles)
    ]
    return GoogleParser([*DEFAULT_SECTIONS, *own]).parse


def _plain(text: str) -> Doc:
    title, _, description = text.strip().partition("\n")
    return Doc(title=title, description=description.strip())
