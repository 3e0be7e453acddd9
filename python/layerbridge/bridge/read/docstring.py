"""Docstrings of any style, taken apart by griffe: text comes in, Markdown goes out."""

from __future__ import annotations

import inspect
import itertools
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from layerbridge.bridge.ir import Section
from layerbridge.bridge.links import linked
from layerbridge.bridge.read.type_words import in_words

if TYPE_CHECKING:
    from griffe import DocstringNamedElement, DocstringSection

__all__ = ["Doc", "in_google_style", "parse", "parse_all"]

_MOST_CHARACTERS = 50_000  # characters; the longest docstrings have about 14,000
_DETAILS = "Details"
_TITLED = "Section"  # what griffe would read as entries, and is text
_ENTRIES = {
    "Parameters": [
        "arg",
        "args",
        "argument",
        "arguments",
        "constructor arguments",
        "init args",
        "init arguments",
        "keyword args",
        "keyword arguments",
        "other parameters",
        "param",
        "parameter",
        "parameters",
        "params",
    ],
    "Raises": ["except", "exceptions", "raise", "raises"],
    "Attributes": ["attributes"],
    "Parameters: Call arguments": ["call arguments"],
}
_TITLES = {
    spelling: title for title, spellings in _ENTRIES.items() for spelling in spellings
} | {
    "example": "Example",
    "examples": "Examples",
    "input": "Input",
    "input shape": "Input shape",
    "note": "Note",
    "notes": "Notes",
    "output": "Output",
    "output shape": "Output shape",
    "reference": "Reference",
    "references": "References",
    "return": "Returns",
    "returns": "Returns",
    "usage": "Usage",
    "warning": "Warning",
    "warnings": "Warning",  # griffe takes what is in a section Warnings for classes
    "yield": "Yields",
    "yields": "Yields",
}

_FIELD = re.compile(r"^[ \t]*[:@](?=(?:param|parameter|arg|type|returns?|raises?)\b)")
_FIELDS = re.compile(_FIELD.pattern, re.MULTILINE)
_UNDERLINED = re.compile(
    r"^([A-Za-z][\w ]{0,40}?)[ \t]*\n(?:-{3,}|={3,})[ \t]*$", re.MULTILINE
)
_DASHED = re.compile(r"^[A-Za-z][\w ]{0,40}\n-{3,}[ \t]*$", re.MULTILINE)
_TYPED = re.compile(r"^(\w+(?:, \w+)*): +(?=\S.*(?:\n[ \t]+\S|\n\w+ ?:))", re.MULTILINE)
_FENCE = re.compile(r"[ \t]*(?:```|~~~)")
_ENTRY = re.compile(
    r"(?P<bullet>[-*+\u2022] +)?"
    r"[*`_]{0,3}(?P<names>\*{0,2}\w+(?: ?[,/] ?[*`]{0,2}\w+[*`]{0,2})*)[*`]{0,2}"
    r" *(?P<type>\((?:[^()\n]|\([^()\n]*\))*\))?[*`]{0,2}"
    r" *(?::(?!:)|\u2013|\u2014| - )[*]{0,2} *(?P<text>.*)"
)
_LISTED = re.compile(r"^[*`]*(\w+)[*`]*(?: \([^)\n]*\))?:(?=\s)")
_SENTENCE = re.compile(
    r"(?<!\.\w)(?<!et al)(?<!vs)(?<!cf)[.!?]\s+(?=[A-Z`\"(\[*])(?![^\[\]]{0,300}\]\()"
)
_NOT_REQUIRED = re.compile(r",(?:\s*optional)?(?:\s*\(default\s*=\s*None\))?$")
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


def parse_all(
    texts: Iterable[str], names: Collection[str] = (), general: str = ""
) -> Doc:
    """Take apart the nearest docstring; the others add arguments that it lacks.

    `names` are the arguments that the signature has. Where the first text, which is the
    object's own, is empty, the nearest one's title is no title of the object. What
    is `general` is about no object but its own.
    """
    texts = list(texts)
    docs = [parse(text, names) for text in texts] or [Doc()]
    params: dict[str, str] = {}
    types: dict[str, str] = {}
    for doc in docs:
        params = {**dict(doc.params), **{n: text for n, text in params.items() if text}}
        types = {**dict(doc.types), **types}
    about = docs[:1] + [
        doc for text, doc in zip(texts[1:], docs[1:], strict=True) if text != general
    ]
    of_object, first = docs[0], next((doc for doc in about if doc != Doc()), Doc())
    inherited = [] if of_object is first else [first.title]
    return Doc(
        title=of_object.title,
        description="\n\n".join(filter(None, [*inherited, first.description])),
        params=tuple(params.items()),
        types=tuple(types.items()),
        returns=first.returns,
        sections=first.sections,
    )


def parse(text: str, names: Collection[str] = ()) -> Doc:
    """Take one docstring apart; what no parser understands stays description."""
    text = linked(_shortened(inspect.cleandoc(text)))
    try:
        return _doc(_sections(text, names), names)
    except Exception:
        # A stranger's text must not stop the run, whatever trips the parser.
        title, description = _titled(text)
        return Doc(title=title, description=description)


def _shortened(text: str) -> str:
    """Return a text that can be read in bounded time."""
    if len(text) <= _MOST_CHARACTERS:
        return text
    return f"{text[:_MOST_CHARACTERS].rpartition(chr(10))[0]}\n\n(Shortened.)"


def _sections(text: str, names: Collection[str]) -> list[DocstringSection]:
    from griffe import Docstring

    if _FIELDS.search(text):
        fields, other = _fields_apart(text)
        return [
            *_sections(other, names),
            *Docstring(fields).parse("sphinx", warnings=False),
        ]
    if _DASHED.search(text):
        text = _TYPED.sub(r"\1 : ", _UNDERLINED.sub(_underlined, text))
        return Docstring(text).parse("numpy", warnings=False)
    return Docstring(in_google_style(text, names)).parse(
        "google",
        warnings=False,
        returns_multiple_items=False,
    )


def _fields_apart(text: str) -> tuple[str, str]:
    """Return `:param x:` and `@param x:`, and all else, which may have sections."""
    fields: list[str] = []
    other: list[str] = []
    inside = after_blank = False
    for line in text.split("\n"):
        if match := _FIELD.match(line):
            inside, line = True, f":{line[match.end() :]}"
        elif line.strip() and not line.startswith((" ", "\t")) and after_blank:
            inside = False
        after_blank = not line.strip()
        (fields if inside else other).append(line)
    return "\n".join(fields), "\n".join(other)


def _underlined(match: re.Match[str]) -> str:
    return f"{_TITLES.get(match[1].casefold(), match[1])}\n---"


def in_google_style(text: str, names: Collection[str] = ()) -> str:
    """Return a docstring in Google's style: a colon after titles, indented bodies.

    Of any layout that has the words of `_TITLES` on lines by themselves. `names` are
    the arguments that the signature has: they tell an entry that is out of line.
    """
    lines = [line if line.strip() else "" for line in text.split("\n")]
    titles = _titles(lines)
    # Code that stands at the margin may hide the indentation of all else.
    lines = _cut(lines, min((_depth(lines[n]) for n in titles), default=0))
    out = lines[: min(titles, default=len(lines))]
    for start, end in itertools.pairwise([*titles, len(lines)]):
        out += _part(titles[start], lines[start + 1 : end], names)
    return "\n".join(out)


def _titles(lines: list[str]) -> dict[int, str]:
    """Return the lines that are titles, which may all be indented."""
    titles: dict[int, str] = {}
    fenced = False
    for number, line in enumerate(lines):
        fenced ^= bool(_FENCE.match(line))
        if not fenced and (title := _title(lines, number)):
            titles[number] = title
    margin = min((_depth(lines[n]) for n in titles), default=0)
    return {n: title for n, title in titles.items() if _depth(lines[n]) < margin + 4}


def _title(lines: list[str], number: int) -> str:
    """Return the title that a line is: `Args:`, `# Arguments`, `**Arguments**`."""
    line = lines[number].strip()
    words = line.strip("#*_: ")
    title = _TITLES.get(words.casefold(), "")
    if line == words:
        named = number and words.casefold().endswith("s") and _opens(lines[number:])
        return title if named and title in _ENTRIES else ""
    return title


def _opens(lines: Sequence[str]) -> bool:
    """Tell whether what follows a line is indented deeper."""
    below = next(filter(str.strip, lines[1:]), "")
    return _depth(below) > _depth(lines[0])


def _part(title: str, lines: list[str], names: Collection[str]) -> list[str]:
    """Return a part, and what stands at the margin after one that is indented."""
    end = len(lines)
    if _opens(["", *lines]):
        after_blank = (n for n in range(1, end) if not lines[n - 1].strip())
        end = next((n for n in after_blank if lines[n][:1].strip()), end)
    body = _hanging("\n".join(lines[:end]).strip("\n").split("\n"))
    other: list[str] = []
    if title in _ENTRIES:
        body, other = _entries(body, names)
        if not body:
            title, body, other = f"{_TITLED}: {title.rpartition(': ')[2]}", other, []
    head = title if ": " in title else f"{title}:"
    titled = [head, *_indented(body, 4)] if any(body) else []
    return ["", *titled, "", *other, "", *lines[end:]]


def _entries(lines: list[str], names: Collection[str]) -> tuple[list[str], list[str]]:
    """Return entries as griffe wants them, and the lines before and after them."""
    entries: list[tuple[str, list[str]]] = []
    before: list[str] = []
    new = {*names}
    margin, bullet = 0, False
    for number, line in enumerate(lines):
        match = _ENTRY.fullmatch(line.strip()) or _without_colon(line.strip(), names)
        if match and not entries:
            margin, bullet = _depth(line), bool(match["bullet"])
        if (
            match
            and bool(match["bullet"]) == bullet
            and (_depth(line) <= margin or {*_words(match["names"])} <= new)
        ):
            new -= {*_words(match["names"])}
            # griffe ends the head of an entry at its first colon.
            type_text = f" {match['type'].replace(':', ' ')}" if match["type"] else ""
            plain = ",".join(re.findall(r"\*{0,2}\w+", match["names"]))
            entries.append((f"{plain}{type_text}: {match['text']}".rstrip(), []))
        elif not entries:
            before.append(line)
        elif bullet and line[:1].strip() and not lines[number - 1].strip():
            before += ["", *lines[number:]]
            break
        else:
            entries[-1][1].append(line)
    hanging = ([head, *_indented(_hanging(more), 4)] for head, more in entries)
    return [line for entry in hanging for line in entry], before


def _without_colon(line: str, names: Collection[str]) -> re.Match[str] | None:
    word, _, text = line.partition(" ")
    name = word.rstrip(".,;")
    if name not in names or (text and not re.match(r"[A-Za-z]+\.", text)):
        return None
    return _ENTRY.fullmatch(f"{name}: {text}")


def _hanging(lines: list[str]) -> list[str]:
    """Take away the indentation of the first line, where a line has it."""
    return _cut(lines, next((_depth(line) for line in lines if line.strip()), 0))


def _cut(lines: list[str], depth: int) -> list[str]:
    """Take away so much indentation, where a line has it.

    Code goes by the fence that opens it, which has none where Python put it there.
    """
    cut: list[str] = []
    fence: int | None = None
    for line in lines:
        is_fence = line.lstrip().startswith(("```", "~~~"))
        most = min(depth, _depth(line)) if fence is None else fence
        cut.append(line[min(most, _depth(line)) :])
        if is_fence:
            fence = most if fence is None else None
    return cut


def _indented(lines: Iterable[str], depth: int) -> list[str]:
    return [" " * depth + line if line.strip() else "" for line in lines]


def _depth(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _words(text: str) -> list[str]:
    """Return the arguments that one entry is about: `x`, `*args`, `x, y`."""
    return re.findall(r"\w+", text.partition("(")[0])


def _doc(sections: list[DocstringSection], names: Collection[str]) -> Doc:
    """Put together what griffe found; what has one title is one section."""
    params: list[DocstringNamedElement] = []
    texts: dict[str, list[str]] = {}
    description = returns = ""
    for section in sections:
        kind = section.kind.value
        if kind == "text" and section is sections[0]:
            description = section.value
        elif kind == "returns":
            returns = _returned(section.value[0])
        elif _is_of_signature(section, names):
            params += section.value
        else:
            title, text = _titled_text(section)
            texts.setdefault(title[:1].upper() + title[1:], []).append(text)
    title, description = _titled(description.strip("\n"))
    entries = [(name, param) for param in params for name in _words(param.name)]
    return Doc(
        title=title,
        description=description,
        params=tuple((name, _typed(param)) for name, param in entries),
        types=tuple((n, str(p.annotation)) for n, p in entries if p.annotation),
        returns=returns,
        sections=tuple(
            Section(title, "\n".join(lines))
            for title, lines in texts.items()
            if any(lines)
        ),
    )


def _is_of_signature(section: DocstringSection, names: Collection[str]) -> bool:
    if section.kind.value == "attributes":
        return not {*names}.isdisjoint(item.name for item in section.value)
    return (
        section.kind.value in ("parameters", "other parameters") and not section.title
    )


def _titled_text(section: DocstringSection) -> tuple[str, str]:
    """Return the title of a section, and its Markdown."""
    match section.kind.value:
        case "text":
            return _DETAILS, section.value.strip("\n")
        case "admonition":
            kind, title = section.value.kind.replace("-", " "), str(section.title)
            text = _as_list(section.value.description)
            plain = title.lower().replace("-", " ")
            if kind == _TITLED.lower() or plain.startswith(kind):
                return title, text
            return kind, f"{title}\n{text}"  # `Inputs: a tensor`
        case "examples":
            return "Examples", "\n\n".join(text for _, text in section.value)
        case "raises":
            return "Raises", "\n".join(
                f"- {_capital(x.description)}" for x in section.value
            )
        case kind:
            title = section.title or _capital(kind)
            return title, "\n".join(
                f"- `{x.name}`: {x.description}" for x in section.value
            )


def _typed(param: DocstringNamedElement) -> str:
    """Return what an argument means, after the type or the choices that are stated.

    `**kwargs` is a dict in Python alone.
    """
    text = param.description.strip("\n")
    type_text = str(param.annotation or "").strip().rstrip(".")
    type_text = _NOT_REQUIRED.sub("", type_text)
    if param.name.startswith("**") or text.casefold().startswith(type_text.casefold()):
        return text
    return f"{_capital(in_words(type_text))}. {_capital(text)}".strip()


def _returned(value: DocstringNamedElement) -> str:
    if value.description in ("self", "`self`"):
        return "The object itself."
    type_text = in_words(str(value.annotation or value.name)).rstrip(":")
    type_text = (
        _capital(type_text) if re.match(r"[a-z]+ (?:of|or)\b", type_text) else type_text
    )
    return ": ".join(filter(None, [type_text, value.description.strip()]))


def _as_list(text: str) -> str:
    """Make `name: what it means` entries, one under another, a list."""
    lines = text.split("\n")
    heads = [line for line in lines if line[:1].strip()]
    if not heads or not all(map(_LISTED.match, heads)):
        return text
    return "\n".join(_LISTED.sub(r"- `\1`:", line, count=1) for line in lines)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _titled(description: str) -> tuple[str, str]:
    """Return the first sentence, in one line, and the rest."""
    head, _, rest = description.partition("\n\n")
    lines = head.split("\n")
    length = next(
        (n for n in range(1, len(lines)) if _ends_title(lines[n - 1], lines[n])),
        len(lines),
    )
    title = " ".join(" ".join(lines[:length]).split())
    after = "\n".join(lines[length:])
    if sentence := _SENTENCE.search(title):
        title, after = (
            title[: sentence.start() + 1],
            title[sentence.end() :] + (f"\n{after}" if after else ""),
        )
    elif not after and not title.endswith((".", "!", "?")):
        title = f"{title.rstrip(':')} {_quoted(rest)}".strip()
    return title, "\n\n".join(filter(str.strip, [after, rest])).strip()


def _ends_title(line: str, following: str) -> bool:
    """Tell whether a title ends with a line: it had room for the word that follows."""
    word = following.split()[0] if following.split() else ""
    room = len(line) + 1 + len(word) < _WRAPPED_FROM
    return bool(_BLOCK.match(following)) or (room and word[:1].isupper())


def _quoted(text: str) -> str:
    """Return the work that a title names in a quotation under it."""
    quotation = re.match(r"\s*> (.*?)(?:<br>|\n[ \t]*\n|$)", text, re.DOTALL)
    return " ".join(quotation[1].split()) if quotation else ""
