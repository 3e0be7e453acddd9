"""What is saved is there again: settings, seeds, schedules, training that goes on."""

import copy
import json
import pickle
import subprocess
import sys

import keras
import numpy as np
import pytest
from modes import BACKEND, release_on
from saved import (
    FOLDER,
    X,
    new_model,
    rates,
    run_lite,
    seeds,
    settings,
    to_lite,
    train,
)

from layerbridge import DropBlock2D, LinearRamp, SpatialDropout2D

VERSIONS = sorted(folder.name for folder in FOLDER.iterdir())

pytestmark = pytest.mark.backends


def through_file(name):
    def save_and_load(model, folder):
        model.save(folder / name)
        return keras.models.load_model(folder / name)

    return save_and_load


def through_h5(model, folder):
    # Keras 3.15 forgets a model's optimizer when it saves .h5 files.
    return through_file("model.h5")(copy.deepcopy(model), folder)


def through_config(model, folder):
    again = type(model).from_config(model.get_config())
    again.set_weights(model.get_weights())
    return again


def through_clone(model, folder):
    clone = keras.models.clone_model(model)
    clone.set_weights(model.get_weights())
    return clone


KEEPS_STATE = {
    "keras": through_file("model.keras"),
    "deepcopy": lambda model, folder: copy.deepcopy(model),
    "pickle": lambda model, folder: pickle.loads(pickle.dumps(model)),
}
KEEPS_SETTINGS = {
    "h5": through_h5,
    "config": through_config,
    "clone": through_clone,
}


def each(ways):
    return pytest.mark.parametrize("way", ways.values(), ids=ways)


def as_told(settings):
    """Leave out where schedules are defined, and how far they have come."""
    if isinstance(settings, dict):
        changing = ("module", "rate_step")
        return {k: as_told(v) for k, v in settings.items() if k not in changing}
    if isinstance(settings, list):
        return [as_told(value) for value in settings]
    return settings


def seeded_model():
    keras.utils.set_random_seed(1)
    model = new_model()
    train(model)
    return model


@pytest.fixture(scope="module")
def trained():
    return seeded_model()


@pytest.fixture(scope="module")
def weights_of_training_on():
    return train(seeded_model())


@each(KEEPS_STATE | KEEPS_SETTINGS)
def test_a_round_trip_gives_the_same_model(way, trained, tmp_path):
    again = way(trained, tmp_path)
    assert settings(again) == settings(trained)
    np.testing.assert_array_equal(
        again.predict(X, verbose=0), trained.predict(X, verbose=0)
    )


@pytest.mark.parametrize(
    "way",
    [
        pytest.param(
            way, marks=[] if name == "keras" else release_on("tensorflow", "jax")
        )
        for name, way in KEEPS_STATE.items()
    ],
    ids=KEEPS_STATE,
)
def test_training_goes_on_bit_for_bit(way, trained, weights_of_training_on, tmp_path):
    again = way(trained, tmp_path)
    assert seeds(again) == seeds(trained)
    assert rates(again) == rates(trained)
    for mine, other in zip(weights_of_training_on, train(again), strict=True):
        np.testing.assert_array_equal(mine, other)


@each(KEEPS_SETTINGS)
def test_where_only_settings_are_kept_schedules_go_on_too(way, trained, tmp_path):
    again = way(trained, tmp_path)
    assert rates(again) == rates(trained)


def test_weights_files_keep_the_step_of_schedules_and_leave_the_seeds(
    trained, tmp_path
):
    trained.save_weights(tmp_path / "model.weights.h5")
    again = new_model()
    before = seeds(again)
    again.load_weights(tmp_path / "model.weights.h5")
    assert [seed for seed, _ in seeds(again)] == [seed for seed, _ in before]
    assert rates(again) == rates(trained)
    np.testing.assert_array_equal(
        again.predict(X, verbose=0), trained.predict(X, verbose=0)
    )


def test_weights_trained_with_our_spatial_dropout_load_into_kerass(tmp_path):
    def model_of(dropout):
        return keras.Sequential(
            [keras.Input((8, 8, 3)), dropout, keras.layers.Dense(2)]
        )

    ours = model_of(SpatialDropout2D(0.1))
    ours.save_weights(tmp_path / "model.weights.h5")
    kerass = model_of(keras.layers.SpatialDropout2D(0.1))
    kerass.load_weights(tmp_path / "model.weights.h5")
    np.testing.assert_array_equal(
        kerass.predict(X, verbose=0), ours.predict(X, verbose=0)
    )


def test_a_file_without_the_seeds_state_loads(tmp_path):
    @keras.saving.register_keras_serializable("test")
    class Stateless(DropBlock2D):
        def save_assets(self, folder):
            pass

    model = keras.Sequential([keras.Input((8, 8, 3)), Stateless(0.5, 3, seed=4)])
    model(X, training=True)
    model.save(tmp_path / "model.keras")
    assert seeds(keras.models.load_model(tmp_path / "model.keras")) == [[4, 0]]


class Store(dict):
    """What Keras gives a layer to load its variables from."""


@pytest.mark.parametrize("step", [1.5, "3", -1, 2**31, True, [1, 2]], ids=repr)
def test_a_step_that_was_changed_by_hand_is_refused(step):
    layer = DropBlock2D(LinearRamp(0, 0.5, 9), 3)
    with pytest.raises(ValueError, match="`rate_step` must be an integer from 0 to"):
        layer.load_own_variables(Store(rate_step=np.array(step)))


@pytest.mark.parametrize(
    "state",
    ["[1.5, 0]", '["1", 0]', "[1, -1]", "[4294967296, 0]", "[1, 2, 3]", "7", "{}"],
)
def test_a_seeds_state_that_was_changed_by_hand_is_refused(state, tmp_path):
    layer = DropBlock2D(0.1, 3)
    (tmp_path / "seed_state.json").write_text(state, "utf-8")
    with pytest.raises(ValueError, match=r"`seed_state\.json` must be two integers"):
        layer.load_assets(str(tmp_path))


def test_a_layer_can_be_told_where_its_schedule_goes_on():
    layer = DropBlock2D(LinearRamp(0, 0.5, 11), 3, rate_step=4)
    assert layer.current_rate == pytest.approx(0.2)
    with pytest.raises(ValueError, match="`rate_step` needs a schedule"):
        DropBlock2D(0.1, 3, rate_step=4)


def test_the_state_has_paths_with_the_layers_name():
    model = keras.Sequential(
        [keras.Input((8, 8, 3)), DropBlock2D(0.5, 3, name="drop")], name="net"
    )
    paths = [variable.path for variable in model.variables]
    assert paths == ["net/drop/seed_generator_state", "net/drop/rate"]


def test_a_model_that_lists_its_variables_numbers_each_layer_once(monkeypatch):
    """Else the time that this takes grows with the square of their number."""
    inner = keras.Sequential([keras.Input((4, 4, 1))])
    for _ in range(3):
        inner.add(DropBlock2D(0.1, 3))
    model = keras.Sequential([inner, *(SpatialDropout2D(0.1) for _ in range(2))])
    layers = [*inner.layers, *model.layers[1:]]
    placed = []
    for kind in (DropBlock2D, SpatialDropout2D):
        monkeypatch.setattr(kind, "_place", lambda self, *_: placed.append(self))
    assert len(model.variables) == 2 * len(layers)
    assert placed == layers


def test_what_is_restored_shows():
    layer, other = DropBlock2D(0.1, 3), DropBlock2D(0.3, 3)
    for variable, source in zip(layer.variables, other.variables, strict=True):
        variable.assign(source.value)
    assert layer.rate == 0.3
    assert layer.get_config()["rate"] == 0.3


def test_saved_files_name_public_modules_alone(tmp_path):
    model = new_model()
    description = json.loads(model.to_json())
    modules = {layer["module"] for layer in description["config"]["layers"]}
    assert modules == {"keras.layers", "layerbridge"}
    assert {
        s["rate"]["module"] for s in settings(model) if type(s["rate"]) is dict
    } == {"layerbridge"}


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("kind", ["keras", "h5", "weights.h5"])
def test_files_of_each_version_load(version, kind):
    holds = json.loads((FOLDER / version / "holds.json").read_text("utf-8"))
    file = FOLDER / version / f"model.{kind}"
    if kind == "weights.h5":
        description = (FOLDER / version / "model.json").read_text("utf-8")
        model = keras.models.model_from_json(description)
        model.load_weights(file)
    else:
        model = keras.models.load_model(file)
    np.testing.assert_allclose(
        model.predict(X, verbose=0)[:, 0], holds["predictions"], rtol=1e-5, atol=1e-6
    )
    assert as_told(settings(model)) == as_told(holds["settings"])
    if kind == "keras":
        assert seeds(model) == holds["seeds"]
    if kind != "h5":
        np.testing.assert_allclose(rates(model), holds["rates"], rtol=1e-6)


if BACKEND == "tensorflow":

    def test_exported_models_predict_the_same(trained, tmp_path):
        import tensorflow as tf

        expected = trained.predict(X, verbose=0)
        trained.export(tmp_path / "saved_model")
        loaded = tf.saved_model.load(str(tmp_path / "saved_model"))
        np.testing.assert_array_equal(loaded.serve(X), expected)
        lite = run_lite(to_lite(tmp_path / "saved_model"))
        np.testing.assert_allclose(lite, expected, rtol=1e-4, atol=1e-6)

    @pytest.mark.parametrize("version", VERSIONS)
    def test_exported_models_of_each_version_predict(version):
        import tensorflow as tf

        holds = json.loads((FOLDER / version / "holds.json").read_text("utf-8"))
        loaded = tf.saved_model.load(str(FOLDER / version / "saved_model"))
        lite = run_lite((FOLDER / version / "model.tflite").read_bytes())
        for predictions in loaded.serve(X), lite:
            np.testing.assert_allclose(
                predictions[:, 0], holds["predictions"], rtol=1e-4, atol=1e-6
            )

    def test_an_exported_model_that_drops_goes_on_dropping(tmp_path):
        import tensorflow as tf

        inputs = keras.Input((8, 8, 3))
        layer = DropBlock2D(0.5, 3)
        model = keras.Model(inputs, layer(inputs, training=True))
        model.export(tmp_path / "saved_model")
        loaded = tf.saved_model.load(str(tmp_path / "saved_model"))
        first, second = (np.asarray(loaded.serve(X)) == 0 for _ in range(2))
        assert 0.3 < first.mean() < 0.7
        assert (first != second).any()

    FRESH = """
import pickle, sys
sys.modules["matplotlib"] = None  # it need not be there
import keras, numpy as np
import layerbridge

folder, x = sys.argv[1], np.load(sys.argv[1] + "/x.npy")
models = [keras.models.load_model(f"{folder}/model.{kind}") for kind in ("keras", "h5")]
with open(f"{folder}/model.pickle", "rb") as file:
    models.append(pickle.load(file))
np.save(f"{folder}/y.npy", [model.predict(x, verbose=0) for model in models])
"""

    @pytest.mark.release
    def test_a_fresh_process_needs_layerbridge_imported_and_nothing_else(
        trained, tmp_path
    ):
        trained.save(tmp_path / "model.keras")
        copy.deepcopy(trained).save(tmp_path / "model.h5")
        (tmp_path / "model.pickle").write_bytes(pickle.dumps(trained))
        np.save(tmp_path / "x.npy", X)
        subprocess.run([sys.executable, "-c", FRESH, tmp_path], check=True)
        expected = trained.predict(X, verbose=0)
        for predictions in np.load(tmp_path / "y.npy"):
            np.testing.assert_array_equal(predictions, expected)
