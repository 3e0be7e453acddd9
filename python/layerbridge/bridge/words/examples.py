"""Short Python examples as R code that runs: straight calls, and nothing else.

What an example may call is listed here, so that no docstring decides what R runs: the
classes that have R functions, NumPy's and Keras's makers of arrays and tensors, and the
methods that train, call and describe a model. Any other example stays Python.
"""

from __future__ import annotations

import ast
import doctest
import re
import textwrap
import warnings
from collections.abc import Iterable

from layerbridge.bridge.ir import Param, Wrapper
from layerbridge.bridge.literals import (
    NotLiteralError,
    is_syntactic,
    r_literal,
    r_quoted,
)
from layerbridge.bridge.words.counting import expression_from_one
from layerbridge.bridge.words.idioms import Idioms, NoIdiomError, constant

__all__ = ["Script"]

_MOST_STATEMENTS = 20
_WIDTH = 72
_MODULES = {"keras": "keras", "numpy": "np"}
_CALLED = re.compile(
    r"keras\.(?:Input|Model|Sequential|models\.(?:Model|Sequential)|layers\.Input"
    r"|(?:ops|random)\.[a-z][a-z0-9_]*"
    r"|(?:initializers|regularizers|constraints)\.[A-Z][A-Za-z0-9]*)"
    r"|numpy\.(?:arange|array|expand_dims|eye|full|linspace|ones|prod|reshape|zeros"
    r"|random\.(?:normal|rand|randint|randn|random|uniform))"
)
_CONSTANTS = re.compile(
    r"numpy\.(?:u?int(?:8|16|32|64)|float(?:16|32|64)|pi|inf|nan)"
    r"|keras\.activations\.[A-Za-z][A-Za-z0-9_]*"
)
_METHODS = frozenset(
    """
    adapt add astype build compile compute_output_shape count_params fit get_config
    get_vocabulary get_weights numpy pop predict reshape result set_vocabulary
    set_weights summary update_state
    """.split()  # noqa: SIM905 - a word list is read as lines
)
_ATTRIBUTES = frozenset(
    """
    dtype input_shape losses name output_shape shape trainable weights
    """.split()  # noqa: SIM905
)
_OF_ALL = frozenset(["batch_size", "dtype", "input_shape", "name", "trainable"])
# Names of an example that would hide what its R code needs.
_NEEDED = frozenset(["c", "list", "print", "keras", "np", "reticulate"])


class Script:
    """The R code of one page: blocks see what those before them have assigned."""

    def __init__(self, idioms: Idioms) -> None:
        """Begin without names and modules."""
        self._idioms = idioms
        self._names: set[str] = set()
        self._aliases = {"keras": "keras", "np": "numpy", "numpy": "numpy"}
        self._imported: set[str] = set()
        self._calls = 0
        self._blocks: list[str] = []

    def add(self, words: Iterable[str], code: str) -> bool:
        """Translate a block under the lines that lead to it; tell whether it could."""
        before = (set(self._names), dict(self._aliases), set(self._imported))
        calls = self._calls
        try:
            lines = list(self._statements(_source(code)))
            if self._calls == calls:
                raise NoIdiomError
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            self._names, self._aliases, self._imported = before
            self._calls = calls
            return False
        self._blocks.append("\n".join([*filter(None, map(_comment, words)), *lines]))
        return True

    def say(self, words: Iterable[str]) -> None:
        """Add a comment."""
        self._blocks += filter(None, ["\n".join(map(_comment, words))])

    def guarded(self, module: str) -> str:
        """Return the R code, which runs only where R finds the Python module.

        An example that has fallen behind its library must not end the check of the
        package: its error is shown, and those of the other pages run.
        """
        if not self._calls:
            return ""
        imports = [
            f'{_MODULES[name]} <- reticulate::import("{name}", convert = FALSE)'
            for name in sorted(self._imported)
        ]
        code = "\n\n".join(filter(None, ["\n".join(imports), *self._blocks]))
        return (
            f'if (reticulate::py_module_available("{module}")) try({{\n'
            f"{textwrap.indent(code, '  ')}\n}})\n"
        )

    def _statements(self, source: str) -> Iterable[str]:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            body = ast.parse(source).body
        if len(body) > _MOST_STATEMENTS:
            raise NoIdiomError
        lines = source.split("\n")
        end = 0
        for statement in body:
            yield from _comments(lines[end : statement.lineno - 1])
            end = statement.end_lineno or statement.lineno
            if said := self._statement(statement):
                yield said

    def _statement(self, node: ast.stmt) -> str:
        match node:
            case ast.Import(names=names):
                for name in names:
                    self._import(name.name, name.asname or name.name)
                return ""
            case ast.ImportFrom(module=str(module), names=names, level=0):
                for name in names:
                    self._import(f"{module}.{name.name}", name.asname or name.name)
                return ""
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                made = self._python(value)
                if not is_syntactic(name) or name in _NEEDED:
                    raise NoIdiomError
                self._names.add(name)
                self._aliases.pop(name, None)
                return f"{name} <- {made}"
            case ast.Expr(value=ast.Call(func=ast.Name(id="print"), args=[value])):
                return f"print({self._python(value)})"
            case ast.Expr(value=value):
                return self._python(value)
        raise NoIdiomError

    def _import(self, path: str, name: str) -> None:
        self._aliases[name] = path.replace("tensorflow.keras", "keras")

    def _path(self, node: ast.expr) -> str:
        """Return the dotted path of a name that is no variable of the example."""
        match node:
            case ast.Name(id=name) if name not in self._names:
                return self._aliases.get(name, name)
            case ast.Attribute(value=value, attr=name):
                above = self._path(value)
                path = f"{above}.{name}" if above else ""
                return path.replace("tf.keras", "keras")
        return ""

    def _module(self, path: str) -> str:
        """Return R's `np$random$rand`, and remember the module."""
        root, _, inside = path.partition(".")
        self._imported.add(root)
        return f"{_MODULES[root]}${inside.replace('.', '$')}"

    def _python(self, node: ast.expr) -> str:
        """Translate an expression as Python functions take it: integers have an L."""
        match node:
            case ast.Constant(value=value) if value is not Ellipsis:
                return _literal(value)
            case ast.UnaryOp(op=ast.USub(), operand=ast.Constant() as operand):
                return f"-{self._python(operand)}"
            case ast.Tuple(elts=items):
                return _laid_out("reticulate::tuple", map(self._python, items))
            case ast.List(elts=items):
                return _laid_out("list", map(self._python, items))
            case ast.Dict(keys=names, values=values):
                pairs = zip(names, values, strict=True)
                entries = [f"{_key(name)} = {self._python(x)}" for name, x in pairs]
                return _laid_out("list" if entries else "reticulate::dict", entries)
            case ast.Name(id=name) if name in self._names:
                return name
            case ast.Attribute(value=value, attr=name):
                path = self._path(node)
                if _CONSTANTS.fullmatch(path):
                    return self._module(path)
                if path.partition(".")[0] in _MODULES or name not in _ATTRIBUTES:
                    raise NoIdiomError
                return f"{self._python(value)}${name}"
            case ast.Call():
                return self._call(node)
        raise NoIdiomError

    def _call(self, node: ast.Call) -> str:
        path = self._path(node.func)
        layer = self._idioms.wrapper(path) if path else None
        if layer and layer.is_layer:
            return self._wrapper(layer, node)
        given = [*map(self._python, node.args), *map(self._keyword, node.keywords)]
        if path and _CALLED.fullmatch(path):
            return _laid_out(self._module(path), given)
        match node.func:
            case ast.Attribute(value=value, attr=name) if name in _METHODS:
                return _laid_out(f"{self._python(value)}${name}", given)
            case ast.Name(id=name) if name in self._names:
                return _laid_out(name, given)
            case ast.Call() as made:
                return _laid_out(self._python(made), given)
        raise NoIdiomError

    def _keyword(self, word: ast.keyword) -> str:
        if word.arg is None:
            raise NoIdiomError
        return f"{r_quoted(word.arg)} = {self._python(word.value)}"

    def _wrapper(self, layer: Wrapper, node: ast.Call) -> str:
        params = {p.name: p for p in (*layer.params, *layer.dots)}
        words = {str(word.arg): word.value for word in node.keywords}
        if len(node.args) > len(layer.params) or "None" in words:
            raise NoIdiomError
        taken = params.keys() | (_OF_ALL if layer.accepts_dots else set())
        given = dict(zip((p.name for p in layer.params), node.args, strict=False))
        required = {p.name for p in layer.params if p.r_default is None}
        if not words.keys() <= taken or not required <= given.keys() | words.keys():
            # Python would refuse the call, whatever its documentation says.
            raise NoIdiomError
        entries = []
        for name, value in (given | words).items():
            param = params.get(name)
            r_name = param.r_name if param else name
            entries.append(f"{r_quoted(r_name)} = {self._argument(param, value)}")
        self._calls += 1
        return _laid_out(layer.r_name, entries)

    def _argument(self, param: Param | None, value: ast.expr) -> str:
        kind = param.kind if param else "any"
        number = isinstance(value, ast.Constant) and type(value.value) in (int, float)
        if kind in ("str", "enum") and number:
            raise NoIdiomError
        return self._axis(value) if kind in ("axis", "index") else self._r(value)

    def _axis(self, node: ast.expr) -> str:
        match expression_from_one(node):
            case ast.Tuple(elts=items):
                return _laid_out("c", map(self._r, items))
            case axis:
                return self._r(axis)

    def _r(self, node: ast.expr) -> str:
        """Translate an argument of an R function, which brings values to Python."""
        match node:
            case ast.Constant(value=value) if value is not Ellipsis:
                return constant(value)
            case ast.UnaryOp(op=ast.USub(), operand=ast.Constant() as operand):
                return f"-{self._r(operand)}"
            case ast.Tuple(elts=items) | ast.List(elts=items):
                one_type = len({type(getattr(x, "value", None)) for x in items}) == 1
                plain = one_type and all(isinstance(x, ast.Constant) for x in items)
                vector = plain and getattr(items[0], "value", None) is not None
                return _laid_out("c" if vector else "list", map(self._r, items))
        return self._python(node)


def _source(code: str) -> str:
    """Return the code of an interpreter's session, or the code as it is."""
    if not re.search(r"^ *>>>", code, re.MULTILINE):
        return textwrap.dedent(code)
    examples = doctest.DocTestParser().get_examples(textwrap.dedent(code))
    return "".join(example.source for example in examples)


def _comment(line: str) -> str:
    said = textwrap.wrap(line, _WIDTH, break_on_hyphens=False)
    return "\n".join(f"# {part}" for part in said)


def _comments(lines: list[str]) -> Iterable[str]:
    for line in lines:
        if match := re.match(r" *#+ *(\S.*)", line):
            yield f"# {match[1].strip()}"


def _literal(value: object) -> str:
    try:
        return r_literal(value)
    except NotLiteralError as problem:
        raise NoIdiomError from problem


def _key(node: ast.expr | None) -> str:
    match node:
        case ast.Constant(value=str(name)) if name:
            return r_quoted(name)
    raise NoIdiomError


def _laid_out(function: str, given: Iterable[str]) -> str:
    """Put arguments on one line where they are short, else on a line each."""
    items = list(given)
    flat = f"({', '.join(items)})"
    head = function.rpartition("\n")[2]
    if len(head + flat) <= _WIDTH and "\n" not in flat:
        return function + flat
    inside = textwrap.indent(",\n".join(items), "  ")
    return f"{function}(\n{inside}\n)"
