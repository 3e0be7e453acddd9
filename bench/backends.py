"""The first case in every mode of the backend, beside its own Dropout and its peers."""

from collections.abc import Callable
from functools import partial
from typing import Any

import keras
import numpy as np

import layerbridge
from cases import BLOCKS, RATE, SHAPES, label
from peers import peers
from timing import compare

BACKEND = keras.backend.backend()

Step = Callable[[], Any]


def _tensorflow(layer: Any, x: Any, mode: str) -> Step:
    import tensorflow as tf

    step = partial(layer, training=True)
    if mode != "eager":
        step = tf.function(step, jit_compile=mode == "jit_compile")
    return partial(step, x)


def _jax(layer: Any, x: Any, mode: str) -> Step:
    import jax

    layer.build(x.shape)
    step = partial(layer.stateless_call, training=True)
    step = jax.jit(step) if mode == "jit" else step
    state: list[Any] = [[v.value for v in layer.non_trainable_variables]]

    def run() -> Any:
        y, state[0] = step([], state[0], x)
        return y.block_until_ready()

    return run


def _torch(layer: Any, x: Any, mode: str) -> Step:
    import torch

    step = partial(layer, training=True)
    return partial(torch.compile(step) if mode == "compile" else step, x)


_MODES = {
    "tensorflow": (_tensorflow, ["graph", "eager", "jit_compile"]),
    "jax": (_jax, ["jit", "eager"]),
    "torch": (_torch, ["eager", "compile"]),
}


def _peers_steps(x: Any, block: int, mode: str) -> dict[str, Step | str]:
    """Make the peers' steps: all of them run eagerly."""
    if mode != "eager":
        return {}
    if BACKEND == "torch":
        x = x.permute(0, 3, 1, 2).contiguous()
    made = peers(RATE, block)
    return {n: f if isinstance(f, str) else partial(f, x) for n, f in made.items()}


def _attempt(step: Step) -> str | None:
    """Call a step, and tell what went wrong."""
    try:
        step()
    except Exception as error:
        return f"fails: {type(error).__name__}"
    return None


def measure() -> list[dict[str, Any]]:
    """Time each mode with each block."""
    make, modes = _MODES[BACKEND]
    numbers = np.random.default_rng(0).random(SHAPES[0], "float32")
    x = keras.ops.convert_to_tensor(numbers)
    records = []
    for mode in modes:
        for block in BLOCKS:
            steps: dict[str, Step | str] = {
                "layerbridge": make(layerbridge.DropBlock2D(RATE, block), x, mode),
                "Keras Dropout": make(keras.layers.Dropout(RATE), x, mode),
                **_peers_steps(x, block, mode),
            }
            problems = {
                name: step if isinstance(step, str) else _attempt(step)
                for name, step in steps.items()
            }
            running = {n: s for n, s in steps.items() if not problems[n]}
            times = compare(running)
            records.append(
                {
                    "topic": "Every backend",
                    "unit": "ms",
                    "case": f"{BACKEND} {mode}, {label(SHAPES[0], block)}",
                    "values": {n: times.get(n, problems[n]) for n in steps},
                }
            )
    return records
