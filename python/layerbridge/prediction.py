"""Samples of a model's predictions, for which its layers keep dropping."""

import inspect
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import keras
import numpy as np
from keras import ops

from layerbridge.checks import (
    check_batch_size,
    check_flag,
    check_integer,
    checked_call,
)
from layerbridge.layers.base import StructuredDropout
from layerbridge.masks import backends
from layerbridge.shown import shown

# `Dropout` is the base of Keras's spatial dropout.
_DROPPING = (
    StructuredDropout,
    keras.layers.AlphaDropout,
    keras.layers.Dropout,
    keras.layers.GaussianDropout,
)


@checked_call()
def predict_samples(
    model: keras.Model,
    x: Any,
    samples: int = 30,
    batch_size: int | None = None,
    hold_masks: bool = False,
) -> Any:
    """Predict several times with layers that drop, as Monte Carlo dropout does.

    The layers of layerbridge drop as in training, and so do Keras's layers for
    dropout, spatial dropout, Gaussian dropout and alpha dropout, in nested models too.
    Everything else works as in `predict()`: batch normalisation uses the statistics
    that it has learned and does not change them, and a layer whose rate follows a
    schedule stays at its current rate. Dropout inside recurrent layers, their argument
    `dropout`, stays off.

    The model does not change, and training afterwards continues as without this call.
    Keras's `set_random_seed()` makes the samples reproducible.

    Args:
        model: A Keras model with layers that drop.
        x: What `predict()` takes, if it can be read several times: arrays or a dataset,
            not a generator.
        samples: Integer, how many predictions to make.
        batch_size: Integer, the number of samples in a batch, or `None` for 32. Not for
            datasets, which come in batches.
        hold_masks: Boolean. If `True`, each prediction is that of one network: the same
            units drop for all of `x`, from batch to batch. If `False`, units drop anew
            for every sample of `x`.

    Returns:
        What `predict()` returns, with a new first axis of length `samples`: an array,
        or a list or a dictionary of arrays.

    Raises:
        ValueError: If an argument is invalid, or the model has no layers that drop.

    Reference:

    - [Gal and Ghahramani, 2016](https://arxiv.org/abs/1506.02142)

    Example:
    >>> import keras
    >>> import numpy as np
    >>> from layerbridge import DropBlock2D, predict_samples
    >>> model = keras.Sequential([
    ...     keras.Input((8, 8, 3)),
    ...     DropBlock2D(0.1, block_size=3),
    ...     keras.layers.GlobalAveragePooling2D(),
    ... ])
    >>> predictions = predict_samples(model, np.ones((5, 8, 8, 3)), samples=20)
    >>> predictions.shape
    (20, 5, 3)
    """
    if not isinstance(model, keras.Model):
        raise ValueError(f"`model` must be a Keras model; received {shown(model)}")
    if inspect.isgenerator(x):
        raise ValueError(
            "`x` must be data that can be read several times, such as an array or a "
            "dataset; received a generator"
        )
    samples = check_integer("samples", samples)
    batch_size = check_batch_size("batch_size", batch_size)
    hold_masks = check_flag("hold_masks", hold_masks)
    with _dropping(model, hold_masks) as renew_masks:
        passes = []
        for _ in range(samples):
            renew_masks()
            passes.append(model.predict(x, batch_size=batch_size, verbose=0))
    return keras.tree.map_structure(lambda *each: np.stack(each), *passes)


@contextmanager
def _dropping(model: keras.Model, hold_masks: bool) -> Iterator[Callable[[], None]]:
    """Let the layers of a model that drop do so whenever they are called.

    Yields:
        A function that gives them new seeds.
    """
    layers = [x for x in model._flatten_layers() if isinstance(x, _DROPPING)]
    if not layers:
        raise ValueError(
            "`model` must have layers that drop, such as DropBlock2D or Keras's "
            f"Dropout; received {shown(model)}, which has none"
        )
    seeds = [s for layer in layers if (s := getattr(layer, "seed_generator", None))]

    def renew_masks() -> None:
        for seed in seeds:
            seed.state.assign(keras.random.SeedGenerator().state)

    with ExitStack() as stack:
        stack.enter_context(_values_kept(model))
        stack.enter_context(_as_it_was(model, "predict_function"))
        model.predict_function = None  # compiled without dropping
        for layer in layers:
            stack.enter_context(_state_as_it_was(layer))
            stack.enter_context(_call_replaced(layer, hold_masks))
        yield renew_masks


@contextmanager
def _values_kept(model: keras.Model) -> Iterator[None]:
    """Return the values that `predict()` takes from variables on JAX where it fails."""
    values = [(variable, variable.value) for variable in model.variables]
    try:
        yield
    finally:
        for variable, value in values:
            if backends.is_held(variable):
                variable.assign(value)


@contextmanager
def _as_it_was(thing: Any, attribute: str) -> Iterator[None]:
    before = getattr(thing, attribute)
    try:
        yield
    finally:
        setattr(thing, attribute, before)


@contextmanager
def _state_as_it_was(layer: keras.layers.Layer) -> Iterator[None]:
    """Hold a layer's rate, and return its state in the end."""
    state = [(v, ops.convert_to_numpy(v.value)) for v in layer.variables]
    rate = layer.rate
    if isinstance(layer, StructuredDropout):
        layer.rate = layer.current_rate
    try:
        yield
    finally:
        if isinstance(layer, StructuredDropout):
            layer.rate = rate
        for variable, value in state:
            variable.assign(value)


@contextmanager
def _call_replaced(layer: keras.layers.Layer, hold_masks: bool) -> Iterator[None]:
    """Let a layer drop, whatever it is told of training."""
    original = layer.call

    def call(inputs: Any, training: bool | None = None) -> Any:
        return original(inputs, training=True)

    def call_with_one_mask(inputs: Any, training: bool | None = None) -> Any:
        with _one_mask(layer, inputs.shape):
            if isinstance(layer, keras.layers.AlphaDropout):  # adds to what is kept
                return original(inputs, training=True)
            return inputs * original(ops.ones_like(inputs[:1]), training=True)

    layer.call = call_with_one_mask if hold_masks else call
    try:
        yield
    finally:
        del layer.call


@contextmanager
def _one_mask(layer: keras.layers.Layer, shape: Any) -> Iterator[None]:
    """Let a layer draw the mask of one sample, and the same at its next call."""
    seed = getattr(layer, "seed_generator", None)
    state = None if seed is None else seed.state + 0
    if not hasattr(layer, "noise_shape"):
        yield
    else:
        with _as_it_was(layer, "noise_shape"):
            layer.noise_shape = (1, *(layer.noise_shape or shape)[1:])
            yield
    if seed is not None:
        seed.state.assign(state)
