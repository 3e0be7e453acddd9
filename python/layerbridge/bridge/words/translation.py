"""Statements and expressions of Python as R: names, calls, subsets, functions.

Of what is no idiom here, a `NoIdiomError` says which code it is.
"""

from __future__ import annotations

import ast
import copy
import re
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from layerbridge.bridge.ir import DOTS, Param, Wrapper
from layerbridge.bridge.kind_table import EVERY_LAYER, KINDS
from layerbridge.bridge.literals import (
    is_syntactic,
    laid_out,
    r_literal,
    r_quoted,
    r_string,
)
from layerbridge.bridge.words import vectors
from layerbridge.bridge.words.counting import counts_from_one, expression_from_one
from layerbridge.bridge.words.idioms import (
    BUILT_IN,
    Idioms,
    NoIdiomError,
    constant,
)
from layerbridge.bridge.words.operators import ARITHMETIC, COMPARISONS

__all__ = ["Line", "Translation"]

_WIDTH = 72
_MODULES = {"keras": "keras", "numpy": "np", "tensorflow": "tf"}
_KNOWN = {"keras": "keras", "np": "numpy", "numpy": "numpy", "tf": "tensorflow"} | {
    name: f"keras.{name}"
    for name in ("initializers", "layers", "losses", "metrics", "models", "ops")
}
# Names of an example that would hide what its R code needs.
_NEEDED = frozenset(
    ["T", "F", "array", "c", "keras", "list", "np", "print", "rbind", "reticulate"]
)
# Python's order, where R's is another.
_ORDER = {"keras.Sequential": ("layers", "trainable", "name")}
# How functions compose whose results are places, which R counts from 1.
_COUNT = frozenset(["indexed", "indexing"])
_LISTS = frozenset(["layers", "losses", "metrics", "inputs", "outputs"])


@dataclass(frozen=True)
class Line:
    """A statement in both languages; `name` is what it assigns, if it does.

    `imports` are the paths of names that are no variables. What `counts` has places,
    which are 1 more in R.
    """

    python: ast.stmt
    r: str
    name: str = ""
    imports: Mapping[str, str] = field(default_factory=dict)
    counts: bool = False


class Translation:
    """Translates the code of one page: it knows what names stand for."""

    def __init__(self, idioms: Idioms, home: str) -> None:
        """Begin without names but those of the page's module, `home`."""
        self._home = home
        self._idioms = idioms
        self._names: dict[str, str] = {}
        self._aliases = dict(_KNOWN)
        self._imported: set[str] = set()
        self._arrays: set[str] = set()
        self._counts = False

    def copy(self) -> Translation:
        """Return one that goes on from here."""
        other = copy.copy(self)
        other._names, other._aliases = dict(self._names), dict(self._aliases)
        other._imported, other._arrays = set(self._imported), set(self._arrays)
        return other

    def forget(self, names: Iterable[str]) -> None:
        """Know no longer what some names stand for."""
        for name in names:
            self._names.pop(name, None)

    @property
    def modules(self) -> dict[str, str]:
        """The Python modules that the code needs, by their names in R."""
        return {_MODULES[name]: name for name in sorted(self._imported)}

    def lines(self, statement: ast.stmt) -> Iterator[Line]:
        """Yield a statement in R, or several that it takes."""
        self._counts = False
        for line in self._statement(statement):
            yield replace(line, imports=dict(self._aliases), counts=self._counts)

    def _statement(self, node: ast.stmt) -> Iterator[Line]:
        match node:
            case ast.Import(names=names):
                for name in names:
                    self._import(name.name, name.asname or name.name)
            case ast.ImportFrom(module=str(module), names=names, level=0):
                for name in names:
                    self._import(f"{module}.{name.name}", name.asname or name.name)
            case ast.AugAssign(target=ast.Name(id=name), op=op, value=value):
                more = ast.BinOp(ast.Name(name), op, value)
                if isinstance(value, ast.List):
                    both = f"c({self._python(ast.Name(name))}, {self._python(value)})"
                    yield Line(node, f"{self._names[name]} <- {both}", name)
                else:
                    yield self._assigned(node, name, more)
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                yield self._assigned(node, name, value)
            case ast.Assign(
                targets=[ast.Tuple(elts=targets)], value=ast.Tuple(elts=values)
            ) if len(targets) == len(values):
                for target, value in zip(targets, values, strict=True):
                    part = ast.Assign([target], value, lineno=1)
                    yield from self._statement(part)
            case ast.Assign(targets=[ast.Tuple(elts=targets)], value=value) if all(
                isinstance(target, ast.Name) for target in targets
            ):
                whole = ast.Assign([ast.Name("result")], value, lineno=1)
                yield self._assigned(whole, "result", value)
                for place, target in enumerate(targets):
                    of = ast.Subscript(ast.Name("result"), ast.Constant(place))
                    yield self._element(
                        ast.Assign([target], of, lineno=1), target, place
                    )
            case ast.FunctionDef(name=name, decorator_list=[], args=args, body=body):
                function = self._function(args, body)
                yield Line(node, f"{self._named(name)} <- {function}", name)
            case ast.Expr(value=value):
                yield Line(node, self._python(value))
            case _:
                raise NoIdiomError(ast.unparse(node))

    def _element(self, node: ast.stmt, target: ast.expr, place: int) -> Line:
        name = target.id if isinstance(target, ast.Name) else ""
        self._arrays.discard(name)
        return Line(node, f"{self._named(name)} <- result[[{place + 1}]]", name)

    def _assigned(self, node: ast.stmt, name: str, value: ast.expr) -> Line:
        r = self._data(value)
        (self._arrays.add if self._is_numpy(value) else self._arrays.discard)(name)
        return Line(node, f"{self._named(name)} <- {r}", name)

    def _named(self, name: str) -> str:
        """Return the name of a variable in R, which from here on is known."""
        if not is_syntactic(name) and not name.startswith("_"):
            raise NoIdiomError
        plain = name.strip("_") or "x"
        self._names[name] = f"{plain}_" if plain in _NEEDED else plain
        self._aliases.pop(name, None)
        return self._names[name]

    def _function(self, args: ast.arguments, body: Sequence[ast.stmt]) -> str:
        if args.vararg or args.kwarg or args.kwonlyargs or args.defaults:
            raise NoIdiomError
        outside = dict(self._names)
        names = [self._named(arg.arg) for arg in (*args.posonlyargs, *args.args)]
        match body:
            case [ast.Return(value=ast.expr() as value)]:
                parts = [self._python(value)]
            case [*statements, ast.Return(value=ast.expr() as value)]:
                lines = [line for s in statements for line in self._statement(s)]
                parts = [*(line.r for line in lines), self._python(value)]
            case _:
                raise NoIdiomError
        self._names = outside
        head = f"function({', '.join(names)})"
        if len(parts) == 1 and "\n" not in parts[0]:
            return f"{head} {parts[0]}"
        return f"{head} {{\n{textwrap.indent(chr(10).join(parts), '  ')}\n}}"

    def _import(self, path: str, name: str) -> None:
        path = path.replace("tensorflow.keras", "keras").replace(".src.", ".")
        self._aliases[name] = path

    def _path(self, node: ast.expr) -> str:
        """Return the dotted path of a name that is no variable of the example."""
        match node:
            case ast.Name(id=name) if name not in self._names:
                return self._aliases.get(name, name)
            case ast.Attribute(value=value, attr=name):
                above = self._path(value)
                path = f"{above}.{name}" if above else ""
                return path.replace("tensorflow.keras", "keras").replace(".src.", ".")
        return ""

    def _module(self, path: str) -> str:
        """Return R's `np$random$rand`, and remember the module."""
        root, _, inside = path.partition(".")
        if root not in _MODULES or not inside or "__" in inside:
            raise NoIdiomError(path)
        self._imported.add(root)
        return f"{_MODULES[root]}${inside.replace('.', '$')}"

    def _python(self, node: ast.expr) -> str:
        """Translate an expression as Python functions take it: integers have an L."""
        match node:
            case ast.Constant(value=value) if value is not Ellipsis:
                return r_literal(value)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return f"-{self._python(operand)}"
            case ast.UnaryOp(op=ast.UAdd(), operand=operand):
                return self._python(operand)
            case ast.BinOp(left=left, op=ast.MatMult(), right=right) if (
                matmul := self._wrapper_at("keras.ops.matmul")
            ):
                return f"{matmul.r_name}({self._python(left)}, {self._python(right)})"
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return f"!{self._python(operand)}"
            case ast.Tuple(elts=items):
                return _laid_out("reticulate::tuple", map(self._python, items))
            case ast.List(elts=items):
                return vectors.array(node) or _laid_out(
                    "list", map(self._python, items)
                )
            case ast.Call(func=ast.Attribute(value=value, attr="numpy"), args=[]):
                return f"as.array({self._python(value)})"
            case ast.Dict(keys=names, values=values):
                return self._dict(names, values)
            case ast.Name(id=name) if name in self._names:
                return self._names[name]
            case ast.Name(id="bool" | "float" | "int" as name):
                return f'"{name}"'  # a dtype
            case ast.Attribute():
                return self._attribute(node)
            case ast.Subscript(value=value, slice=index):
                return self._subset(value, index)
            case ast.BinOp(left=ast.List()):
                return self._list(node)
            case ast.BinOp(left=left, op=op, right=right) if type(op) in ARITHMETIC:
                return self._between(left, ARITHMETIC[type(op)], right)
            case ast.Compare(left=left, ops=[op], comparators=[right]) if (
                type(op) in COMPARISONS
            ):
                return self._between(left, COMPARISONS[type(op)], right)
            case ast.Lambda(args=args, body=body):
                return self._function(args, [ast.Return(body)])
            case ast.Call():
                return self._call(node)
        raise NoIdiomError(ast.unparse(node))

    def _list(self, node: ast.BinOp) -> str:
        """Translate lists that are put together: `["a"] * 3`, `["a"] + ["b"]`."""
        sides = f"{self._python(node.left)}, {self._python(node.right)}"
        match node.op:
            case ast.Add():
                return f"c({sides})"
            case ast.Mult():
                return f"rep({sides})"
        raise NoIdiomError(ast.unparse(node))

    def _between(self, left: ast.expr, sign: str, right: ast.expr) -> str:
        sides = (
            f"({self._python(side)})"
            if isinstance(side, (ast.BinOp, ast.Compare, ast.UnaryOp))
            else self._python(side)
            for side in (left, right)
        )
        return f" {sign} ".join(sides)

    def _dict(self, names: list[ast.expr | None], values: list[ast.expr]) -> str:
        if not names:
            return "reticulate::dict()"
        pairs = zip(names, values, strict=True)
        return _laid_out("list", [f"{_key(n)} = {self._python(x)}" for n, x in pairs])

    def _attribute(self, node: ast.Attribute) -> str:
        path = self._path(node)
        if path and path.partition(".")[0] in _MODULES:
            return self._module(path)
        if node.attr.startswith("_"):
            raise NoIdiomError(node.attr)
        if node.attr == "shape":
            return f"dim({self._python(node.value)})"
        return f"{self._python(node.value)}${node.attr}"

    def _subset(self, value: ast.expr, index: ast.expr) -> str:
        """Translate `x[0]`, `x[:, 1:3]`, `weights[0]` and `outputs["a"]`."""
        of = self._python(value)
        match index:
            case ast.Constant(value=str(name)):
                return f'{of}[["{name}"]]' if is_syntactic(name) else _no_idiom()
            case ast.Constant(value=int()) if isinstance(value, ast.Attribute) and (
                value.attr in _LISTS or value.attr.endswith("weights")
            ):
                return f"{of}[[{self._place(index)}]]"
        places = index.elts if isinstance(index, ast.Tuple) else [index]
        return f"{of}[{', '.join(map(self._place, places))}]"

    def _place(self, node: ast.expr) -> str:
        match node:
            case ast.Slice(lower=None, upper=None, step=None):
                return ""
            case ast.Slice(lower=lower, upper=upper, step=None):
                first = self._place(lower) if lower else "1"
                return f"{first}:{_end(upper)}"
            case ast.Constant(value=None):
                return "NULL"
        return ast.unparse(expression_from_one(node))

    def _call(self, node: ast.Call) -> str:
        path = self._path(node.func)
        array = self._wrapper_at("keras.ops.array")
        if path == "keras.ops.arange" and array and (numbers := vectors.sequence(node)):
            more = [self._keyword(word) for word in node.keywords]
            return _laid_out(array.r_name, [numbers, *more])
        if path and (wrapper := self._wrapper_at(path)):
            return self._wrapper(wrapper, node, path)
        match node:
            case ast.Call(
                func=ast.Attribute(value=value, attr="reshape"), args=[size, *sizes]
            ) if (
                self._path(value).partition(".")[0] not in _MODULES
                and not self._is_numpy(value)
                and (reshape := self._wrapper_at("keras.ops.reshape"))
            ):
                shape = ast.Tuple([size, *sizes]) if sizes else size
                of = ast.Call(ast.Name("reshape"), [value, shape], node.keywords)
                return _laid_out(reshape.r_name, self._entries(reshape, of))
            case ast.Call(func=ast.Name(id=name), args=[value], keywords=[]) if (
                name in BUILT_IN and name not in self._names
            ):
                return f"{BUILT_IN[name]}({self._python(value)})"
            case ast.Call(
                func=ast.Call() as layer,
                args=[(ast.Name() | ast.Call()) as value],
                keywords=[],
            ) if self._makes_layer(layer):
                return _piped(self._python(value), self._python(layer))
        if path.startswith("numpy."):
            return self._of_numpy(path, node)
        if path and path.partition(".")[0] in _MODULES:
            return _laid_out(self._module(path), self._arguments(node))
        match node.func:
            case ast.Attribute(value=value, attr=name) if not name.startswith("_"):
                return self._method(value, name, node)
            case ast.Name(id=name) if name in self._names:
                return _laid_out(self._names[name], self._arguments(node))
            case ast.Call() as function:
                return _laid_out(self._python(function), self._arguments(node))
        raise NoIdiomError(ast.unparse(node))

    def _is_numpy(self, node: ast.expr) -> bool:
        """Tell whether an expression is an array of NumPy, as far as one sees."""
        match node:
            case ast.Name(id=name):
                return name in self._arrays
            case ast.Call(func=ast.Attribute(value=value) as func):
                return self._path(func).startswith("numpy.") or self._is_numpy(value)
        return False

    def _arguments(self, node: ast.Call) -> list[str]:
        return [*map(self._python, node.args), *map(self._keyword, node.keywords)]

    def _keyword(self, word: ast.keyword) -> str:
        if word.arg is None:
            raise NoIdiomError
        return f"{r_quoted(word.arg)} = {self._python(word.value)}"

    def _of_numpy(self, path: str, node: ast.Call) -> str:
        """Translate a call of NumPy, which takes vectors for shapes."""
        match path, node:
            case "numpy.array", ast.Call(args=[value], keywords=[]) if (
                array := vectors.array(value)
            ):
                return f"{self._module(path)}({array})"
            case "numpy.random.rand", ast.Call(args=[ast.Starred(value=shape)]):
                return f"{self._module('numpy.random.random')}({self._python(shape)})"
        words = [
            f"{r_quoted(word.arg)} = {self._data(word.value)}"
            if word.arg
            else _no_idiom()
            for word in node.keywords
        ]
        return _laid_out(self._module(path), [*map(self._data, node.args), *words])

    def _method(self, value: ast.expr, name: str, node: ast.Call) -> str:
        """Translate a method: of a model by R's generic, of anything else by `$`."""
        of = self._python(value)
        words = {str(word.arg) for word in node.keywords}
        for wrapper in self._idioms.methods(name):
            if wrapper.owner == "keras.Model" and words <= {
                param.name for param in wrapper.params
            }:
                entries = self._entries(wrapper, node)
                return _piped(of, _laid_out(wrapper.generic, entries))
        return _laid_out(f"{of}${name}", self._arguments(node))

    def _wrapper_at(self, path: str) -> Wrapper | None:
        near = None if "." in path else self._idioms.wrapper(f"{self._home}.{path}")
        return near or self._idioms.wrapper(path)

    def _makes_layer(self, node: ast.Call) -> bool:
        path = self._path(node.func)
        wrapper = self._wrapper_at(path) if path else None
        return bool(wrapper and wrapper.is_layer)

    def _wrapper(self, wrapper: Wrapper, node: ast.Call, path: str) -> str:
        is_twin = bool(wrapper.twin) and not path.endswith(
            wrapper.twin.rpartition(".")[2]
        )
        if is_twin and node.args:
            raise NoIdiomError
        self._counts |= wrapper.composes in _COUNT
        return _laid_out(wrapper.r_name, self._entries(wrapper, node))

    def _entries(self, wrapper: Wrapper, node: ast.Call) -> list[str]:
        """Return the arguments of an R function, those of a function by position."""
        params = {p.name: p for p in (*wrapper.params, *wrapper.dots)}
        words = {str(word.arg): word.value for word in node.keywords}
        names = params.keys() | (EVERY_LAYER.keys() if wrapper.accepts_dots else set())
        is_starred = any(isinstance(arg, ast.Starred) for arg in node.args)
        if is_starred or any(word.arg is None for word in node.keywords):
            raise NoIdiomError(ast.unparse(node))
        if DOTS in wrapper.inputs:
            return [*map(self._data, node.args), *map(self._keyword, node.keywords)]
        if len(node.args) > len(wrapper.params) or not words.keys() <= names:
            raise NoIdiomError(ast.unparse(node))
        in_order = [params[n] for n in _ORDER.get(wrapper.python, ()) if n in params]
        by_place = zip(in_order or wrapper.params, node.args, strict=False)
        entries = []
        by_position = not wrapper.first and wrapper.wraps == "function"
        for param, value in by_place:
            r = self._argument(param, value)
            by_position = by_position and param.kind in ("data", "any")
            entries.append(r if by_position else f"{r_quoted(param.r_name)} = {r}")
        for name, value in words.items():
            word = params.get(name)
            r = self._argument(word, value)
            entries.append(f"{r_quoted(word.r_name if word else name)} = {r}")
        return entries

    def _argument(self, param: Param | None, value: ast.expr) -> str:
        if param is None:
            return self._r(value)
        if isinstance(value, ast.Attribute) and value.attr in param.members:
            return r_string(value.attr)
        is_number = isinstance(value, ast.Constant) and type(value.value) in (
            int,
            float,
        )
        if param.kind in ("str", "enum") and is_number:
            raise NoIdiomError
        if counts_from_one(param.kind, value):
            return self._axis(value)
        return self._r(value) if KINDS[param.kind].typed else self._data(value)

    def _axis(self, node: ast.expr) -> str:
        match node:
            case ast.Name():  # it counts from 0, as Python does
                return f"{self._python(node)} + 1L"
            case ast.Call(args=[value], keywords=[]) if self._path(node.func) in (
                "numpy.array",
                "keras.ops.array",
            ):
                node = value
        if places := vectors.array(node, add=1):
            return places
        match expression_from_one(node):
            case ast.Tuple(elts=items):
                return _laid_out("c", map(self._r, items))
            case axis:
                return self._r(axis)

    def _data(self, node: ast.expr) -> str:
        return vectors.array(node) or self._python(node)

    def _r(self, node: ast.expr) -> str:
        """Translate an argument of an R function, which brings values to Python."""
        match node:
            case ast.Constant(value=value) if value is not Ellipsis:
                return constant(value)
            case ast.UnaryOp(op=ast.USub(), operand=ast.Constant() as operand):
                return f"-{self._r(operand)}"
            case ast.Tuple(elts=items) | ast.List(elts=items):
                return vectors.vector(node) or _laid_out("list", map(self._r, items))
        return self._python(node)


def _no_idiom() -> str:
    raise NoIdiomError


def _end(node: ast.expr | None) -> str:
    """Return the end of a slice, which R includes."""
    match node:
        case None:
            return "-1"
        case ast.Constant(value=int(end)) if end > 0:
            return str(end)
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int(end))):
            return str(-end - 1)
    raise NoIdiomError


def _key(node: ast.expr | None) -> str:
    match node:
        case ast.Constant(value=str(name)) if name:
            return r_quoted(name)
    raise NoIdiomError


def _piped(value: str, call: str) -> str:
    """Pipe a value into a call, where R takes what comes before for one value."""
    if re.match(r"[\w.$:]+(\(|$)", value):
        return f"{value} |> {call}"
    return f"({value}) |> {call}"


def _laid_out(function: str, arguments: Iterable[str]) -> str:
    head = function.rpartition("\n")[2]
    return f"{function}({laid_out(arguments, room=_WIDTH - len(head) - 2)})"
