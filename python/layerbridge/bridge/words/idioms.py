"""Python in prose as R: `None`, a tuple of two integers, `keras.layers.Dense(10)`."""

from __future__ import annotations

import ast
import copy
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import partial

from layerbridge.bridge.ir import Param, Wrapper
from layerbridge.bridge.kind_table import KINDS
from layerbridge.bridge.literals import r_literal, r_quoted
from layerbridge.bridge.syntax import expression
from layerbridge.bridge.words.counting import counts_from_one, expression_from_one

__all__ = ["Idioms", "NoIdiomError", "constant"]

_MOST_CHARACTERS = 300  # of code within a line
_WORDS = {"None": "NULL", "True": "TRUE", "False": "FALSE"}
_TYPES = {
    "bool": "logical",
    "dict": "list",
    "float": "numeric",
    "int": "integer",
    "ndarray": "array",
    "np.array": "array",
    "np.ndarray": "array",
    "numpy.array": "array",
    "numpy.ndarray": "array",
    "str": "character",
    "tuple": "list",
}
_SEVERAL = r"(?:tuple|list|sequence)s?(?:(?:/| or )(?:tuple|list|sequence)s?)?"
_WHOLE = r"(?:integers?|ints?|whole numbers?)"
# What R calls it; the first row that matches a place decides.
_PHRASES = (
    (r"a python (integer|int)\b", r"an \1"),
    (r"a python (dict|float|function|list|string|tuple)\b", r"a \1"),
    (rf"{_SEVERAL} of (2|two) ({_WHOLE})\b", r"vector of \1 \2 (`c(3, 5)`)"),
    (rf"{_SEVERAL} of (3|three) ({_WHOLE})\b", r"vector of \1 \2 (`c(3, 5, 7)`)"),
    (rf"{_SEVERAL} of ((?:\w+ )?{_WHOLE})\b", r"vector of \1"),
    (rf"{_SEVERAL} of ((?:\w+ )?(?:floats?|numbers?))\b", r"vector of \1"),
    (rf"{_SEVERAL} of (?:strings?|strs?)\b", "character vector"),
    (rf"({_WHOLE}|floats?) (?:tuple|list)(s?)\b", r"\1 vector\2"),
    (r"shape tuple(s?)\b", r"shape\1"),
    (r"tuple/list\b|list/tuple\b|tuple,? or list\b|list,? or tuple\b", "list"),
    (r"(or|and) tuple(s?)(?! of)\b", r"\1 vector\2"),
    (r"tuple(s?)\b", r"list\1"),
    (r"an? (?:(?:np|numpy)\.|numpy )?(?:nd)?array\b", "an array"),
    (r"(?:np|numpy)\.(?:nd)?array(s?)\b|numpy (?:nd)?array(s?)\b", r"array\1\2"),
    (r"ndarray(s?)\b", r"array\1"),
    (r"dictionaries\b", "named lists"),
    (r"(?:dictionary|dict)(s?)\b", r"named list\1"),
    (r"bool(?:ean)?(s?)\b(?! (?:tensor|mask|array))", r"logical\1"),
    (r"int(s?)\b", r"integer\1"),
    (r"str(s?)\b", r"string\1"),
    (r"callable(s?)\b", r"function\1"),
    (r"keyword argument(s?)\b", r"named argument\1"),
)
_PHRASE = [
    (re.compile(r"\b" + row.replace(" ", r"\s+"), re.IGNORECASE), to)
    for row, to in _PHRASES
]
_ANY_PHRASE = re.compile(
    r"\b(?:tuple|list|sequence|int|integer|whole|float|shape|and|or|np|numpy|ndarray"
    r"|dict|bool|str|callable|keyword|array|python)",
    re.IGNORECASE,
)
# What is one in R, though Python has two names for it.
_TWICE = re.compile(
    r"\b(list|(?:list|vector) of (?:\w+ ){0,2}\w+)(?:,? or(?: an?)?|,) \1\b",
    re.IGNORECASE,
)
_WORD = re.compile(
    r"\b(None|(?:True|False)"
    r"(?! (?:class|label|negative|positive|rating|relevance|target|value)(?:e?s)?\b))"
    r"\b(?! of\b)"
)
_ERROR = re.compile(
    r"(?:\b([Aa])n? )?`?\b(?:[a-z]\w*\.){0,5}[A-Z][A-Za-z]*(?:Error|Exception)\b`?"
)
_CLASS = re.compile(r"(?<![\w.])[A-Z][a-z]+\d*(?:[A-Z][A-Za-z0-9]*)(?![\w(]|\.\w)")
# Names of data and objects in a tuple; others are of sizes.
_OBJECT = re.compile(
    r"(?:[xy](?:_(?:train|val|test))?|inputs|targets|labels|texts|images|audio|logits"
    r"|output|name|path|description|packed"
    r"|.*_(?:fn|id|output|states|targets|tensor|weights?))"
)
_PROTECTED = re.compile(
    r"(`+)(?!`).{1,500}?(?<!`)\1(?!`)|\$\$?[^$]+\$\$?|\]\([^)]*\)|<?https?://\S+|\\.",
    re.DOTALL,
)
_KEYWORD = re.compile(r"\w+ ?=(?!=)")
_PRIVATE = "src"  # the module of what a library does not export
_ARITHMETIC = (
    *(ast.Add, ast.Sub, ast.Mult, ast.Div, ast.Pow, ast.USub),
    *(ast.BinOp, ast.UnaryOp, ast.Name, ast.Load),
)


class NoIdiomError(ValueError):
    """Python that R has no idiom for."""


class Idioms:
    """Translates, knowing the R functions that stand for classes."""

    def __init__(self, wrappers: Iterable[Wrapper] = ()) -> None:
        """Remember the R function of each class."""
        wrappers = list(wrappers)
        self._methods = [x for x in wrappers if x.wraps == "method" and x.generic]
        known = [wrapper for wrapper in wrappers if wrapper.wraps != "method"]
        named = Counter(wrapper.class_name for wrapper in known)
        self._by_path: Mapping[str, Wrapper] = {x.python: x for x in known}
        self._by_name = {x.class_name: x for x in known if named[x.class_name] == 1}
        self._counted: Mapping[str, str] = {}
        self._pages: dict[frozenset[tuple[str, str]], Idioms] = {frozenset(): self}

    def of(self, wrapper: Wrapper) -> Idioms:
        """Return those of one page: `axis=1` is said of the argument that is there."""
        counted = frozenset(
            (param.name, param.kind)
            for param in (*wrapper.params, *wrapper.dots)
            if KINDS[param.kind].from_one
        )
        if counted not in self._pages:
            self._pages[counted] = page = copy.copy(self)
            page._counted = dict(counted)
        return self._pages[counted]

    def wrapper(self, path: str) -> Wrapper | None:
        """Return the R function that makes a class: `Dense`, `keras.layers.Dense`.

        A function goes by its path, `ops.mean`, as `mean` may be an argument.
        """
        if found := self._by_path.get(path):
            return found
        above, _, name = path.rpartition(".")
        found = self._by_name.get(name) if above or name != name.lower() else None
        # `keras.layers.Input` is `keras.Input`, too.
        is_it = found and (
            found.module.endswith(above) or above.startswith(found.module)
        )
        return found if is_it else None

    def methods(self, name: str) -> list[Wrapper]:
        """Return the methods that R calls by a generic of a name."""
        return [x for x in self._methods if x.class_name.endswith(f".{name}")]

    def prose(self, markdown: str) -> str:
        """Translate words of a Markdown paragraph, not its code, links and formulas."""
        text = _ERROR.sub(_error, markdown)
        out = []
        start = 0
        for kept in _PROTECTED.finditer(text):
            out += [self._words(text[start : kept.start()]), kept[0]]
            start = kept.end()
        return "".join([*out, self._words(text[start:])])

    def _words(self, text: str) -> str:
        text = _WORD.sub(lambda match: _WORDS[match[1]], text)
        if _ANY_PHRASE.search(text):
            for phrase, r in _PHRASE:
                text = phrase.sub(partial(_in_case, r), text)
            text = _TWICE.sub(r"\1", text)
        return _CLASS.sub(self._class, text) if self._by_name else text

    def _class(self, match: re.Match[str]) -> str:
        wrapper = self._by_name.get(match[0])
        return f"`{wrapper.r_name}()`" if wrapper else match[0]

    def code(self, text: str) -> str:
        """Translate an expression; what is none, or has no R form, stays."""
        if len(text) > _MOST_CHARACTERS or "\n" in text:
            return text
        plain = text.strip()
        if plain in _TYPES:
            return _TYPES[plain]
        if wrapper := self.wrapper(plain):
            return f"{wrapper.r_name}()"
        try:
            match expression(f"_({plain})" if _KEYWORD.match(plain) else plain):
                case None:
                    return text
                case ast.BinOp() if "**" not in plain:
                    return text
                case ast.Call(func=ast.Name(id="_"), args=[], keywords=words):
                    kinds = ((x, self._counted.get(str(x.arg), "any")) for x in words)
                    return ", ".join(self._setting(word, kind) for word, kind in kinds)
                case node:
                    return self._expression(node)
        except ValueError:
            return text

    def _expression(self, node: ast.expr) -> str:
        match node:
            case ast.Constant(value=value) if value is not Ellipsis:
                return constant(value)
            case ast.Tuple(elts=items) | ast.List(elts=items):
                return self._items(items)
            case ast.Dict(keys=names, values=values) if all(map(_is_text, names)):
                pairs = zip(map(_text, names), values, strict=True)
                entries = (f"{name} = {self._expression(x)}" for name, x in pairs)
                return f"list({', '.join(entries)})"
            case ast.Name(id=name):
                return name
            case ast.Attribute(value=value, attr=name) if name != _PRIVATE:
                return f"{self._expression(value)}${name}"
            case ast.UnaryOp(op=ast.USub(), operand=value):
                return f"-{self._expression(value)}"
            case ast.BinOp() if _is_arithmetic(node):
                return ast.unparse(node).replace(" ** ", "^")
            case ast.Lambda(
                args=ast.arguments(args=taken, defaults=[], vararg=None, kwarg=None),
                body=body,
            ):
                given = ", ".join(arg.arg for arg in taken)
                return f"function({given}) {self._expression(body)}"
            case ast.Call():
                return self._call(node)
        raise NoIdiomError

    def _keyword(self, word: ast.keyword) -> str:
        if word.arg is None:
            raise NoIdiomError
        return f"{r_quoted(word.arg)} = {self._expression(word.value)}"

    def _setting(self, word: ast.keyword, kind: str) -> str:
        """Translate `axis=1`; R counts from 1 what is an axis or a place."""
        value = word.value
        is_word = isinstance(value, ast.Name) or _is_text(value)
        if counts_from_one(kind, value) and not is_word:
            word = ast.keyword(word.arg, expression_from_one(value))
        return self._keyword(word)

    def _items(self, items: list[ast.expr]) -> str:
        if any(isinstance(item, (ast.Name, ast.BinOp)) for item in items):
            return self._shape(items)
        values = [self._expression(item) for item in items]
        plain = all(_is_plain(item) for item in items)
        return f"{'c' if plain and items else 'list'}({', '.join(values)})"

    def _shape(self, items: list[ast.expr]) -> str:
        """Translate `(batch, None, 3)`, a vector, and `(x, y)`, a list of data.

        Brackets in `([batch], n)` are notation for what may be, and no value.
        """
        sizes_alone = (ast.BinOp, ast.Constant, ast.Name)
        if not all(isinstance(item, sizes_alone) for item in items):
            raise NoIdiomError
        sizes = [self._expression(item) for item in items]
        if any(map(_OBJECT.fullmatch, sizes)):
            return f"list({', '.join(sizes)})"
        return f"c({', '.join('NA' if x == 'NULL' else x for x in sizes)})"

    def _call(self, node: ast.Call) -> str:
        wrapper = self.wrapper(ast.unparse(node.func))
        if any(isinstance(arg, ast.Starred) for arg in node.args):
            raise NoIdiomError
        if wrapper is None:
            values = list(map(self._expression, node.args))
            named = list(map(self._keyword, node.keywords))
            return f"{self._expression(node.func)}({', '.join(values + named)})"
        if len(node.args) > len(wrapper.params):
            raise NoIdiomError
        params = {param.name: param for param in (*wrapper.params, *wrapper.dots)}
        names = [param.name for param in wrapper.params]
        words = [*map(ast.keyword, names, node.args), *node.keywords]
        given = (self._argument(word, params.get(str(word.arg))) for word in words)
        return f"{wrapper.r_name}({', '.join(given)})"

    def _argument(self, word: ast.keyword, param: Param | None) -> str:
        if param is None:
            return self._keyword(word)
        renamed = ast.keyword(param.r_name, word.value)
        return self._setting(renamed, param.kind)


def _error(match: re.Match[str]) -> str:
    return "An error" if match[1] == "A" else "an error"


def _in_case(r: str, match: re.Match[str]) -> str:
    """Fill in a row, with a capital where the words had one."""
    said = match.expand(r)
    return said[:1].upper() + said[1:] if match[0][:1].isupper() else said


def constant(value: object) -> str:
    """Return R source for a constant, whole numbers as one writes them."""
    text = r_literal(value)
    is_int = isinstance(value, int) and not isinstance(value, bool)
    return text.removesuffix("L") if is_int else text


def _is_arithmetic(node: ast.expr) -> bool:
    """Tell whether R has the same signs for it, but for the power's."""
    return all(
        isinstance(x, _ARITHMETIC)
        or (isinstance(x, ast.Constant) and type(x.value) in (int, float))
        or (isinstance(x, ast.Call) and isinstance(x.func, ast.Name) and not x.keywords)
        for x in ast.walk(node)
    )


def _is_text(node: ast.expr | None) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _text(node: ast.expr | None) -> str:
    return r_quoted(ast.literal_eval(node)) if node else ""


def _is_plain(node: ast.expr) -> bool:
    """Tell whether a vector can hold the value: no NULL, nothing nested."""
    if isinstance(node, ast.UnaryOp):
        return _is_plain(node.operand)
    return isinstance(node, ast.Constant) and node.value is not None
