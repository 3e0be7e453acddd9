"""Python examples as R code: what is translated runs, and what is not stays Python."""

import re

import pytest

from layerbridge.bridge.resolve import resolve
from layerbridge.bridge.words.examples import Script, r_code
from layerbridge.bridge.words.idioms import Idioms
from layerbridge.bridge.words.verified import VERIFIED, digest
from layerbridge.bridge.write import sources
from layerbridge.bridge.write.help_page import help_page

pytestmark = pytest.mark.newest


@pytest.fixture(scope="module")
def wrappers():
    return resolve("keras").wrappers


@pytest.fixture(scope="module")
def idioms(wrappers):
    return Idioms(wrappers)


@pytest.fixture(scope="module")
def script(idioms):
    """The R code of one block, whether or not it was verified."""

    def translate(code, home="keras.layers"):
        found = Script(idioms, home, lambda lines: True)
        return None if found.add([], code) else found.guarded("keras")

    return translate


@pytest.mark.parametrize(
    "part", [0, *(pytest.param(n, marks=pytest.mark.release) for n in (1, 2))]
)
def test_examples_of_layers_run(r, wrappers, idioms, part):
    r(
        "k <- new.env(); eval(parse(text = reticulate::py_to_r(source)), k)",
        source=sources.r_file(wrappers),
    )
    layers = [x for x in wrappers if x.is_layer]
    pages = [help_page(x, idioms) for x in layers]
    examples = {page.name: page.examples for page in pages if page.examples}
    assert len(examples) > 70
    said = {name: run(r, examples[name]) for name in sorted(examples)[part::3]}
    assert {name: text for name, text in said.items() if text != "it ran"} == {}


def run(r, code):
    return r(
        """
        tryCatch(
          {
            code <- parse(text = reticulate::py_to_r(example))
            env <- list2env(list(try = identity), parent = k)
            utils::capture.output(eval(code, env))
            "it ran"
          },
          error = conditionMessage
        )
        """,
        example=code,
    )[0]


@pytest.mark.parametrize(
    ("python", "r_code"),
    [
        ("Dense(4)(np.ones((2, 3)))",
         "np$ones(c(2L, 3L)) |> layer_dense(units = 4)"),
        ("x = keras.Input((4,))\ny = layers.Dense(3, activation='relu')(x)\ny.shape",
         'x <- keras_input(shape = c(4))\n'
         '  y <- x |> layer_dense(units = 3, activation = "relu")\n'
         "  dim(y)"),
        ("m = keras.Sequential([Dense(1)])\nm.compile('sgd', loss='mse')",
         "m <- keras_model_sequential(layers = list(layer_dense(units = 1)))\n"
         '  m |> compile(optimizer = "sgd", loss = "mse")'),
        (">>> l = Concatenate(axis=1)\n>>> l([l, l])\nwords",
         "l <- layer_concatenate(axis = 2)\n  l(list(l, l))"),
        ("keras.ops.take([[1, 2], [3, 4]], 0, axis=1)",
         "op_take(rbind(c(1L, 2L), c(3L, 4L)), indices = 1, axis = 2)"),
        ("keras.ops.moveaxis(keras.ops.ones((1, 2, 3)), 0, -1)",
         "op_moveaxis(op_ones(shape = c(1, 2, 3)), source = 1, destination = -1)"),
        ("keras.ops.sum(np.array([[[1.0], [2.0]]]))",
         "op_sum(np$array(array(c(1, 2), c(1, 2, 1))))"),
        ("a = [1] * 2\nkeras.ops.add(a, [True])",
         "a <- c(1L, 1L)\n  op_add(a, list(TRUE))"),
        ("x = keras.ops.arange(6).reshape(2, 3)\nx[0, 1:]",
         "x <- op_reshape(op_array(0:5), newshape = c(2, 3))\n  x[1, 2:-1]"),
        ("a, b = keras.ops.split([1, 2], 2)\n-a + b ** 2",
         "result <- op_split(c(1L, 2L), indices_or_sections = 2)\n"
         "  a <- result[[1]]\n  b <- result[[2]]\n  (-a) + (b ^ 2L)"),
        ("f = lambda x: keras.ops.abs(x)\nkeras.layers.Lambda(f)",
         "f <- function(x) op_abs(x)\n  layer_lambda(f = f)"),
        ("m = metrics.Sum()\nm.update_state([1, 2])\nprint(m.result().numpy())",
         "m <- metric_sum()\n  m$update_state(c(1L, 2L))\n"
         "  print(as.array(m$result()))"),
        ("keras.losses.MeanSquaredError(reduction=None)",
         "loss_mean_squared_error(reduction = NULL)"),
        ("c = 'a'\nlayers.Dense(2, name=c)",
         'c_ <- "a"\n  layer_dense(units = 2, name = c_)'),
    ],
)  # fmt: skip
def test_python_becomes_r(script, python, r_code):
    assert r_code in script(python)


@pytest.mark.parametrize(
    "python",
    [
        "Dense(units)",
        "Dense(4)(undefined)",
        "Dense(4)(x=*a)",
        "Dense(4, wrong=1)",
        "Conv2D(4, 3, padding=2)",
        "import os\nos.system('touch owned')\nDense(4)",
        "Dense(4)\n__import__('os').system('touch owned')",
        "Dense(4).__class__.__init__.__globals__",
        "keras.__builtins__",
        "np.__config__.show()",
        "keras.ops.arange(1000000000000000000000000000000)\nDense(units)",
        "keras.ops.arange(1e999)\nDense(units)",
        "x = Dense(4)\nx.reshape()\nDense(units)",
        "for i in range(3):\n    Dense(i)",
        "class A(Dense):\n    pass",
        "é = Dense(4)",
        "Dense(4) +",
        "Dense(4, name='\\0')",
        "\n".join(["Dense(4)"] * 41),
    ],
)
def test_anything_else_stays_python(script, python):
    assert script(python) is None


def test_only_a_block_that_was_verified_is_r(idioms):
    code = "y = Dense(4)"
    assert Script(idioms).add([], code) == code
    taken = []
    script = Script(idioms, "keras.layers", lambda lines: not taken.extend(lines))
    assert script.add(["Words."], code) == ""
    assert re.fullmatch("[0-9a-f]{12}", digest(r_code(taken)))
    assert script.guarded("keras") == (
        'if (reticulate::py_module_available("keras")) try({\n'
        "  # Words.\n  y <- layer_dense(units = 4)\n})\n"
    )


def test_paragraphs_of_a_block_are_r_by_themselves(idioms):
    script = Script(idioms, "keras.layers", lambda lines: True)
    code = "y = Dense(4)\n\ny = os.open(y)\n\nDense(y)\n\nz = Dense(2)"
    assert script.add([], code) == "y = os.open(y)\n\nDense(y)"
    assert "z <- layer_dense(units = 2)" in script.guarded("keras")


def test_the_list_names_pages_and_their_code():
    lines = VERIFIED.read_text("ascii").splitlines()
    assert lines == sorted(lines)
    assert all(re.fullmatch(r"[\w.]+ [0-9a-f]{12}", line) for line in lines)
    assert len({line.partition(" ")[0] for line in lines}) >= 400


@pytest.mark.parametrize("call", ["deserialize({})", "get('x')"])
def test_what_makes_objects_from_text_is_not_listed(idioms, call):
    code = (
        f"layer = keras.layers.Dense(2, kernel_initializer=keras.initializers.{call})"
    )
    assert Script(idioms).add([], code) == code


def test_examples_under_one_condition_are_shown_with_what_they_print():
    guarded = "if (here()) {\n  a()\n\n  b()\n}"
    assert sources.examples(guarded) == "@examplesIf here()\na()\n\nb()"
    for code in ("a()", "if (here()) try({\n  a()\n})", f"{guarded}\nc()"):
        assert sources.examples(code) == f"@examples\n{code}"


def test_a_page_shows_r_only_where_it_calls_what_the_page_is_about(wrappers, idioms):
    pages = {x.python: help_page(x, idioms) for x in wrappers}
    about = pages["keras.layers.Dropout"], pages["keras.layers.RandomTranslation"]
    assert [bool(page.examples) for page in about] == [False, False]
    page = pages["keras.ops.arccosh"]
    assert "op_arccosh(" in page.examples
    assert not any(title.startswith("Example") for title, _ in page.sections)
    (title,) = (t for t, _ in about[1].sections if t.startswith("Example"))
    assert title == "Example in Python"
