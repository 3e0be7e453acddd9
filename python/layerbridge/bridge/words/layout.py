"""Docstrings of any layout as the Google or NumPy style that docstring_parser reads."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field

__all__ = ["DETAILS", "ENTRIES", "Part", "google", "google_parts", "numpy", "rest"]

DETAILS = "Details"

_ENTRY_TITLES = {
    "Args": (
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
    ),
    "Raises": ("except", "exceptions", "raise", "raises"),
}
_PARSED_TITLES = {"Returns": ("return", "returns"), "Yields": ("yield", "yields")}
ENTRIES = frozenset(_ENTRY_TITLES)
_CANONICAL = {
    spelling: title
    for title, spellings in (_ENTRY_TITLES | _PARSED_TITLES).items()
    for spelling in spellings
}
_KNOWN = {
    "attributes",
    "call arguments",
    "example",
    "examples",
    "input",
    "input shape",
    "note",
    "notes",
    "output",
    "output shape",
    "reference",
    "references",
    "usage",
    "warning",
    "warnings",
    *_CANONICAL,
}

_FENCE = re.compile(r"[ \t]*(```|~~~)")
_WORDS = r"([A-Za-z][\w /-]{0,40}?)"
_WITH_COLON = re.compile(rf"{_WORDS}:[ \t]*")
_MARKED = re.compile(
    rf"(?:#+ *{_WORDS}:?[ #]*|(?:\*\*|__){_WORDS}:?(?:\*\*|__):?)[ \t]*"
)
_BARE = re.compile(rf"{_WORDS}[ \t]*")
_UNDERLINED = re.compile(
    r"^([A-Za-z][\w ]{0,40}?)[ \t]*\n[-=]{3,}[ \t]*$", re.MULTILINE
)
_ENTRY = re.compile(
    r"(?P<bullet>[-*+\u2022] +)?"
    r"[*`_]{0,3}(?P<names>\*{0,2}\w+(?: ?[,/] ?[*`]{0,2}\w+[*`]{0,2})*)[*`]{0,2}"
    r" *(?P<type>\((?:[^()\n]|\([^()\n]*\))*\))?[*`]{0,2}"
    r" *(?::(?!:)|\u2013|\u2014| - )[*]{0,2}(?P<text>.*)"
)
_FIELD = re.compile(r"[ \t]*[:@][a-z]+\b[^:\n]*:")


@dataclass
class Part:
    """A titled part of a docstring; its lines stand at the margin."""

    title: str
    lines: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Entry:
    names: str
    stated_type: str
    lines: list[str]


def google(head: Sequence[str], parts: Sequence[Part]) -> str:
    """Return a docstring in Google style, with each title once."""
    written = (f"{part.title}:\n" + _indented(part.lines, "    ") for part in parts)
    return "\n\n".join(filter(None, ["\n".join(head).strip("\n"), *written]))


def google_parts(
    text: str, names: Collection[str] = ()
) -> tuple[list[str], list[Part]]:
    """Return the lines before any title, and the parts that have something to say.

    `names` are the arguments that the signature has. They tell an entry that is out
    of line, or lacks its colon, from the words of the entry before it.
    """
    lines = _dedented(text.split("\n"))
    titles = _titles(lines)
    first = min(titles, default=len(lines))
    parts = list(_parts(lines[first:], {n - first: t for n, t in titles.items()}))
    sorted_out = [new for part in parts for new in _sorted_out(part, names)]
    return lines[:first], _joined(sorted_out)


def numpy(text: str) -> tuple[str, list[str]] | None:
    """Return a docstring in NumPy style as the parser wants it, and its titles."""
    titles: list[str] = []

    def underlined(match: re.Match[str]) -> str:
        title = match[1].title() if match[1].casefold() in _KNOWN else match[1]
        titles.append(title)
        return f"{title}\n{'-' * len(title)}"

    # A line of `=` alone may be a heading of reStructuredText.
    if not re.search(r"^[A-Za-z][\w ]*\n-{3,}[ \t]*$", text, re.MULTILINE):
        return None
    return _UNDERLINED.sub(underlined, text), titles


def rest(text: str) -> str:
    """Put the fields of a docstring, `:param x:` or `@param x:`, after all else.

    The parser would take what follows a field for a part of it.
    """
    fields: list[str] = []
    other: list[str] = []
    inside = after_blank = False
    for line in _dedented(text.split("\n")):
        if _FIELD.match(line):
            inside = True
        elif line.strip() and not line.startswith((" ", "\t")) and after_blank:
            inside = False
        after_blank = not line.strip()
        (fields if inside else other).append(line)
    return "\n".join([*other, "", *fields])


def _dedented(lines: list[str]) -> list[str]:
    """Take away the indentation of the titles, or else what all lines share.

    A few lines may stand further left, as those of fenced code often do.
    """
    shared: list[int] = []
    of_titles: list[int] = []
    fenced = False
    for line in lines[1:]:
        fence = bool(_FENCE.match(line))
        if line.strip() and not fenced and not fence:
            shared.append(_depth(line))
            if _names_entries(line.strip()):
                of_titles.append(_depth(line))
        fenced ^= fence
    return _cut(lines, min(of_titles or shared, default=0))


def _cut(lines: list[str], depth: int) -> list[str]:
    """Take away so much indentation, where a line has it."""
    return [line[min(depth, _depth(line)) :] for line in lines] if depth else lines


def _names_entries(line: str) -> bool:
    match = _WITH_COLON.fullmatch(line) or _MARKED.fullmatch(line)
    words = next(filter(None, match.groups()), "") if match else ""
    return words.casefold() in _CANONICAL


def _depth(line: str) -> int:
    return len(line) - len(line.lstrip())


def _titles(lines: list[str]) -> dict[int, str]:
    """Return the lines that are titles: known ones, and any after the first known."""
    found: dict[int, str] = {}
    fenced = False
    for number, line in enumerate(lines):
        if _FENCE.match(line):
            fenced = not fenced
        if not fenced and (title := _title(lines, number, bool(found))):
            found[number] = title
    return found


def _title(lines: list[str], number: int, others: bool) -> str:
    line = lines[number]
    if match := _WITH_COLON.fullmatch(line):
        known = match[1].casefold() in _KNOWN
        return _spelled(match[1]) if known or (others and _opens(lines, number)) else ""
    if match := _MARKED.fullmatch(line):
        title = match[1] or match[2]
        return _spelled(title) if title.casefold() in _KNOWN else ""
    if number and (match := _BARE.fullmatch(line)):
        title = match[1].casefold()
        named = title in _CANONICAL and title.endswith("s")
        return _spelled(title) if named and _opens(lines, number) else ""
    return ""


def _spelled(title: str) -> str:
    plain = title[:1].upper() + title[1:]
    return _CANONICAL.get(title.casefold(), plain)


def _opens(lines: Sequence[str], title: int) -> bool:
    """Tell whether what follows a title is indented."""
    body = next((line for line in lines[title + 1 :] if line.strip()), "")
    return body.startswith((" ", "\t"))


def _parts(lines: list[str], titles: dict[int, str]) -> Iterator[Part]:
    """Yield a part for each title.

    A paragraph at the margin ends an indented part, title or not.
    """
    part = Part(DETAILS)
    indented = False
    for number, line in enumerate(lines):
        if title := titles.get(number):
            yield _flush(part)
            part = Part(title)
            indented = _opens(lines, number)
        else:
            after_blank = not lines[number - 1].strip() or number - 1 in titles
            if indented and after_blank and line[:1].strip():
                yield _flush(part)
                part, indented = Part(DETAILS), False
            part.lines.append(line)
    yield _flush(part)


def _flush(part: Part) -> Part:
    """Return the part with its lines at the margin, whatever a few of them do."""
    text = "\n".join(part.lines).strip("\n")
    lines = text.split("\n") if text.strip() else []
    depth = _depth(lines[0]) if lines else 0
    return Part(part.title, _cut(lines, depth))


def _joined(parts: list[Part]) -> list[Part]:
    by_title: dict[str, Part] = {}
    for part in parts:
        if part.lines:
            same = by_title.setdefault(part.title, Part(part.title))
            same.lines += [*([""] if same.lines else []), *part.lines]
    return list(by_title.values())


def _sorted_out(part: Part, names: Collection[str]) -> list[Part]:
    """Rewrite entries in one spelling; what is no entry goes to the details."""
    is_class = part.title == "Attributes"
    if part.title not in ENTRIES and not is_class:
        return [part]
    before, entries, after = _entries(part.lines, names)
    if is_class and not {n for e in entries for n in re.findall(r"\w+", e.names)} & {
        *names
    }:
        return [part]
    lines = []
    for entry in entries:
        head, *more = entry.lines
        lines.append(f"{entry.names}{entry.stated_type}: {head.strip()}".rstrip())
        lines += [f"    {line}".rstrip() for line in more]
    return [
        Part("Args" if is_class else part.title, lines),
        Part(DETAILS, before),
        Part(DETAILS, after),
    ]


def _entries(
    lines: list[str], names: Collection[str]
) -> tuple[list[str], list[_Entry], list[str]]:
    """Return the lines before entries, the entries, and those after them."""
    before: list[str] = []
    entries: list[_Entry] = []
    seen: set[str] = set()
    base: tuple[int, bool] | None = None
    for number, line in enumerate(lines):
        depth = _depth(line)
        match = _ENTRY.fullmatch(line.strip()) or _without_colon(line, names)
        if match and base is None:
            base = depth, bool(match["bullet"])
        begins = match and base and _begins(match, depth, base, names, seen)
        if match and begins:
            seen |= {*re.findall(r"\w+", match["names"])}
            # The parser ends the head of an entry at its first colon.
            stated = f" {match['type'].replace(':', ' ')}" if match["type"] else ""
            named = re.sub(r"[`]", "", match["names"])
            entries.append(_Entry(named, stated, [match["text"]]))
        elif not entries:
            before.append(line)
        elif base == (0, True) and depth == 0 and not lines[number - 1].strip():
            return before, entries, lines[number:]
        else:
            entries[-1].lines.append(line)
    return before, [_hanging(entry, base) for entry in entries], []


def _begins(
    match: re.Match[str],
    depth: int,
    base: tuple[int, bool],
    names: Collection[str],
    seen: Collection[str],
) -> bool:
    if bool(match["bullet"]) != base[1]:
        return False
    new = {*re.findall(r"\w+", match["names"])}
    return depth <= base[0] or bool(new <= {*names} and not new & {*seen})


def _without_colon(line: str, names: Collection[str]) -> re.Match[str] | None:
    word, _, said = line.strip().partition(" ")
    name = word.rstrip(".,;")
    if name not in names or (said and not re.match(r"[A-Za-z]+\.", said)):
        return None
    return _ENTRY.fullmatch(f"{name}: {said}")


def _hanging(entry: _Entry, base: tuple[int, bool] | None) -> _Entry:
    """Take away the indentation of the lines under the head of an entry."""
    head, *more = entry.lines
    margin = base[0] if base else 0
    deeper = (_depth(x) for x in more if x.strip() and _depth(x) > margin)
    depth = next(deeper, margin)
    return _Entry(entry.names, entry.stated_type, [head, *_cut(more, depth)])


def _indented(lines: list[str], pad: str) -> str:
    return "\n".join(pad + line if line.strip() else "" for line in lines)
