"""Rows of the rules: which holds, and how one that cannot be used is refused."""

import fnmatch

import pytest

from layerbridge.bridge.read.modules import TargetError
from layerbridge.bridge.resolve import resolve
from layerbridge.bridge.rules.schema import (
    Family,
    RuleError,
    about_argument,
    load,
    parse,
)
from layerbridge.bridge.write import r_code


@pytest.fixture
def rows(tmp_path):
    def rows(text, name="lib.toml"):
        path = tmp_path / name
        path.write_text(text)
        return path

    return rows


def test_the_row_for_the_nearest_path_comes_first_then_that_of_the_last_file(rows):
    known = parse(
        [
            rows("[objects.'a.X']\nname = 'f'\nconcept = 'c'\n", "a.toml"),
            rows("[objects.'*.X']\nname = 'g'\n", "b.toml"),
        ]
    )
    assert [row.name for row in known.about(["a.X"])] == ["g", "f"]
    assert [row.name for row in known.about(["b.X", "a.X"])] == ["g", "f"]
    assert known.about(["a.Y"]) == ()


def test_the_name_of_an_argument_comes_before_a_glob(rows):
    text = "[objects.'*'.arguments]\n'n*' = { kind = 'int' }\nname = { kind = 'str' }\n"
    found = about_argument(parse([rows(text)]).objects, "name")
    assert [row.kind for row in found] == ["str", "int"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[nmaes]\nA = 'b'\n", r"lib.toml: nmaes: the keys may be words, families"),
        ("[objects.'a.B']\nnmae = 'f'\n", r"objects.'a.B'.nmae: .* mean `name`\?"),
        ("[objects.'a.B']\nname = 1\n", r"'a.B'.name: must be a str; received 1"),
        ("[objects.'a.B']\nextra = 'x'\n", r"extra: must be a list; received 'x'"),
        ("[objects.'a.B']\nname = 'a b'\n", r"R does not take `a b`"),
        ("[objects.'a.B']\nfamily = 'laier'\n", r"'a.B'.family: the families are"),
        ("[objects.'a.B'.arguments]\nx = { kind = 'integer' }\n",
         r"'a.B'.arguments.x.kind: the kinds are .* not `integer`"),
        ("[objects.'a.B'.arguments]\nx = { aftr = 'y' }\n", r"mean `after`\?"),
        ("[objects.'a.B'.arguments]\nx = 'int'\n", r"arguments.x: must be a table"),
        ("[families.layer]\nbase = []\n", r"families.layer.base: .* mean `bases`\?"),
        ("objects = 1\n", r"objects: must be a table; received 1"),
        ("[words]\nX = 1\n", r"words.X: must be a string; received 1"),
        ("not toml", r"cannot be read"),
    ],
)  # fmt: skip
def test_a_row_that_cannot_be_used_is_named_with_its_file(rows, text, said):
    with pytest.raises(RuleError, match=said):
        load("keras", rows(text))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[objects.'google_style.Base'.arguments]\nunitz = { kind = 'int' }\n",
         r"objects.'google_style.Base': there is no argument `unitz`. .* `units`\?"),
        ("[objects.'google_style.Base'.arguments]\nunits = { after = 'fixd' }\n",
         r"there is no argument `fixd`. Did you mean `fixed`\?"),
        ("[objects.'google_style.Bass']\nname = 'f'\n",
         r"google_style has no such object. .* `google_style.Base`\?"),
    ],
)  # fmt: skip
def test_a_row_of_ones_own_that_is_about_nothing_is_refused(rows, text, said):
    with pytest.raises(RuleError, match=said):
        resolve("google_style", rows(text))


def test_rows_of_ones_own_come_first(rows):
    text = (
        "[objects.'google_style.Base']\nname = 'layer_mine'\n"
        "[objects.'google_style.Base'.arguments]\n"
        "units = { name = 'n', kind = 'any', after = 'shared' }\n"
        "[objects.'google_style.Plain']\nfamily = 'object'\n"
        "[objects.'google_style.Reserved']\nskip = 'not today'\n"
    )
    found = resolve("google_style", rows(text))
    by_name = {wrapper.class_name: wrapper for wrapper in found.wrappers}
    base = by_name["Base"]
    assert base.r_name == "layer_mine"
    assert [(p.r_name, p.kind) for p in base.params][-1] == ("n", "any")
    assert by_name["Plain"].family == "object"
    assert ("google_style.Reserved", "not today") in found.left_out


def test_a_row_has_a_title_and_a_default_that_r_sends(rows):
    text = (
        "[objects.'google_style.Base']\ntitle = 'A title for R'\n"
        "[objects.'google_style.Base'.arguments]\n"
        "units = { default = '2 + 2', sent = true }\nshared = { default = '3' }\n"
    )
    (made,) = resolve("google_style.Base", rows(text)).wrappers
    assert made.title == "A title for R"
    code = r_code.function(made)
    assert "units = 2 + 2" in code
    assert "shared = 3" in code
    assert code.endswith('  sent = "units"\n)\n')


def test_a_family_is_a_row(rows):
    text = (
        "[families.thing]\nbases = ['google_style.NotALayer']\nprefix = 'thing'\n"
        "composes = 'none'\n"
    )
    found = resolve("google_style", rows(text))
    made = next(w for w in found.wrappers if w.class_name == "NotALayer")
    assert made.r_name == "thing"
    assert made.family == "thing"


def test_a_family_s_row_removes_no_function_unless_it_says_so(rows):
    text = "[families.quantizer]\nbases = ['keras.Quantizer']\nprefix = 'quantizer'\n"
    own = rows(text)
    assert {w.r_name for w in resolve("keras.Quantizer", own).wrappers} == {"quantizer"}
    with pytest.raises(TargetError, match="the base class of all"):
        resolve("keras.Quantizer", rows(f"{text}general = true\n"))


def test_a_method_that_is_not_there_is_left_out(rows):
    own = rows("[objects.'keras.Model']\nmethods = ['fits', 'keras.utils.plots']\n")
    left_out = dict(resolve("zoo", own).left_out)
    assert "no such method" in left_out["keras.Model.fits"]
    assert "no such method" in left_out["keras.Model.keras.utils.plots"]


@pytest.mark.newest
def test_every_shipped_row_about_keras_is_about_something():
    found = resolve("keras")
    arguments = {
        w.python: {p.name for p in (*w.params, *w.dots)} for w in found.wrappers
    }
    left_out = [*found.left_out, *resolve("keras.layers").left_out]
    paths = {*arguments, *(path for path, _ in left_out)}
    rows = [
        row
        for row in load("keras").objects
        if row.glob.startswith("keras.") and not row.glob.startswith("keras.src.")
    ]
    assert len(rows) > 90
    for row in rows:
        methods = [x if "." in x else f"{row.glob}.{x}" for x in row.methods]
        assert {*methods} <= arguments.keys(), row.glob
        about = [path for path in paths if row.matches(path)]
        assert about, row.glob
        names = set().union(*(arguments.get(path, ()) for path in about))
        idle = [glob for glob in row.arguments if not fnmatch.filter(names, glob)]
        assert not idle, row.glob


FAMILIES = load("layerbridge").families


@pytest.mark.parametrize("name", FAMILIES)
class TestEveryFamily:
    """What holds for each row: a new one has nothing else to pass."""

    def test_it_is_complete(self, name):
        family: Family = FAMILIES[name]
        if family.skip:
            return
        assert family.title or name in ("maker", "static")  # their class has one
        assert family.returns or not family.bases  # a function says it itself
        assert family.first_text or not family.first
        assert not family.several or family.several in FAMILIES

    def test_its_bases_are_there(self, name):
        from layerbridge.bridge.read.modules import located

        assert all(isinstance(located(path), type) for path in FAMILIES[name].bases)

    def test_the_runtime_composes_it(self, name, r):
        code = """
            env <- new.env()
            eval(parse(text = reticulate::py_to_r(runtime)), env)
            names(env$bridge_composers)
        """
        known = r(code, runtime="\n".join(r_code.runtime().values()))
        assert FAMILIES[name].composes in set(known)


@pytest.mark.parametrize(
    "name",
    sorted({x.make for x in (*load("keras").objects, *FAMILIES.values())} - {""}),
)
def test_the_runtime_has_what_calls_python_for_a_row(name):
    assert f"\n{name} <- function(args, target)" in "\n".join(r_code.runtime().values())
