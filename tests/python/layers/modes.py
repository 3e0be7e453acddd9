"""Ways to run a layer's training step on each backend.

On TensorFlow: eagerly; in a graph; in a graph that knows no length of any axis; and
that compiled by XLA. Known lengths under XLA are what `fit(jit_compile=True)` has.
"""

import keras
import numpy as np
import pytest

BACKEND = keras.backend.backend()


def release_on(*backends):
    """Mark a test for a release on backends where `make test` tries it elsewhere."""
    return pytest.mark.release if BACKEND in backends else pytest.mark.backends


def _tensorflow(layer, mode, axes):
    import tensorflow as tf

    def step(x, upstream):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = layer(x, training=True)
        return y, tape.gradient(y, x, upstream)

    if mode == "eager":
        return step
    if mode == "graph":
        return tf.function(step)
    spec = tf.TensorSpec([None] * axes, layer.compute_dtype)
    return tf.function(step, [spec, spec], jit_compile=mode == "jit")


def _jax(layer, mode, axes):
    import jax

    def pure(state, x, upstream):
        def forward(x):
            return layer.stateless_call([], state, x, training=True)

        y, pull_back, state = jax.vjp(forward, x, has_aux=True)
        return (y, *pull_back(upstream)), state

    pure = jax.jit(pure)

    def step(x, upstream):
        variables = layer.non_trainable_variables
        result, state = pure([v.value for v in variables], x, upstream)
        for variable, value in zip(variables, state, strict=True):
            variable.assign(value)
        return result

    return step


def _torch(layer, mode, axes):
    def step(x, upstream):
        x = x.detach().requires_grad_()
        y = layer(x, training=True)
        y.backward(upstream)
        return y, x.grad

    return step


_BACKENDS = {
    "tensorflow": (_tensorflow, ["eager", "graph", "unknown", "jit"]),
    "jax": (_jax, ["jit"]),
    "torch": (_torch, ["eager"]),
}
if BACKEND not in _BACKENDS:
    raise NotImplementedError(f"_BACKENDS needs a row for {BACKEND!r}: a training step")
_make_step, MODES = _BACKENDS[BACKEND]

# JAX has no float64 unless the process asks for it.
DTYPES = ["float16", "bfloat16", "float32", "float64"][: 3 if BACKEND == "jax" else 4]

# How many arguments cross in `make test`: on JAX each shape is compiled anew.
CROSSED = 1 if BACKEND == "jax" else 2

# Only on TensorFlow does the sampler depend on the number of channels.
CHANNELS = [2, 9] if BACKEND == "tensorflow" else [3]


def train(layer, x):
    """Call a layer eagerly on an array, as in training."""
    return keras.ops.convert_to_numpy(layer(x, training=True))


def training_step(layer, mode, axes):
    """Make a function of an array with so many axes and its output's gradient.

    It calls the layer with `training=True` in the given mode, and returns the output
    and the input's gradient as NumPy arrays of the layer's dtype.
    """
    step = _make_step(layer, mode, axes)

    def run(x, upstream=None):
        upstream = np.ones_like(x) if upstream is None else upstream
        arrays = [
            keras.ops.convert_to_tensor(a, layer.compute_dtype) for a in (x, upstream)
        ]
        return tuple(keras.ops.convert_to_numpy(a) for a in step(*arrays))

    return run
