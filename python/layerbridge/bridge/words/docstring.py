"""Docstrings of any style as titled Markdown, by way of docstring_parser."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass

import docstring_parser as dp
from docstring_parser import google, numpydoc
from docstring_parser.common import (
    Docstring,
    DocstringExample,
    DocstringMeta,
    DocstringParam,
    DocstringRaises,
    DocstringReturns,
)

from layerbridge.bridge.ir import Section
from layerbridge.bridge.words import layout
from layerbridge.bridge.words.hints import in_words
from layerbridge.bridge.words.rest import linked

__all__ = ["Doc", "parse", "parse_all"]

_REST = re.compile(r"^\s*:(param|parameter|arg|type|returns?|raises?)\b", re.MULTILINE)
_EPYDOC = re.compile(r"^\s*@(param|type|return|raise)\b", re.MULTILINE)
_LISTED = re.compile(r"[*`]*(\w+)[*`]*(?: \([^)\n]*\))?:(?=\s)")
_CHOICES = re.compile(r"\{([^{}]*)\}")
_SENTENCE = re.compile(r"(?<!\.\w)(?<!et al)(?<!vs)(?<!cf)[.!?]\s+(?=[A-Z`\"(\[*])")
_BLOCK = re.compile(r"\s*([-*+>#|]|\d+[.)] |```|~~~|\$\$|\.\. |>>>)")
_WRAPPED_FROM = 66


@dataclass(frozen=True)
class Doc:
    """A docstring taken apart; all text is Markdown."""

    title: str = ""
    description: str = ""
    params: tuple[tuple[str, str], ...] = ()
    types: tuple[tuple[str, str], ...] = ()
    returns: str = ""
    sections: tuple[Section, ...] = ()


def parse_all(texts: Iterable[str], names: Collection[str] = ()) -> Doc:
    """Take apart the nearest docstring; the others add arguments that it lacks.

    `names` are the arguments that the signature has.
    """
    docs = [parse(text, names) for text in texts] or [Doc()]
    params: dict[str, str] = {}
    types: dict[str, str] = {}
    for doc in docs:
        params = {**dict(doc.params), **_said(params)}
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


def _said(params: dict[str, str]) -> dict[str, str]:
    return {name: text for name, text in params.items() if text}


def parse(text: str, names: Collection[str] = ()) -> Doc:
    """Take one docstring apart; what no parser understands stays description."""
    text = linked(text)
    try:
        parsed = _parsed(text, names)
    except Exception:
        # A stranger's text must not stop the run, whatever trips the parser.
        title, description = _titled(text.strip())
        return Doc(title=title, description=description)
    params = [(name, p) for p in parsed.params for name in _names(p.arg_name)]
    title, description = _titled(_description(parsed))
    return Doc(
        title=title,
        description=description,
        params=tuple((name, _typed(p)) for name, p in params),
        types=tuple((name, p.type_name) for name, p in params if p.type_name),
        returns=_returns(parsed),
        sections=tuple(_sections(parsed.meta)),
    )


def _parsed(text: str, names: Collection[str]) -> Docstring:
    if _REST.search(text):
        return dp.rest.parse(layout.rest(text))
    if _EPYDOC.search(text):
        return dp.epydoc.parse(layout.rest(text))
    if found := layout.numpy(text):
        normal, titles = found
        parser = numpydoc.NumpydocParser()
        for title in titles:
            if title not in parser.sections:
                parser.add_section(numpydoc.Section(title, title))
        return parser.parse(normal)
    return _parsed_google(text, names)


def _parsed_google(text: str, names: Collection[str]) -> Docstring:
    """Parse Google style with whatever titles the text has."""
    head, parts = layout.google_parts(text, names)
    parsed = {s.title: s for s in google.DEFAULT_SECTIONS}
    kept = {*layout.ENTRIES, "Returns", "Yields"}
    sections = [
        parsed[part.title]
        if part.title in kept
        else google.Section(part.title, part.title, google.SectionType.SINGULAR)
        for part in parts
    ]
    return google.GoogleParser(sections).parse(layout.google(head, parts))


def _names(said: str) -> list[str]:
    """Return the arguments that one entry is about: `x`, `*args`, `x, y`."""
    return re.findall(r"\w+", said.partition("(")[0])


def _typed(param: DocstringParam) -> str:
    """Return what an argument means, after the type or the choices that are stated.

    `**kwargs` is a dict in Python alone.
    """
    said = param.description or ""
    if param.arg_name.startswith("**"):
        return said
    stated = (param.type_name or "").strip().rstrip(".")
    if choices := _CHOICES.fullmatch(stated):
        stated = "One of " + ", ".join(f"`{x.strip()}`" for x in choices[1].split(","))
    if not stated or said.casefold().startswith(stated.casefold()):
        return said
    stated = in_words(stated)
    return f"{_capital(stated)}. {_capital(said)}".strip()


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _description(parsed: Docstring) -> str:
    gap = "\n\n" if parsed.blank_after_short_description else "\n"
    said = [parsed.short_description, parsed.long_description]
    return gap.join(filter(None, said))


def _titled(description: str) -> tuple[str, str]:
    """Return the first sentence, in one line, and the rest."""
    head, _, rest = description.partition("\n\n")
    lines = head.split("\n")
    length = next(
        (n for n in range(1, len(lines)) if _ends_title(lines[n - 1], lines[n])),
        len(lines),
    )
    said = " ".join(" ".join(lines[:length]).split())
    after = "\n".join(lines[length:])
    if sentence := _SENTENCE.search(said):
        said, after = (
            said[: sentence.start() + 1],
            said[sentence.end() :] + (f"\n{after}" if after else ""),
        )
    elif not after and not said.endswith((".", "!", "?")):
        said = f"{said.rstrip(':')} {_quoted(rest)}".strip()
    return said, "\n\n".join(filter(str.strip, [after, rest])).strip()


def _ends_title(line: str, following: str) -> bool:
    """Tell whether a title ends with a line: it had room for the word that follows."""
    word = following.split()[0] if following.split() else ""
    room = len(line) + 1 + len(word) < _WRAPPED_FROM
    return bool(_BLOCK.match(following)) or (room and word[:1].isupper())


def _quoted(text: str) -> str:
    """Return the work that a title names in a quotation under it."""
    first = text.partition("\n")[0]
    return first.removeprefix("> ").partition("<br>")[0] if first[:2] == "> " else ""


def _returns(parsed: Docstring) -> str:
    if not parsed.returns or parsed.returns.is_generator:
        return ""
    if parsed.returns.description in ("self", "`self`"):
        return "The object itself."
    said = [in_words(parsed.returns.type_name or ""), parsed.returns.description]
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
                title, body = "Raises", f"- {_capital(body)}"
            case DocstringExample():
                title = "Examples"
                body = "\n".join(filter(None, [item.snippet, body]))
            case _:
                title = item.args[0].replace("_", " ")
        texts.setdefault(_capital(title), []).append(_listed(body))
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
