"""Whatever somebody else's module does when it is read, the rest of it is read."""

import subprocess
import sys
import textwrap

import pytest

import layerbridge_command


@pytest.fixture
def spec(tmp_path, monkeypatch, capsys):
    """Return what the command says of a module of this source."""
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    monkeypatch.chdir(tmp_path)

    def spec(source, name):
        (tmp_path / f"{name}.py").write_text(textwrap.dedent(source))
        status = layerbridge_command.main(["spec", name])
        said = capsys.readouterr()
        return status, said.out, said.err

    return spec


# A line of a metaclass; what the class is left out for.
OF_CLASSES = {
    "doc": ("__doc__ = property(lambda self: 1 / 0)", "ZeroDivisionError"),
    "name": ("__name__ = property(lambda self: 1 / 0)", "ZeroDivisionError"),
    "name_of_no_text": ("__name__ = 5", "its `__name__` is of the type int"),
    "mro": ("__mro__ = property(lambda self: 1 / 0)", "ZeroDivisionError"),
    "module": ("__module__ = property(lambda self: 1 / 0)", "ZeroDivisionError"),
    "equal": ("__eq__ = lambda self, other: 1 / 0; __hash__ = type.__hash__", ""),
    "unequal": ("__eq__ = lambda self, other: False; __hash__ = type.__hash__", None),
    "hash": ("__hash__ = None", "TypeError"),
    "dir": ("__dir__ = lambda self: 1 / 0", "ZeroDivisionError"),
    "attribute": ("__getattribute__ = lambda self, name: 1 / 0", "ZeroDivisionError"),
    "exit": ("__doc__ = property(lambda self: exit(0))", "SystemExit: 0"),
    "ctrl_c": ("__doc__ = property(lambda self: stop())", "KeyboardInterrupt"),
    "message": ("__doc__ = property(lambda self: mute())", "Mute: its message cannot"),
    "long": ("__doc__ = property(lambda self: int('x' * 9**6))", "ValueError: "),
    "instance": ("__instancecheck__ = lambda self, x: 1 / 0", None),
    "subclass": ("__subclasscheck__ = lambda self, x: 1 / 0", None),
}
NEIGHBOURS = """
    import keras

    class Mute(Exception):
        def __str__(self):
            raise self

    def mute():
        raise Mute

    def stop():
        raise KeyboardInterrupt

    class First(keras.layers.Layer):
        "A layer."

    {}

    class Second(keras.layers.Layer):
        "A layer."
"""


@pytest.mark.parametrize("case", OF_CLASSES)
def test_a_class_that_cannot_be_read_leaves_its_neighbours(spec, case):
    line, reason = OF_CLASSES[case]
    broken = (
        f"class Meta(type(keras.layers.Layer)): {line}\n    "
        "Bad = Meta('Bad', (keras.layers.Layer,), {'__module__': __name__})"
    )
    name = f"of_class_{case}"
    status, out, err = spec(NEIGHBOURS.format(broken), name)
    assert (status, err) == (0, "")
    for neighbour in ("First", "Second"):
        assert f"\n{name}.{neighbour}  layer_{neighbour.lower()}  [layer]" in f"\n{out}"
    if reason is not None:
        said = next(line for line in out.splitlines() if line.startswith(f"{name}.Bad"))
        assert said.startswith(f"{name}.Bad  left out: ")
        assert reason in said
        assert len(said) < 600


# What stands in the module; what is said of it, where its name is left out.
OF_MEMBERS = {
    "all_5": ("__all__ = 5", "__all__  left out: of the type int"),
    "all_text": ("__all__ = 'First'", "__all__  left out: of the type str"),
    "all_raises": (
        "class All(list):\n        def __iter__(self): 1 / 0\n    __all__ = All()",
        "__all__  left out: of the type All",
    ),
    "class_within": (
        "class Meta(type): __doc__ = property(lambda self: 1 / 0)\n"
        "    class Outer:\n        class Bad(metaclass=Meta): pass",
        "Outer.Bad  left out: failed with ZeroDivisionError",
    ),
    "static": (
        "class Outer:\n        @staticmethod\n        def bad(): pass\n"
        "    Outer.bad.__module__ = 5",
        "Outer.bad  left out: failed with TypeError: its `__module__` is of the type",
    ),
    "function_doc": (
        "def bad(): pass\n    class Doc(str):\n"
        "        def expandtabs(self, *n): 1 / 0\n    bad.__doc__ = Doc('Doc.')",
        "bad  left out: failed with ZeroDivisionError",
    ),
    "doc_of_init": (
        "class Bad(keras.layers.Layer):\n        def __init__(self): pass\n"
        "    class Doc(str):\n        def strip(self, *n): 1 / 0\n"
        "    Bad.__init__.__doc__ = Doc('Doc.')",
        "Bad  left out: failed with ZeroDivisionError",
    ),
    "signature": (
        "def bad(): pass\n    bad.__signature__ = 5",
        "bad  left out: ",
    ),
    "annotation": (
        "class Shy:\n        def __repr__(self): 1 / 0\n    def bad(x: Shy()): pass",
        "bad  left out: failed with ZeroDivisionError",
    ),
    "default": (
        "class Shy:\n        def __getattribute__(self, name): 1 / 0\n"
        "    def good(x=Shy(), y=[Shy()], z=Shy): pass",
        "good  good  [function]",
    ),
    "default_of_text": (
        "class Text(str):\n        def __iter__(self): 1 / 0\n"
        "    def good(x=Text('a')): pass",
        "good  good  [function]",
    ),
    "attribute": (
        "def __getattr__(name): raise SystemExit(name)\n    __all__ = ['First', "
        "'Second', 'bad']",
        "bad  left out: failed with SystemExit: bad",
    ),
    "partial": (
        "import functools\n    part = functools.partial(print, 1)",
        "part  left out: a `functools.partial`",
    ),
    "descriptor": (
        "class Bad:\n        def __get__(self, *of): 1 / 0\n"
        "    class Outer:\n        bad = Bad()\n        def good(self): pass",
        "Outer.good  good.outer  [method]",
    ),
    "data_class": (
        "import dataclasses\n    @dataclasses.dataclass\n    class Post:\n"
        "        a: int = 1\n        def __post_init__(self): 1 / 0",
        "Post  post  [class]",
    ),
    "singleton": (
        "class Meta(type):\n        def __call__(self, *x): 1 / 0\n"
        "    class Lonely(metaclass=Meta): pass",
        "Lonely  lonely  [class]",
    ),
    "reserved_words": (
        "def next(repeat=1, T=2, *, if_=3): pass",
        "next  next_  [function]\n  repeat_ = 1L",
    ),
    "object": (
        "class Shy:\n        def __getattribute__(self, name): 1 / 0\n    shy = Shy()",
        "First  layer_first",
    ),
}


@pytest.mark.parametrize("case", OF_MEMBERS)
def test_a_member_that_cannot_be_read_leaves_its_neighbours(spec, case):
    source, said = OF_MEMBERS[case]
    name = f"of_member_{case}"
    status, out, err = spec(NEIGHBOURS.format(source), name)
    assert (status, err) == (0, "")
    for neighbour in ("First", "Second"):
        assert f"\n{name}.{neighbour}  layer_{neighbour.lower()}  [layer]" in f"\n{out}"
    assert f"{name}.{said}" in out


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("raise KeyboardInterrupt", "failed with KeyboardInterrupt. Repair it"),
        ("raise SystemExit(0)", "failed with SystemExit: 0. Repair it"),
        ("import sys; sys.exit()", "failed with SystemExit. Repair it"),
        ("import os; os._exit(0)", "failed with SystemExit: os._exit(0). Repair it"),
        ("import posix; posix._exit(1)", "failed with SystemExit: os._exit(1)"),
        ("raise GeneratorExit", "failed with GeneratorExit. Repair it"),
        ("def f(): f()\nf()", "failed with RecursionError: maximum recursion depth"),
        ("import sys; sys.modules[__name__] = 5", "it is a int, not a module"),
        ("import sys; sys.modules[__name__] = None", "failed with "),
        ("x = (", "failed with SyntaxError"),
    ],
)
def test_a_module_that_ends_its_import_is_an_error(spec, source, said, request):
    number = request.node.callspec.indices["source"]
    status, out, err = spec(source, f"at_import_{number}")
    assert (status, out) == (2, "")
    assert err.startswith(f"Importing at_import_{number} failed")
    assert said in err
    assert len(err.splitlines()) == 1


def test_a_module_may_move_and_print_as_it_likes(spec, tmp_path):
    (tmp_path / "other").mkdir()
    source = (
        "import os, sys\nos.chdir('other')\nprint('printed')\nsys.stdout = None\n"
        "def good(x=1): pass\n"
    )
    status, out, _ = spec(source, "that_moves")
    assert status == 0
    assert out.startswith("that_moves.good  good  [function]\n")


@pytest.mark.parametrize(
    "ending", ["os._exit(0)", "atexit.register(os._exit, 0)", "sys.stdout.close()"]
)
def test_a_module_cannot_end_the_command_well(command, tmp_path, ending):
    (tmp_path / "ending.py").write_text(f"import atexit, os, sys\n{ending}\n")
    ended = subprocess.run(
        [*command, "wrap", "ending", "--out", "a.R"], cwd=tmp_path, capture_output=True
    )
    assert ended.returncode == 2
    assert not (tmp_path / "a.R").exists()
