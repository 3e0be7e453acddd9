"""The base of all structured dropout layers."""

import json
import sys
from collections.abc import Iterable, Iterator, Sequence, Sized
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras.optimizers.schedules import LearningRateSchedule as Schedule

from layerbridge.checks import (
    CheckedCall,
    check_batch_size,
    check_known,
    check_seed,
    check_seed_state,
    check_step,
    checked,
)
from layerbridge.layers.arguments import KerasArguments, Unpack
from layerbridge.layers.rate import Rate
from layerbridge.masks import backends
from layerbridge.masks.drop import structured_dropout
from layerbridge.shown import settings_shown, shown

_SEED_STATE = "seed_state.json"


class StructuredDropout(CheckedCall, keras.layers.Layer):
    """Drops units of a tensor together.

    A subclass implements `channel_axis`, `block()` and `_check_axes()`. It may override
    `per_channel`, `normalize` and `exact_rate`.

    Args:
        rate: Float between 0 and 1, the expected fraction of units dropped; or a
            schedule.
        seed: Integer, or `None`.
        name: String, or `None` for an automatic name. Braces number the layers that
            share the pattern.
        batch_size: Integer, or `None` to accept batches of any size. A batch of another
            size raises an error.
        weights: `None` or empty, since the layer has no weights. Accepted because older
            code passes it.
        rate_step: Integer, the step at which the schedule of the rate resumes. Saved
            models, weights files and clones keep it. `set_weights()` does not, nor does
            an `.h5` file of weights alone: after these, pass it to the new layer.
        **kwargs: Arguments of every Keras layer.
    """

    batch_size = checked("batch_size", check_batch_size)
    per_channel: Any = property(lambda _: True)
    normalize: Any = property(lambda _: "expected")
    exact_rate: Any = property(lambda _: True)

    def __init__(
        self,
        rate: float | Schedule,
        seed: int | None = None,
        *,
        name: str | None = None,
        batch_size: int | None = None,
        weights: Sequence[Any] | None = None,
        rate_step: int = 0,
        **kwargs: Unpack[KerasArguments],
    ):
        try:
            # Pyright does not look for it in Keras.
            super().__init__(name=_numbered(name), **kwargs)  # pyright: ignore[reportCallIssue]
        except ValueError as error:
            check_known(type(self), kwargs, str(error))
            raise
        if weights is not None and (not isinstance(weights, Sized) or len(weights)):
            raise ValueError(
                f"{type(self).__name__} has no weights, so `weights` must be None or "
                f"empty; received {shown(weights)}"
            )
        if isinstance(rate, dict) and "class_name" in rate:
            rate = keras.optimizers.schedules.deserialize(rate)
        self._seed = check_seed("seed", seed)
        self.seed_generator = keras.random.SeedGenerator(self._seed)
        self._rate = Rate(rate, self.seed_generator.state)
        self._rate.start(check_step("rate_step", rate_step))
        self._place(self._rate.number.path.removesuffix("rate").rstrip("/"))
        self.batch_size = batch_size
        self._track_variables()
        self.supports_masking = True
        self.built = type(self).build is keras.layers.Layer.build

    @property
    def rate(self) -> float | Schedule:
        """The expected fraction of units dropped, or its schedule.

        Setting a number takes effect at the next step, even in a compiled model. A loop
        of JAX's own that carries the model's state, as `stateless_call()` asks for,
        must put the number into that state, at the variable whose path ends in `/rate`;
        or let a schedule move the rate.
        """
        return self._rate.source

    @rate.setter
    def rate(self, rate: float | Schedule) -> None:
        self._rate.set(rate)

    @property
    def seed(self) -> int | None:
        """The seed that the layer was made with."""
        return self._seed

    @property
    def current_rate(self) -> float:
        """The expected fraction of units that the next training step drops."""
        return float(self._rate.current(self._read))

    @property
    def variables(self) -> list[keras.Variable]:
        """The layer's state: the seed's and the rate's, which are not weights."""
        listed = _dropouts(_listed_with(self), set())
        if next(listed, None) is self:  # once, when Keras lists the first of them
            _number_paths([self, *listed])
        return [*super().variables, self._rate.number]

    def save_own_variables(self, store: Any) -> None:
        """Save the step that the rate's schedule has reached."""
        self._rate.save(store)

    def load_own_variables(self, store: Any) -> None:
        """Load what `save_own_variables` saved, if anything."""
        self._rate.load(store)

    def save_assets(self, folder: str) -> None:
        """Save the seed's state, which `.keras` files hold and weights files do not.

        Stored among the weights, it would keep Keras's own `SpatialDropout2D` from
        loading the file.
        """
        state = keras.ops.convert_to_numpy(self.seed_generator.state)
        Path(folder, _SEED_STATE).write_text(json.dumps(state.tolist()), "utf-8")

    def load_assets(self, folder: str | None) -> None:
        """Load what `save_assets` saved, if anything."""
        if folder is None or not Path(folder, _SEED_STATE).exists():
            return
        saved = json.loads(Path(folder, _SEED_STATE).read_text("utf-8"))
        state = check_seed_state(_SEED_STATE, saved)
        if self._rate.step and self._rate.schedule is not None:
            state[1] = self._rate.step  # what the file's weights said
        self.seed_generator.state.assign(np.array(state))

    @property
    def _axes(self) -> int | None:
        """How many axes the inputs must have, or `None` if that is not fixed."""
        return None

    @property
    def channel_axis(self) -> int:
        """The axis of the channels, counted from 0."""
        raise NotImplementedError

    def block(self) -> Sequence[int] | None:
        """Return the block's length by spatial axis, or `None` for the whole map."""
        raise NotImplementedError

    def call(self, inputs: Any, training: bool = False) -> Any:
        """Drop blocks when training; otherwise return the inputs themselves."""
        return backends.with_rank(
            inputs, self._axes, partial(self._call, training=training)
        )

    def _call(self, inputs: Any, training: bool) -> Any:
        self._enter(inputs)
        if not training or self._leaves_integers(inputs):
            return inputs
        rate, seed = backends.once(self, self._advance)
        if self._rate.is_checked and backends.is_deferred(rate):
            # Where no error can be raised, a rate of NaN must show.
            inputs = inputs + keras.ops.cast(rate - rate, inputs.dtype)
        return structured_dropout(
            inputs,
            rate,
            self.block(),
            channel_axis=self.channel_axis,
            per_channel=self.per_channel,
            normalize=self.normalize,
            exact_rate=self.exact_rate,
            seed=seed,
        )

    def _advance(self) -> tuple[Any, Any]:
        """Return the rate and the seed of this training call, and count the call."""
        rate = self._rate.current(self._read)
        return rate, backends.next_seed(self)

    def _read(self, variable: keras.Variable) -> Any:
        return backends.read(self, variable)

    def rematerialized_call(self, layer_call: Any, *args: Any, **kwargs: Any) -> Any:
        """Return the call as it is: there is nothing to compute again.

        For the gradient a layer keeps the mask alone; a second call would draw another.
        """
        return layer_call

    def _track_variables(self) -> None:
        # Keras has this on PyTorch, where it calls it when a layer is built.
        backends.track(self, [self.seed_generator.state, self._rate.number])

    def _place(self, scope: str, number: int = 0) -> None:
        """Give the state paths with the layer's name, as Keras's weights have."""
        self._scope = scope
        for variable in (self.seed_generator.state, self._rate.number):
            attribute = "_path" if hasattr(variable, "_path") else "path"  # Keras 3.5's
            setattr(variable, attribute, f"{self._state_path(number)}/{variable.name}")

    def _state_path(self, number: int) -> str:
        """Return where the state is, apart from that of other layers of the name."""
        name = f"{self.name}_{number}" if number else self.name
        return f"{self._scope}/{name}" if self._scope else name

    def _enter(self, inputs: Any) -> None:
        """Check a call's inputs; the first call shows where Keras has put the layer."""
        if (self._parent_path or "") != self._scope:
            self._place(self._parent_path or "")
        self._check(inputs)

    def compute_output_spec(self, inputs: Any, training: bool = False) -> Any:
        """Return the output's shape and dtype, which are those of the inputs."""
        self._enter(inputs)
        return keras.KerasTensor(inputs.shape, dtype=inputs.dtype)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Return the output's shape, which is that of the inputs."""
        return input_shape

    def __repr__(self) -> str:
        """Return the class with the name, the rate, the block and what is unusual."""
        usual = self._usual
        unusual = {k: getattr(self, k) for k in usual if getattr(self, k) != usual[k]}
        settings = {"name": self.name, "rate": self.rate, **self._settings()}
        return settings_shown(self, {**settings, **unusual})

    @property
    def _usual(self) -> dict[str, Any]:
        """What is not shown where it is as usual."""
        return {"seed": None, "batch_size": None}

    def _settings(self) -> dict[str, Any]:
        """Return what is always shown besides the name and the rate."""
        return {}

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that recreate the layer."""
        arguments = {**super().get_config(), "rate": self.rate, "seed": self.seed}
        if self.batch_size is not None:
            arguments["batch_size"] = self.batch_size
        if isinstance(self.rate, Schedule):
            arguments["rate"] = keras.optimizers.schedules.serialize(self.rate)
            if self._rate.step:
                arguments["rate_step"] = self._rate.step
        return arguments

    def _check(self, inputs: Any) -> None:
        layer = type(self).__name__
        if not hasattr(inputs, "shape"):
            raise ValueError(
                f"{layer} must be called on one tensor; received a "
                f"{type(inputs).__name__}"
            )
        shape = tuple(inputs.shape)
        self._check_axes(shape)
        if self.batch_size is not None and shape[0] not in (None, self.batch_size):
            raise ValueError(
                f"{layer} takes batches of `batch_size` {self.batch_size}; received a "
                f"tensor of shape {shape}. Omit `batch_size` to accept any size."
            )

    def _leaves_integers(self, inputs: Any) -> bool:
        """Tell whether nothing is to drop of integers; raise if something is."""
        dtype = keras.backend.standardize_dtype(inputs.dtype)
        if "float" in dtype:
            return False
        if self.rate == 0:
            return True
        raise ValueError(
            f"{type(self).__name__} must be called on floating-point numbers in "
            f"training; received {dtype}. "
            "Convert them first: `keras.ops.cast(x, 'float32')`."
        )

    def _check_axes(self, shape: tuple[int | None, ...]) -> None:
        """Raise unless the layer takes tensors of so many axes."""
        raise NotImplementedError


def _listed_with(layer: keras.layers.Layer) -> keras.layers.Layer:
    """Return the outermost model whose variables are being listed, or the layer.

    A layer does not know the models that it is in: Keras's frames on the stack tell.
    """
    listing: Any = keras.layers.Layer.variables.fget
    outermost = layer
    frame: Any = sys._getframe()
    while frame is not None:
        if frame.f_code is listing.__code__:
            outermost = frame.f_locals["self"]
        frame = frame.f_back
    return outermost


def _dropouts(layer: keras.layers.Layer, seen: set[int]) -> Iterator[StructuredDropout]:
    """Yield the layers of this kind in a layer as Keras lists their variables."""
    if id(layer) in seen:
        return
    seen.add(id(layer))
    if isinstance(layer, StructuredDropout):
        yield layer
    for inner in layer._layers:
        yield from _dropouts(inner, seen)


def _number_paths(layers: Iterable[StructuredDropout]) -> None:
    """Tell the layers of a model that share a path apart, in the model's order.

    A model built again has the same numbers, whatever else there is.
    """
    taken = set()
    for layer in layers:
        number = next(n for n in count() if layer._state_path(n) not in taken)
        taken.add(layer._state_path(number))
        layer._place(layer._scope, number)


def _numbered(name: str | None) -> str | None:
    """Replace braces in a name by its number among the names of the same pattern."""
    if not isinstance(name, str) or not any(brace in name for brace in "{}"):
        return name
    try:
        return name.format(keras.backend.get_uid(name))
    except (IndexError, KeyError, ValueError) as error:
        raise ValueError(
            "`name` may contain braces for the layer's number, with an integer format "
            f"spec, as in 'drop{{}}' or 'drop{{:03d}}'; received {name!r}"
        ) from error
