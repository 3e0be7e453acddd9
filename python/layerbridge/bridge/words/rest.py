"""reStructuredText in docstrings as the Markdown that they are otherwise."""

from __future__ import annotations

import ast
import re
import textwrap
from collections.abc import Callable

from layerbridge.bridge.links import linked
from layerbridge.bridge.syntax import module

__all__ = ["fenced", "is_code", "to_markdown"]

_FENCED = re.compile(r"^( *)(```|~~~)[^\n]*\n(?:.*?\n)??\1 *\2[`~]* *$", re.M | re.S)
_DIRECTIVE = re.compile(r"( *)\.\. +([A-Za-z][\w-]*):: *(.*)")
_NOTE = re.compile(r"( *)\.\. +\[[#*]?([\w-]*)\] +(.*)")
_COMMENT = re.compile(r"( *)\.\.(?: +.*)?")
_OPTION = re.compile(r" *:[\w-]+:.*")
_MATH = re.compile(r":math:`([^`$]+)`")
_BRACKETS = re.compile(
    r"(`+)[^`]+\1|\\\(([^`$]{1,500}?)\\\)|\\\[([^`$]{1,2000}?)\\\]", re.DOTALL
)
_LINK = re.compile(r"`([^`<>]{1,300}?)\s*<(https?://[^`<>\s]{1,300})>`__?")
_NAMED_LINK = re.compile(r"`([^`<>\n]{1,99})`__?(?!\w)")
_SPLIT_LINK = re.compile(r"\]\s*\n\s*\((?=https?://)")
_NOTE_REFERENCE = re.compile(r"\[[#*]?([\w-]{1,30})\]_(?!\w)")
_REFERENCE = re.compile(r"(?<=\S)\n(?= *\[\d{1,2}\] +[A-Z])")
_ROLE = re.compile(r":(?:[a-z]+:){0,2}[a-z]+:`([^`]{1,300})`")
_ROLE_TARGET = re.compile(r"(.*?)\s*<[^<>]*>")
_TERM = re.compile(r"( *)(\w[\w-]*|`+[^`]+`+) *")  # of a definition list
_SPACE = re.compile(r"(?<=`)\\ ")
_BULLET = re.compile(r"[-*+] |\d{1,2}[.)] ")
_BREAK = re.compile(r" *<br */?>(?:[ \t]*\n)?")

_CODE = {"code", "code-block", "doctest", "ipython", "sourcecode", "testcode"}
_DROPPED = {"figure", "image", "include", "index", "raw", "toctree"}


def to_markdown(text: str) -> str:
    """Return Markdown for a text of either language, or of both."""
    return _outside_fences(_outside_fences(linked(text), _blocks), _spans)


def fenced(text: str) -> str:
    """Put fences around paragraphs that are code, as those of an example may be."""
    return _outside_fences(text, _with_fences)


def _with_fences(text: str) -> str:
    if is_code(text):
        return "\n".join(_fence(textwrap.dedent(text).strip("\n").split("\n"), ""))
    return "\n\n".join(
        "\n".join(_fence(textwrap.dedent(part).split("\n"), ""))
        if is_code(part)
        else part
        for part in re.split(r"\n(?: *\n)+", text)
    )


def _outside_fences(text: str, change: Callable[[str], str]) -> str:
    """Apply a change to all text but fenced code."""
    out = []
    start = 0
    for fence in _FENCED.finditer(text):
        out += [change(text[start : fence.start()]), fence[0]]
        start = fence.end()
    return "".join([*out, change(text[start:])])


def is_code(text: str) -> bool:
    """Tell whether a text is Python that does something, rather than words."""
    tree = module(textwrap.dedent(text))
    idle = (ast.Name, ast.Constant, ast.Tuple, ast.Compare, ast.BinOp, ast.Subscript)
    return any(
        not (isinstance(x, ast.Expr) and isinstance(x.value, idle))
        and not isinstance(x, ast.AnnAssign)
        for x in (tree.body if tree else ())
    )


def _spans(text: str) -> str:
    text = _MATH.sub(lambda match: f"${match[1].strip()}$", text)
    text = _BRACKETS.sub(_dollars, text)
    text = _LINK.sub(lambda match: f"[{' '.join(match[1].split())}]({match[2]})", text)
    text = _NAMED_LINK.sub(r"\1", text)
    text = _SPLIT_LINK.sub("](", text)
    text = _NOTE_REFERENCE.sub(r"\\[\1]", text)
    text = _REFERENCE.sub("\n\n", text)
    text = _SPACE.sub("", _ROLE.sub(_named_object, text))
    return _BREAK.sub("\\\\\n", text)


def _dollars(match: re.Match[str]) -> str:
    if match[2]:
        return f"${match[2].strip()}$"
    return f"$${match[3].strip()}$$" if match[3] else match[0]


def _named_object(match: re.Match[str]) -> str:
    name = " ".join(match[1].split())
    if titled := _ROLE_TARGET.fullmatch(name):
        name = titled[1]
    if name.startswith("~"):
        name = name.rpartition(".")[2].removeprefix("~")
    return f"`{name}`"


def _blocks(text: str) -> str:
    out: list[str] = []
    lines = text.split("\n")
    at = 0
    while at < len(lines):
        line = lines[at]
        at += 1
        if match := _DIRECTIVE.fullmatch(line):
            body, at = _body(lines, at, len(match[1]))
            out += _directive(match[1], match[2], match[3], body)
        elif match := _NOTE.fullmatch(line):
            body, at = _body(lines, at, len(match[1]))
            out += ["", f"{match[1]}\\[{match[2]}] {match[3]}", *map(str.strip, body)]
        elif match := _COMMENT.fullmatch(line):
            _, at = _body(lines, at, len(match[1]))
        elif (match := _TERM.fullmatch(line)) and _begins(out) and at < len(lines):
            body, after = _body(lines, at, len(match[1]))
            if not body or not lines[at].strip() or is_code("\n".join(body)):
                out.append(line)
                continue
            lead, *more = (match[1] + x for x in _blocks("\n".join(body)).split("\n"))
            out += [
                f"{match[1]}- {match[2]}: {lead.strip()}",
                *("  " + x for x in more),
            ]
            out.append("")
            at = after
        elif line.rstrip().endswith(("::", ":")):
            body, after = _body(lines, at, _depth(line))
            literal = line.rstrip().endswith("::")
            lead = line.rstrip().removesuffix("::")
            if body and (literal or is_code("\n".join(body))):
                out.append(f"{lead}:" if literal and lead.strip() else lead)
                out += _fence(body, " " * _depth(line))
                at = after
            elif body and _BULLET.match(body[0]):
                out += [line, "", *(" " * _depth(line) + x for x in body), ""]
                at = after
            else:
                out.append(f"{lead}:" if literal and lead.strip() else line)
        else:
            out.append(line)
    return "\n".join(out)


def _begins(out: list[str]) -> bool:
    """Tell whether a paragraph begins after these lines."""
    return not out or not out[-1].strip()


def _body(lines: list[str], at: int, depth: int) -> tuple[list[str], int]:
    """Return the lines that are indented deeper, and where they end."""
    end = at
    while end < len(lines) and (not lines[end].strip() or _depth(lines[end]) > depth):
        end += 1
    body = textwrap.dedent("\n".join(lines[at:end])).strip("\n").split("\n")
    return (body if any(map(str.strip, body)) else []), end


def _directive(pad: str, name: str, argument: str, body: list[str]) -> list[str]:
    while body and _OPTION.fullmatch(body[0]):
        body = body[1:]
    text = textwrap.dedent("\n".join(body)).strip("\n")
    name = name.lower()
    if name in _DROPPED:
        return []
    if name in _CODE:
        return _fence(text.split("\n"), pad, argument)
    if name == "math":
        formula = "\n".join(filter(str.strip, [argument, *text.split("\n")]))
        return ["", *(pad + x for x in ["$$", *formula.split("\n"), "$$"]), ""]
    if name == "rubric":
        return ["", f"{pad}**{argument}**", ""]
    title = name.replace("-", " ").capitalize().replace("Versionadded", "Added in")
    inside = _blocks("\n".join(filter(None, [argument, text])))
    lead, *more = inside.split("\n")
    return ["", f"{pad}**{title}:** {lead}".rstrip(), *(pad + x for x in more), ""]


def _fence(body: list[str], pad: str, language: str = "") -> list[str]:
    fence = "~~~~" if any("```" in line for line in body) else "```"
    return ["", *(pad + line for line in [fence + language, *body, fence]), ""]


def _depth(line: str) -> int:
    return len(line) - len(line.lstrip(" "))
