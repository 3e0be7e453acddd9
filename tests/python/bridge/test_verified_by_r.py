"""R itself holds what was generated against the specification."""

from dataclasses import replace

import pytest

from layerbridge.bridge import describe
from layerbridge.bridge.resolve import resolve
from layerbridge.bridge.write import r_code, rd, sources

TARGETS = ["layerbridge", "keras.layers", "google_style", "numpy_style", "rest_style"]
every_target = pytest.mark.parametrize("target", TARGETS)


@every_target
def test_formals_and_defaults_are_those_of_the_specification(r, target, disagreements):
    layers = resolve(target).wrappers
    assert layers
    assert disagreements(describe(target)["source"], layers, by=r) == []
    assert (
        disagreements(sources.documented(layers, rd.pages_of(layers)), layers, by=r)
        == []
    )


def test_a_difference_is_noticed(disagreements):
    layers = resolve("layerbridge").wrappers
    source = describe("layerbridge")["source"]
    assert disagreements(source.replace('"batch"', '"Batch"'), layers)
    assert disagreements(source.replace("layer_dropblock_1d", "other"), layers)
    with pytest.raises(Exception, match="identical"):
        disagreements("file.create('owned')\n" + source, layers)


@every_target
def test_help_pages_pass_r_own_check(r, target, tmp_path):
    described = describe(target)
    for function in described["functions"]:
        for i, page in enumerate(described["help"](function["name"])):
            (tmp_path / f"{function['name']}-{i}.Rd").write_text(page, "utf-8")
    said = r(
        f"""as.character(unlist(lapply(
          list.files("{tmp_path}", full.names = TRUE),
          function(page) as.character(tools::checkRd(page))
        )))"""
    )
    assert list(said) == []


EXAMPLE = r"""
if (TRUE) {  # "one' { of } 50%
  x <- c("drop-{:<03d}", 'a}"{', "50%", "a\\b\n", "caf\u00e9 \U0001f600", "it's")
}
"""


def test_the_code_of_examples_is_the_same_in_help(r, tmp_path):
    wrapper = replace(resolve("layerbridge.DropBlock1D").wrappers[0], examples=EXAMPLE)
    pages = rd.pages_of([wrapper])
    page = rd.rd_file(wrapper, pages[wrapper.r_name])
    (tmp_path / "page.Rd").write_text(page, "utf-8")
    assert r(
        f"""
        tools::Rd2ex("{tmp_path}/page.Rd", "{tmp_path}/page.R")
        code <- parse("{tmp_path}/page.R", keep.source = FALSE)
        identical(code, parse(text = reticulate::py_to_r(example), keep.source = FALSE))
        """,
        example=EXAMPLE,
    )[0]


def test_the_runtime_parses_and_defines_only_its_own_names(r):
    defined = r(
        """
        env <- new.env()
        eval(parse(text = reticulate::py_to_r(runtime)), env)
        ls(env)
        """,
        runtime="\n".join(r_code.runtime().values()),
    )
    assert all(name.startswith("bridge_") for name in defined)
