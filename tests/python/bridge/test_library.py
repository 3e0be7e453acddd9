"""A whole library: families of its own, functions, makers and methods."""

import importlib
import re
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from layerbridge.bridge import describe
from layerbridge.bridge.decide.kinship import Kinship
from layerbridge.bridge.ir import Source
from layerbridge.bridge.read.modules import TargetError
from layerbridge.bridge.resolve import resolve
from layerbridge.bridge.words.idioms import Idioms
from layerbridge.bridge.write import generics, package, r_code
from layerbridge.bridge.write.help_page import help_page


@pytest.fixture(scope="module")
def zoo():
    return {wrapper.python: wrapper for wrapper in resolve("zoo").wrappers}


def names(found):
    return {wrapper.python: wrapper.r_name for wrapper in found}


class TestFamilies:
    def test_a_base_whose_name_ends_that_of_a_class_heads_its_family(self, zoo):
        assert zoo["zoo.WildAnimal"].r_name == "animal_wild"
        assert zoo["zoo.WildAnimal"].heading == "Animal"

    def test_otherwise_what_the_nearest_base_belongs_to_does(self, zoo):
        assert zoo["zoo.Lion"].r_name == "animal_lion"

    def test_a_head_has_its_own_name(self, zoo):
        assert zoo["zoo.Animal"].r_name == "animal"

    def test_a_name_that_begins_as_its_family_is_no_longer_for_that(self, package):
        text = "class Lorth: pass\nclass Lorth2D(Lorth): pass\n"
        found = resolve(package("made_lorth", {"__init__.py": text})).wrappers
        assert [wrapper.r_name for wrapper in found] == ["lorth", "lorth_2d"]

    def test_a_base_is_called_what_it_is_a_base_of(self, zoo):
        assert zoo["zoo.NightKeeper"].r_name == "keeper_night"

    def test_layers_are_layers_where_a_library_has_no_module_for_them(self, zoo):
        assert zoo["zoo.Cage"].r_name == "layer_cage"
        assert zoo["zoo.LargeCage"].r_name == "layer_large_cage"
        assert zoo["zoo.FastLoss"].r_name == "loss_fast"

    def test_an_input_layer_of_a_library_makes_a_tensor_as_keras_s_own_does(
        self, package
    ):
        text = "import keras\nclass Scan(keras.layers.InputLayer): pass\n"
        (found,) = resolve(package("made_input", {"__init__.py": text})).wrappers
        (keras_own,) = resolve("keras.layers.InputLayer").wrappers
        assert (found.r_name, found.make) == ("layer_scan", keras_own.make)
        assert keras_own.make == "bridge_make_input"

    def test_a_library_s_own_layers_elsewhere_than_in_its_layers_are_its_own(
        self, package
    ):
        text = "import keras\nclass Token(keras.layers.Layer): pass\n"
        name = package(
            "made_apart",
            {
                "layers.py": f"{text}class SmallToken(Token): pass\n",
                "tokens.py": f"{text}class SmallToken(Token): pass\n",
            },
        )
        found = resolve(name).wrappers
        assert names(found) == {
            "made_apart.layers.SmallToken": "layer_small_token",
            "made_apart.layers.Token": "layer_token",
            "made_apart.tokens.SmallToken": "token_small",
            "made_apart.tokens.Token": "token",
        }
        assert {wrapper.composes for wrapper in found} == {"layer"}

    def test_a_family_of_keras_keeps_its_prefix_in_every_library(self, package):
        layer = "import abc, keras\nclass Bounded(abc.ABC): pass\n"
        text = (
            f"{layer}class Max(keras.layers.Layer, Bounded): pass\n"
            "class Fast(keras.Model, Bounded): pass\n"
            "class Slow(Fast): pass\n"
        )
        files = {"layers.py": "import keras\nclass A(keras.layers.Layer): pass\n"}
        found = resolve(package("made_kept", files | {"parts.py": text}))
        made = (wrapper for wrapper in found.wrappers if not wrapper.shared)
        assert names(made) == {
            "made_kept.layers.A": "layer_a",
            "made_kept.parts.Bounded": "bounded",
            "made_kept.parts.Fast": "fast",
            "made_kept.parts.Max": "layer_max",
            "made_kept.parts.Slow": "fast_slow",
        }

    def test_the_class_that_a_family_of_keras_is_named_after_has_no_function(self):
        found = resolve("keras")
        left_out = dict(found.left_out)
        assert left_out["keras.Layer"] == "the base class of all layers"
        assert left_out["keras.Loss"] == "the base class of all losses"
        schedule = "keras.optimizers.schedules.LearningRateSchedule"
        assert left_out[schedule] == "the base class of all learning rate schedules"
        made = {wrapper.r_name for wrapper in found.wrappers}
        assert "layer_input" in made
        assert not {name for name in made if re.fullmatch(r"(.+)_\1", name)}

    def test_a_typed_dict_has_no_function(self, package):
        text = (
            "import typing\nclass Options(typing.TypedDict):\n    a: int\ndef f(): 1\n"
        )
        found = resolve(package("made_typed", {"__init__.py": text}))
        assert [wrapper.r_name for wrapper in found.wrappers] == ["f"]
        assert "named lists" in dict(found.left_out)["made_typed.Options"]

    def test_what_python_raises_has_no_function(self):
        assert dict(resolve("zoo").left_out)["zoo.Error"] == "a Python exception"

    def test_a_row_comes_before_the_rule(self, tmp_path):
        rows = tmp_path / "rows.toml"
        rows.write_text("[families.beast]\nbases = ['zoo.Animal']\nprefix = 'beast'\n")
        found = names(resolve("zoo", rows).wrappers)
        assert found["zoo.Lion"] == "beast_lion"
        assert found["zoo.WildAnimal"] == "beast_wild"
        assert found["zoo.Animal"] == "beast"
        assert found["zoo.Animal.feed"] == "feed.animal"


class TestKinship:
    def test_one_kind_does_not_head_what_is_named_after_it(self):
        class Tokenizer: ...

        class GemmaTokenizer(Tokenizer): ...

        class PaliGemmaTokenizer(GemmaTokenizer): ...

        class BertTokenizer(Tokenizer): ...

        kin = Kinship([Tokenizer, GemmaTokenizer, PaliGemmaTokenizer, BertTokenizer])
        assert kin.head_of(PaliGemmaTokenizer) is Tokenizer
        assert kin.head_of(GemmaTokenizer) is Tokenizer

    def test_of_several_bases_the_longest_decides(self):
        class Preprocessor: ...

        class LMPreprocessor(Preprocessor): ...

        class BertLMPreprocessor(LMPreprocessor): ...

        class GemmaLMPreprocessor(LMPreprocessor): ...

        classes = [
            Preprocessor,
            LMPreprocessor,
            BertLMPreprocessor,
            GemmaLMPreprocessor,
        ]
        kin = Kinship(classes)
        assert [kin.head_of(cls) for cls in classes] == [
            None,
            None,
            LMPreprocessor,
            LMPreprocessor,
        ]
        assert kin.is_head(LMPreprocessor)

    def test_no_mixin_heads_a_family_nor_a_class_that_is_named_as_a_function(self):
        class DescribeMixin: ...

        class Net(DescribeMixin): ...

        class Quantizer: ...

        class ternary(Quantizer): ...  # noqa: N801

        class stochastic_ternary(ternary): ...  # noqa: N801

        kin = Kinship([DescribeMixin, Net, Quantizer, ternary, stochastic_ternary])
        assert kin.head_of(Net) is None
        assert not kin.is_head(DescribeMixin)
        assert kin.head_of(ternary) is kin.head_of(stochastic_ternary) is Quantizer

    def test_a_class_without_kin_heads_nothing(self):
        class Alone: ...

        kin = Kinship([Alone])
        assert (kin.head_of(Alone), kin.is_head(Alone)) == (None, False)


class TestFunctions:
    def test_a_function_has_its_own_name(self, zoo):
        made = zoo["zoo.feed_all"]
        assert (made.r_name, made.family) == ("feed_all", "function")
        assert r_code.function(made) == (
            "feed_all <- bridge_function(\n"
            "  function(animals, meals = 1L) bridge_call(),\n"
            '  "zoo",\n  "feed_all",\n  composes = "function",\n'
            '  kinds = bridge_args(meals = "int")\n)\n'
        )

    def test_one_that_is_compiled_is_one(self, package):
        text = "import keras, tensorflow as tf\n@tf.function\ndef f(n=1): return n\n"
        name = package("made_compiled", {"__init__.py": text})
        (made,) = resolve(name).wrappers
        assert r_code.formals(made) == [("n", "1L")]

    def test_one_that_gets_another_name_leaves_its_own_to_methods(self, package):
        text = "class A:\n    def head(self, n=1): pass\ndef head(x): pass\n"
        found = resolve(package("made_head", {"__init__.py": text})).wrappers
        assert names(found) == {
            "made_head.A": "a",
            "made_head.A.head": "head.a",
            "made_head.head": "made_head_head",
        }

    def test_one_that_r_has_gets_the_name_of_its_module(self, zoo):
        assert zoo["zoo.version"].r_name == "zoo_version"

    def test_those_of_one_name_get_those_of_their_modules(self, package):
        text = "def load():\n    pass\n"
        found = resolve(package("made_twice", {"a.py": text, "b.py": text})).wrappers
        assert names(found) == {
            "made_twice.a.load": "a_load",
            "made_twice.b.load": "b_load",
        }

    def test_those_of_modules_of_one_name_get_those_of_more_modules(self, package):
        text = "def load(): pass\n"
        files = {"CoCo/data.py": text, "CoCo/__init__.py": "", "mnist/data.py": text}
        found = resolve(
            package("made_deep", files | {"mnist/__init__.py": ""})
        ).wrappers
        assert names(found) == {
            "made_deep.CoCo.data.load": "co_co_data_load",
            "made_deep.mnist.data.load": "mnist_data_load",
        }

    def test_that_of_a_private_module_is_plain_in_r(self, package):
        name = package("made_within", {"_odd.py": "def version(): pass\n"})
        assert names(resolve(f"{name}._odd").wrappers) == {
            "made_within._odd.version": "odd_version_"
        }

    def test_what_takes_any_number_of_arguments_takes_them_through_dots(self):
        (made,) = resolve("keras.ops.einsum").wrappers
        assert made.inputs == ("subscripts", "...")
        assert 'inputs = c("subscripts", "...")' in r_code.function(made)

    def test_what_chooses_by_an_argument_takes_it_by_position(self, package):
        text = "import functools\n@functools.singledispatch\ndef f(x, times=1): pass\n"
        (made,) = resolve(
            f"{package('made_to_choose', {'__init__.py': text})}.f"
        ).wrappers
        assert made.inputs == ("x",)
        assert 'inputs = "x"' in r_code.function(made)

    def test_a_class_and_its_function_are_one(self):
        (made,) = resolve("keras.losses.Huber").wrappers
        assert [name for name, _ in r_code.formals(made)] == [
            *("y_true", "y_pred", "delta", "...", "reduction", "name", "dtype")
        ]
        assert 'c("Huber", "huber")' in r_code.function(made)
        assert made.composes == "twin"

    def test_a_metric_that_is_a_class_alone_takes_all_by_name(self):
        (made,) = resolve("keras.metrics.AUC").wrappers
        assert r_code.formals(made)[0] == ("...", None)


class TestVignette:
    @pytest.fixture
    def text(self):
        library = resolve("zoo.Sightings")
        plan = package.package_plan(library, Source(), "zoor", "A <a@b.c>")
        return next(text for path, text in plan.items() if path.suffix == ".Rmd")

    def test_methods_are_called_by_their_generics(self, text):
        assert "- Methods: 1, such as `classify()`" in text

    def test_it_says_where_a_module_that_is_not_installed_is_looked_for(self, text):
        assert "`zoo` is in no installed package" in text
        assert 'Sys.setenv(PYTHONPATH = "' in text


def test_why_something_is_left_out_has_its_code_marked():
    why = [("zoo.a", "call it with `$`"), ("zoo.b", "5% of `a")]
    library = replace(resolve("zoo.Sightings"), left_out=why)
    plan = package.package_plan(library, Source(), "zoor", "A <a@b.c>")
    page = next(text for path, text in plan.items() if path.match("*-package.Rd"))
    assert "\\code{zoo.a}: call it with \\code{$}" in page
    assert "\\code{zoo.b}: 5\\% of \\code{a}" in page


def test_what_keras_says_of_all_models_is_not_said_of_each(package):
    text = """
import keras

class Plain(keras.Model):
    def __init__(self, units):
        super().__init__()
"""
    found = resolve(package("made_plain", {"__init__.py": text})).wrappers
    (plain,) = (x for x in found if x.class_name == "Plain")
    assert (plain.title, plain.description, plain.sections) == ("", "", ())


class TestClashes:
    TEXT = """
class Lower:
    def go(self): pass

class LOWER:
    def go(self): pass

def other(): pass
"""

    def test_names_that_differ_in_case_alone_are_an_error_with_a_way_out(
        self, package, tmp_path
    ):
        name = package("made_alike", {"__init__.py": self.TEXT})
        with pytest.raises(TargetError) as problem:
            resolve(name)
        assert str(problem.value) == (
            "made_alike.LOWER and made_alike.Lower would all be `lower` in R. Name one "
            "of them in a file for --rules: [objects.'made_alike.Lower'] name = '...'."
        )
        rows = tmp_path / "rows.toml"
        rows.write_text("[objects.'made_alike.Lower']\nname = 'other_lower'\n")
        assert names(resolve(name, rows).wrappers) == {
            "made_alike.LOWER": "lower",
            "made_alike.LOWER.go": "go.lower",
            "made_alike.Lower": "other_lower",
            "made_alike.Lower.go": "go.lower_2",
            "made_alike.other": "other",
        }

    def test_classes_of_one_name_get_those_of_their_modules(self, package):
        text = (
            "import keras\nclass Token(keras.layers.Layer):\n"
            "    @classmethod\n    def from_file(cls): pass\n"
        )
        files = {"cait.py": text, "cait_1d.py": text}
        name = package("made_of_nets", files)
        assert names(resolve(name).wrappers) == {
            f"{name}.cait.Token": "layer_cait_token",
            f"{name}.cait.Token.from_file": "layer_cait_token_from_file",
            f"{name}.cait_1d.Token": "layer_cait_1d_token",
            f"{name}.cait_1d.Token.from_file": "layer_cait_1d_token_from_file",
        }

    def test_a_name_that_ends_as_its_family_is_whole_beside_one_that_does_not(
        self, package
    ):
        text = (
            "import keras\nclass Encoder(keras.layers.Layer):\n"
            "    @classmethod\n    def from_file(cls): pass\n"
        )
        again = text.replace("import keras\n", "").replace("Encoder", "EncoderLayer")
        name = package("made_whole", {"__init__.py": text + again})
        assert names(resolve(name).wrappers) == {
            f"{name}.Encoder": "layer_encoder",
            f"{name}.Encoder.from_file": "layer_encoder_from_file",
            f"{name}.EncoderLayer": "layer_encoder_layer",
            f"{name}.EncoderLayer.from_file": "layer_encoder_layer_from_file",
        }

    def test_they_are_left_out_where_r_cannot_name_them(self, package):
        name = package("made_alike", {"__init__.py": self.TEXT})
        described = describe(name)
        assert {f["name"] for f in described["functions"]} == {"go", "other"}
        reason = "made_alike.LOWER and made_alike.Lower would all be `lower` in R"
        assert f"made_alike.Lower: {reason}" in described["left_out"]
        assert reason in described["absent"]("lower")


class TestMakers:
    def test_a_class_method_that_makes_an_object_is_a_function(self, zoo):
        made = zoo["zoo.Animal.from_file"]
        assert (made.r_name, made.module) == ("animal_from_file", "zoo")
        assert '"Animal.from_file"' in r_code.function(made)
        assert zoo["zoo.Lion.from_file"].r_name == "animal_lion_from_file"

    def test_its_help_says_what_is_taken_by_any_name(self, zoo):
        page = help_page(zoo["zoo.Sightings.from_preset"], Idioms([]))
        said = "Fields of the model, such as \\code{species}."
        assert dict(page.params)["..."] == said

    def test_one_of_an_abstract_class_is_there_without_the_class(self, zoo):
        assert zoo["zoo.BaseKeeper.from_name"].r_name == "base_keeper_from_name"
        assert "zoo.BaseKeeper" not in zoo

    def test_keras_s_own_is_none(self, zoo):
        assert "zoo.Animal.from_config" not in zoo

    def test_the_index_has_it_among_its_family(self, zoo):
        assert zoo["zoo.Lion.from_file"].heading == "Animal"


class TestWithinClasses:
    @pytest.mark.parametrize(
        ("of", "name"),
        [
            ("zoo.Sightings.available_presets", "sightings_available_presets"),
            ("zoo.Sightings.count", "sightings_count"),
            ("zoo.LargeCage.preprocess", "layer_large_cage_preprocess"),
        ],
    )
    def test_a_function_of_a_class_is_called_after_what_makes_the_class(
        self, zoo, of, name
    ):
        assert (zoo[of].r_name, zoo[of].wraps) == (name, "static")
        code = " ".join(r_code.function(zoo[of]).split())
        assert f'"zoo", "{of.partition(".")[2]}", composes' in code
        (alone,) = resolve(of).wrappers
        assert alone == zoo[of]

    def test_its_help_says_what_is_called(self, zoo):
        page = help_page(zoo["zoo.Sightings.count"], Idioms([]))
        said = "Calls the Python function \\code{zoo.Sightings.count}."
        assert page.description == said
        assert page.returns == "What Python returns."

    def test_a_class_within_a_class_is_called_after_both(self, zoo):
        ticket = zoo["zoo.Visit.Ticket"]
        assert (ticket.r_name, ticket.module) == ("visit_ticket", "zoo")
        assert '"Visit.Ticket"' in r_code.function(ticket)
        door = zoo["zoo.LargeCage.DoorLayer"]
        assert (door.r_name, door.composes) == ("layer_large_cage_door", "layer")

    def test_it_has_methods(self, zoo):
        assert zoo["zoo.Visit.Ticket.refund"].class_in_r == "zoo.Visit.Ticket"


class TestMethods:
    def test_a_method_is_one_of_a_generic_for_the_python_class(self, zoo):
        made = zoo["zoo.Animal.feed"]
        assert (made.generic, made.class_in_r) == ("feed", "zoo.Animal")
        assert r_code.function(made) == (
            "feed.zoo.Animal <- bridge_function(\n"
            "  function(object, meals, slowly = FALSE, ...) bridge_call(),\n"
            '  NULL,\n  "feed",\n  composes = "method",\n'
            '  kinds = bridge_args(meals = "int")\n)\n'
        )

    def test_one_that_takes_the_same_is_that_of_the_base(self, zoo):
        assert "zoo.WildAnimal.feed" not in zoo
        assert {"zoo.BaseKeeper.work", "zoo.NightKeeper.work"} <= zoo.keys()

    def test_a_generic_of_another_package_is_used(self, zoo):
        made = zoo["zoo.Animal.generate"]
        assert (made.generic_from, made.first) == ("generics", "x")

    def test_those_of_one_name_have_one_generic(self, package):
        text = """
class Cat:
    def augment(self, data, object=1): pass
    def tidy(self, data): pass

class Dog:
    def augment(self, x): pass
"""
        found = resolve(package("made_of_two", {"__init__.py": text})).wrappers
        methods = {x.python.partition(".")[2]: x for x in found if x.generic}
        assert {x.generic_from for x in methods.values()} == {"", "generics"}
        assert methods["Cat.tidy"].generic_from == "generics"
        formals = {
            n: [name for name, _ in r_code.formals(x)] for n, x in methods.items()
        }
        assert formals["Cat.augment"] == ["object", "data", "object_", "..."]
        assert formals["Dog.augment"] == ["object", "x", "..."]
        assert generics.definitions(found) == [
            'augment <- function(object, ...) UseMethod("augment")\n',
            "tidy <- generics::tidy\n",
        ]

    def test_a_function_of_r_is_not_masked(self, zoo):
        made = zoo["zoo.Animal.search"]
        assert (made.r_name, made.generic) == ("animal_search", "")
        assert made.inputs == ("...",)

    def test_what_keras_has_or_hides_or_only_shows_is_none(self, zoo):
        for name in ("build", "age", "_hide"):
            assert f"zoo.Animal.{name}" not in zoo

    def test_what_keras_has_too_is_one_where_r_has_a_generic(self, zoo):
        fit = zoo["zoo.Animal.fit"]
        assert (fit.generic, fit.generic_from) == ("fit", "generics")
        assert [(param.name, param.kind) for param in fit.params] == [
            *(("x", "data"), ("y", "data"), ("epochs", "int"))
        ]
        assert "zoo.Cage.fit" not in zoo

    def test_a_method_is_a_target(self):
        (made,) = resolve("zoo.Animal.feed").wrappers
        assert made.r_name == "feed.animal"
        (fit,) = resolve("keras.Model.fit").wrappers
        assert fit.class_in_r == "keras.src.trainers.trainer.Trainer"
        with pytest.raises(TargetError, match=r"has no method `fed`. .* `feed`"):
            resolve("zoo.Animal.fed")

    def test_that_of_an_abstract_class_is_a_target(self):
        (made,) = resolve("zoo.BaseKeeper.work").wrappers
        assert made.class_in_r == "zoo.BaseKeeper"

    def test_what_python_returns_is_left_out_where_r_returns_something_else(self):
        (plot,) = [x for x in resolve("keras").wrappers if x.generic == "plot"]
        assert help_page(plot, Idioms([])).returns == "The model, invisibly."

    def test_a_model_that_heads_no_family_has_its_own(self, zoo):
        made = zoo["zoo.Sightings.classify"]
        assert (made.generic, made.class_in_r) == ("classify", "zoo.Sightings")
        assert "zoo.Sightings.call" not in zoo
        assert "zoo.Cage.clean" not in zoo

    @pytest.mark.parametrize(
        ("of", "reason"),
        [
            ("keras.Model.get_layer", "it is Keras's, or a base class has it"),
            ("zoo.Animal._hide", "it is private"),
            ("zoo.Cage.clean", "methods of layers have none"),
            ("zoo.WildAnimal.feed", "it is Keras's, or a base class has it"),
        ],
    )
    def test_a_target_that_has_no_function_says_why(self, of, reason):
        method = of.rpartition(".")[2]
        said = rf"{of} has no .*: {reason}.* `object\${method}\("
        with pytest.raises(TargetError, match=said):
            resolve(of)


def test_classes_of_classes_and_enumerations_say_what_they_are(package):
    text = (
        "import enum\nclass Kind(enum.Enum):\n    ONE = 1\n    def shown(self): 1\n"
        "class Meta(type):\n    __call__ = type.__call__\ndef f(): 1\n"
    )
    found = resolve(package("made_apart", {"__init__.py": text}))
    left_out = dict(found.left_out)
    assert left_out["made_apart.Kind.shown"].startswith("an enumeration")
    assert left_out["made_apart.Meta"].startswith("a metaclass")


@pytest.mark.parametrize(
    ("said", "title"),
    [
        ("Sightings counts animals", "Counts animals"),
        ("Sightings is a model", "Sightings is a model"),
        ("Sightingses count", "Sightingses count"),
        ("", "Sightings"),
    ],
)
def test_a_title_says_what_a_class_does_without_its_name(zoo, said, title):
    wrapper = replace(zoo["zoo.Sightings"], title=said)
    assert help_page(wrapper, Idioms([])).title == title


def test_the_title_of_a_method_without_one_is_its_call(zoo):
    wrapper = replace(zoo["zoo.Sightings.classify"], title="")
    assert help_page(wrapper, Idioms([])).title == "classify() of Sightings"


def test_members_that_have_no_function_are_listed():
    left_out = dict(resolve("zoo").left_out)
    assert left_out["zoo.Cage.clean"].startswith("a method of layers: ")
    assert left_out["zoo.Visit.RefusedError"] == "a Python exception"
    assert not any(path.startswith("zoo.Animal.") for path in left_out)


def test_a_name_that_is_exported_twice_comes_once_by_its_shortest_path(package):
    name = package(
        "made_once",
        {
            "__init__.py": "from made_once.deep.one import f\n",
            "deep/__init__.py": "from made_once.deep.one import f, g\n",
            "deep/one.py": "def f(): pass\ndef g(): pass\n",
        },
    )
    assert names(resolve(name).wrappers) == {
        "made_once.deep.g": "g",
        "made_once.f": "f",
    }


def test_defaults_that_do_not_compare_and_names_that_are_not_there_are_harmless(
    package,
):
    text = """
import numpy as np

class _Named(type):
    def __dir__(cls):
        return ["from_nowhere", *super().__dir__()]

class Pan(metaclass=_Named):
    def stir(self, x=np.zeros(3)): pass

class SmallPan(Pan):
    def stir(self, x=np.zeros(3)): pass

class LargePan(Pan):
    def stir(self, x=np.ones(3)): pass
"""
    name = package("made_of_arrays", {"__init__.py": text})
    found = names(resolve(name).wrappers)
    assert {path.removeprefix(f"{name}.") for path in found} == {
        *("Pan", "SmallPan", "LargePan", "Pan.stir", "LargePan.stir")
    }


def test_a_library_in_a_namespace_is_a_library(package):
    text = "import keras\nclass A(keras.layers.Layer): pass\n"
    files = {"lip/__init__.py": "", "lip/layers.py": text, "lip/losses.py": text}
    name = package("made_namespace", files)
    Path(sys.modules.get(name, importlib.import_module(name)).__file__).unlink()
    del sys.modules[name]
    importlib.invalidate_caches()
    found = names(resolve(f"{name}.lip").wrappers)
    assert found[f"{name}.lip.layers.A"] == "layer_layers_a"
    assert found[f"{name}.lip.losses.A"] == "layer_losses_a"


def test_a_module_whose_name_is_not_one_in_python_is_left_out(package):
    odd = 'x"); system("touch owned"); c("y'
    text = "def f(): pass\n"
    name = package("made_oddly", {"plain.py": text, f"{odd}.py": text})
    library = resolve(name)
    assert names(library.wrappers) == {"made_oddly.plain.f": "f"}
    reason = "its name is not a Python identifier"
    assert dict(library.left_out) == {f"{name}.{odd}": reason}


def test_what_a_library_says_is_public_is_all_that_is(package):
    name = package(
        "made_public",
        {
            "__init__.py": "__all__ = ['shown', 'f']\nfrom made_public.f import f\n",
            "f.py": "def f(): pass\ndef inner(): pass\n",
            "shown.py": "def g(): pass\n",
            "hidden.py": "def h(): pass\n",
        },
    )
    assert names(resolve(name).wrappers).keys() == {
        "made_public.f",
        "made_public.shown.g",
    }


def test_what_python_says_comes_before_what_a_name_suggests(package):
    text = """
import keras

class Heads(keras.layers.Layer):
    def __init__(self, key_dim, num_heads: tuple[int, ...] = (4, 4), **kwargs): pass
"""
    (made,) = resolve(package("made_of_heads", {"__init__.py": text})).wrappers
    assert {p.name: p.kind for p in made.params} == {
        "key_dim": "int",
        "num_heads": "int_tuple",
    }


def test_a_list_of_public_modules_hides_no_class(package):
    name = package(
        "made_of_modules",
        {
            "__init__.py": "__all__ = ['parts']\n",
            "parts/__init__.py": "from made_of_modules.parts.one import f\n"
            "from made_of_modules.parts import one, two\n__all__ = ['one', 'two']\n",
            "parts/one.py": "def f(): pass\n",
            "parts/two.py": "def g(): pass\n",
        },
    )
    assert names(resolve(name).wrappers).keys() == {
        "made_of_modules.parts.f",
        "made_of_modules.parts.two.g",
    }


def test_a_base_that_python_has_heads_no_family(package):
    text = """
from collections.abc import Sequence

__all__ = ["Shelf", "Sequence"]

class Shelf(Sequence):
    def __getitem__(self, i): pass
    def __len__(self): pass
"""
    found = resolve(package("made_of_rows", {"__init__.py": text}))
    assert names(found.wrappers) == {"made_of_rows.Shelf": "shelf"}
    assert not found.left_out


def test_what_is_left_out_is_said_once(package):
    text = "__all__ = ['broken']\ndef __getattr__(name): raise ImportError(name)\n"
    files = {
        "__init__.py": "__all__ = ['f', 'parts']\ndef f(): pass\n",
        "parts/__init__.py": text,
        "parts/broken.py": "import nowhere\n",
    }
    left_out = resolve(package("made_in_parts", files)).left_out
    assert [path for path, _ in left_out] == ["made_in_parts.parts.broken"]


def test_what_decorates_classes_of_python_has_no_function():
    left_out = dict(resolve("keras.saving").left_out)
    assert "decorator" in left_out["keras.saving.register_keras_serializable"]


def test_layers_alone_are_there_for_whoever_wants_them_alone():
    found = resolve("zoo", layers_only=True)
    assert names(found.wrappers) == {
        "zoo.Cage": "layer_cage",
        "zoo.LargeCage": "layer_large_cage",
    }
    assert dict(found.left_out)["zoo.Animal"] == "not a layer"


def test_functions_that_a_row_names_are_no_layers():
    found = resolve("keras", layers_only=True)
    assert all(wrapper.is_layer for wrapper in found.wrappers)
