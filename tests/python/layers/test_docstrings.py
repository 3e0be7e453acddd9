"""Examples in docstrings run, and every public name has one."""

import doctest
import importlib.util
import inspect
from pathlib import Path

import pytest

import layerbridge

_FILE = Path(__file__).parents[3] / "tools" / "docstrings.py"
_SPEC = importlib.util.spec_from_file_location("docstrings", _FILE)
TOOL = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(TOOL)

PUBLIC = [name for name in layerbridge.__all__ if name != "__version__"]


@pytest.mark.parametrize("name", PUBLIC)
def test_example_runs(name):
    thing = getattr(layerbridge, name)
    module = importlib.import_module(thing.__module__)
    finder = doctest.DocTestFinder(recurse=False)
    (test,) = finder.find(thing, name, module, globs={})
    assert test.examples, "the docstring has no example"
    report = []
    failed, _ = doctest.DocTestRunner().run(test, out=report.append)
    assert not failed, "".join(report)


@pytest.mark.parametrize("name", PUBLIC)
def test_every_argument_is_documented(name):
    thing = getattr(layerbridge, name)
    for argument in inspect.signature(thing).parameters:
        assert f"{argument}: " in thing.__doc__, argument


@pytest.mark.parametrize("names", TOOL.FILES, ids="{0[0]}1{0[1]}".format)
def test_docstrings_are_as_the_tool_writes_them(names):
    source = (TOOL.PACKAGE / TOOL.FILES[names]).read_text("utf-8")
    assert TOOL.written(names, source) == source, "run tools/docstrings.py"
