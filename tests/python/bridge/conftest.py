"""R as the judge of what was generated, and a stranger's libraries to wrap."""

import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from r_process import RProcess

from layerbridge.bridge.ir import Wrapper
from layerbridge.bridge.literals import r_string
from layerbridge.bridge.write import r_code

sys.path.append(str(Path(__file__).parent / "modules"))

# Nothing may stand at top level but generics, and functions by the names that are
# expected, with constants that say what each stands for, so that loading the file runs
# nothing. A default is compared as R's own parser reads it.
DISAGREEMENTS = r"""
local({
  code <- parse("%(source)s", keep.source = FALSE, encoding = "UTF-8")
  expected <- %(expected)s
  is_generic <- function(call) {
    if (!identical(call[[1L]], quote(`<-`))) return(FALSE)
    made <- as.list(call[[3L]])
    if (identical(made[[1L]], quote(bridge_function))) return(FALSE)
    identical(made[[1L]], quote(`::`)) || identical(made[[3L]][[1L]], quote(UseMethod))
  }
  is_constant <- function(x) {
    if (is.name(x)) return(startsWith(as.character(x), "bridge_make_"))
    if (!is.call(x)) return(is.character(x) || is.null(x))
    name <- as.character(x[[1L]])
    name %%in%% c("c", "bridge_args") && all(vapply(as.list(x)[-1L], is_constant, NA))
  }
  code <- Filter(Negate(is_generic), as.list(code))
  for (call in code) {
    stopifnot(
      identical(call[[1L]], quote(`<-`)), is.name(call[[2L]]),
      identical(call[[3L]][[1L]], quote(bridge_function)),
      identical(call[[3L]][[2L]][[1L]], quote(`function`)),
      all(vapply(as.list(call[[3L]])[-(1:2)], is_constant, NA))
    )
  }
  names <- vapply(code, function(call) as.character(call[[2L]]), "")
  if (!identical(names, names(expected))) return("the functions differ")
  as.character(unlist(lapply(seq_along(code), function(i) {
    wanted <- lapply(expected[[i]], function(default) {
      if (is.null(default)) quote(expr = ) else str2lang(default)
    })
    found <- as.list(code[[i]][[3L]][[2L]][[2L]])
    if (!identical(found, wanted)) paste(names[i], "has other arguments")
  })))
})
"""


@pytest.fixture(scope="session")
def r_process(tmp_path_factory):
    process = RProcess(tmp_path_factory.mktemp("r"))
    yield process
    process.close()


@pytest.fixture(scope="session")
def command(tmp_path_factory):
    """The beginning of a command line: `python -m layerbridge.bridge`, but quick."""
    python = [sys.executable, Path(__file__).with_name("forked.py")]
    path = tmp_path_factory.mktemp("forked") / "socket"
    server = subprocess.Popen(
        [*python, "serve", path], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert server.stdout.readline() == b"ready\n"
    yield [*map(str, python), "ask", str(path)]
    server.communicate()


@pytest.fixture(scope="session")
def disagreements(r_process) -> Callable[..., list[str]]:
    """Where R's reading of the source differs from the specification.

    `by` evaluates R code: the long-lived R, or the one that is embedded here.
    """

    def ask(
        source: str,
        layers: Iterable[Wrapper],
        by: Callable[[str], list[str]] = r_process,
    ) -> list[str]:
        path = r_process.write("source.R", source)
        expected = ",\n".join(map(_expected, layers))
        return list(
            by(DISAGREEMENTS % {"source": path, "expected": f"list({expected})"})
        )

    return ask


def _expected(layer: Wrapper) -> str:
    arguments = (
        f"`{name}` = {'NULL' if default is None else r_string(default)}"
        for name, default in r_code.formals(layer)
    )
    return f"`{layer.defined_as}` = list({', '.join(arguments)})"


@pytest.fixture
def package(tmp_path, monkeypatch):
    """Make a package of files."""
    monkeypatch.syspath_prepend(tmp_path)

    def package(name, files):
        folder = tmp_path / name
        folder.mkdir()
        for file, text in {"__init__.py": "", **files}.items():
            (folder / file).parent.mkdir(exist_ok=True, parents=True)
            (folder / file).write_text(text)
        return name

    yield package
    for name in [n for n in sys.modules if n.partition(".")[0].startswith("made_")]:
        del sys.modules[name]
