"""A layer's forward and backward pass, in each mode of the backend."""

from collections.abc import Callable
from functools import partial
from typing import Any

import keras

BACKEND = keras.backend.backend()

Step = Callable[..., Any]


def _tensorflow(layer: Any, x: Any, mode: str) -> Step:
    import tensorflow as tf

    def step(x: Any, upstream: Any) -> Any:
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = layer(x, training=True)
        return y, tape.gradient(y, x, upstream)

    if mode != "eager":
        step = tf.function(step, jit_compile=mode == "jit_compile")
    return partial(step, x, tf.ones_like(x))


def _jax(layer: Any, x: Any, mode: str) -> Step:
    import jax

    layer.build(x.shape)
    upstream = jax.numpy.ones_like(x)

    def step(state: Any, x: Any, upstream: Any) -> Any:
        def forward(x: Any) -> Any:
            return layer.stateless_call([], state, x, training=True)

        y, pull_back, state = jax.vjp(forward, x, has_aux=True)
        return (y, pull_back(upstream)), state

    step = jax.jit(step) if mode == "jit" else step
    state = [[v.value for v in layer.non_trainable_variables]]

    def run() -> Any:
        result, state[0] = step(state[0], x, upstream)
        return jax.block_until_ready(result)

    return run


def _torch(layer: Any, x: Any, mode: str) -> Step:
    import torch

    forward: Step = partial(layer, training=True)
    forward = torch.compile(forward) if mode == "compile" else forward
    x, upstream = x.requires_grad_(), torch.ones_like(x)

    def run() -> Any:
        y = forward(x)
        return y, torch.autograd.grad(y, x, upstream)

    return run


_STEPS = {"tensorflow": _tensorflow, "jax": _jax, "torch": _torch}


def forward_and_backward(layer: Any, x: Any, mode: str) -> Step:
    """Make a function that calls a layer on a tensor in training, and its gradient.

    Args:
        layer: A Keras layer; except on JAX, any function of a tensor and `training`.
        x: A tensor of the backend.
        mode: `"eager"`; `"graph"` or `"jit_compile"` on TensorFlow, `"jit"` on JAX,
            `"compile"` on PyTorch.
    """
    return _STEPS[BACKEND](layer, x, mode)
