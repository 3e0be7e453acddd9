"""Python in prose and in code spans as R's users know it."""

from dataclasses import replace

import pytest

from layerbridge.bridge.ir import Param, Wrapper
from layerbridge.bridge.rules import schema
from layerbridge.bridge.words.idioms import Idioms

DENSE = Wrapper(
    python="keras.layers.Dense",
    r_name="layer_dense",
    family=schema.load("keras").families["layer"],
    accepts_dots=True,
    params=(Param("units", "units", None, "int", "docstring"),),
    dots=(Param("axis", "axis", "1L", "axis", "rule"),),
)
TAKE = replace(
    DENSE,
    python="keras.ops.take",
    r_name="op_take",
    params=(
        Param("x", "x", None, "data", "docstring"),
        Param("indices", "indices", None, "index", "rule"),
        Param("shared_axes", "shared_axes", None, "axis", "rule"),
        Param("axis_name", "axis_name", None, "int", "rule"),
        Param("sections", "sections", None, "int_or_index", "rule"),
    ),
    dots=(),
)
CONV = replace(DENSE, python="keras.layers.Conv2D", r_name="layer_conv_2d")


@pytest.mark.parametrize(
    ("python", "r"),
    [
        ("None", "NULL"),
        ("True", "TRUE"),
        ("(2, 2)", "c(2, 2)"),
        ("(None, 3)", "list(NULL, 3)"),
        ("[1, [2]]", "list(1, c(2))"),
        ("-1", "-1"),
        ("'same'", '"same"'),
        ("padding='same'", 'padding = "same"'),
        ("axis=1", "axis = 1"),
        ("keras.layers.Dense(3, axis=0)", "layer_dense(units = 3, axis = 1)"),
        ("np.sum(x, axis=0)", "np$sum(x, axis = 0)"),
        ("{'a': 1}", "list(a = 1)"),
        ("keras.layers.Dense(10)", "layer_dense(units = 10)"),
        ("keras.layers.Dense(10, name='x')", 'layer_dense(units = 10, name = "x")'),
        ("keras.ops.relu(x)", "keras$ops$relu(x)"),
        ("layer.trainable", "layer$trainable"),
        ("x ** 2", "x^2"),
        ("2**y - 1", "2^y - 1"),
        ("U*V", "U*V"),
        ("x // 2", "x %/% 2"),
        ("x % 2 == 0", "x %% 2 == 0"),
        ("a * b // c", "(a * b) %/% c"),
        ("a // (b * c)", "a %/% (b * c)"),
        ("-a ** -b", "-a^(-b)"),
        ("_x ** 2", "_x ** 2"),
        ("'%d' % x", "'%d' % x"),
        ("n - 1 if c == 'int' else 0", 'if (c == "int") n - 1 else 0'),
        ("x is None", "is.null(x)"),
        ("f(x) is not False", "!isFALSE(f(x))"),
        ("not x and y != 2", "!x && y != 2"),
        ("(a > 1 or b) and c", "(a > 1 || b) && c"),
        ("a or b", "a or b"),
        ("int or None", "int or None"),
        ("x not in (1, 2)", "!(x %in% c(1, 2))"),
        ("x in (None, 2)", "x in (None, 2)"),
        ("'loss' in logs", "'loss' in logs"),
        ("x in y", "x in y"),
        ("x == None", "is.null(x)"),
        ("x != None and y", "!is.null(x) && y"),
        ("[0] * n", "[0] * n"),
        ("math.e", "math$e"),
        ("0 <= x < 1", "0 <= x < 1"),
        ("mask==False", "mask == FALSE"),
        ("layer.trainable = False", "layer$trainable <- FALSE"),
        ("layer.trainable=False", "layer$trainable = FALSE"),
        ("x[0] = 1", "x[0] = 1"),
        (
            "def f(x, **kwargs): return g(x, **kwargs)",
            "f <- function(x, ...) g(x, ...)",
        ),
        ("f(*args, **kwargs)", "f(...)"),
        ("**kwargs", "..."),
        ("self._seed", "self$`_seed`"),
        ("{'sum', None}", '"sum", NULL'),
        ("{-1, 1}", "{-1, 1}"),
        ("{epoch}", "{epoch}"),
        ("0..n", "0..n"),
        ("f(x=1)", "f(x = 1)"),
        ("a='x' or 'y'", "a='x' or 'y'"),
        ("len(x) * int(y)", "length(x) * as.integer(y)"),
        ("math.ceil(x / 2)", "ceiling(x / 2)"),
        ("x.shape", "dim(x)"),
        ("x.shape[0]", "dim(x)[1]"),
        ("x.shape[:-1]", "head(dim(x), -1)"),
        ("input_shape[1:]", "input_shape[-1]"),
        ("input_shape[2:]", "tail(input_shape, -2)"),
        ("input_shape[0:]", "input_shape[0:]"),
        ("image_size[-1]", "tail(image_size, 1)"),
        ("x[:, 3, :]", "x[, 4, ]"),
        ("x[:, 1:3]", "x[, 2:3]"),
        ("x[:, 3:3]", "x[:, 3:3]"),
        ("x[0]", "x[0]"),
        ("out['a']", "out$a"),
        ("(None,) + input_shape", "c(NA, input_shape)"),
        ("(batch, *sizes, size[1])", "c(batch, sizes, size[2])"),
        ("lambda rank: 1 / log2(rank + 1)", "function(rank) 1 / log2(rank + 1)"),
        ("(batch, 2 * n)", "c(batch, 2 * n)"),
        ("a.src.utils.f", "a.src.utils.f"),
        ("not python (", "not python ("),
        ("a == b", "a == b"),
        ("f(*x)", "f(*x)"),
        ("lambda x: x", "function(x) x"),
        ("lambda x, y: f(x)", "function(x, y) f(x)"),
        ("lambda *x: x", "lambda *x: x"),
    ],
)
def test_of_code(python, r):
    assert Idioms([DENSE]).code(python) == r


@pytest.mark.parametrize(
    ("python", "r"),
    [
        ("indices=1", "indices = 2"),
        ("shared_axes=[1, -2]", "shared_axes = c(2, -2)"),
        ("shared_axes=None", "shared_axes = NULL"),
        ("indices='c'", 'indices = "c"'),
        ("indices=i", "indices = i"),
        ("indices=len(x)", "indices=len(x)"),
        ("axis=1", "axis = 1"),
        ("axis_name=1", "axis_name = 1"),
        ("sections=2", "sections = 2"),
        ("sections=[2, 4]", "sections = c(3, 5)"),
        ("ops.take(x, 0, axis_name=1)", "op_take(x = x, indices = 1, axis_name = 1)"),
        ("ops.take(x, indices=[0, 2])", "op_take(x = x, indices = c(1, 3))"),
    ],
)  # fmt: skip
def test_what_counts_from_1_goes_by_its_kind(python, r):
    assert Idioms([DENSE, TAKE]).of(TAKE).code(python) == r


def test_a_vector_counts_from_1():
    known = Idioms([CONV]).of(
        replace(
            CONV,
            params=(
                replace(CONV.params[0], name="units", kind="int_tuple", doc="units[0]"),
            ),
        )
    )
    assert known.code("units[0] + x[0]") == "units[0] + x[0]"
    assert known.code("units[0] * 2") == "units[1] * 2"
    assert known.code("units[-1]") == "tail(units, 1)"


def test_of_prose():
    said = Idioms().prose("Defaults to None; True if so. None of these.")
    assert said == "Defaults to NULL; TRUE if so. None of these."
    assert Idioms().prose("True labels, and True.") == "True labels, and TRUE."
    assert Idioms().prose("None values") == "NULL values"
    unsupported = "A notable unsupported type is the `namedtuple`. The reason is ..."
    assert Idioms().prose(f"Dicts will do. {unsupported}") == "Named lists will do."
    assert Idioms().prose("Returns a namedtuple.") == "Returns a namedtuple."


@pytest.mark.parametrize("cell", ["| a | b |\n", "unsupported "])
def test_prose_of_a_long_table_is_read_once(cell):
    table = cell * 10_000  # a pattern that is tried from each place takes minutes
    assert Idioms().prose(table) == table


@pytest.mark.parametrize(
    ("python", "r"),
    [
        ("A tuple of two integers.", "A vector of two integers (`c(3, 5)`)."),
        ("int or tuple of 3 ints", "integer or vector of 3 integers (`c(3, 5, 7)`)"),
        ("Tuple of integers", "Vector of integers"),
        ("A Python integer", "An integer"),
        ("a Python function", "a function"),
        ("Python boolean, whether", "Logical, whether"),
        ("Only dicts, lists, and tuples of", "Only named lists and lists of"),
        ("a Conv2D. Here", "a `layer_conv_2d()`. Here"),
        ("a tuple of one\ninteger", "a vector of one\ninteger"),
        ("list of strings", "character vector"),
        ("a tuple of tensors", "a list of tensors"),
        ("Int or tuple.", "Integer or vector."),
        ("In Numpy arrays or `x` Tuples. Dicts", "In arrays or `x` lists. Named lists"),
        ("Boolean, whether", "Logical, whether"),
        ("a bool Tensor, a boolean mask", "a logical Tensor, a logical mask"),
        ("indices of True values, True values", "indices of TRUE values, True values"),
        ("The dictionary keys; dict keys", "The names of the list; named list keys"),
        ("a dict or dictionaries", "a named list or named lists"),
        ("an np.ndarray, a NumPy array", "an array, an array"),
        ("raises a ValueError if", "raises an error if"),
        ("A `ValueError` is raised", "An error is raised"),
        ("`keras.errors.BadError`", "an error"),
        ("a MeanSquaredError", "a MeanSquaredError"),
        ("a Conv2D layer", "a `layer_conv_2d()` layer"),
        ("Dense is a word", "Dense is a word"),
        ("`None` at [dict](https://x.org/None)", "`None` at [named list](https://x.org/None)"),
        ("print, point, structure", "print, point, structure"),
        ("a tuple, or list", "a list"),
        ("List of ints or tuple of ints", "Vector of integers"),
        ("list of layers or tuple of layers", "list of layers"),
        ("f(x, **kwargs), any kwargs", "f(x, `...`), any named arguments"),
        ("points**2, or 2**x, **so**", "points^2, or 2^x, **so**"),
        ("n_head ** -0.5, **so** or", "n_head^-0.5, **so** or"),
        ("n // 8 of http://a.b//c", "n %/% 8 of http://a.b//c"),
        ("gs://a, foo//bar, n//8", "gs://a, foo//bar, n//8"),
        ("defaults to (None, 2), (2, 2)", "defaults to `(None, 2)`, (2, 2)"),
        ("default to [8, 7], [8, 7]", "default to `[8, 7]`, [8, 7]"),
        ("By default [1]", "By default [1]"),
        ("By default [1, 2](https://x.org)", "By default [1, 2](https://x.org)"),
        ("a dict with int keys", "a `reticulate::py_dict()` with integer keys"),
        ("By default (64, 64)", "By default `(64, 64)`"),
        ("Defaults to\n(0.2, 0.5)", "Defaults to\n`(0.2, 0.5)`"),
        ("shape (n, 2), (n, 2)", "shape `(n, 2)`, (n, 2)"),
        ("shape (n,) or (n, 2)", "shape `(n,)` or `(n, 2)`"),
        ("shape (as it is, or so)", "shape (as it is, or so)"),
        ("shape (n_obs,), f(x,)", "shape `(n_obs,)`, f(x,)"),
        ("len(`x`) axes, f(`x`)", "`len(x)` axes, f(`x`)"),
        ("a np.darray, keras.Embed", "a `np.darray`, `keras.Embed`"),
        ("f(x=a.B(), {'y': a.B()})", "f(x=a.B(), {'y': a.B()})"),
        ("passed to model.fit(), so", "passed to `model.fit()`, so"),
        ("[x.fit()](https://x.org)", "[x.fit()](https://x.org)"),
        ("first len(x) axes, len (x)", "first `len(x)` axes, len (x)"),
        ("0.5*0.5*0.5, `a*b`", r"0.5\*0.5\*0.5, `a*b`"),
        ("Dict of str to callable", "Named list of functions"),
        ('any of ["a", "b"], [a, b]', 'any of `["a", "b"]`, [a, b]'),
        ("[image_size[0], x[0]] areas", "[`image_size[0]`, x[0]] areas"),
        ("the [Conv2D paper](https://x.org)", "the [Conv2D paper](https://x.org)"),
        ("str or Sequence of str", "string or character vector"),
        ("Sequence of int; iterable of ints", "Vector of integers; vector of integers"),
        ("passed to `__call__()`", "passed to `call()`"),
        ("of `Layer.__call__`, `__init__`", "of `Layer.call()`, `initialize()`"),
        ("Subclasses define `__call__`", "Subclasses define `__call__`"),
        ("a keras.layers.Dense, keras.ops", "a `keras.layers.Dense`, `keras.ops`"),
        ("keras.io, keras.layers.A((3,))", "keras.io, keras.layers.A((3,))"),
        ("along axis 0, or axes `(0, 1)`", "along axis 1, or axes `(1, 2)`"),
    ],
)  # fmt: skip
def test_of_words(python, r):
    assert Idioms([DENSE, CONV]).prose(python) == r


@pytest.mark.parametrize(
    ("python", "r"),
    [
        ("Dense", "layer_dense()"),
        ("keras.layers.Dense", "layer_dense()"),
        ("layers.Dense(4)", "layer_dense(units = 4)"),
        ("other.Dense", "other.Dense"),
        ("keras.wrap.Dense.call", "keras$wrap$Dense$call"),
        ("plt.Figure", "plt.Figure"),
        ("Convolution.preprocess(x)", "Convolution.preprocess(x)"),
        ("np.darray", "np.darray"),
        ("np.float32", "np$float32"),
        ("keras.Embed", "keras.Embed"),
        ("keras.Model(x)", "keras$Model(x)"),
        ("layers.Input()", "keras$layers$Input()"),
        ("(batch, n)", "c(batch, n)"),
        ("(num_sequences, n)", "c(num_sequences, n)"),
        ("(x_val, y_val)", "list(x_val, y_val)"),
        ("(inputs, targets, sample_weights)", "list(inputs, targets, sample_weights)"),
        ('({"a": x, "b": 3}, y)', "list(list(a = x, b = 3), y)"),
        ("(batch, None, 3)", "c(batch, NA, 3)"),
        ("([batch], n)", "([batch], n)"),
        ("(..., n)", "c(..., n)"),
        ("[0 - 255]", "[0 - 255]"),
        ("[2 * n - 1]", "c(2 * n - 1)"),
        ("tf.keras.layers.Dense", "tf$keras$layers$Dense"),
        ("kk.layers.Dense", "layer_dense()"),
        ("torch.layers.Dense", "torch$layers$Dense"),
        ("keras.other.Dense", "layer_dense()"),
        ("np.ndarray", "array"),
        ("dict", "list"),
        ("bool", "logical"),
    ],
)
def test_of_classes_shapes_and_types(python, r):
    assert Idioms([DENSE, CONV]).code(python) == r


@pytest.mark.parametrize(
    ("before", "python", "r"),
    [
        ("", "(z, log_prob)", "(z, log_prob)"),
        ("the shape is ", "(a_1, b_1)", "c(a_1, b_1)"),
        ("", "(height, width)", "c(height, width)"),
        ("", "(x_1,)", "c(x_1)"),
        ("a list of tensors ", "(z, log_prob)", "list(z, log_prob)"),
        ("of shape ", "()", "c()"),
        ("", "shape=()", "shape = c()"),
        ("defaults to ", "()", "list()"),
    ],
)
def test_a_tuple_of_names_may_be_of_anything(before, python, r):
    assert Idioms().code(python, before) == r


def test_a_name_that_two_classes_share_stays():
    other = replace(DENSE, python="other.Dense", r_name="layer_other")
    assert Idioms([DENSE, other]).code("Dense") == "Dense"
    assert Idioms([DENSE, other]).code("other.Dense") == "layer_other()"
