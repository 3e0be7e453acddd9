"""What R values an argument takes: a decision with a source.

What Python says of an argument, as an annotation, a
default or prose, comes down to elements (`int`) and the forms in which they come (one
by itself, in a tuple, in a list); `_KIND_OF` has the kind for each.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from layerbridge.bridge.kind_table import KINDS
from layerbridge.bridge.read.enumeration import MEMBER, Member
from layerbridge.bridge.read.type_hint import (
    LITERAL,
    NONE,
    UNION,
    TypeHint,
    type_hint,
)

__all__ = ["kind_of"]

_ONE, _TUPLE, _LIST, _DICT = "one", "tuple", "list", "dict"
_Forms = frozenset[tuple[str, str]]  # an element and its form, `("int", "tuple")`

# The kind of an element by the forms it has; of a form that is not here it is unknown.
_KIND_OF = {
    "any": {_TUPLE: "tuple", _LIST: "any_list", _DICT: "dict"},
    "bool": {_ONE: "bool", _ONE + _TUPLE: "bool"},
    "data": {_ONE: "data", _LIST: "data", _DICT: "data"},
    "enum": {_ONE: "enum"},
    "float": {
        _ONE: "float",
        _ONE + _TUPLE: "float_or_tuple",
        _TUPLE: "float_or_tuple",
        _LIST: "float_list",
    },
    "int": {
        _ONE: "int",
        _ONE + _TUPLE: "int_or_tuple",
        _TUPLE: "int_tuple",
        _LIST: "int_list",
    },
    "member": {_ONE: "member", _TUPLE: "member_list"},
    "member_or_str": {_ONE: "member_or_str", _TUPLE: "member_or_str_list"},
    "str": {_ONE: "str", _ONE + _TUPLE: "str", _TUPLE: "str_list", _LIST: "str_list"},
}
_NUMBERS = {"float", "int"}
_PYTHON_TYPES = {"bool", "float", "int", "str"}
_ARRAYS = {"Array", "ArrayLike", "ndarray", "Tensor"}
_FORM_OF = {"dict": _DICT, "list": _LIST, "sequence": _TUPLE, "tuple": _TUPLE}


def kind_of(
    rule: str | None,
    hint: TypeHint | None,
    has_default: bool,
    default: Any,
    doc: str,
    likely: str | None = None,
) -> tuple[str, str]:
    """Return the kind of an argument and what decided it.

    `likely` is what the argument's name suggests, for want of anything better.
    """
    of_hint = _of_hint(hint)
    of_prose = _of_prose(doc)
    of_default = _of_default(default) if has_default else frozenset()
    if rule and not (
        KINDS[rule].numeric and _is_text(of_hint or of_default or of_prose)
    ):
        return rule, "rule"
    if kind := _of_members(of_hint | of_default):
        return kind, "annotation" if _of_members(of_hint) else "default"
    if kind := _kind(of_hint):
        return kind, "annotation"
    if kind := _kind(
        _reconciled(of_default, of_prose, bool(_PLURAL.search(_first(doc))))
    ):
        return kind, "default" if of_default else "docstring"
    return (likely, "name") if likely else ("any", "none")


def _is_text(forms: _Forms) -> bool:
    """Tell whether a number is out of the question, whatever an argument's name."""
    return bool(forms) and {element for element, _ in forms} <= {
        "bool",
        "member",
        "str",
    }


def _of_members(forms: _Forms) -> str | None:
    """Return the kind of what may be a member, whatever else it may be.

    Other text is text where Python takes any.
    """
    containers = {form for element, form in forms if element == "member"}
    if not containers:
        return None
    is_open = bool({element for element, _ in forms} & {"enum", "str"})
    named = _KIND_OF["member_or_str" if is_open else "member"]
    return named[_ONE if _ONE in containers else _TUPLE]


def _kind(forms: _Forms) -> str | None:
    elements = {element for element, _ in forms}
    if elements == {"int", "float"}:
        elements = {"float"}
    if len(elements) != 1:
        return None
    containers = {form for _, form in forms}
    several = containers - {_ONE}
    many = several.pop() if len(several) == 1 else _TUPLE if several else ""
    if _ONE in containers:
        many = _ONE + (_TUPLE if many else "")
    return _KIND_OF[elements.pop()].get(many)


def _reconciled(of_default: _Forms, of_prose: _Forms, plural: bool) -> _Forms:
    """Return what a default and the docstring come to; the default knows better.

    Prose widens it: a 3 that may be a tuple, a 1 that is a float, a tuple that is a
    list. A tuple with no word on it may be a scalar too.
    """
    if not of_default:
        return of_prose
    elements = {element for element, _ in of_default}
    if elements == {"int"} and {element for element, _ in of_prose} == {"float"}:
        elements = {"float"}
    prose_forms = {form for _, form in of_prose}
    many = {form for _, form in of_default} - {_ONE}
    if many and elements <= {"int", "float"}:
        forms = prose_forms - {_ONE} if prose_forms == {_LIST} else {_ONE, _TUPLE}
        if prose_forms == {_TUPLE}:
            forms = {_TUPLE}
    else:
        forms = {form for _, form in of_default} | ({_TUPLE} if plural else set())
    return frozenset((element, form) for element in elements for form in forms)


def _of_default(default: Any) -> _Forms:
    """Return the forms of a default."""
    if isinstance(default, (bool, int, float, str, Member)):
        return frozenset({(_element(default), _ONE)})
    if isinstance(default, (tuple, list)) and default:
        elements = {_element(item) for item in _flat(default)}
        if elements <= {"int", "float"} or elements == {"member"}:
            return frozenset((element, _TUPLE) for element in elements)
    if isinstance(default, tuple):
        return frozenset({("any", _TUPLE)})
    return frozenset()


def _element(value: Any) -> str:
    if isinstance(value, Member):
        return "member"
    return next(
        (t.__name__ for t in (bool, int, float, str) if isinstance(value, t)), "any"
    )


def _flat(value: Any) -> Iterable[Any]:
    if isinstance(value, (tuple, list)):
        for item in value:
            yield from _flat(item)
    else:
        yield value


def _of_hint(hint: TypeHint | None) -> _Forms:
    """Return the forms that a type hint allows."""
    if hint is None or hint.path == NONE:
        return frozenset()
    if hint.path == UNION:
        return frozenset().union(*map(_of_hint, hint.items or ()))
    if hint.path == LITERAL:
        is_int = all(re.fullmatch(r"-?\d+", choice) for choice in hint.choices)
        return frozenset({("int" if is_int else "enum", _ONE)})
    if form := _FORM_OF.get(hint.container):
        return _of_container(form, hint)
    if hint.items is not None:
        return frozenset({("any", _ONE)})
    if hint.path == MEMBER:
        return frozenset({("member", _ONE)})
    if hint.name in _ARRAYS:
        return frozenset({("data", _ONE)})
    return frozenset({(hint.name if hint.name in _PYTHON_TYPES else "any", _ONE)})


def _of_container(form: str, hint: TypeHint) -> _Forms:
    if hint.items is None:
        return frozenset({("any", form)})
    if form == _DICT:
        of_arrays = [*map(_of_hint, hint.items[-1:])] == [{("data", _ONE)}]
        return frozenset({("data" if of_arrays else "any", _DICT)})
    elements = {element for item in hint.items for element, _ in _of_hint(item)}
    fixed = form == _TUPLE and len(hint.items) > 1 and not hint.is_open
    return _contained(elements, form, fixed=fixed)


def _contained(elements: Iterable[str], form: str, *, fixed: bool) -> _Forms:
    """Return elements in a container; one number may stand for a fixed number."""
    forms = {(element, form) for element in elements}
    if fixed:
        forms |= {(element, _ONE) for element in elements if element in _NUMBERS}
    return frozenset(forms)


_WORDS = {
    "bool": "bool(?:ean)?s?",
    "int": "int(?:eger)?s?",
    "float": "floats?(?:ing point numbers?)?",
    "str": "str(?:ing)?s?",
}
_ELEMENT = "|".join(f"(?P<{name}>{words})" for name, words in _WORDS.items())
_MANY = r"(?P<many>tuples?|lists?|sequences?|iterables?)"
# `integer`, `a single float`, `Optional positive int`, at the start of what is said
_LEAD = r"\W*(?:optional\W+|positive |non-negative |single |python |an? |one |the )*"
_SCALAR = re.compile(rf"{_LEAD}(?:{_ELEMENT})\b", re.IGNORECASE)
_CONTAINED = re.compile(
    rf"{_LEAD}{_MANY}(?:(?:/| or )(?P<other>tuples?|lists?))?"
    rf"(?: of (?P<fixed>(?:[2-9]|two|three|four) )?(?:\w+ ){{0,2}}(?:{_ELEMENT})\b)?",
    re.IGNORECASE,
)
_PLURAL = re.compile(r"\b(?:tuples?|lists?|sequences?)\b", re.IGNORECASE)
_FLOAT = re.compile(r"\bfloat\b", re.IGNORECASE)
_COUNTED = re.compile(r"\b(?:ints?|integers?|bool|boolean|str|string|tensor|dict)\b")
_ALTERNATIVE = re.compile(r"\b(?:or|dict\w*|either|tensor)\b(?! (?:`?None|tuple|list))")
_OR_ONE = re.compile(r"\bor (?:just )?(?:an?|one|a single)? ?(?:int|float)", re.I)


def _is_known(forms: _Forms) -> bool:
    return "any" not in {element for element, _ in forms}


def _first(doc: str) -> str:
    """Return the first sentence of a text."""
    return doc.partition(". ")[0]


def _of_prose(doc: str) -> _Forms:
    """Return the forms that the first sentence of a text tells."""
    first = _first(doc)
    if (forms := _of_hint(type_hint(first))) and _is_known(forms):
        return forms
    if match := _SCALAR.match(first):
        element = str(match.lastgroup)
        many = {(element, _TUPLE)} if _PLURAL.search(first) else set()
        return frozenset({(element, _ONE), *many})
    if match := _CONTAINED.match(first):
        element = next((n for n in _WORDS if match[n]), "any")
        form = _LIST if match["many"].lower().startswith("list") else _TUPLE
        other = match["other"]
        if other and not other.lower().startswith(match["many"][:4].lower()):
            form = _TUPLE  # either will do
        if element == "any" and (form != _LIST or _ALTERNATIVE.search(first)):
            return frozenset()
        one = bool(match["fixed"]) or bool(_OR_ONE.search(first[match.end() :]))
        return _contained([element], form, fixed=one)
    sentence = doc.partition("\n\n")[0]
    if _FLOAT.search(sentence) and not _COUNTED.search(sentence.lower()):
        return frozenset({("float", _ONE)})
    return frozenset()
