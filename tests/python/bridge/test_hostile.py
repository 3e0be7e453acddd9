"""A stranger's names, defaults and docstrings are text, whatever they say."""

import inspect
import itertools
from dataclasses import replace

import hypothesis.strategies as st
import pytest
from hostile_layers import ATTACKS
from hypothesis import HealthCheck, Phase, given, settings

from layerbridge.bridge import describe
from layerbridge.bridge.ir import Param, Section, Source, Wrapper
from layerbridge.bridge.kind_table import KINDS
from layerbridge.bridge.literals import NotLiteralError, r_literal, r_name
from layerbridge.bridge.read import docstring
from layerbridge.bridge.resolve import resolve
from layerbridge.bridge.rules import schema
from layerbridge.bridge.words.idioms import Idioms
from layerbridge.bridge.words.markdown import clean, to_rd
from layerbridge.bridge.write import package, rd, sources
from layerbridge.bridge.write.help_page import help_page

FAMILIES = list(schema.load("keras").families.values())
# No R string holds these, and no Python identifier has them.
NOT_IN_R = {0, *range(0xD800, 0xE000)}
# A failing example need not be the smallest one, which takes R long to find.
GUARDED = settings(
    max_examples=40,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

fragments = st.sampled_from(
    [*ATTACKS, "\\", "%", "{", "}", "'", '"', "`", "@", "\n", "\n\n", "    ", "- ", "#"]
)
hostile_text = st.lists(
    fragments | st.text(max_size=20) | st.text(st.characters(categories=["Cs", "Cc"])),
    max_size=8,
).map("".join)
names = st.one_of(
    st.sampled_from(
        [
            "if",
            "function",
            "TRUE",
            "NULL",
            "NA",
            "..1",
            "...",
            "_",
            "__x",
            "ö",
            "日本",
            "T",
        ]
    ),
    st.sampled_from(["object", "inputs", "bridge_call", "c", "list", "`", "a b"]),
    st.text(min_size=1, max_size=8).filter(
        lambda text: not set(map(ord, text)) & NOT_IN_R
    ),
)
scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9)
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=6,
)


def default(value):
    try:
        return r_literal(value)
    except NotLiteralError:
        return "NULL"


@st.composite
def layers(draw):
    taken = frozenset({"object", "inputs"})
    params = []
    for name in draw(st.lists(names, max_size=4)):
        plain = r_name(name, taken)
        taken |= {plain}
        given_default = draw(st.none() | values.map(default))
        kind = draw(st.sampled_from(sorted(KINDS)))
        doc = draw(hostile_text)
        params.append(Param(name, plain, given_default, kind, "default", doc))
    family = draw(st.sampled_from(FAMILIES))
    section = Section(draw(hostile_text), draw(hostile_text))
    return Wrapper(
        python=f"{draw(hostile_text)}.{draw(names)}".translate(dict.fromkeys(NOT_IN_R)),
        r_name=r_name("layer_" + draw(names)),
        family=family.name,
        heading=family.title,
        composes=family.composes,
        is_layer=family.layers,
        first=family.first,
        first_doc=family.first_text,
        dots_doc=family.dots_text,
        value=family.returns,
        accepts_dots=draw(st.booleans()),
        params=tuple(params),
        inputs=draw(st.sampled_from([(), ("x", "y")])),
        dots=tuple(replace(param, r_name=param.name) for param in params[:1]),
        title=draw(hostile_text),
        description=draw(hostile_text),
        returns=draw(hostile_text),
        sections=(section,),
    )


libraries = st.lists(layers(), min_size=5, max_size=30).map(
    lambda made: [
        replace(layer, r_name=f"{layer.r_name}_{number}")
        for number, layer in enumerate(made)
    ]
)


@given(found=libraries)
@GUARDED
def test_r_parses_any_specification_and_finds_its_formals(found, disagreements):
    assert disagreements(sources.documented(found, rd.pages_of(found)), found) == []


@given(found=libraries)
@GUARDED
def test_no_help_page_holds_what_r_would_run(found, r_process):
    made = rd.pages_of(found)
    pages = [rd.rd_file(x, made[x.r_name]) for x in found]
    assert tags_of(r_process, pages) <= HARMLESS


def tags_of(r_process, pages):
    """What R's parser takes the pages to hold; unclosed markup is an error."""
    for number, page in enumerate(pages):
        r_process.write(f"page{number}.Rd", page)
    said = r_process(rf"""
      tags <- function(x) c(attr(x, "Rd_tag"), if (is.list(x)) unlist(lapply(x, tags)))
      pages <- sprintf("page%d.Rd", seq_len({len(pages)}) - 1L)
      parse_page <- function(page) tools::parse_Rd(page, encoding = "UTF-8")
      unique(unlist(lapply(pages, function(page) tags(parse_page(page)))))
    """)
    return set(said)


HARMLESS = {
    "TEXT", "RCODE", "VERB", "COMMENT", "LIST", r"\name", r"\alias", r"\title",
    r"\usage", r"\arguments", r"\value", r"\description", r"\section", r"\encoding",
    r"\item", r"\code", r"\verb", r"\preformatted", r"\itemize", r"\enumerate",
    r"\emph", r"\strong", r"\href", r"\dots", r"\tabular", r"\tab", r"\cr",
    r"\examples",
}  # fmt: skip


FORMULAS = st.lists(
    st.sampled_from(
        ["\\input{x}", "\\write18{x}", "^^5c", "\\x", "\\alpha", "\\frac{a}{b}",
         "{", "}", "\\{", "\\", "%", "#ifdef a\n", "$", "&",
         "\\begin{cases}", "\\end{cases}",
         "\\def\\x{}", "\\csname a\\endcsname", "\\left(", "\\right)", "\\Sexpr{1}"]
    ),
    max_size=6,
).map("".join)  # fmt: skip


@given(formulas=st.lists(FORMULAS, min_size=5, max_size=30))
@GUARDED
def test_a_formula_is_code_that_latex_does_not_run(formulas, r_process):
    texts = [to_rd(f"$${formula}$$", Idioms()) for formula in formulas]
    page = "\n\n".join(texts)
    assert tags_of(r_process, [PAGE % page]) <= HARMLESS


PAGE = "\\name{a}\\alias{a}\\title{a}\\description{%s}"


@given(found=st.lists(values, min_size=5, max_size=40))
@GUARDED
def test_literals_are_data_in_r(found, r_process):
    literals = list(map(default, found))
    assert all(literal.isascii() for literal in literals)
    path = r_process.write("literals.R", "\n".join(literals))
    length, *called = r_process(f"""
      code <- parse("{path}", keep.source = FALSE)
      c(length(code), unique(unlist(lapply(code, function(x) {{
        all.names(if (is.call(x)) x else NULL)
      }}))))
    """)
    assert int(length) == len(literals)
    assert set(called) <= {"list", "-"}


@given(text=st.text(max_size=200) | hostile_text)
@settings(deadline=None)
def test_any_docstring_is_taken_apart(text):
    """It takes no rescue: what is no docstring stays description."""
    clean_text = docstring.linked(inspect.cleandoc(text))
    read = docstring._doc(docstring._sections(clean_text, ()), ())
    assert docstring.parse(text) == read


@given(name=names, taken=st.frozensets(names, max_size=3))
@settings(deadline=None)
def test_any_name_becomes_a_plain_one(name, taken):
    plain = r_name(name, taken)
    assert plain.isascii()
    assert plain not in taken
    assert r_name(plain) == plain


def test_a_hostile_library_runs_nothing(r_process, disagreements):
    found = resolve("hostile_layers").wrappers
    assert len(found) == len(ATTACKS)
    assert {layer.module for layer in found} == {"hostile_layers"}
    assert disagreements(describe("hostile_layers")["source"], found) == []
    pages = rd.pages_of(found)
    for layer in found:
        r_process.write("page.Rd", rd.rd_file(layer, pages[layer.r_name]))
        said = r_process(r"""
          for (to in list(tools::Rd2HTML, tools::Rd2latex, tools::Rd2txt)) {
            to("page.Rd", "page.out", stages = c("build", "install", "render"))
          }
          as.character(tools::checkRd("page.Rd"))
        """)
        assert said == []
    assert not list(r_process.folder.rglob("owned*"))


def test_a_hostile_library_of_functions_and_methods_runs_nothing(
    r_process, disagreements
):
    library = resolve("hostile_library")
    found = library.wrappers
    names = {wrapper.class_name for wrapper in found}
    for number in range(len(ATTACKS)):
        assert {f"function_{number}", f"Well.call_{number}"} <= names
        assert {f"Well.from_{number}"} <= names
    assert all(part.isidentifier() for name in names for part in name.split("."))
    assert disagreements(sources.documented(found, rd.pages_of(found)), found) == []
    folder = r_process.folder / "hostile"
    titled = [
        replace(wrapper, heading=title)
        for wrapper, title in zip(found, itertools.cycle(["A: b", *ATTACKS]))
    ]
    library = replace(library, wrappers=titled, left_out=[("a.b", x) for x in ATTACKS])
    plan = package.package_plan(library, Source(), "hostile", "A <a@b.c>")
    for path, text in plan.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, "utf-8")
    said = r_process(f"""
      setwd("{folder}")
      pages <- list.files("man", full.names = TRUE)
      code <- list.files(c("R", "tests/testthat"), "[.]R$", full.names = TRUE)
      for (path in code) parse(path, encoding = "UTF-8")
      env <- new.env()
      for (path in list.files("R", full.names = TRUE)) sys.source(path, env)
      read <- parseNamespaceFile("hostile", "..")
      read.dcf("DESCRIPTION")
      titles <- lapply(yaml::read_yaml("_pkgdown.yml")$reference, `[[`, "title")
      stopifnot(is.character(unlist(titles)), "A: b" %in% titles)
      guide <- readLines("vignettes/hostile.Rmd", encoding = "UTF-8")
      stopifnot(!grepl(knitr::all_patterns$md$inline.code, guide, perl = TRUE))
      stopifnot(sum(grepl("^```", guide)) == 2L * sum(grepl("^```[{{]", guide)))
      checked <- lapply(pages, function(page) as.character(tools::checkRd(page)))
      setwd("..")
      as.character(c(setdiff(read$exports, ls(env)), unlist(checked)))
    """)
    assert said == []
    assert tags_of(r_process, [t for p, t in plan.items() if p.suffix == ".Rd"]) <= (
        HARMLESS | {r"\docType", r"\keyword", r"\link", r"\seealso", r"\method"}
    )
    assert not list(r_process.folder.rglob("owned*"))


def test_roxygen2_reads_the_same_pages_and_runs_nothing(r_process):
    folder = r_process.folder / "roxygen"
    (folder / "R").mkdir(parents=True)
    (folder / "DESCRIPTION").write_text(
        "Package: hostile\nVersion: 0.1\nEncoding: UTF-8\n"
        "Roxygen: list(markdown = TRUE)\nRoxygenNote: 7.2.3\n"
    )
    found = resolve("hostile_layers").wrappers
    source = sources.r_file(found)
    (folder / "R" / "a.R").write_text(source, "utf-8")
    r_process(f"""
      suppressMessages(
        roxygen2::roxygenise("{folder}", c("rd", "namespace"), load_code = "source")
      )
    """)
    read = rd.pages_of(found)
    pages = {x.r_name: rd.rd_file(x, read[x.r_name]) for x in found}
    assert {path.stem for path in (folder / "man").iterdir()} == pages.keys()
    assert not list(r_process.folder.rglob("owned*"))
    for name, page in pages.items():
        ours = r_process.write("ours.Rd", page)
        theirs = folder / "man" / f"{name}.Rd"
        assert shown(r_process, ours) == shown(r_process, theirs)


def shown(r_process, page):
    """The words of a page, as R shows it."""
    lines = r_process(f"""
      tools::Rd2txt("{page}", "shown.txt", encoding = "UTF-8")
      readLines("shown.txt", encoding = "UTF-8")
    """)
    return sorted(" ".join(lines).replace("\xa0", " ").split())


def test_a_megabyte_of_text_is_a_page(r_process):
    text = ("Plain words. " * 20 + "{%\\@ `x`\n") * 4_000
    layer = replace(
        resolve("layerbridge.DropBlock1D").wrappers[0], description=text, examples=""
    )
    page = rd.rd_file(layer, help_page(layer, Idioms([])))
    assert len(page) > 1_000_000
    assert tags_of(r_process, [page]) <= HARMLESS


@pytest.mark.parametrize("attack", ATTACKS)
def test_code_is_shown_as_it_is_written(r_process, attack):
    layer = replace(
        resolve("layerbridge.DropBlock1D").wrappers[0],
        description=f"Code:\n\n~~~~~\n{attack}\n~~~~~",
        sections=(),
    )
    page = rd.rd_file(layer, help_page(layer, Idioms([])))
    words = "".join(shown_in_order(r_process, r_process.write("page.Rd", page)))
    assert "".join(clean(attack).split()) in words


def shown_in_order(r_process, page):
    return "".join(
        r_process(f"""
          tools::Rd2txt("{page}", "shown.txt", encoding = "UTF-8")
          readLines("shown.txt", encoding = "UTF-8")
        """)
    ).split()
