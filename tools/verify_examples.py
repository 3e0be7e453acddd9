"""Run the examples of help pages in Python and in R, and list those that agree.

usage: Rscript tools/verify_examples.R PYTHON LIBRARY...

PYTHON is one that has the libraries: `make test-libraries` makes `.venv-libraries`.
With the environment variable KERAS_BACKEND other than tensorflow, it adds to the list
what only that backend runs. Each example is run with the same seed in both languages,
statement by statement; what each statement gives or assigns must be the same. What is
listed in `python/layerbridge/bridge/words/examples.txt` is R on the help pages.
"""

import ast
import contextlib
import fcntl
import importlib
import io
import os
import pkgutil
import re
import signal
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import keras
import numpy as np

from layerbridge.bridge.ir import Wrapper
from layerbridge.bridge.resolve import resolve
from layerbridge.bridge.words.examples import Script, r_code
from layerbridge.bridge.words.idioms import Idioms
from layerbridge.bridge.words.markdown import split_code
from layerbridge.bridge.words.translation import Line
from layerbridge.bridge.words.verified import VERIFIED, digest
from layerbridge.bridge.write import sources

SECONDS = 60
DOWNLOADS = re.compile(r"from_preset\(|load_data\(|get_file\(")
SEED = 1
NA = -(2**31)  # how R's NA reaches Python


class DifferentError(Exception):
    """R gives something else than Python."""


class Page:
    """The examples of one page, run in both languages."""

    def __init__(
        self, wrapper: Wrapper, idioms: Idioms, run: Callable[..., Any]
    ) -> None:
        self._wrapper = wrapper
        self._idioms = idioms
        self._run = run
        library = wrapper.python.partition(".")[0]
        self._globals = {"keras": keras, "np": np, library: sys.modules[library]}
        self.problems: list[str] = []
        self.listed: list[str] = []

    def verify(self) -> None:
        """Translate and run every block."""
        self._run("begin", "", "")
        keras.config.set_dtype_policy("float32")
        keras.config.set_floatx("float32")
        keras.config.set_image_data_format("channels_last")
        script = Script(
            self._idioms,
            self._wrapper.module,
            lambda lines: self._is_right(script, lines),
        )
        for section in self._wrapper.sections:
            if section.title.startswith(("Example", "Usage")):
                for _, code in split_code(section.text):
                    if code and script.add([], code):
                        self.problems += [script.problem] if script.problem else []

    def _is_right(self, script: Script, lines: Sequence[Line]) -> bool:
        if any(DOWNLOADS.search(ast.unparse(line.python)) for line in lines):
            self.problems.append("needs a download")
            return False
        try:
            with limited(SECONDS), contextlib.redirect_stdout(io.StringIO()):
                keras.utils.set_random_seed(SEED)
                theirs = [self._python(line) for line in lines]
                for name, path in script.modules.items():
                    self._run("module", name, path)
                keras.utils.set_random_seed(SEED)
                for line, value in zip(lines, theirs, strict=True):
                    mine = self._run("line", line.r, "")
                    seen_in_r = seen(mine)
                    if not (
                        value is None
                        or same(value, seen_in_r)
                        or (line.counts and same(value, seen_in_r, add=1))
                    ):
                        raise DifferentError(
                            f"{line.r}\n    {value!r}\n    {mine!r}"[:600]
                        )
        except (Exception, SystemExit) as problem:
            self.problems.append(f"{type(problem).__name__}: {problem}"[:700])
            return False
        self.listed.append(digest(r_code(lines)))
        return True

    def _python(self, line: Line) -> Any:
        names = {x.id for x in ast.walk(line.python) if isinstance(x, ast.Name)}
        for name in names - self._globals.keys():
            for path in (f"{self._wrapper.module}.{name}", name):
                if wrapper := self._idioms.wrapper(path):
                    self._globals[name] = pkgutil.resolve_name(wrapper.python)
                    break
        for name in names & line.imports.keys():
            self._globals[name] = pkgutil.resolve_name(line.imports[name])
        if isinstance(line.python, ast.Expr):
            value = line.python.value
            match value:  # print() of R returns what it prints
                case ast.Call(func=ast.Name(id="print"), args=[shown]):
                    value = shown
            code = compile(ast.Expression(value), "example", "eval")
            return seen(eval(code, self._globals))
        exec(ast.unparse(line.python), self._globals)
        return seen(self._globals.get(line.name))


@contextlib.contextmanager
def limited(seconds: int) -> Iterator[None]:
    """Stop what takes too long."""

    def stop(*_: Any) -> None:
        raise TimeoutError(f"more than {seconds} s")

    signal.signal(signal.SIGALRM, stop)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)


def seen(value: Any) -> Any:
    """Return what can be compared of a value as it is now: numbers, text, settings."""
    if value is None or isinstance(value, (str, bool)):
        return value
    if isinstance(value, int) and value == NA:
        return None
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, keras.KerasTensor):
        return ["symbolic", list(value.shape), str(value.dtype)]
    if isinstance(value, dict):
        return {str(key): seen(item) for key, item in value.items()}
    array = as_array(value)
    if array is not None:
        return array
    if isinstance(value, (list, tuple)):
        return [seen(item) for item in value]
    if re.match(r"function|R|<lambda>|builtin|method", type(value).__name__):
        return "function"
    weights = getattr(value, "get_weights", list)
    return [type(value).__name__, [seen(x) for x in weights()], settings(value)]


def as_array(value: Any) -> Any:
    """Return a tensor, or lists of one shape, as an array; of anything else nothing."""
    try:
        array = np.asarray(
            value
            if isinstance(value, (list, tuple))
            else keras.ops.convert_to_numpy(value)
        )
    except Exception:
        return None
    if array.dtype.kind in "SUO" and array.size:
        flat = [seen(x) if isinstance(x, (str, bytes)) else None for x in array.ravel()]
        return np.array(flat).reshape(array.shape) if None not in flat else None
    if array.dtype.kind in "iu" and array.ndim and (array == NA).any():
        return None
    return array if array.dtype.kind in "biufc" else None


def settings(value: Any) -> str:
    """Return an object's configuration, without addresses and counted names."""
    try:
        text = str(value.get_config())
    except Exception:
        return ""
    return re.sub(r"_\d+(?=['\"/])|0x[0-9a-f]+", "", text)


def same(theirs: Any, mine: Any, add: int = 0) -> bool:
    """Tell whether R gives what Python gives; numbers may have another type."""
    arrays = [isinstance(x, np.ndarray) for x in (theirs, mine)]
    if all(arrays):
        if theirs.dtype.kind == "U" or mine.dtype.kind == "U":
            return theirs.shape == mine.shape and bool((theirs == mine).all())
        if theirs.size == mine.size == 1:  # R has no numbers but vectors of one
            theirs, mine = theirs.ravel(), mine.ravel()
        more = add if theirs.dtype.kind in "iu" else 0
        return theirs.shape == mine.shape and bool(
            np.allclose(theirs + more, mine, rtol=1e-4, atol=1e-5, equal_nan=True)
        )
    if any(arrays):
        return False
    if isinstance(theirs, list) and isinstance(mine, list):
        return len(theirs) == len(mine) and all(
            same(a, b, add) for a, b in zip(theirs, mine, strict=True)
        )
    if isinstance(theirs, dict) and isinstance(mine, dict):
        return theirs.keys() == mine.keys() and all(
            same(theirs[key], mine[key], add) for key in theirs
        )
    return type(theirs) is type(mine) and theirs == mine


def has_examples(wrapper: Wrapper) -> bool:
    """Tell whether a page has examples."""
    titles = (section.title for section in wrapper.sections)
    return any(title.startswith(("Example", "Usage")) for title in titles)


def record(found: Sequence[str], without: str = "") -> None:
    """Add to the list, and take out what is of one library."""
    with VERIFIED.open("r+", encoding="ascii") as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # libraries may be verified side by side
        listed = file.read().splitlines()
        kept = (line for line in listed if not (without and line.startswith(without)))
        file.seek(0)
        file.write("".join(f"{line}\n" for line in sorted({*kept, *found})))
        file.truncate()


def main(names: Sequence[str], run: Callable[..., Any]) -> None:
    """Verify libraries, and write the list again for these."""
    os.chdir(tempfile.mkdtemp())  # examples write files
    told: Counter[str] = Counter()
    for name in names:
        importlib.import_module(name)
        wrappers = resolve(name, leave_out_clashes=True).wrappers
        idioms = Idioms(wrappers)
        run("library", sources.r_file(wrappers), "")
        if keras.config.backend() == "tensorflow":
            record([], without=f"{name}.")
        for wrapper in filter(has_examples, wrappers):
            page = Page(wrapper, idioms, run)
            page.verify()
            record([f"{wrapper.python} {code}" for code in page.listed])
            told[f"{name}: {'R' if page.listed else 'Python'}"] += 1
            for problem in page.problems:
                print(f"{wrapper.python}: {problem}", file=sys.stderr, flush=True)
    print(dict(told))
