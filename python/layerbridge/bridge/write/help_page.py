"""The help page of an R function, as pieces of Rd."""

from __future__ import annotations

import re
from dataclasses import dataclass

from layerbridge.bridge.ir import DOTS, Param, Section, Wrapper
from layerbridge.bridge.kind_table import KINDS
from layerbridge.bridge.literals import r_string
from layerbridge.bridge.words.counting import words_from_one
from layerbridge.bridge.words.examples import Script
from layerbridge.bridge.words.idioms import Idioms
from layerbridge.bridge.words.markdown import (
    clean,
    escape,
    plain_line,
    rd_code,
    split_code,
    to_rd,
)

__all__ = ["HelpPage", "help_page"]


_EXAMPLES = ("Example", "Usage")
_TUPLE = re.compile(r"\btuple(?= (?:is|with|that|must|should)\b)")
_ORIGINS = {
    "class": "Wraps the Python class",
    "function": "Calls the Python function",
    "maker": "Calls the Python class method",
    "static": "Calls the Python function",
    "method": "Calls the Python method",
}


@dataclass(frozen=True)
class HelpPage:
    """What a help page says; every text is Rd, `examples` is R code."""

    name: str
    title: str
    description: str
    params: tuple[tuple[str, str], ...]
    returns: str
    sections: tuple[tuple[str, str], ...] = ()
    examples: str = ""
    concept: str = ""


def help_page(wrapper: Wrapper, idioms: Idioms) -> HelpPage:
    """Compose the page of `layer`."""
    idioms = idioms.of(wrapper)
    title = _title(wrapper)
    first = [wrapper.first] if wrapper.first else []
    params = [(name, to_rd(wrapper.first_doc, idioms)) for name in first]
    params += [(p.r_name, _param_text(p, idioms)) for p in wrapper.params]
    if wrapper.accepts_dots:
        params.append((DOTS, _dots_text(wrapper, idioms)))
    sections, examples = _sections(wrapper, idioms)
    twin = f", or calls {rd_code(wrapper.twin)}" if wrapper.twin else ""
    origin = f"{_origin(wrapper)} {rd_code(wrapper.python)}{twin}."
    text = to_rd(wrapper.description, idioms)
    returns = to_rd(wrapper.value, idioms)
    if not (returns or wrapper.returns):
        returns = "What Python returns."
    if wrapper.returns:
        said_of_output = to_rd(wrapper.returns, idioms)
        returns += f"\n\nOf the output: {said_of_output}" if returns else said_of_output
    # pkgdown begins a paragraph after a line that ends with markup
    returns = re.sub(r"\}\n(?=[^\\\n])", "} ", returns)
    return HelpPage(
        name=wrapper.r_name,
        title=escape(title),
        description="\n\n".join(filter(None, [text, origin])),
        params=tuple(params),
        returns=returns,
        sections=tuple((escape(title), text) for title, text in sections if text),
        examples=wrapper.examples or examples,
        concept=wrapper.concept,
    )


def _title(wrapper: Wrapper) -> str:
    """Return the title of a page: of `Dense computes ...`, what it does."""
    name = " ".join(clean(wrapper.class_name).split())
    title = plain_line(wrapper.title).rstrip(".:")
    if title in ("", name):
        owner, _, member = name.rpartition(".")
        of = f"{member}() of {owner}" if owner else name
        return f"Layer {name}" if wrapper.is_layer else of
    does = re.fullmatch(rf"{re.escape(name)} (?!is\b|has\b)([a-z]+s .+)", title)
    return does[1][0].upper() + does[1][1:] if does else title


def _origin(wrapper: Wrapper) -> str:
    """Return what the R function does to the object that it wraps."""
    # A function that takes an object first is no method in Python.
    is_function = wrapper.wraps == "method" and wrapper.class_name == wrapper.python
    return _ORIGINS["function" if is_function else wrapper.wraps]


def _sections(wrapper: Wrapper, idioms: Idioms) -> tuple[list[tuple[str, str]], str]:
    """Return titles with what they say, and the R code of the examples.

    An example whose code is R now is no section; what stays Python says so. A page that
    has an example of its own in R needs none in Python.
    """
    script = Script(idioms, wrapper.module)
    texts = _texts(wrapper, script, idioms)
    code = script.guarded(wrapper.module.partition(".")[0])
    if code and not _is_about(code, wrapper):
        nothing = Script(idioms, wrapper.module, lambda lines: False)
        return _texts(wrapper, nothing, idioms), ""
    return texts, code


def _is_about(code: str, wrapper: Wrapper) -> bool:
    """Tell whether R code calls the function of a page, if its Python example does."""
    name = wrapper.class_name.rpartition(".")[2]
    python = (x.text for x in wrapper.sections if x.title.startswith(_EXAMPLES))
    if not any(re.search(rf"\b{re.escape(name)}\b", text) for text in python):
        return True  # it is inherited, and about a base class
    return bool(re.search(rf"\b{re.escape(wrapper.called_as)}\(", code))


def _texts(wrapper: Wrapper, script: Script, idioms: Idioms) -> list[tuple[str, str]]:
    texts = []
    for section in wrapper.sections:
        title = plain_line(section.title).replace(":", "") or "Details"
        if not title.startswith(_EXAMPLES):
            text = section.text
            if title == "Raises":
                title, text = "Errors", _errors(text)
            texts.append((title, to_rd(text, idioms)))
        elif not wrapper.examples and (
            left := _left_in_python(section, script, idioms)
        ):
            texts.append((f"{title} in Python", to_rd(left, idioms, in_python=True)))
    return texts


def _errors(text: str) -> str:
    """Return a sentence instead of a list of one condition."""
    if text.startswith("- If ") and "\n- " not in text:
        return f"Raises an error i{text.removeprefix('- I')}"
    return text


def _left_in_python(section: Section, script: Script, idioms: Idioms) -> str:
    """Hand the code of a section to the script; return the Markdown that it left."""
    left: list[str] = []
    words_of_end: list[str] = []
    parts = split_code(section.text)
    for words, code in parts:
        lines = [plain_line(part, idioms) for part in words.split("\n\n")]
        if not code:
            words_of_end = lines
        elif in_python := script.add(lines, code):
            left += [words, f"~~~~~python\n{in_python.strip()}\n~~~~~"]
    if left or not any(code for _, code in parts):
        return "\n\n".join(filter(None, [*left, *(w for w, c in parts if not c)]))
    script.say(words_of_end)
    return ""


def _param_text(param: Param, idioms: Idioms) -> str:
    kind = KINDS[param.kind]
    doc = words_from_one(param.doc) if kind.from_one else param.doc
    if kind.vector:
        doc = _TUPLE.sub("vector", doc)
    text = to_rd(doc, idioms) or "Not documented in Python."
    members = ", ".join(rd_code(r_string(name)) for name in param.members)
    return " ".join(filter(None, [text, kind.help.replace("{members}", members)]))


def _dots_text(wrapper: Wrapper, idioms: Idioms) -> str:
    by = "by position or by name" if DOTS in wrapper.inputs else "by name"
    text = to_rd(wrapper.dots_doc, idioms)
    text = text or f"Further arguments, {by}."
    if wrapper.options:
        names = ", ".join(rd_code(name) for name in wrapper.options)
        text += f"\nArguments of the layer's call may be given by name, too: {names}."
    if not wrapper.dots:
        return text
    items = [
        f"\\item {rd_code(d.name)}: {_param_text(d, idioms)}" for d in wrapper.dots
    ]
    return "\n".join([text, "From the base class:", "\\itemize{", *items, "}"])
