"""A model's graph: its calls in order, its maps, and how finely they resolve the input.

Nested models are read as if their layers were in the outer model.
"""

import dataclasses
import math
from collections import defaultdict
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import keras
from keras import layers as kl

from layerbridge.layers.dropblock import DropBlock

_CONVOLUTIONS = (
    *(kl.Conv1D, kl.Conv2D, kl.Conv3D),
    *(kl.Conv1DTranspose, kl.Conv2DTranspose, kl.Conv3DTranspose),
    *(kl.DepthwiseConv1D, kl.DepthwiseConv2D),
    *(kl.SeparableConv1D, kl.SeparableConv2D),
)
_TRANSPOSED = (kl.Conv1DTranspose, kl.Conv2DTranspose, kl.Conv3DTranspose)
_UPSAMPLING = (kl.UpSampling1D, kl.UpSampling2D, kl.UpSampling3D)
_CROPPING = (kl.Cropping1D, kl.Cropping2D, kl.Cropping3D)
_MARGINS = (*_CROPPING, kl.ZeroPadding1D, kl.ZeroPadding2D, kl.ZeroPadding3D)
_NORMALIZATIONS = (
    kl.BatchNormalization,
    kl.GroupNormalization,
    kl.LayerNormalization,
)
# `keras.layers.Add`, `keras.ops.add` and `+`; what InceptionResNetV2 adds with.
_ADDITIONS = ("Add", "CustomScaleLayer")
# What only lays out, resizes or joins what a convolution predicts.
_READOUTS = (
    *(kl.Reshape, kl.Permute, kl.Concatenate, kl.Identity),
    *(kl.Resizing, *_UPSAMPLING, *_CROPPING),
)
_PREDICTIONS = ("linear", "sigmoid", "softmax")
_ACTIVATIONS = (kl.Activation, kl.ReLU, kl.LeakyReLU, kl.PReLU, kl.ELU)


@dataclasses.dataclass(frozen=True)
class Map:
    """The map of a tensor: its data format, its lengths, and its strides.

    The strides are how many cells of the model's input a cell stands for, by axis.
    """

    data_format: str
    lengths: tuple[int | None, ...]
    strides: tuple[Fraction, ...]

    @property
    def stride(self) -> Fraction:
        """How many cells of the model's input a cell stands for."""
        return math.prod(self.strides, start=Fraction(1))

    @property
    def is_one_cell(self) -> bool:
        """Whether the whole map is one cell."""
        return all(n == 1 for n in self.lengths)

    def __str__(self) -> str:
        """Return the lengths, such as `14x14`; those not known as parts of the input's.

        The input's height by 16 is `1/16`.
        """
        sizes = zip(self.lengths, self.strides, strict=True)
        return "x".join(
            f"{step.denominator}/{step.numerator}" if n is None else str(n)
            for n, step in sizes
        )


@dataclasses.dataclass(frozen=True)
class Convolution:
    """A call of a convolution, and of the normalisation that alone comes next."""

    call: Any
    normalization: Any
    map: Map
    is_prediction: bool
    is_followed: bool

    @property
    def end(self) -> Any:
        """The tensor that DropBlock follows."""
        return (self.normalization or self.call).outputs[0]

    @property
    def last(self) -> Any:
        """The layer that DropBlock follows."""
        return (self.normalization or self.call).operation

    @property
    def layers(self) -> list[Any]:
        """The convolution and its normalisation."""
        calls = (self.call, self.normalization)
        return [call.operation for call in calls if call is not None]


class Graph:
    """What `add_dropblock()` has to know of a built model.

    Attributes:
        calls: The calls of layers and operations, in the order in which Keras makes
            them: that of a nested model, then those inside it.
        convolutions: Those of convolutions.
    """

    def __init__(self, model: Any):
        self.calls: list[Any] = []
        self._inputs: dict[int, list[Any]] = {}
        self._ends: dict[int, Any] = {}
        self._sources: dict[int, Any] = {}
        self._maps: dict[int, Map | None] = {}
        self._consumers: dict[int, list[Any]] = defaultdict(list)
        self._entered: set[int] = set()
        model = functional(model)
        self._input_cells = next(
            filter(None, (_cells(_lengths(x.shape, None)) for x in model.inputs)), 1
        )
        for tensor in model.inputs:
            self._maps[id(tensor)] = _new_map(tensor.shape, None, 0)
        self._read(model, {})
        self.convolutions = [
            self._convolution(call)
            for call in self.calls
            if isinstance(call.operation, _CONVOLUTIONS)
        ]

    def made(self, tensor: Any) -> Any:
        """Return the tensor that a nested model returns as this."""
        return self._ends.get(id(tensor), tensor)

    def inputs(self, call: Any) -> list[Any]:
        """Return the tensors of layers, or the model's, that a call takes."""
        return self._inputs[id(call)]

    def map(self, tensor: Any) -> Map | None:
        """Return the map of a tensor, or `None` if it has no map."""
        return self._maps.get(id(tensor))

    def _read(self, model: Any, given: dict[int, Any]) -> None:
        """Read the calls of a model, whose inputs are given by the one around it.

        A nested model may be called on its own input or output, so that one tensor is
        another thing in each of the two.
        """
        for call in calls(model):
            inputs = [self._source(x, given) for x in call.input_tensors]
            self._inputs.setdefault(id(call), inputs)
            if is_graph(call.operation):
                self._read_nested(call, inputs)
            else:
                self._read_call(call, inputs)

    def _source(self, tensor: Any, given: dict[int, Any]) -> Any:
        """Return the tensor of a layer that a nested model takes or returns as this."""
        if id(tensor) in given:
            return given[id(tensor)]
        return self._sources.get(id(tensor), tensor)

    def _read_nested(self, call: Any, inputs: list[Any]) -> None:
        self.calls.append(call)
        nested = functional(call.operation)
        first = id(call.operation) not in self._entered
        given = dict(zip(map(id, nested.inputs), inputs, strict=True))
        if first:
            self._entered.add(id(call.operation))
            self._read(nested, given)
        else:
            for tensor in inputs:
                self._consumers[id(tensor)].append(call)
        for outer, inner in zip(call.outputs, nested.outputs, strict=True):
            self._ends[id(outer)] = self.made(inner)
            self._sources[id(outer)] = self._source(inner, given)

    def _read_call(self, call: Any, inputs: list[Any]) -> None:
        for tensor in inputs:
            self._consumers[id(tensor)].append(call)
        maps = [m for m in map(self.map, inputs) if m is not None]
        for tensor in call.outputs:
            self._maps[id(tensor)] = self._map_after(call.operation, maps, tensor.shape)
        self.calls.append(call)

    def _map_after(self, layer: Any, maps: list[Map], shape: Any) -> Map | None:
        data_format = getattr(layer, "data_format", None)
        data_format = data_format or next((m.data_format for m in maps), None)
        new = _new_map(shape, data_format, self._input_cells)
        same_rank = [m for m in maps if new and len(m.lengths) == len(new.lengths)]
        if new is None or not same_rank:
            return new
        # A map of one cell, such as a gate, is spread over the other.
        before = min(same_rank, key=lambda m: m.stride)
        steps = _steps(layer, before.lengths, new.lengths)
        strides = (a * b for a, b in zip(before.strides, steps, strict=True))
        return dataclasses.replace(new, strides=tuple(strides))

    def _convolution(self, call: Any) -> Convolution:
        (output,) = call.outputs
        consumers = self._consumers[id(output)]
        alone = consumers[0] if len(consumers) == 1 else None
        normalized = isinstance(getattr(alone, "operation", None), _NORMALIZATIONS)
        normalization = alone if normalized else None
        end = output if normalization is None else normalization.outputs[0]
        on_map: Any = self._maps[id(output)]
        prediction, followed = self._is_prediction(end), self._is_followed(end)
        return Convolution(call, normalization, on_map, prediction, followed)

    def _is_followed(self, tensor: Any) -> bool:
        """Whether DropBlock comes next, or after activations and normalisations."""
        return any(
            isinstance(call.operation, DropBlock)
            or (
                isinstance(call.operation, (*_ACTIVATIONS, *_NORMALIZATIONS))
                and self._is_followed(call.outputs[0])
            )
            for call in self._consumers[id(tensor)]
        )

    def _is_prediction(self, tensor: Any) -> bool:
        """Whether nothing but the model's output comes of a tensor."""
        return all(
            _is_readout(call.operation)
            and all(self._is_prediction(x) for x in call.outputs)
            for call in self._consumers[id(tensor)]
        )


def is_graph(model: Any) -> bool:
    """Return whether it is a built functional or Sequential model."""
    built = isinstance(model, keras.Model) and model.built
    return built and bool(getattr(model, "inputs", None))


def functional(model: Any) -> Any:
    """Return a model of the same graph that is not Sequential."""
    if isinstance(model, keras.Sequential):
        return keras.Model(model.inputs, model.outputs, name=model.name)
    return model


def calls(model: Any) -> Iterator[Any]:
    """Yield the calls of a functional model, in the order in which Keras makes them."""
    for depth in sorted(model._nodes_by_depth, reverse=True):
        yield from (call for call in model._nodes_by_depth[depth] if not call.is_input)


def is_addition(layer: Any) -> bool:
    """Return whether a layer or operation adds its inputs."""
    return type(layer).__name__ in _ADDITIONS


def is_convolution(layer: Any) -> bool:
    """Return whether a layer is a convolution."""
    return isinstance(layer, _CONVOLUTIONS)


def _is_readout(layer: Any) -> bool:
    activation = getattr(getattr(layer, "activation", None), "__name__", None)
    if isinstance(layer, kl.Activation):
        return activation in _PREDICTIONS
    return isinstance(layer, (*_READOUTS, kl.Softmax))


def _lengths(shape: Any, data_format: str | None) -> tuple[int | None, ...] | None:
    if not 3 <= len(shape) <= 5:
        return None
    data_format = data_format or keras.config.image_data_format()
    return tuple(shape[2:] if data_format == "channels_first" else shape[1:-1])


def _cells(lengths: tuple[int | None, ...] | None) -> int | None:
    known = [n for n in lengths or () if n is not None]
    return math.prod(known) if known and len(known) == len(lengths or ()) else None


def _new_map(shape: Any, data_format: str | None, cells: int) -> Map | None:
    """Return a map with the strides that its size has beside the model's input."""
    lengths = _lengths(shape, data_format)
    if lengths is None:
        return None
    own = _cells(lengths)
    stride = Fraction(cells, own) if cells and own else Fraction(1)
    return Map(
        data_format or keras.config.image_data_format(),
        lengths,
        (stride, *(Fraction(1) for _ in lengths[1:])),
    )


def _steps(
    layer: Any, before: tuple[int | None, ...], after: tuple[int | None, ...]
) -> list[Fraction]:
    """Return how many cells of the map before a cell stands for, by axis."""
    if isinstance(layer, _MARGINS):
        return [Fraction(1)] * len(after)
    if isinstance(layer, _UPSAMPLING):
        return [1 / n for n in _by_axis(layer.size, len(after))]
    strides = getattr(layer, "strides", None)
    if strides is not None:
        steps = _by_axis(strides, len(after))
        return [1 / n for n in steps] if isinstance(layer, _TRANSPOSED) else steps
    return [_ratio(n, m) for n, m in zip(before, after, strict=True)]


def _by_axis(sizes: Any, rank: int) -> list[Fraction]:
    several = sizes if isinstance(sizes, tuple | list) else (sizes,) * rank
    return [Fraction(n) for n in several]


def _ratio(before: int | None, after: int | None) -> Fraction:
    if not before or not after:
        return Fraction(1)
    if before < after:
        return 1 / _ratio(after, before)
    return Fraction(round(before / after))
