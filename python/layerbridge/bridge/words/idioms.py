"""Python in prose as R: `None`, a tuple of two integers, `keras.layers.Dense(10)`."""

from __future__ import annotations

import ast
import copy
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from functools import partial

import numpy as np

from layerbridge.bridge.ir import DOTS, Param, Wrapper
from layerbridge.bridge.kind_table import KINDS
from layerbridge.bridge.literals import r_literal, r_quoted, r_symbol
from layerbridge.bridge.syntax import expression, is_text, module
from layerbridge.bridge.words.counting import (
    axes_from_one,
    counts_from_one,
    expression_from_one,
)
from layerbridge.bridge.words.operators import operation

__all__ = ["BUILT_IN", "Idioms", "NoIdiomError", "constant"]

_MOST_CHARACTERS = 300  # of code within a line
_WORDS = {"None": "NULL", "True": "TRUE", "False": "FALSE"}
# What a span of code is as a whole: types, for the most part.
_WHOLE_SPANS = {
    "*args": "...",
    "**kwargs": "...",
    "*args, **kwargs": "...",
    "kwargs": "...",
    "bool": "logical",
    "dict": "list",
    "float": "numeric",
    "int": "integer",
    "layers.Input()": "keras$layers$Input()",
    "ndarray": "array",
    "np.array": "array",
    "np.ndarray": "array",
    "numpy.array": "array",
    "numpy.ndarray": "array",
    "str": "character",
    "tuple": "list",
}
_ORDERED = r"(?:tuple|list|sequence|iterable)s?"
_SEVERAL = rf"{_ORDERED}(?:(?:/| or ){_ORDERED})?"
_WHOLE = r"(?:integers?|ints?|whole numbers?)"
_END = r"(?=\s*(?:[.,;:)]|or\b|$))"
# What R calls it, by words of which a text must have one; the first row that matches a
# place decides.
_PHRASES = {
    "python": (
        (r"a python (integer|int)\b", r"an \1"),
        (r"a python (dict|float|function|list|string|tuple)\b", r"a \1"),
        (r"python bool(?:ean)?\b", "logical"),
    ),
    "tuple list sequence iterable": (
        (rf"{_SEVERAL} of (2|two) ({_WHOLE})\b", r"vector of \1 \2 (`c(3, 5)`)"),
        (rf"{_SEVERAL} of (3|three) ({_WHOLE})\b", r"vector of \1 \2 (`c(3, 5, 7)`)"),
        (rf"{_SEVERAL} of (?:int|integer){_END}", "vector of integers"),
        (rf"{_SEVERAL} of float{_END}", "vector of floats"),
        (rf"{_SEVERAL} of ((?:\w+ )?{_WHOLE})\b", r"vector of \1"),
        (rf"{_SEVERAL} of ((?:\w+ )?(?:floats?|numbers?))\b", r"vector of \1"),
        (rf"{_SEVERAL} of (?:strings?|strs?)\b", "character vector"),
        (rf"({_WHOLE}|floats?) (?:tuple|list)(s?)\b", r"\1 vector\2"),
    ),
    "tuple": (
        (r"dicts, lists,? (and|or) tuples\b", r"named lists \1 lists"),
        (r"shape tuple(s?)\b", r"shape\1"),
        (r"tuple/list\b|list/tuple\b|tuple,? or list\b|list,? or tuple\b", "list"),
        (r"(or|and) tuple(s?)(?! of)\b", r"\1 vector\2"),
        (r"tuple(s?)\b", r"list\1"),
    ),
    "array": (
        (r"an? (?:(?:np|numpy)\.|numpy )?(?:nd)?array\b", "an array"),
        (r"(?:np|numpy)\.(?:nd)?array(s?)\b|numpy (?:nd)?array(s?)\b", r"array\1\2"),
        (r"ndarray(s?)\b", r"array\1"),
    ),
    "dict": (
        (r"the (?:dictionary|dict) keys\b", "the names of the list"),
        # The names of a list are strings.
        (
            r"(?:dictionary|dict) with (?:int|integer) keys\b",
            r"`reticulate::py_dict()` with integer keys",
        ),
        (r"dictionaries\b", "named lists"),
        (r"(?:dictionary|dict)(s?)\b", r"named list\1"),
    ),
    "bool": ((r"bool(?:ean)?(s?)\b", r"logical\1"),),
    "int": ((r"int(s?)\b", r"integer\1"),),
    "str": ((r"str(s?)\b", r"string\1"),),
    "callable": ((r"callable(s?)\b", r"function\1"),),
    "dict list": (
        (
            r"named list of strings? to (array|function|tensor)s?\b",
            r"named list of \1s",
        ),
    ),
    "keyword": ((r"keyword argument(s?)\b", r"named argument\1"),),
    "kwargs": ((r"kwargs\b", "named arguments"),),
}
_PHRASE = [
    ({*words.split()}, re.compile(r"\b" + row.replace(" ", r"\s+"), re.IGNORECASE), to)
    for words, rows in _PHRASES.items()
    for row, to in rows
]
_PHRASE_WORD = re.compile("|".join(" ".join(_PHRASES).split()))
# What is one in R, though Python has two names for it.
_TWICE = re.compile(
    r"\b(list|(?:list|vector) of (?:\w+ ){0,2}\w+)(?:,? or(?: an?)?|,) \1\b",
    re.IGNORECASE,
)
_WORD = re.compile(
    r"\b(None|(?<=\bindices of )(?:True|False)|(?:True|False)"
    r"(?! (?:class|label|negative|positive|rating|relevance|target|value)(?:e?s)?\b))"
    r"\b(?! of\b)"
)
# An exception, but not a loss such as `MeanSquaredError`.
_ERROR = re.compile(
    r"(?:\b([Aa])n? )?`?\b(?:[a-z]\w*\.){0,5}"
    r"(?!\w*(?:Absolute|Logarithmic|Percentage|Squared)Error)"
    r"[A-Z][A-Za-z]*(?:Error|Exception)\b`?"
)
_CLASS = re.compile(r"(?<![\w.])[A-Z][a-z]+\d*(?:[A-Z][A-Za-z0-9]*)(?![\w(]|\.\w)")
# What R's classes call methods; one that Python's need goes by its own name.
_METHODS = (
    (re.compile(r"\b__call__(?=\()"), "call"),
    (re.compile(r"\b__call__\b"), "call()"),
    (re.compile(r"\b__init__(?=\()"), "initialize"),
    (re.compile(r"\b__init__\b"), "initialize()"),
)
_SENTENCE = re.compile(r"[^.!?]+")
_OF_CLASSES = re.compile(r"\b(?:implement|overrid|overwrit|subclass)", re.IGNORECASE)
_STRING = r"""(?:"[^"`\[\]]*"|'[^'`\[\]]*')"""
_LISTED = re.compile(rf"(?<![\w\]])\[{_STRING}(?:, ?{_STRING})*\]")
_NUMBER = r"(?:None|-?\d+(?:\.\d+)?)"
_DEFAULT = re.compile(
    r"(\b(?:defaults? (?:to|is|=)|by default|default:)\s)"
    rf"(\({_NUMBER},(?: ?{_NUMBER},?)*\)|\[{_NUMBER}(?:, ?{_NUMBER})+\](?![(\[]))",
    re.IGNORECASE,
)
_SUBSET = re.compile(r"(?<![\w.$`])[a-z]\w*\[-?\d+\]")
_LENGTH = re.compile(r"(?<![\w.$`])len\(\w+\)")
_LENGTH_OF_CODE = re.compile(r"(?<![\w.$`])len\(`(\w+)`\)")
_ONE = re.compile(r"(?<![\w`\])(])\((?:\d+|[a-z_]+), ?\)")
_SHAPE = re.compile(
    r"(?:(?<=\bshape\s)|(?<=\bshapes\s)|(?<=\)\sor\s))\([^()`$\[\]]{1,60},[^()`$\[\]]{0,60}\)"
)
_ANYTHING = re.compile(r"(?:(?<![*\w])\*args, )?(?<!\*)\*\*kwargs\b(?!\*)")
_BEFORE_SENTENCE = tuple(".:;!?(*|-")
_POWER = re.compile(r"(?<=\w)\*\*(?=\d)|(?<=\d)\*\*(?=\w)|(?<=[\w)]) \*\* (?=[\w(-])")
_TIMES = re.compile(r"(?<=\w)\*(?=\w)")  # Markdown would take two for emphasis
_QUOTIENT = re.compile(r"(?<=[\w)]) // (?=[\w(])")  # without spaces, it is a path's
_LIBRARIES = ("jax", "keras", "np", "numpy", "tensorflow", "tf", "torch")
_DOTTED = re.compile(
    rf"(?<![\w.@/`])(?:{'|'.join(_LIBRARIES)})(?!\.(?:io|(?:nd)?arrays?)\b)(?:\.[A-Za-z]\w*){{1,5}}"
    r"(?:\(\))?(?!\.?[\w(*])"
    r"|(?<![\w.@/`=])(?<![=:] )[a-z]\w*(?:\.[A-Za-z]\w*){1,5}\(\)(?!\.?[\w(*])"
)
# Names of data and objects in a tuple; others are of sizes.
_OBJECT = re.compile(
    r"(?:[xy](?:_(?:train|val|test))?|inputs|targets|labels|texts|images|audio|logits"
    r"|output|name|path|description|packed"
    r"|.*_(?:fn|id|output|states|targets|tensor|weights?))"
)
_SIZE = re.compile(
    r"(?:batch|n|num)(?:_\w+)?|(?:\w+_)?(?:channel|depth|dim|edge|feature|head"
    r"|height|length|node|row|sample|size|step|unit|width)s?"
)
_BEFORE_SHAPE = re.compile(r"\b(?:dimension|shape|size)s?(?:\s\w+)?\W*$", re.IGNORECASE)
_BEFORE_DEFAULT = re.compile(r"\bdefaults?(?: \w+)?\W*$", re.IGNORECASE)
_BEFORE_LIST = re.compile(r"\blists?(?: of \w+)?\W*$")
_PROTECTED = re.compile(
    r"(`+)(?!`).{1,500}?(?<!`)\1(?!`)|\$\$?[^$]+\$\$?|\]\([^)]*\)|<?https?://\S+|\\.",
    re.DOTALL,
)
_KEYWORD = re.compile(r"\w+ ?=(?!=)")
# What R calls a function that Python has without an import.
BUILT_IN = {
    "abs": "abs",
    "bool": "as.logical",
    "float": "as.numeric",
    "int": "as.integer",
    "len": "length",
    "print": "print",
    "str": "as.character",
}
_MATH = {
    "ceil": "ceiling",
    "inf": "Inf",
    **{x: x for x in ("exp", "log", "pi", "sqrt")},
}
_ANY = frozenset(["args", "kwargs"])
_SIZES = re.compile(r"dim\(\w+\)|(?:\w+_)?(?:shape|size)s?")  # of vectors in R
_PRIVATE = "src"  # the module of what a library does not export
_CLASS_NAME = re.compile(r"[A-Z]\w+")
# The classes that stand in `keras` itself; others are in its modules.
_OF_KERAS = frozenset(
    [
        *("DTypePolicy", "Function", "Initializer", "Input", "InputSpec"),
        *("KerasTensor", "Layer", "Loss", "Metric", "Model", "Operation", "Optimizer"),
        *("Quantizer", "Regularizer", "Sequential", "Variable"),
    ]
)


class NoIdiomError(ValueError):
    """Python that R has no idiom for."""


class Idioms:
    """Translates, knowing the R functions that stand for classes."""

    def __init__(self, wrappers: Iterable[Wrapper] = ()) -> None:
        """Remember the R function of each class."""
        wrappers = list(wrappers)
        self._methods = [x for x in wrappers if x.wraps == "method" and x.generic]
        functions = [wrapper for wrapper in wrappers if wrapper.wraps != "method"]
        times = Counter(wrapper.class_name for wrapper in functions)
        self._by_path: Mapping[str, Wrapper] = {x.python: x for x in functions}
        self._by_name = {x.class_name: x for x in functions if times[x.class_name] == 1}
        self._roots = {wrapper.python.partition(".")[0] for wrapper in wrappers}
        self._places: Mapping[str, str] = {}
        self._vectors: frozenset[str] = frozenset()
        nothing: frozenset[str] = frozenset()
        self._pages: dict[object, Idioms] = {(nothing, nothing): self}

    def of(self, wrapper: Wrapper) -> Idioms:
        """Return those of one page: `axis=1` is said of the argument that is there."""
        params = (*wrapper.params, *wrapper.dots)
        places = frozenset((x.name, x.kind) for x in params if KINDS[x.kind].from_one)
        vectors = (x.name for x in params if KINDS[x.kind].vector or x.kind == "tuple")
        text = " ".join([x.doc for x in params] + [x.text for x in wrapper.sections])
        text += wrapper.description
        subset = frozenset(name for name in vectors if f"{name}[" in text)
        if (places, subset) not in self._pages:
            self._pages[places, subset] = page = copy.copy(self)
            page._places, page._vectors = dict(places), subset
        return self._pages[places, subset]

    def wrapper(self, path: str) -> Wrapper | None:
        """Return the R function that makes a class: `Dense`, `keras.layers.Dense`.

        A function goes by its path, `ops.mean`, as `mean` may be an argument.
        """
        if wrapper := self._by_path.get(path):
            return wrapper
        above, _, name = path.rpartition(".")
        wrapper = self._by_name.get(name) if above or name != name.lower() else None
        return wrapper if wrapper and _may_be(wrapper, above, name) else None

    def methods(self, name: str) -> list[Wrapper]:
        """Return the methods that R calls by a generic of a name."""
        return [x for x in self._methods if x.class_name.endswith(f".{name}")]

    def prose(self, markdown: str) -> str:
        """Translate words of a Markdown paragraph, not its code, links and formulas."""
        text = axes_from_one(_ERROR.sub(_error, _supported(markdown)))
        text = _LENGTH_OF_CODE.sub(r"`len(\1)`", text)
        if not _OF_CLASSES.search(text):
            for method, r in _METHODS:
                text = method.sub(r, text)
        return _unprotected(self._words, _unprotected(self._marked, text))

    def _marked(self, text: str) -> str:
        """Mark what is code among words."""
        text = _DEFAULT.sub(r"\1`\2`", text)
        for code in (_LISTED, _SUBSET, _LENGTH, _SHAPE, _ONE):
            text = code.sub(self._spelled, text)
        return _unprotected(partial(_DOTTED.sub, _in_code), text)

    def _words(self, text: str) -> str:
        text = _WORD.sub(lambda match: _WORDS[match[1]], text)
        if "*" in text:
            text = _TIMES.sub(r"\\*", _ANYTHING.sub("`...`", text))
            text = _POWER.sub("^", text)
        if there := {*_PHRASE_WORD.findall(text.lower())}:
            for words, phrase, r in _PHRASE:
                if not words.isdisjoint(there):
                    text = phrase.sub(partial(_in_case, r), text)
            text = _TWICE.sub(r"\1", text)
        text = _QUOTIENT.sub(r" %/% ", text)
        return _CLASS.sub(self._class, text) if self._by_name else text

    def _class(self, match: re.Match[str]) -> str:
        wrapper = None if _is_in_link(match) else self._by_name.get(match[0])
        return f"`{wrapper.r_name}()`" if wrapper else match[0]

    def _spelled(self, match: re.Match[str]) -> str:
        """Mark code that stands among words, if R has it, for `code()`."""
        before = match.string[: match.start()]
        has_form = not _is_in_link(match) and self.code(match[0], before) != match[0]
        return f"`{match[0]}`" if has_form else match[0]

    def code(self, text: str, before: str = "") -> str:
        """Translate an expression; what is none, or has no R form, stays.

        Words `before` it tell a shape, `(a, b)`, from two of anything.
        """
        if len(text) > _MOST_CHARACTERS or "\n" in text:
            return text
        plain = text.strip()
        if plain in _WHOLE_SPANS:
            return _WHOLE_SPANS[plain]
        if wrapper := self.wrapper(plain):
            return f"{wrapper.r_name}()"
        try:
            match expression(f"_({plain})" if _KEYWORD.match(plain) else plain):
                case None:
                    return self._statement(plain) or text
                case ast.Call(func=ast.Name(id="_"), args=[], keywords=words):
                    kinds = ((x, self._places.get(str(x.arg), "any")) for x in words)
                    return ", ".join(self._setting(word, kind) for word, kind in kinds)
                case ast.Tuple(elts=items) if not (
                    _BEFORE_SHAPE.search(before) or _is_known(items)
                ):
                    inside = ", ".join(map(self._expression, items))
                    return f"list({inside})" if _BEFORE_LIST.search(before) else text
                case ast.List(
                    elts=[ast.BinOp(ast.Constant(), ast.Sub(), ast.Constant())]
                ):
                    return text  # a range, `[0 - 255]`
                case ast.Tuple(elts=[]) if not _BEFORE_DEFAULT.search(before):
                    return "c()"  # the shape of a scalar
                case ast.Set(elts=items) if all(map(_is_choice, items)):
                    return ", ".join(map(self._expression, items))
                case ast.BinOp() | ast.Compare() as node:
                    r = self._expression(node)
                    is_same = "".join(r.split()) == "".join(plain.split())
                    return text if is_same else r
                case node:
                    return self._expression(node)
        except ValueError:
            return text

    def _statement(self, code: str) -> str:
        """Translate `layer.trainable = False`, or a function of one line."""
        tree = module(code)
        match tree.body if tree else []:
            case [ast.Assign(targets=[ast.Attribute() as target], value=value)]:
                sign = "<-" if " = " in code else "="
                return f"{self._expression(target)} {sign} {self._expression(value)}"
            case [
                ast.FunctionDef(name=name, args=args, body=[ast.Return(value=value)])
            ] if value:
                return f"{name} <- {self._expression(ast.Lambda(args, value))}"
        return ""

    def _expression(self, node: ast.expr) -> str:
        match node:
            case ast.Constant(value=value) if value is not Ellipsis:
                return constant(value)
            case ast.Tuple(elts=items) | ast.List(elts=items):
                return self._items(items)
            case ast.Dict(keys=names, values=values) if all(map(is_text, names)):
                pairs = zip(map(_text, names), values, strict=True)
                entries = (f"{name} = {self._expression(x)}" for name, x in pairs)
                return f"list({', '.join(entries)})"
            case ast.Name(id=name) if not name.startswith("_"):
                return name
            case ast.Attribute(value=value, attr="shape"):
                return f"dim({self._expression(value)})"
            case ast.Attribute(value=ast.Name(id="math"), attr=name) if name in _MATH:
                return _MATH[name]
            case ast.Attribute(value=value, attr=name) if not (
                name == _PRIVATE or isinstance(value, ast.Constant)
            ) and self._may_exist(node):
                return f"{self._expression(value)}${r_symbol(name)}"
            case ast.Subscript(value=value, slice=place):
                return self._subset(value, place)
            case ast.BinOp(left=left, op=ast.Add(), right=right) if any(
                isinstance(part, (ast.List, ast.Tuple)) for part in (left, right)
            ):
                return f"c({self._within(left)}, {self._within(right)})"
            case ast.Lambda(args=args, body=body) if not args.defaults:
                formals = [arg.arg for arg in args.args] + [DOTS] * _takes_any(args)
                return f"function({', '.join(formals)}) {self._expression(body)}"
            case ast.Call():
                return self._call(node)
        if r := operation(node, self._expression):
            return r
        raise NoIdiomError

    def _may_exist(self, node: ast.Attribute) -> bool:
        """Tell whether R has a dotted name by `$`, too: what objects hold, and modules.

        In `layers.GraphConv`, one cannot tell whose module that is.
        """
        root, *inside = ast.unparse(node).split(".")
        match root:
            case "np" | "numpy":
                return hasattr(np, inside[0])
            case "keras":
                return inside[0] in _OF_KERAS or not _CLASS_NAME.fullmatch(inside[0])
        if root in _LIBRARIES or root in self._roots:
            return True
        return not any(map(_CLASS_NAME.fullmatch, [root, *inside]))

    def _within(self, node: ast.expr) -> str:
        """Translate what is put together with others: a vector by its elements."""
        if isinstance(node, (ast.List, ast.Tuple)):
            return self._shape(node.elts).removeprefix("c(").removesuffix(")")
        return self._expression(node)

    def _subset(self, value: ast.expr, place: ast.expr) -> str:
        """Translate `x["a"]`, and places of a vector, which R counts from 1."""
        match place:
            case ast.Constant(value=str(name)):
                return f"{self._expression(value)}${r_symbol(name)}"
            case ast.Tuple(elts=places):
                return f"{self._expression(value)}[{', '.join(map(_place, places))}]"
        vector = self._expression(value)
        if not (vector in self._vectors or _SIZES.fullmatch(vector)):
            raise NoIdiomError
        match place:
            case ast.Constant(value=int(first)):
                return f"{vector}[{first + 1}]"
            case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=1)):
                return f"tail({vector}, 1)"
            case ast.Slice(lower=None, upper=ast.expr() as end, step=None):
                return f"head({vector}, {self._expression(end)})"
            case ast.Slice(lower=ast.Constant(value=1), upper=None, step=None):
                return f"{vector}[-1]"
            case ast.Slice(
                lower=ast.Constant(value=int(cut)), upper=None, step=None
            ) if cut:
                return f"tail({vector}, -{cut})"
            case ast.Slice(
                lower=ast.UnaryOp(op=ast.USub(), operand=last), upper=None, step=None
            ):
                return f"tail({vector}, {self._expression(last)})"
        raise NoIdiomError

    def _keyword(self, word: ast.keyword) -> str:
        if word.arg is None:
            raise NoIdiomError
        return f"{r_quoted(word.arg)} = {self._expression(word.value)}"

    def _setting(self, word: ast.keyword, kind: str) -> str:
        """Translate `axis=1`; R counts from 1 what is an axis or a place."""
        value = word.value
        if isinstance(value, ast.Tuple) and not value.elts and word.arg == "shape":
            return "shape = c()"
        is_word = isinstance(value, ast.Name) or is_text(value)
        if counts_from_one(kind, value) and not is_word:
            word = ast.keyword(word.arg, expression_from_one(value))
        return self._keyword(word)

    def _items(self, items: list[ast.expr]) -> str:
        holds_data = any(isinstance(item, ast.Dict) for item in items)
        if any(map(_is_size, items)) and not holds_data:
            return self._shape(items)
        values = [self._expression(item) for item in items]
        plain = all(_is_plain(item) for item in items)
        return f"{'c' if plain and items else 'list'}({', '.join(values)})"

    def _shape(self, items: list[ast.expr]) -> str:
        """Translate `(batch, None, 3)`, a vector, and `(x, y)`, a list of data.

        Brackets in `([batch], n)` are notation for what may be, and no value.
        """
        if not all(isinstance(x, ast.Constant) or _is_size(x) for x in items):
            raise NoIdiomError
        sizes = list(map(self._size, items))
        if any(map(_OBJECT.fullmatch, sizes)):
            return f"list({', '.join(sizes)})"
        return f"c({', '.join('NA' if x == 'NULL' else x for x in sizes)})"

    def _size(self, node: ast.expr) -> str:
        match node:
            case ast.Constant(value=value) if value is Ellipsis:
                return DOTS
            case ast.Starred(value=value):
                return self._expression(value)
        return self._expression(node)

    def _call(self, node: ast.Call) -> str:
        wrapper = self.wrapper(ast.unparse(node.func))
        if wrapper is None and _hands_on_any(node):
            few = [x for x in node.args if not isinstance(x, ast.Starred)]
            by_name = [word for word in node.keywords if word.arg]
            return self._call(ast.Call(node.func, [*few, ast.Name(DOTS)], by_name))
        if any(isinstance(arg, ast.Starred) for arg in node.args):
            raise NoIdiomError
        if wrapper is None or DOTS in wrapper.inputs:
            values = list(map(self._expression, node.args))
            values += map(self._keyword, node.keywords)
            name = wrapper.r_name if wrapper else self._expression(node.func)
            function = name if wrapper else BUILT_IN.get(name, name)
            return f"{function}({', '.join(values)})"
        if len(node.args) > len(wrapper.params):
            raise NoIdiomError
        params = {param.name: param for param in (*wrapper.params, *wrapper.dots)}
        names = [param.name for param in wrapper.params]
        words = [*map(ast.keyword, names, node.args), *node.keywords]
        arguments = [self._argument(word, params.get(str(word.arg))) for word in words]
        return f"{wrapper.r_name}({', '.join(arguments)})"

    def _argument(self, word: ast.keyword, param: Param | None) -> str:
        if param is None:
            return self._keyword(word)
        renamed = ast.keyword(param.r_name, word.value)
        return self._setting(renamed, param.kind)


def _supported(markdown: str) -> str:
    """Leave out a paragraph's end on what Keras does not take, which R does not have.

    A pattern for all of it would be tried from every place of a long table.
    """
    for sentence in _SENTENCE.finditer(markdown):
        before, unknown_to_r, _ = sentence[0].rpartition("`namedtuple`")
        if unknown_to_r and "unsupported" in before:
            return markdown[: sentence.start()]
    return markdown


def _may_be(wrapper: Wrapper, above: str, name: str) -> bool:
    """Tell whether a function is meant by its name in a module that may show it, too.

    `keras.layers.Input` is `keras.Input`, and `bf` may stand for a library.
    """
    if wrapper.module.endswith(above) or above.startswith(wrapper.module):
        return True
    root, _, inside = above.partition(".")
    own_root, _, own_inside = wrapper.module.partition(".")
    if root == own_root:
        return "_" in name or name != name.lower()
    return inside == own_inside != "" and root not in _LIBRARIES


def _in_code(match: re.Match[str]) -> str:
    return match[0] if _is_in_link(match) else f"`{match[0]}`"


def _error(match: re.Match[str]) -> str:
    return "An error" if match[1] == "A" else "an error"


def _unprotected(change: Callable[[str], str], text: str) -> str:
    """Change words, but not code, the targets of links and formulas."""
    out = []
    start = 0
    for span in _PROTECTED.finditer(text):
        out += [change(text[start : span.start()]), span[0]]
        start = span.end()
    return "".join([*out, change(text[start:])])


def _is_in_link(match: re.Match[str]) -> bool:
    """Tell whether words are those of a link, such as the name of a paper."""
    before, after = match.string[: match.start()], match.string[match.end() :]
    return "[" in before.rpartition("]")[2] and "]" not in after


def _in_case(r: str, match: re.Match[str]) -> str:
    """Fill in a row, with a capital where the words had one that begins a sentence."""
    words = match.expand(r)
    before = match.string[: match.start()]
    begins = not before or before.rstrip().endswith(_BEFORE_SENTENCE)
    is_capital = match[0][:1].isupper() and begins
    return words[:1].upper() + words[1:] if is_capital else words


def constant(value: object) -> str:
    """Return R source for a constant, whole numbers as one writes them."""
    text = r_literal(value)
    is_int = isinstance(value, int) and not isinstance(value, bool)
    return text.removesuffix("L") if is_int else text


def _text(node: ast.expr | None) -> str:
    return r_quoted(ast.literal_eval(node)) if node else ""


def _is_choice(node: ast.expr) -> bool:
    """Tell what an argument may be from a number, which a set of mathematics has."""
    return isinstance(node, ast.Constant) and type(node.value) not in (int, float)


def _is_size(node: ast.expr) -> bool:
    """Tell whether code in a tuple stands for a size, or for several."""
    is_any = isinstance(node, ast.Constant) and node.value is Ellipsis
    return is_any or isinstance(node, (ast.BinOp, ast.Name, ast.Starred, ast.Subscript))


def _is_known(items: list[ast.expr]) -> bool:
    """Tell whether a tuple is known to be a shape, or of data; letters are sizes."""
    names = [x.id for x in items if isinstance(x, ast.Name)]
    return len(names) < max(len(items), 2) or (
        all(len(name) == 1 for name in names)
        or any(_SIZE.fullmatch(name) or _OBJECT.fullmatch(name) for name in names)
    )


def _place(node: ast.expr) -> str:
    """Return one of the places between the brackets of a subset."""
    match node:
        case ast.Constant(value=int(place)):
            return str(place + 1)
        case ast.Slice(lower=None, upper=None, step=None):
            return ""
        case ast.Slice(
            lower=ast.Constant(value=int(first)),
            upper=ast.Constant(value=int(end)),
            step=None,
        ) if first < end:
            return f"{first + 1}:{end}"
    raise NoIdiomError


def _takes_any(args: ast.arguments) -> bool:
    """Tell whether a function takes `*args` or `**kwargs`, under these names."""
    names = {x.arg for x in (args.vararg, args.kwarg) if x}
    if not names <= _ANY:
        raise NoIdiomError
    return bool(names)


def _hands_on_any(node: ast.Call) -> bool:
    """Tell whether a call hands on `*args` or `**kwargs`, and nothing else so."""
    starred = [x.value for x in node.args if isinstance(x, ast.Starred)]
    starred += [word.value for word in node.keywords if word.arg is None]
    names = {x.id if isinstance(x, ast.Name) else "" for x in starred}
    return bool(names) and names <= _ANY


def _is_plain(node: ast.expr) -> bool:
    """Tell whether a vector can hold the value: no NULL, nothing nested."""
    if isinstance(node, ast.UnaryOp):
        return _is_plain(node.operand)
    return isinstance(node, ast.Constant) and node.value is not None
