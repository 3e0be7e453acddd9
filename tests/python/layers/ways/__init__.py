"""Ways to use a dropout layer: one function each, run with our layers and with Keras's.

A way takes probes, each of which makes one kind of layer and knows what to call it on,
and fails by an exception. To pass, a layer must not only run: it drops as told, its
masks differ where they should and agree where they should, and its state goes on.

`test_ways.py` runs every way; `ways.tsv` in tests/fixtures has the outcomes.
"""

import dataclasses
import functools
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
from modes import BACKEND

import layerbridge
from cases import CASES

RATE = 0.5
BATCH = 16
MAP = (4, 4)
CHANNELS = 8


@dataclasses.dataclass(frozen=True)
class Probe:
    """A kind of layer, and what to call it on."""

    name: str
    layer: Callable[..., keras.layers.Layer]
    shape = (*MAP, CHANNELS)

    @property
    def is_ours(self):
        return self.name not in JUDGES

    def make(self, rate=RATE, **arguments):
        return self.layer(rate, **arguments)

    def x(self, batch=BATCH, dtype="float32"):
        """Give numbers none of which is 0."""
        numbers = np.random.default_rng(7).uniform(0.5, 2, (batch, *self.shape))
        return numbers.astype(dtype)

    def tensor(self, **arguments):
        return keras.ops.convert_to_tensor(self.x(**arguments))


def _ours():
    """Give a probe of each family; what differs by rank, other tests try."""
    for name in {case.name for case in CASES}:
        if name[-2:] not in ("1D", "3D"):
            block = {"block_size": 2} if name.startswith("DropBlock") else {}
            layer = functools.partial(getattr(layerbridge, name), **block)
            yield Probe(name, layer)


JUDGES = ("keras.Dropout", "keras.SpatialDropout2D")
GROUPS = {
    "layerbridge": sorted(_ours(), key=lambda probe: probe.name),
    "keras": [
        Probe(name, getattr(keras.layers, name.partition(".")[2])) for name in JUDGES
    ],
}


@dataclasses.dataclass(frozen=True)
class Way:
    """What is done with the layers of a group, and where it can be done."""

    name: str
    run: Callable[[list[Probe], Any], None]
    about: str
    on: tuple[str, ...]


WAYS: dict[str, Way] = {}


def way(*on, each=True):
    """Return a decorator that adds a function to the ways.

    Args:
        on: The backends that have the way; without any, all.
        each: Whether the function takes one probe, or all of a group at once.
    """

    def add(function):
        @functools.wraps(function)
        def run(probes, folder):
            for probe in probes:
                keras.utils.set_random_seed(1)
                function(probe, folder)

        name = function.__name__
        assert name not in WAYS, name
        about = function.__doc__.partition("\n")[0].rstrip(".")
        backends = on or ("tensorflow", "jax", "torch")
        WAYS[name] = Way(name, run if each else function, about, backends)
        return function

    return add


def array(tensor):
    """Return a tensor's numbers, as float32 where NumPy has no such type."""
    if "float16" in keras.backend.standardize_dtype(tensor.dtype):
        tensor = keras.ops.cast(tensor, "float32")
    return np.asarray(keras.ops.convert_to_numpy(tensor))


def check_dropped(y, x, rate=RATE):
    """Raise unless units are 0 or scaled alike, and about as many 0 as should be.

    Returns which are kept.
    """
    y, x = array(y), array(x)
    assert y.shape == x.shape, (y.shape, x.shape)
    kept = y != 0
    assert kept.any(), "nothing is kept"
    assert not kept.all(), "nothing is dropped"
    assert abs(kept.mean() - 1 + rate) < 0.4, kept.mean()
    scales = y[kept] / x[kept]
    np.testing.assert_allclose(scales, scales[0], rtol=2e-2)
    assert scales[0] > 0.99
    return kept


def check_gradient(gradient, y, x):
    """Raise unless a gradient of the output's sum belongs to the output's mask."""
    y, x, gradient = array(y), array(x), array(gradient)
    np.testing.assert_allclose(gradient, y / x, rtol=2e-2)


def check_differ(first, second):
    assert (array(first) != array(second)).any(), "two masks are the same"


def check_agree(first, second):
    np.testing.assert_array_equal(array(first) != 0, array(second) != 0)


def calls(layer):
    """Return how many calls the layer's seed has counted."""
    return int(array(layer.seed_generator.state)[1])


def check_calls(layer, number):
    """Raise unless our layer has counted so many calls; not all of Keras's do."""
    if isinstance(layer, layerbridge.StructuredDropout):
        assert calls(layer) == number, (layer.name, calls(layer))


def network(probes, **arguments):
    """Give a model with a branch for each probe, and the layers that drop.

    Its loss is what share of units is 0, and its one weight does not matter.
    """
    x = keras.Input((*MAP, CHANNELS))
    start = keras.layers.Rescaling(1.0)(x)
    layers, outputs = {}, {}
    for probe in probes:
        name = probe.name.replace(".", "_").lower()
        layer = layers[name] = probe.make(name=f"{name}_drop", **arguments)
        outputs[name] = OneWeight(name=name)(layer(start))
    return keras.Model(x, outputs), list(layers.values())


@keras.saving.register_keras_serializable("ways")
class OneWeight(keras.layers.Layer):
    """Gives `fit()` something to train."""

    def build(self, shape):
        self.weight = self.add_weight(shape=(), initializer="ones")

    def call(self, x):
        return x * keras.ops.cast(self.weight, x.dtype)


@keras.saving.register_keras_serializable("ways")
def zeros(_, y):
    """A loss that tells the share of zeros, and trains nothing."""
    share = keras.ops.mean(keras.ops.cast(keras.ops.equal(y, 0), "float32"))
    return share + 0.0 * keras.ops.mean(keras.ops.cast(y, "float32"))


SAMPLES = np.random.default_rng(0).uniform(0.5, 2, (2 * BATCH, *MAP, CHANNELS))
SAMPLES = SAMPLES.astype("float32")


def targets(model):
    return {name: np.zeros((len(SAMPLES), 1), "float32") for name in model.output_names}


def compiled(probes, layer_arguments=None, **arguments):
    model, layers = network(probes, **layer_arguments or {})
    model.compile(keras.optimizers.SGD(0.01), zeros, **arguments)
    return model, layers


def fit(model, epochs=2, **arguments):
    arguments = {"batch_size": BATCH, "verbose": 0, "shuffle": False, **arguments}
    return model.fit(SAMPLES, targets(model), epochs=epochs, **arguments).history


def check_history(history, layers, steps):
    """Raise unless each layer has dropped about as told in `fit()`, once a step."""
    names = [name for name in history if name.endswith("_loss") and "val" not in name]
    for name in names or ["loss"]:
        assert all(0.1 < share < 0.9 for share in history[name]), (name, history[name])
    for layer in layers:
        check_calls(layer, steps)


__all__ = [
    "BACKEND",
    "BATCH",
    "CHANNELS",
    "GROUPS",
    "MAP",
    "RATE",
    "SAMPLES",
    "WAYS",
    "OneWeight",
    "Probe",
    "array",
    "calls",
    "check_agree",
    "check_calls",
    "check_differ",
    "check_dropped",
    "check_gradient",
    "check_history",
    "compiled",
    "fit",
    "network",
    "targets",
    "way",
    "zeros",
]
