"""What a layer adds to a step of Keras's own training loop."""

from functools import partial
from typing import Any

import keras
import numpy as np

from cases import BLOCKS, RATE
from layerbridge import DropBlock2D
from steps import BACKEND
from timing import compare

_BATCH, _SIZE, _FILTERS = 16, 112, 32


class ReadyMask(keras.layers.Layer):
    """Multiplies by a mask that is there already."""

    def build(self, shape: tuple[int | None, ...]) -> None:
        """Make the mask."""
        self.mask = self.add_weight(
            shape=(_BATCH, *shape[1:]), initializer="ones", trainable=False
        )

    def call(self, x: Any) -> Any:
        """Multiply."""
        return x * self.mask


class Drawn(ReadyMask):
    """Draws a number for each unit by XLA's fastest way, and multiplies."""

    def __init__(self) -> None:
        super().__init__()
        self.seed_generator = keras.random.SeedGenerator()

    def call(self, x: Any) -> Any:
        """Draw and multiply."""
        import tensorflow as tf

        seed = keras.ops.cast(self.seed_generator.next(), "int32")
        drawn = tf.random.stateless_uniform(self.mask.shape, seed, alg="threefry")
        return x * keras.ops.cast(drawn > RATE, x.dtype)


def _model(make_layer: Any, width: int, jit_compile: bool | str) -> keras.Model:
    """Make a model of two convolutions with a layer after each, and a small head."""
    model = keras.Sequential([keras.Input((_SIZE, width, 3))])
    for strides in (2, 1):
        model.add(
            keras.layers.Conv2D(_FILTERS, 3, strides, padding="same", activation="relu")
        )
        if make_layer is not None:
            model.add(make_layer())
    model.add(keras.layers.GlobalAveragePooling2D())
    model.add(keras.layers.Dense(10, "softmax"))
    model.compile("sgd", "sparse_categorical_crossentropy", jit_compile=jit_compile)
    return model


def measure(jit_compile: str = "auto") -> list[dict[str, Any]]:
    """Time models side by side, and take the time of the one without from the others.

    Args:
        jit_compile: `"auto"` for Keras's default, `"jit_compile"` for XLA, with images
            half as wide.
    """
    xla = jit_compile == "jit_compile"
    width = _SIZE // 2 if xla else _SIZE
    x = np.random.default_rng(0).random((_BATCH, _SIZE, width, 3), "float32")
    y = np.arange(_BATCH) % 10
    kinds: dict[str, Any] = {
        "a step without": None,
        "Keras Dropout": lambda: keras.layers.Dropout(RATE),
        **{f"block {k}": partial(DropBlock2D, RATE, k) for k in BLOCKS},
        **{
            f"block {k}, shared": partial(DropBlock2D, RATE, k, per_channel=False)
            for k in BLOCKS
        },
    }
    limits: dict[str, Any] = {"a precomputed mask": ReadyMask}
    if xla:
        limits["a number a unit"] = Drawn
    kinds |= limits
    models = {n: _model(make, width, xla or "auto") for n, make in kinds.items()}
    steps = {n: partial(model.train_on_batch, x, y) for n, model in models.items()}
    times = compare(steps, seconds=30)
    bare = times["a step without"]

    def added(name: str) -> list[float]:
        return [t - b for t, b in zip(times[name], bare, strict=True)]

    return [
        {
            "topic": f"Time added to a training step, {BACKEND}"
            + (" jit_compile" if xla else ""),
            "unit": "ms",
            "case": f"block {k}",
            "values": {
                "layerbridge": added(f"block {k}"),
                "Keras Dropout": added("Keras Dropout"),
                "one mask for all channels": added(f"block {k}, shared"),
                **{limit: added(limit) for limit in limits},
                "a step without dropout": bare,
            },
            "limits": list(limits),
        }
        for k in BLOCKS
    ]
