"""What is understood of classes: signatures, inheritance, kinds, documentation."""

import enum
import typing
from typing import NamedTuple

import pytest

from layerbridge.bridge.decide.arguments import arguments
from layerbridge.bridge.ir import from_json, to_json
from layerbridge.bridge.read import signature
from layerbridge.bridge.read.docstring import Doc
from layerbridge.bridge.resolve import resolve
from layerbridge.bridge.write.rd import pages_of


@pytest.fixture(scope="module")
def google():
    return {layer.class_name: layer for layer in resolve("google_style").wrappers}


def params(layer):
    return {param.name: param for param in layer.params}


def test_arguments_that_a_base_takes_go_through_dots_with_their_documentation(google):
    derived = google["Derived"]
    assert list(params(derived)) == ["units", "mode", "axis"]
    assert derived.accepts_dots
    assert [dot.name for dot in derived.dots] == ["shared"]
    assert derived.dots[0].doc == "Documented only here."
    assert params(derived)["units"].doc == "Integer, how many."


def test_what_goes_through_dots_is_read_off_the_call_of_the_base(google):
    explicit = google["Explicit"]
    assert [dot.name for dot in explicit.dots] == ["shared"]
    assert google["Swallows"].dots == ()


def test_what_a_base_requires_is_an_argument_like_its_own(google):
    explicit = google["Explicit"]
    assert [(p.name, p.r_default) for p in explicit.params] == [
        ("units", None),
        ("fixed", None),
    ]


class Pooling(enum.Enum):
    MEAN = 1
    MAX = "largest"


class Level(enum.IntEnum):
    LOW = 1


class Unit(str, enum.Enum):
    CM = "cm"


class Outer:
    class Mode(enum.Enum):
        A = 1

    def __init__(self, mode: "Mode"):
        pass


def local_enumeration():
    class Local(enum.Enum):
        A = 1

    return Local


def _decided(annotation, default):
    def function(x=default):
        pass

    function.__annotations__ = {} if annotation is ABSENT else {"x": annotation}
    read = signature.read(function)
    return arguments(read.params, (), (), (), Doc()).params[0]


ABSENT = object()


@pytest.mark.parametrize(
    ("annotation", "default", "kind", "source", "r_default"),
    [
        (Pooling, None, "member", "annotation", "NULL"),
        (Pooling, Pooling.MAX, "member", "annotation", '"MAX"'),
        ("Pooling", None, "member", "annotation", "NULL"),
        (f"{__name__}.Pooling", None, "member", "annotation", "NULL"),
        (typing.Optional["Pooling"], None, "member", "annotation", "NULL"),
        (Pooling | None, None, "member", "annotation", "NULL"),
        ("Optional['Pooling']", None, "member", "annotation", "NULL"),
        (typing.Annotated[Pooling, "many"], None, "member", "annotation", "NULL"),
        (typing.Literal[Pooling.MAX], None, "member", "annotation", "NULL"),
        ("Literal[Pooling.MAX]", None, "member", "annotation", "NULL"),
        (Pooling | int, 2, "member", "annotation", "2L"),
        (Pooling | str, "a", "member_or_str", "annotation", '"a"'),
        ("str | Pooling", Pooling.MAX, "member_or_str", "annotation", '"MAX"'),
        ("Pooling | Literal['a']", "a", "member_or_str", "annotation", '"a"'),
        (list[Pooling], None, "member_list", "annotation", "NULL"),
        ("Pooling | list[Pooling]", None, "member", "annotation", "NULL"),
        (list[Pooling | str], None, "member_or_str_list", "annotation", "NULL"),
        (ABSENT, Pooling.MEAN, "member", "default", '"MEAN"'),
        ("Unseen", Pooling.MEAN, "member", "default", '"MEAN"'),
        ("not a type (", Pooling.MEAN, "member", "default", '"MEAN"'),
        (ABSENT, Unit.CM, "member", "default", '"CM"'),
        (str, Unit.CM, "member_or_str", "default", '"CM"'),
        (ABSENT, Level.LOW, "member", "default", '"LOW"'),
        (int, Level.LOW, "member", "default", '"LOW"'),
        (
            ABSENT,
            (Pooling.MEAN, Pooling.MAX),
            "member_list",
            "default",
            'list("MEAN", "MAX")',
        ),
        (Pooling, Outer.Mode.A, "member", "annotation", "NULL"),
        (Pooling, "auto", "member_or_str", "annotation", '"auto"'),
        ("Pooling | Unit", None, "any", "none", "NULL"),
        ("Callable[[Pooling], str]", "a", "str", "default", '"a"'),
        (enum.Enum, None, "any", "none", "NULL"),
        (local_enumeration(), None, "any", "none", "NULL"),
    ],
)
def test_an_enumeration_is_found_by_annotation_and_by_default(
    annotation, default, kind, source, r_default
):
    param = _decided(annotation, default)
    assert (param.kind, param.source, param.r_default) == (kind, source, r_default)
    assert bool(param.members) == bool(param.enumeration) == kind.startswith("member")


def test_an_enumeration_has_the_path_and_the_names_of_its_members():
    param = _decided(Pooling, None)
    assert param.enumeration == f"{__name__}:Pooling"
    assert param.members == ("MEAN", "MAX")
    (mode,) = arguments(signature.read(Outer).params, (), (), (), Doc()).params
    assert (mode.enumeration, mode.members) == (f"{__name__}:Outer.Mode", ("A",))


def test_a_class_without_init_takes_what_new_does():
    class Pair(NamedTuple):
        a: int
        b: str = "x"

    class Single:
        def __new__(cls, n=1, **kwargs):
            return super().__new__(cls)

    assert [p.name for p in signature.read(Pair).params] == ["a", "b"]
    assert [p.has_default for p in signature.read(Pair).params] == [False, True]
    read = signature.read(Single)
    assert [p.name for p in read.params] == ["n"]
    assert read.accepts_dots


def test_what_a_field_makes_by_itself_is_its_default_where_r_can_write_it():
    visit = next(x for x in resolve("zoo.Visit").wrappers if x.wraps == "class")
    assert {p.name: p.r_default for p in visit.params} == {
        "animals": "list()",
        "tags": "list()",
        "guide": "NULL",
    }
    assert visit.params[2].doc == "Who shows them."


def test_a_model_without_init_takes_what_all_models_take():
    (census,) = resolve("zoo.Census").wrappers
    assert (census.params, census.dots, census.accepts_dots) == ((), (), True)
    assert census.title == "Counts animals, and takes what all models take."


def test_what_only_has_a_position_is_left_out():
    left_out = dict(resolve("google_style").left_out)
    for name in ("ByPosition", "ManyByPosition"):
        assert "can only be given by position" in left_out[f"google_style.{name}"]


@pytest.mark.newest  # Python 3.10 forgets what overloads state
def test_what_overloads_state_is_what_a_class_takes(package):
    text = """
import typing, keras

class Quantizer(keras.layers.Layer):
    @typing.overload
    def __init__(self, config: dict, **kwargs): ...
    @typing.overload
    def __init__(self, q_type="default", bits: int = 8, **kwargs): ...
    def __init__(self, *args, **kwargs): super().__init__(**kwargs)

    @typing.overload
    def scale(self, x: float): ...
    @typing.overload
    def scale(self, x: float, y: int): ...
    def scale(self, *args): ...
"""
    name = package("made_overloaded", {"__init__.py": text})
    (made,) = resolve(f"{name}.Quantizer").wrappers
    known = [(p.name, p.r_default, p.kind) for p in made.params]
    assert known == [
        ("config", "NULL", "dict"),
        ("q_type", '"default"', "str"),
        ("bits", "8L", "int"),
    ]
    assert made.accepts_dots


def test_what_python_takes_by_position_r_takes_by_name_and_sends_so(package):
    text = """
def f(x, y=1, /, z: int = 2): pass

class Pair:
    def __init__(self, a, /, b=1): pass

class Many:
    def __init__(self, first, *more, last=1): pass
"""
    name = package("made_positional", {"__init__.py": text})
    found = {w.class_name: w for w in resolve(name).wrappers}
    assert {n: (w.inputs, w.composes) for n, w in found.items()} == {
        "f": (("x", "y"), "function"),
        "Pair": (("a",), "function"),
        "Many": (("first", "..."), "function"),
    }
    assert list(params(found["f"])) == ["x", "y", "z"]
    assert found["Many"].accepts_dots


def test_a_signature_of_stars_alone_is_that_of_the_base(google):
    assert list(params(google["Starred"])) == ["units", "fixed", "shared"]


def test_a_layer_without_a_signature_of_its_own_takes_what_all_layers_take(google):
    assert (google["Plain"].params, google["Plain"].dots) == ((), ())
    assert google["Plain"].accepts_dots


def test_axes_count_from_1_in_the_default_too(google):
    axis = params(google["Derived"])["axis"]
    assert (axis.kind, axis.r_default) == ("axis", "1L")


def test_names_that_r_cannot_take_are_changed(google):
    names = {param.name: param.r_name for param in google["Reserved"].params}
    assert names == {
        "object": "object_",
        "_hidden": "hidden_",
        "größe": "grosse",
        "TRUE": "TRUE_",
    }


def test_defaults_that_r_cannot_state_are_told(google):
    told = params(google["Defaults"])
    assert {param.r_default for param in told.values()} == {"NULL"}
    assert "an object of class `object`" in told["thing"].doc
    assert "`len`" in told["function"].doc
    assert "`dict`" in told["kind"].doc
    assert not google["Defaults"].accepts_dots


def test_a_default_too_long_to_read_is_described():
    raw = signature.RawParam("mean", default=[0.5] * 400)
    (param,) = arguments([raw], (), (), (), Doc()).params
    assert (param.r_default, param.kind) == ("NULL", "float_or_tuple")
    assert param.doc == "If omitted, Python's default applies: 400 values."


def test_numpy_style_and_type_hints():
    (layer,) = resolve("numpy_style").wrappers
    kinds = {param.name: (param.kind, param.source) for param in layer.params}
    assert kinds == {
        "sizes": ("int_tuple", "annotation"),
        "factor": ("float", "annotation"),
        "mode": ("enum", "annotation"),
        "depth": ("int", "annotation"),
    }
    assert layer.title == "Scales its input."
    assert params(layer)["factor"].doc == "Float. By how much."
    assert "The output." in layer.returns
    assert {section.title for section in layer.sections} == {"Notes", "References"}


def test_rest_style_and_none():
    shift, bare = resolve("rest_style").wrappers
    assert (params(shift)["steps"].doc, params(shift)["steps"].kind) == (
        "Int. How far.",
        "int",
    )
    assert [section.title for section in shift.sections] == ["Raises"]
    assert (bare.title, bare.params[0].doc) == ("", "")
    assert params(bare)["y"].kind == "float_or_tuple"


def test_every_argument_of_keras_that_a_docstring_explains_is_explained():
    silent = [
        f"{layer.class_name}.{param.name}"
        for layer in resolve("keras.layers").wrappers
        for param in layer.params
        if not param.doc
    ]
    # What Keras itself says nothing about.
    assert len(silent) < 60, silent


def test_a_class_that_takes_what_a_dict_does_is_read():
    class Graph(dict):
        """A graph."""

    assert signature.read(Graph).positions == ("...",)


def test_the_spec_and_help_have_the_members_of_an_enumeration(tmp_path, monkeypatch):
    source = "import enum\nclass E(enum.Enum):\n    A = 1\n    B = 2\n\n"
    source += 'def f(how: E):\n    """Do."""\n'
    (tmp_path / "with_members.py").write_text(source, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    wrappers = resolve("with_members").wrappers
    assert from_json(to_json(wrappers)) == wrappers
    (page,) = pages_of(wrappers).values()
    assert r'One of \code{"A"}, \code{"B"}.' in dict(page.params)["how"]
