"""What a target holds: listing, and what is left out."""

import pytest

from layerbridge.bridge.read.modules import TargetError
from layerbridge.bridge.resolve import resolve


def test_a_name_that_is_none_is_left_out():
    (path, reason) = resolve("hostile_layers").left_out[0]
    assert path == "hostile_layers.`r file.create('owned')`"
    assert reason == "its name is not a Python identifier"


def test_a_part_that_fails_to_load_is_left_out(monkeypatch):
    import numpy_style

    def load(name):
        if name.startswith("__"):
            raise AttributeError(name)
        raise ImportError(f"no {name} today")

    monkeypatch.setattr(numpy_style, "__all__", ["Scale", "Late"], raising=False)
    monkeypatch.setattr(numpy_style, "__getattr__", load, raising=False)
    found = resolve("numpy_style")
    assert [layer.class_name for layer in found.wrappers] == ["Scale"]
    reason = "failed with ImportError: no Late today"
    assert dict(found.left_out) == {"numpy_style.Late": reason}
    with pytest.raises(TargetError, match="no Other today"):
        resolve("numpy_style.Other")


def test_what_all_names_and_is_not_there_is_left_out(package):
    files = {
        "__init__.py": "__all__ = ['f', 'g', 'deep', 'nothing']\nnothing = None\n"
        "def f(): pass\ndef __dir__(): return __all__\n",
        "deep.py": "def h(): pass\n",
    }
    found = resolve(package("made_lying", files))
    assert [wrapper.r_name for wrapper in found.wrappers] == ["h", "f"]
    reason = "not there, though `__all__` names it"
    assert found.left_out == (("made_lying.g", reason),)
    with pytest.raises(TargetError, match=r"module made_lying has no `g`\.$"):
        resolve("made_lying.g")


def test_aliases_are_left_out_by_name():
    left_out = dict(resolve("keras.layers").left_out)
    same = "the same as keras.layers.MaxPooling2D"
    assert left_out["keras.layers.MaxPool2D"] == same
    assert left_out["keras.layers.Layer"] == "the base class of all layers"


def test_every_public_class_of_keras_is_wrapped_or_accounted_for():
    import keras

    found = resolve("keras.layers")
    known = {layer.python for layer in found.wrappers} | dict(found.left_out).keys()
    public = {f"keras.layers.{n}" for n in dir(keras.layers) if not n.startswith("_")}
    assert public <= known


def test_a_single_class_is_a_target():
    (layer,) = resolve("keras.layers.Conv2D").wrappers
    assert layer == next(
        x for x in resolve("keras.layers").wrappers if x.class_name == "Conv2D"
    )


def test_a_function_is_a_target():
    (made,) = resolve("google_style.function").wrappers
    assert (made.python, made.params) == ("google_style.function", ())
    assert (made.r_name, made.family) == ("function_", "function")


LAYER = """
import keras

class {name}(keras.layers.Layer):
    def call(self, x{inputs}):
        return x
"""


def test_a_package_lists_the_modules_that_it_does_not_import(package):
    name = package(
        "made_deep",
        {
            "one.py": LAYER.format(name="One", inputs=""),
            "sub/__init__.py": "from made_deep.one import One\n",
            "sub/two.py": LAYER.format(name="Two", inputs=""),
            "broken.py": "raise RuntimeError('not today')\n",
            "test_one.py": "raise RuntimeError('no test is imported')\n",
        },
    )
    found = resolve(name)
    assert [w.python for w in found.wrappers] == [
        "made_deep.one.One",
        "made_deep.sub.two.Two",
    ]
    ((path, reason),) = found.left_out
    assert path == "made_deep.broken"
    assert "not today" in reason


def test_a_library_that_has_moved_is_named(package):
    package("made_new", {"layers.py": LAYER.format(name="One", inputs="")})
    old = package("made_old", {"layers.py": "from made_new.layers import *\n"})
    said = "defines nothing of its own, but shows 1 from made_new.layers: wrap"
    with pytest.raises(TargetError, match=said):
        resolve(f"{old}.layers")
    with pytest.raises(TargetError, match="shows 1 from made_new: wrap"):
        resolve(old)


def test_what_a_module_imports_for_itself_is_noise(package):
    text = (
        "from abc import ABC\nfrom typing import Any, Optional, TypeVar\n"
        "from functools import partial\nT = TypeVar('T')\n"
    )
    name = package(
        "made_noisy", {"layers.py": text + LAYER.format(name="A", inputs="")}
    )
    assert resolve(f"{name}.layers").left_out == ()


def test_an_abstract_base_is_noise(package):
    text = (
        "import abc\n"
        + LAYER.format(name="Base", inputs="")
        + "\n    @abc.abstractmethod\n    def f(self): ...\n"
        + "\nclass Made(Base):\n    def f(self): ...\n"
    )
    found = resolve(package("made_abstract", {"layers.py": text}) + ".layers")
    assert [w.class_name for w in found.wrappers] == ["Made"]
    assert found.left_out == ()


def test_several_required_inputs_are_told_from_the_call(package):
    calls = {"One": "", "Two": ", context", "Brought": ", mask, training, extra=None"}
    text = "".join(LAYER.format(name=n, inputs=i) for n, i in calls.items())
    found = resolve(package("made_calls", {"layers.py": text}) + ".layers")
    assert {w.class_name: w.inputs for w in found.wrappers} == {
        "One": (),
        "Two": ("x", "context"),
        "Brought": (),
    }
    names = {w.class_name: w.family for w in found.wrappers}
    assert (names["One"], names["Two"]) == ("layer", "inputs")
    assert {w.class_name: w.options for w in found.wrappers} == {
        "One": (),
        "Two": (),
        "Brought": ("mask", "training", "extra"),
    }


def test_names_that_a_class_would_drop_are_no_arguments(package):
    text = """
import keras

class Drops(keras.layers.Layer):
    def __init__(self, units=1, **kwargs):
        super().__init__(name=kwargs.get("name"))
        self.scale = kwargs.pop("scale", 1.0) if "scale" in kwargs else kwargs["rate"]

class Refuses(keras.layers.Layer):
    def __init__(self, **kwargs):
        super().__init__()
        if kwargs:
            raise TypeError("none of these")
"""
    drops, refuses = resolve(package("made_drops", {"layers.py": text})).wrappers
    assert [p.r_name for p in drops.params] == ["units", "name", "rate", "scale"]
    assert (drops.accepts_dots, refuses.accepts_dots) == (False, True)


def test_an_argument_of_the_call_that_the_class_takes_is_the_class_s(package):
    text = """
import keras

class Both(keras.layers.Layer):
    def __init__(self, scale=1.0, **kwargs):
        super().__init__(**kwargs)

    def call(self, x, scale=None, dtype=None, *, offset=0, **more):
        return x
"""
    (made,) = resolve(package("made_both", {"layers.py": text}) + ".layers").wrappers
    assert made.options == ("offset",)
