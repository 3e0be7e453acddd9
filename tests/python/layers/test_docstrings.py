"""Examples in docstrings run, and every public name has one."""

import doctest
import importlib
import inspect

import docstrings
import pytest

import layerbridge

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


def words(text):
    """Leave lines and their indentation aside."""
    return text.split()


@pytest.mark.parametrize("name", [n for n in PUBLIC if n[-2:] in ("1D", "2D", "3D")])
def test_the_layers_docstrings_are_in_step(name):
    layer = getattr(layerbridge, name)
    text, _, _ = layer.__doc__.partition(">>>")
    assert words(text) == words(docstrings.expected(layer))
