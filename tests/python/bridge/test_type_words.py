"""Types as words."""

import pytest

from layerbridge.bridge.read.type_words import in_words


@pytest.mark.parametrize(
    ("hint", "words"),
    [
        ("Optional[int]", "int or None"),
        ("Union[None, int, List[str]]", "int, list of strs or None"),
        ("str | Sequence[str] | None", "str, list of strs or None"),
        ("Sequence[str] or str", "list of strs or str"),
        ("Optional[Union[str, keras.Model]]", "str, `keras.Model` or None"),
        ("tuple[int, int]", "tuple of 2 ints"),
        ("Tuple[int, ...]", "tuple of ints"),
        ("tuple[str, int]", "tuple of str and int"),
        ("int | tuple(int)", "int or tuple of ints"),
        ("Dict[str, np.ndarray]", "dict of np.ndarrays"),
        ("Sequence[string]", "list of strings"),
        ("Mapping[str, Any]", "dict"),
        ("Callable[[int], str]", "callable"),
        ("dict of str to Callable", "dict of str to callable"),
        ("Type[keras.layers.Layer]", "class that derives from `keras.layers.Layer`"),
        ("Literal['a', 2]", "one of `'a'`, `2`"),
        ("typing.Sequence[zoo.Animal]", "list of `zoo.Animal` objects"),
        ("~zoo.animals.Animal", "`Animal`"),
        ("'zoo.Animal'", "`zoo.Animal`"),
        ("tuple[Number, Number]", "tuple of 2 numbers"),
        ("numbers.Real | None", "number or None"),
        ("{'a', 'b'}", "one of `'a'`, `'b'`"),
        ("int or {'a'}", "int or `'a'`"),
        ("collections.abc.Callable", "callable"),
        ("str or type", "str or class"),
    ],
)
def test_a_hint_is_said_in_words(hint, words):
    assert in_words(hint) == words


@pytest.mark.parametrize(
    "text",
    [
        *["int, optional", "", "A tensor", "`x`", "f(x)", "Tensor[float]", "x[", "1"],
        *["Union", "Optional", "Literal", "Union[()]"],
    ],
)
def test_what_is_no_hint_stays(text):
    assert in_words(text) == text
