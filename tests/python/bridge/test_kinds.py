"""Kinds: what decides them, and what each row must hold."""

import pytest

from layerbridge.bridge.decide.arguments import from_one
from layerbridge.bridge.decide.kind import kind_of
from layerbridge.bridge.kind_table import EVERY_LAYER, KINDS
from layerbridge.bridge.read.type_hint import type_hint
from layerbridge.bridge.write import r_code

ABSENT = object()


def kind(annotation="", default=ABSENT, doc="", rule=None, likely=None):
    return kind_of(
        rule,
        type_hint(annotation),
        default is not ABSENT,
        None if default is ABSENT else default,
        doc,
        likely,
    )


@pytest.mark.parametrize(
    ("annotation", "found"),
    [
        ("int | None", "int"),
        ("Optional[int]", "int"),
        ("tuple[int, int] | int", "int_or_tuple"),
        ("tuple[int, int]", "int_or_tuple"),
        ("tuple[float, float] | None", "float_or_tuple"),
        ("tuple[str, str]", "str_list"),
        ("tuple[int]", "int_tuple"),
        ("Tuple[int, ...]", "int_tuple"),
        ("Sequence[int]", "int_tuple"),
        ("list[int]", "int_list"),
        ("list[float]", "float_list"),
        ("List[str]", "str_list"),
        ("Sequence[str]", "str_list"),
        ("MutableSequence[int]", "int_tuple"),
        ("MutableMapping[str, int]", "dict"),
        ("int or tuple[int, int]", "int_or_tuple"),
        ("dict[()]", "dict"),
        ("str | list[str]", "str"),
        ("Union[float, int]", "float"),
        ("np.ndarray | None", "data"),
        ("list[Tensor]", "data"),
        ("Mapping[str, np.ndarray]", "data"),
        ("dict[str, float]", "dict"),
        ("np.ndarray | int", "any"),
        ("Literal['a', 'b']", "enum"),
        ("{'none', 'full'}", "enum"),
        ("Literal[1, 3]", "int"),
        ("Annotated[int, 'many']", "int"),
        ("'int | None'", "int"),
        ("tuple", "tuple"),
        ("list", "any_list"),
        ("list[Cell]", "any_list"),
        ("SomeClass", "any"),
        ("int | SomeClass", "any"),
        ("not a type (", "any"),
    ],
)
def test_an_annotation_decides(annotation, found):
    assert kind(annotation)[0] == found


@pytest.mark.parametrize(
    ("default", "doc", "found", "source"),
    [
        (True, "", "bool", "default"),
        (True, "Boolean, whether steps go backwards in a sequence.", "bool", "default"),
        (0, "float. How much.", "float", "default"),
        (1, "Integer or tuple.", "int_or_tuple", "default"),
        (
            0,
            "(Optional)  A tuple of two floats or a float.",
            "float_or_tuple",
            "default",
        ),
        ((1, 2), "", "int_or_tuple", "default"),
        ((1, 2), "Tuple of 2 integers.", "int_or_tuple", "default"),
        ((1, 2), "Tuple of integers.", "int_tuple", "default"),
        (ABSENT, "Tuple of three positive ints.", "int_or_tuple", "docstring"),
        ((1, 2), "The list of the dilations.", "int_list", "default"),
        ((1, 2), "int or tuple of 2 integers.", "int_or_tuple", "default"),
        ((1, 2.5), "", "float_or_tuple", "default"),
        ((None, "a"), "", "tuple", "default"),
        (ABSENT, "Positive integer.", "int", "docstring"),
        (ABSENT, "Tuple of integers.", "int_tuple", "docstring"),
        (ABSENT, "List of integers.", "int_list", "docstring"),
        (ABSENT, "List or tuple of integers.", "int_tuple", "docstring"),
        (ABSENT, "Int, or tuple of 2 ints.", "int_or_tuple", "docstring"),
        (ABSENT, "List[float]. The ratios.", "float_list", "docstring"),
        (None, "list[int] or None. Which.", "int_list", "docstring"),
        (ABSENT, "List of cells.", "any_list", "docstring"),
        (ABSENT, "A list or dict of tensors.", "any", "none"),
        (ABSENT, "The factor, a float.", "float", "docstring"),
        (ABSENT, "The point in time.", "any", "none"),
        (None, "An object. Not an int.", "any", "none"),
    ],
)
def test_a_default_and_the_docstring_decide(default, doc, found, source):
    assert kind(default=default, doc=doc) == (found, source)


def test_a_rule_comes_first_but_makes_no_axis_of_text():
    assert kind("int", 1, rule="axis") == ("axis", "rule")
    assert kind(default="ab", rule="axis")[0] == "str"
    assert kind(default=False, rule="axis")[0] == "bool"
    assert kind(default=None, doc="A string of letters.", rule="axis")[0] == "str"


def test_a_name_decides_only_for_want_of_anything_else():
    assert kind(likely="int") == ("int", "name")
    assert kind("float", likely="int") == ("float", "annotation")


@pytest.mark.parametrize("name", KINDS)
class TestEveryKind:
    """What holds for each row: a new one has nothing else to pass."""

    def test_its_example_is_r_source_that_the_runtime_knows(self, name, r):
        example = KINDS[name].example or "NULL"
        code = f"""
            env <- new.env()
            eval(parse(text = reticulate::py_to_r(runtime)), env)
            value <- eval(parse(text = "{example}"))
            env$bridge_kinds[["{name}"]]$of_value(value, "x", NULL)
            TRUE
        """
        assert r(code, runtime="\n".join(r_code.runtime().values()))


def test_axes_count_from_1_in_defaults():
    places = (0, -1, (0, -1), None)
    assert [from_one(place) for place in places] == [1, -1, (1, -1), None]


def test_r_knows_what_every_layer_takes(r):
    code = """
        env <- new.env()
        eval(parse(text = reticulate::py_to_r(runtime)), env)
        paste(names(env$bridge_base_kinds), unlist(env$bridge_base_kinds))
    """
    of_r = r(code, runtime="\n".join(r_code.runtime().values()))
    assert [*of_r] == [f"{name} {kind}" for name, kind in EVERY_LAYER.items()]
