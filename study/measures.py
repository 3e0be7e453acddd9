"""What is measured of a trained network, in percent where it is a share."""

from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

from tasks import Parts, Samples, hide

PASSES, PICTURES = 30, 400


def probabilities(model: Any, x: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return what the network says of samples."""
    return np.asarray(model.predict(x, batch_size=400, verbose=0))


def class_activations(model: Any, x: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return how much each place speaks for the class that the network chose."""
    features = keras.Model(model.input, model.get_layer("pooling").input)
    maps = probabilities(features, x)
    kernel = keras.ops.convert_to_numpy(model.layers[-1].kernel)
    chosen = probabilities(model, x).argmax(-1)
    return np.einsum("n...c,nc->n...", maps, kernel.T[chosen])


def evidence(activations: NDArray[np.float32]) -> float:
    """Return the share of places that reach half of the largest activation."""
    flat = activations.reshape(len(activations), -1)
    return float(100 * (flat > flat.max(1, keepdims=True) / 2).mean())


def passes(model: Any, x: NDArray[np.float32]) -> NDArray[np.float32]:
    """Predict several times while the layers drop; the normalization stays as it is."""
    model.trainable = False  # normalization then takes the statistics of training
    at_once = np.tile(x, (5, *(1,) * (x.ndim - 1)))  # one call costs more than a sample
    found = [model(at_once, training=True) for _ in range(PASSES // 5)]
    found = [keras.ops.convert_to_numpy(p) for p in found]
    return np.concatenate(found).reshape(PASSES, len(x), -1)


def uncertainty(
    model: Any, x: NDArray[np.float32], y: NDArray[np.int64], dropping: bool
) -> dict[str, float]:
    """Return how well signs of doubt tell wrong answers from right ones.

    They are areas under curves. One sign is what the chosen class's probability lacks
    of 1 in a `single` prediction. Where the network drops, there are two more, of
    `several` passes: the standard deviation of that probability, and the share of
    passes that choose another class. The accuracy of either comes along.
    """
    single = probabilities(model, x)
    wrong = single.argmax(-1) != y
    found = {
        "single": 100 * (1 - wrong.mean()),
        "area_confidence": roc_auc_score(wrong, 1 - single.max(-1)),
    }
    if dropping:
        several = passes(model, x)
        chosen = several.mean(0).argmax(-1)
        wrong = chosen != y
        spread = np.take_along_axis(several, chosen[None, :, None], -1).std(0)[:, 0]
        others = (several.argmax(-1) != chosen).mean(0)
        found["several"] = 100 * (1 - wrong.mean())
        found["area_spread"] = roc_auc_score(wrong, spread)
        found["area_disagreement"] = roc_auc_score(wrong, others)
    return found


def accuracies(model: Any, samples: dict[str, Samples]) -> dict[str, float]:
    """Return the share of right answers."""
    found = {}
    for name, (x, y, _) in samples.items():
        found[name] = float(100 * (probabilities(model, x).argmax(-1) == y).mean())
    return found


def measure(
    model: Any, parts: Parts, hidden: tuple[str, ...], seed: int, dropping: bool
) -> dict[str, float]:
    """Measure accuracy on whole and hidden samples, evidence, and uncertainty."""
    training, validation, test = parts
    samples = {"training": training, "whole": test, "validation": validation}
    samples |= {size: hide(test, size, seed) for size in hidden}
    samples["validation_half"] = hide(validation, "half", seed + 1)
    found = accuracies(model, samples)
    found["evidence"] = evidence(class_activations(model, test.x[:PICTURES]))
    x, y, _ = samples["half"]
    return found | uncertainty(model, x[:PICTURES], y[:PICTURES], dropping)
