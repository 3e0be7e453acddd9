"""The guides say the same to the readers of both languages, and their code runs."""

import re
import sys
from pathlib import Path

import keras
import numpy as np
import pytest
from keras import layers

import layerbridge
from layerbridge.bridge.resolve import resolve
from layerbridge.bridge.words.idioms import Idioms

sys.path.append(str(Path(__file__).resolve().parents[2] / "tools"))

import guides
import render

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.newest
def test_code_for_r_uses_functions_that_there_are():
    """With the prefixes of Keras's families, and by the names of methods."""
    files = [*ROOT.glob("examples/*.R"), *ROOT.glob("guides/*.Rmd")]
    files.append(ROOT / "vignettes" / "kerashub.Rmd")
    code = "".join(file.read_text(encoding="utf-8") for file in files)
    there = {
        x.called_as
        for library in ("keras", "layerbridge")
        for x in resolve(library).wrappers
    }
    prefixes = {name.partition("_")[0] for name in there if "_" in name}
    used = set(re.findall(r"(?<![\w$.])([a-z]+_\w+)\(", code))
    used = {name for name in used if name.partition("_")[0] in prefixes - {"get"}}
    assert "keras_model" in used
    assert used - there <= ELSEWHERE


# What the examples define, R's own functions of layerbridge, and those of other
# packages and of the libraries that guides wrap.
ELSEWHERE = {
    "decode_imagenet_predictions",
    "draw_accuracy",
    "draw_masks",
    "layer_image_converter",
    "layer_soft_gate",
    "layer_start_end_packer",
    "loss_gate",
    "plot_masks",
    "py_module_available",
    "py_require",
}


SOURCE = """\
---
title: A guide
---

Layers take `rate=0.1`, as
`DropBlock2D(0.1, 7)` does, not ``rate=0.1``;
see [the other](other.md), where `r 1 + 1` is two.

![A mask](../man/figures/masks.png)

```{r}
c(TRUE, `rate`)
```

```{python}
(True, `rate`)
```

```{r, echo = FALSE}
draw()
```

::: r
Only in R: `Sys.time()`.
:::

::: python
Only in Python.
:::
"""


def code(guide, language, label):
    """Return the code of a guide's only chunk of a language and a label."""
    text = (ROOT / "guides" / f"{guide}.Rmd").read_text("utf-8")
    chunk = rf"^```\{{{language} {label}\b[^\n]*\n(.*?)^```$"
    [found] = re.findall(chunk, text, re.MULTILINE | re.DOTALL)
    return found


def test_a_vignette_says_it_in_r():
    idioms = Idioms(resolve("layerbridge").wrappers)
    text = guides.vignette("guide", SOURCE, idioms)
    assert text.startswith('---\ntitle: "A guide"\n')
    assert text.endswith(
        """\
Layers take `rate = 0.1`, as
`layer_dropblock_2d(rate = 0.1, block_size = 7)` does, not `rate=0.1`;
see *the other* (`vignette("other")`), where `r 1 + 1` is two.

![A mask](../man/figures/masks.png)

```{r}
c(TRUE, `rate`)
```

```{r, echo = FALSE}
draw()
```

Only in R: `Sys.time()`.
"""
    )


def test_a_page_for_r_links_to_the_other_page():
    idioms = Idioms(resolve("layerbridge").wrappers)
    text = guides.r_page(SOURCE, idioms)
    assert text.startswith("# A guide\n\n```{r, include = FALSE}\n")
    assert "see [the other](other.md), where `r 1 + 1` is two." in text


PAGE = """\
# A guide

Layers take `rate=0.1`, as
`DropBlock2D(0.1, 7)` does, not ``rate=0.1``;
see [the other](other.md), where `r 1 + 1` is two.

![A mask](../../../man/figures/masks.png)

```{python}
(True, `rate`)
```

```{r, echo = FALSE}
draw()
```

Only in Python.
"""


def test_a_page_says_it_in_python():
    assert guides.python_page(SOURCE) == PAGE


def test_the_site_links_public_names():
    linked = "[`DropBlock2D(0.1, 7)`][layerbridge.DropBlock2D]"
    expected = PAGE.replace("`DropBlock2D(0.1, 7)`", linked)
    assert guides.linked_to_reference(PAGE) == expected


def test_the_vignettes_are_in_step():
    for name, text in guides.vignettes().items():
        assert (ROOT / "vignettes" / f"{name}.Rmd").read_text("utf-8") == text


@pytest.mark.parametrize("language", ["python", "r"])
def test_the_pages_in_docs_are_in_step(language):
    """Fails where a guide has changed: `make generate` renders it again."""
    assert not list(render.stale(language))
    pages = {page.stem for page in (render.PAGES / language).glob("*.md")}
    assert pages == set(render.sources(language))


@pytest.mark.parametrize("guide", sorted(guides.sources()))
def test_every_r_chunk_has_one_in_python(guide):
    """Apart from what only R's readers get, code comes in pairs."""
    source = (ROOT / "guides" / f"{guide}.Rmd").read_text("utf-8")
    shared = re.sub(r"^::: \w+\n.*?^:::$", "", source, flags=re.MULTILINE | re.DOTALL)
    chunks = re.findall(r"^```\{(\w+)(.*)\}$", shared, re.MULTILINE)
    shown = [language for language, said in chunks if " = FALSE" not in said]
    assert shown == ["r", "python"] * (len(shown) // 2)


@pytest.fixture
def model():
    keras.utils.set_random_seed(1)
    return keras.Sequential(
        [
            keras.Input((8, 8, 1)),
            layers.Conv2D(4, 3, activation="relu"),
            layers.BatchNormalization(),
            layerbridge.DropBlock2D(0.3, 3),
            layers.GlobalAveragePooling2D(),
            layers.Dense(3, activation="softmax"),
        ]
    )


@pytest.fixture
def in_r(keras_in_r, model, tmp_path):
    """R, with the model read from a file, as a user of R would have it."""
    model.save(tmp_path / "model.keras")
    keras_in_r(f'model <- load_model("{tmp_path}/model.keras")')
    return keras_in_r


@pytest.fixture
def x():
    return np.random.default_rng(1).normal(size=(5, 8, 8, 1)).astype("float32")


def test_class_activation_maps(in_r, model, x):
    names = {"keras": keras}
    exec(code("where", "python", "map"), names)
    ours = names["class_activation_map"](model, x[:1])
    in_r(code("where", "r", "map"))
    theirs = in_r("reticulate::r_to_py(class_activation_map(model, x))", x=x[:1])
    np.testing.assert_allclose(theirs, ours, rtol=1e-5)
    kernel, bias = model.layers[-1].get_weights()
    logits = np.log(model(x[:1])[0])
    summed = ours.mean() + bias[logits.argmax()]
    pooled = keras.Model(model.inputs[0], model.layers[-2].output)(x[:1])
    np.testing.assert_allclose(
        summed, (pooled @ kernel + bias).numpy().max(), rtol=1e-5
    )


def check_passes(passes, answer, disagreement):
    assert passes.shape == (30, 5, 3)
    assert len(np.unique(passes[:, 0, 0])) > 1
    np.testing.assert_array_equal(answer, passes.mean(0).argmax(-1))
    disagree = (passes.argmax(-1) != answer).mean(0)
    np.testing.assert_allclose(disagreement, disagree)


def test_passes_in_python(model, x):
    statistics = model.layers[1].get_weights()
    names = {**vars(layerbridge), "model": model, "x": x}
    exec(code("uncertainty", "python", "passes"), names)
    check_passes(names["passes"], names["answer"], names["disagreement"])
    for before, after in zip(statistics, model.layers[1].get_weights(), strict=True):
        np.testing.assert_array_equal(before, after)


def test_passes_in_r(in_r, model, x):
    in_r("before <- model$get_weights()")
    in_r(code("uncertainty", "r", "passes"), x=x)

    def found(name):
        return np.array(in_r(f"reticulate::r_to_py(as.array({name}))"))

    check_passes(found("passes"), found("answer") - 1, found("disagreement"))
    assert in_r("identical(before, model$get_weights())")[0]
