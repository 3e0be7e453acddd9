"""What XLA says of a training step of ResNet-50 on JAX, with DropBlock and without.

A mask that is ready shows what multiplying alone changes, before any is drawn.
"""

import re
from collections.abc import Callable
from typing import Any

import jax
import keras
import numpy as np

import layerbridge
from cases import RATE
from timing import compare

_BATCH, _SIZE = 4, 224


class _ReadyMask(keras.layers.Layer):
    """Drops by a mask that is there already."""

    def build(self, shape: tuple[int, ...]) -> None:
        self.kept = self.add_weight(
            (_BATCH, *shape[1:]), "ones", "bool", trainable=False
        )

    def call(self, x: Any, training: bool = False) -> Any:
        return jax.numpy.where(self.kept.value, x * 1.1, 0) if training else x


_IN_PLACE: dict[str, Callable[[Any], Any] | None] = {
    "no DropBlock": None,
    "layerbridge": lambda layer: layer,
    "a precomputed mask": lambda layer: _ReadyMask(name=layer.name),
    "Keras Dropout": lambda layer: keras.layers.Dropout(layer.rate, name=layer.name),
}


def _model(kind: str) -> keras.Model:
    model = keras.applications.ResNet50(
        weights=None, input_shape=(_SIZE, _SIZE, 3), classes=10
    )
    replaced = _IN_PLACE[kind]
    if replaced is None:
        return model
    model = layerbridge.add_dropblock(model, RATE)

    def clone(layer: Any) -> Any:
        again = type(layer).from_config(layer.get_config())
        return replaced(again) if isinstance(layer, layerbridge.DropBlock2D) else again

    return keras.models.clone_model(model, clone_function=clone)


def _compiled(kind: str) -> tuple[Any, Callable[[], Any]]:
    """Compile a step; return what XLA made, and a function that runs it."""
    model = _model(kind)
    loss = keras.losses.SparseCategoricalCrossentropy()

    def step(weights: Any, state: Any, x: Any, y: Any) -> Any:
        def forward(weights: Any) -> Any:
            out, after = model.stateless_call(weights, state, x, training=True)
            return loss(y, out), after

        return jax.value_and_grad(forward, has_aux=True)(weights)

    x = np.random.default_rng(0).random((_BATCH, _SIZE, _SIZE, 3), "float32")
    kept = (model.trainable_variables, model.non_trainable_variables)
    weights, state = ([v.value for v in variables] for variables in kept)
    arguments = (weights, state, x, np.arange(_BATCH))
    made = jax.jit(step).lower(*arguments).compile()
    return made, lambda: jax.block_until_ready(made(*arguments))


def measure() -> list[dict[str, Any]]:
    """Compile each kind of step, and run them side by side."""
    steps = {kind: _compiled(kind) for kind in _IN_PLACE}
    times = compare({kind: run for kind, (_, run) in steps.items()}, seconds=20)
    records = []
    for kind, (made, _) in steps.items():
        cost = made.cost_analysis()
        entry = made.as_text().partition("\nENTRY ")[2]
        over = zip(times[kind], times["no DropBlock"], strict=True)
        values = {
            "time, % of the step without": [100 * a / b for a, b in over],
            "gigaflops": [cost["flops"] / 1e9],
            "gigabytes read and written": [cost["bytes accessed"] / 1e9],
            "megabytes held at once": [made.memory_analysis().temp_size_in_bytes / 1e6],
            "fusions": [len(re.findall(r" fusion\(", entry))],
        }
        topic = "A training step of ResNet-50 as XLA counts it, JAX"
        records.append(
            {"topic": topic, "unit": "count", "case": kind, "values": values}
        )
    return records
