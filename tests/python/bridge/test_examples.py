"""Python examples as R code: what is translated runs, and what is not stays Python."""

import pytest

from layerbridge.bridge.resolve import resolve
from layerbridge.bridge.words.examples import Script
from layerbridge.bridge.words.idioms import Idioms
from layerbridge.bridge.write import sources
from layerbridge.bridge.write.help import help_page

pytestmark = pytest.mark.newest


@pytest.fixture(scope="module")
def keras_layers():
    return resolve("keras.layers").wrappers


@pytest.fixture(scope="module")
def script(keras_layers):
    idioms = Idioms(keras_layers)

    def translate(code):
        found = Script(idioms)
        return found.guarded("keras") if found.add([], code) else None

    return translate


def test_every_example_of_keras_layers_that_is_r_now_runs(r, keras_layers):
    source = sources.r_file(keras_layers)
    r(
        "k <- new.env(); eval(parse(text = reticulate::py_to_r(source)), k)",
        source=source,
    )
    pages = [help_page(x, Idioms(keras_layers)) for x in keras_layers]
    examples = {page.name: page.examples for page in pages if page.examples}
    assert len(examples) > 70
    failed = {
        name: said
        for name, code in examples.items()
        if (said := run(r, code)) != "it ran"
    }
    assert failed.keys() <= UNSOUND, failed


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


# What fails in Python too, with Keras 3.15.
UNSOUND = {
    "layer_aug_mix",
    "layer_max_num_bounding_boxes",
    "layer_random_elastic_transform",
    "layer_random_flip",
}


@pytest.mark.parametrize(
    ("python", "r_code"),
    [
        ("Dense(4)(np.ones((2, 3)))",
         "layer_dense(units = 4)(np$ones(reticulate::tuple(2L, 3L)))"),
        ("x = keras.Input((4,))\nkeras.layers.Dense(3, activation='relu')(x)",
         "x <- keras$Input(reticulate::tuple(4L))\n"
         '  layer_dense(units = 3, activation = "relu")(x)'),
        ("m = keras.Sequential()\nm.add(layers.Conv2D(4, (3, 5)))\nm.output_shape",
         "m <- keras$Sequential()\n"
         "  m$add(layer_conv_2d(filters = 4, kernel_size = c(3, 5)))\n"
         "  m$output_shape"),
        (">>> l = Concatenate(axis=1)\n>>> l([l, l])\nwords",
         "l <- layer_concatenate(axis = 2)\n  l(list(l, l))"),
        ("layer = Dense(4)\nlayer({'a': 1.5})",
         "layer <- layer_dense(units = 4)\n  layer(list(a = 1.5))"),
    ],
)  # fmt: skip
def test_straight_calls_become_r(script, python, r_code):
    assert r_code in script(python)


@pytest.mark.parametrize(
    "python",
    [
        "x = 1",  # no class that R has a function for
        "Dense(units)",
        "Dense(4)(undefined)",
        "Dense(4)(x=*a)",
        "Dense()",
        "Dense(4, wrong=1)",
        "Conv2D(4, 3, padding=2)",
        "import os\nos.system('touch owned')\nDense(4)",
        "Dense(4)\n__import__('os').system('touch owned')",
        "Dense(4)\nkeras.utils.get_file('a', 'https://x.org')",
        "Dense(4)\nnp.load('a')\n",
        "Dense(4).__class__.__init__.__globals__",
        "Dense(4).save('owned')",
        "for i in range(3):\n    Dense(i)",
        "class A(Dense):\n    pass",
        "c = Dense(4)",
        "é = Dense(4)",
        "Dense(4) +",
        "Dense(4, name='\\0')",
        "\n".join(["Dense(4)"] * 21),
    ],
)
def test_anything_else_stays_python(script, python):
    assert script(python) is None


def test_a_block_that_stays_python_leaves_no_names(keras_layers):
    script = Script(Idioms(keras_layers))
    assert not script.add([], "y = Dense(4)\nos.remove(y)")
    assert not script.add([], "Dense(4)(y)")
    assert script.add(["Words."], "y = Dense(4)")
    assert script.guarded("keras") == (
        'if (reticulate::py_module_available("keras")) try({\n'
        "  # Words.\n  y <- layer_dense(units = 4)\n})\n"
    )


@pytest.mark.parametrize("call", ["deserialize({})", "get('x')"])
def test_what_makes_objects_from_text_stays_python(script, call):
    code = "layer = keras.layers.Dense(2, kernel_initializer=keras.initializers."
    assert "Zeros" in script(f"{code}Zeros())")
    assert script(f"{code}{call})") is None


def test_examples_under_one_condition_are_shown_with_what_they_print():
    guarded = "if (here()) {\n  a()\n\n  b()\n}"
    assert sources.examples(guarded) == "@examplesIf here()\na()\n\nb()"
    for code in ("a()", "if (here()) try({\n  a()\n})", f"{guarded}\nc()"):
        assert sources.examples(code) == f"@examples\n{code}"
