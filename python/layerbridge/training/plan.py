"""Where DropBlock goes in a model: the rules, and the plan that they make."""

import dataclasses
from collections.abc import Callable, Iterable, Iterator, Mapping
from fractions import Fraction
from typing import Any

import keras
import numpy as np

from layerbridge.checks import call_given, check_flag, checked_call
from layerbridge.layers.dropblock import DropBlock
from layerbridge.shown import shown
from layerbridge.training.graph import (
    Convolution,
    Graph,
    Map,
    is_addition,
    is_convolution,
    is_graph,
)
from layerbridge.training.patterns import Factors, Label, nearest, some

# Groups 3 and 4 of the paper's ResNet-50.
_PAPER: Mapping[int, float] = {-2: 0.25, -1: 1.0}

_ONE_CELL = "whose map has one cell"
_PREDICTION = "whose output is the model's"
_FOLLOWED = "which DropBlock already follows"
_NOT_CHOSEN = "which `layers` does not choose"

Choice = str | int | Iterable[Label] | Mapping[Any, float] | Callable[[Any], bool]


@dataclasses.dataclass(frozen=True, eq=False)
class Place:
    """A place for a DropBlock layer.

    Attributes:
        name: The name of the new layer.
        layer: The name of the layer that it follows, or of the addition before which it
            stands on the skip connection.
        is_skip: Whether it is on a skip connection.
        map: The map that it drops from, whose text is its size, such as `14x14`.
        factor: The factor of the rate.
        dtype: The dtype policy of the layer, or `None` for an operation.
    """

    name: str
    layer: str
    is_skip: bool
    map: Map
    factor: float
    dtype: Any = None


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class DropBlockPlan:
    """Where `add_dropblock()` puts DropBlock. Printing it shows a table.

    Attributes:
        model: The model's name.
        places: The places, in the order of the model's layers.
        left_out: From each kind of convolution that has no DropBlock, such as
            `"whose map has one cell"`, to the names of those convolutions.
    """

    model: str
    places: tuple[Place, ...]
    left_out: Mapping[str, tuple[str, ...]]
    _taps: Mapping[tuple[int, int], Place]

    def __repr__(self) -> str:
        """Return a table with a row for each place, and how many there are."""
        rows = [("map", "factor", "after"), *map(_row, self.places)]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        table = [
            f"  {size:>{widths[0]}}  {factor:>{widths[1]}}  {after}"
            for size, factor, after in rows
        ]
        skips = sum(place.is_skip for place in self.places)
        lines = [
            f"DropBlock in {self.model}",
            *table,
            f"After {_count(len(self.places) - skips, 'convolution')} and on "
            f"{_count(skips, 'skip connection')}.",
            *(
                f"Left out: {_count(len(names), 'convolution')}, {reason}."
                for reason, names in self.left_out.items()
            ),
        ]
        return "\n".join(lines)

    def __str__(self) -> str:
        """Return the same."""
        return repr(self)

    def at(self, call: Any, tensor: Any) -> Place | None:
        """Return the place on the way of a tensor to a call, if there is one."""
        return self._taps.get((id(call), id(tensor)))


@checked_call()
def plan_dropblock(
    model: keras.Model,
    layers: Choice | None = None,
    skip_connections: bool = True,
) -> DropBlockPlan:
    """Show where `add_dropblock()` would put DropBlock in a model.

    Args:
        model: A built model, functional or Sequential.
        layers: Which convolutions to choose, as for `add_dropblock()`.
        skip_connections: Whether to include skip connections, as for `add_dropblock()`.

    Returns:
        A plan. Printing it shows a table of the places, each with the size of its map
        and the factor of its rate, and how many convolutions are left out, with the
        reason. Its attributes `places` and `left_out` contain the same.

    Raises:
        ValueError: If an argument is invalid, or a pattern matches nothing.

    Example:
    >>> import keras
    >>> from layerbridge import plan_dropblock
    >>> model = keras.Sequential([
    ...     keras.Input((32, 32, 3)),
    ...     keras.layers.Conv2D(8, 3, strides=2, name="first"),
    ...     keras.layers.BatchNormalization(name="norm"),
    ...     keras.layers.Conv2D(8, 3, strides=2, name="second"),
    ...     keras.layers.ReLU(), keras.layers.GlobalAveragePooling2D(),
    ... ], name="small")
    >>> print(plan_dropblock(model))
    DropBlock in small
        map  factor  after
      15x15    0.25  norm
        7x7       1  second
    After 2 convolutions and on 0 skip connections.
    """
    if not is_graph(model):
        raise ValueError(
            "`model` must be a built functional or Sequential model; received "
            f"{shown(model)}.{_advice(model)}"
        )
    check_flag("skip_connections", skip_connections)
    graph = Graph(model)
    choice = _Choice(layers, graph)
    places = _Places(graph, choice, skip_connections)
    choice.check(bool(places.taps))
    return DropBlockPlan(
        model.name, tuple(places.ordered()), choice.left_out, places.taps
    )


class _Choice:
    """Which convolutions are chosen, with the factor of the rate after each."""

    def __init__(self, layers: Any, graph: Graph):
        self._given = layers
        self._chooses = layers if callable(layers) else None
        if self._chooses is None:
            given = _PAPER if layers is None else layers
            self._factors = Factors("layers", given, resolutions=True)
        eligible = [c for c in graph.convolutions if _exclusion(c) is None]
        resolved = [c for c in graph.convolutions if _exclusion(c) in (None, _FOLLOWED)]
        strides = sorted({c.map.stride for c in resolved})
        self._resolutions = {
            stride: i - len(strides) for i, stride in enumerate(strides)
        }
        self._convolutions = graph.convolutions
        self._additions = [c.operation.name for c in graph.calls if _adds(c)]
        self.factors = {
            id(c.call): factor
            for c in eligible
            if (factor := self._factor(c)) is not None
        }

    def of_addition(self, addition: Any) -> float | None:
        """Return the factor that a pattern has for an addition itself."""
        return None if self._chooses else self._factors.of(addition.name)

    @property
    def left_out(self) -> dict[str, tuple[str, ...]]:
        """The names of convolutions without DropBlock, by reason."""
        names: dict[str, list[str]] = {}
        for convolution in self._convolutions:
            if id(convolution.call) not in self.factors:
                reason = _exclusion(convolution) or _NOT_CHOSEN
                names.setdefault(reason, []).append(convolution.call.operation.name)
        return {reason: tuple(those) for reason, those in names.items()}

    def check(self, anything: bool) -> None:
        """Raise if a pattern chose nothing, or if nothing was chosen."""
        if self._given is None or self._chooses:
            unmatched = []
        else:
            chosen = [
                self._labels(c) for c in self._convolutions if _exclusion(c) is None
            ]
            additions = [[name] for name in self._additions]
            unmatched = self._factors.unmatched([*chosen, *additions])
        if anything and not unmatched:
            return
        if not self._convolutions:
            raise ValueError("`model` must have convolutional layers; it has none")
        if self._given is None:
            raise ValueError(
                "`model` must have convolutions that DropBlock can follow; its "
                f"convolutions get no DropBlock, such as {self._left_out_shown()}"
            )
        raise ValueError(
            "`layers` must choose convolutions of the model, by their names, those of "
            "their normalisations, or their resolutions; received "
            + self._refused(unmatched)
        )

    def _left_out_shown(self) -> str:
        """Return some convolutions that never get DropBlock, with the reason."""
        left_out = self.left_out
        left_out.pop(_NOT_CHOSEN, None)
        reason = _FOLLOWED if _FOLLOWED in left_out else next(iter(left_out))
        return f"{some(left_out[reason])}, {reason}"

    def _refused(self, unmatched: list[Label]) -> str:
        names = [c.call.operation.name for c in self._convolutions]
        has = f"This model has {some(names)}."
        if self._chooses or not self._factors.patterns:
            return f"{shown(self._given)}, which matches nothing. {has}"
        pattern = (unmatched or self._factors.patterns)[0]
        for convolution in self._convolutions:
            excluded = _exclusion(convolution)
            only = Factors("layers", pattern, resolutions=True)
            if excluded and only.of(*self._labels(convolution)) is not None:
                return (
                    f"{pattern!r}, which matches only convolutions that get no "
                    f"DropBlock, such as {convolution.call.operation.name!r}, "
                    f"{excluded}."
                )
        if isinstance(pattern, int):
            number = _count(len(self._resolutions), "resolution")
            return f"{pattern}; this model has {number} of more than one cell."
        near = nearest(pattern, names)
        hint = f" Did you mean {near!r}?" if near else ""
        return f"{pattern!r}, which matches nothing.{hint} {has}"

    def _labels(self, convolution: Convolution) -> list[Label]:
        names = [layer.name for layer in convolution.layers]
        resolution = self._resolutions.get(convolution.map.stride)
        return names if resolution is None else [*names, resolution]

    def _factor(self, convolution: Convolution) -> float | None:
        if self._chooses is None:
            return self._factors.of(*self._labels(convolution))
        if any(map(self._is_chosen, convolution.layers)):
            return 1.0
        return None

    def _is_chosen(self, layer: Any) -> bool:
        chosen = call_given("layers", self._given, layer, f"the layer {layer.name!r}")
        if not isinstance(chosen, bool | np.bool_):
            raise ValueError(
                "the function given as `layers` must return True or False; received "
                f"{shown(chosen)} for {layer.name!r}"
            )
        return bool(chosen)


@dataclasses.dataclass(frozen=True)
class _Drop:
    """DropBlock after a chosen convolution."""

    end: int
    stride: Fraction
    factor: float


@dataclasses.dataclass(frozen=True)
class _Origin:
    """How DropBlock has come to a tensor.

    Attributes:
        drops: What was dropped on the way to it: tensors, by identity.
        latest: The DropBlock that follows the last convolution on the way to it.
        is_dropped: Whether DropBlock is the last on the way to it, but for layers that
            go on with one map, such as activations and pooling.
    """

    drops: frozenset[int] = frozenset()
    latest: _Drop | None = None
    is_dropped: bool = False


class _Places:
    """Puts DropBlock after the chosen convolutions and on the skip connections.

    Attributes:
        taps: From a call and a tensor that it takes to the place between the two.
    """

    def __init__(self, graph: Graph, choice: _Choice, skip_connections: bool):
        self.taps: dict[tuple[int, int], Place] = {}
        self._graph = graph
        self._origins: dict[int, _Origin] = {}
        self._following: dict[int, tuple[Convolution, float]] = {}
        self._after: dict[int, Place] = {}
        self._names = {call.operation.name for call in graph.calls}
        convolutions = {id(c.call): c for c in graph.convolutions}
        for call in graph.calls:
            for tensor in call.input_tensors:
                self._tap(call, tensor)
            if skip_connections and _adds(call):
                self._skip(call, choice)
            convolution = convolutions.get(id(call))
            factor = choice.factors.get(id(call))
            if convolution is not None and factor is not None:
                self._follow(convolution, factor)
            for tensor in call.outputs:
                self._origins.setdefault(id(tensor), self._origin(call))

    def ordered(self) -> Iterator[Place]:
        """Return each place once, in the order of the calls."""
        return iter({id(place): place for place in self.taps.values()}.values())

    def _tap(self, call: Any, tensor: Any) -> None:
        """Put DropBlock between a chosen convolution and a call, if it leads there.

        All calls that take the tensor share the layer.
        """
        following = self._following.get(id(self._graph.made(tensor)))
        if following is None:
            return
        convolution, factor = following
        if id(tensor) not in self._after:
            self._after[id(tensor)] = self._place(
                convolution.last, False, convolution.map, factor
            )
        self.taps[id(call), id(tensor)] = self._after[id(tensor)]

    def _place(self, layer: Any, is_skip: bool, on_map: Map, factor: float) -> Place:
        """Return a place; the names of new layers are numbered from the second on."""
        name = first = f"{layer.name}{'_skip' * is_skip}_dropblock"
        number = 1
        while name in self._names:
            number += 1
            name = f"{first}_{number}"
        self._names.add(name)
        return Place(name, layer.name, is_skip, on_map, factor, _dtype(layer))

    def _follow(self, convolution: Convolution, factor: float) -> None:
        end = id(convolution.end)
        self._following[end] = convolution, factor
        before = self._of(self._graph.inputs(convolution.call))
        drops = frozenset().union(*(o.drops for o in before), {end})
        drop = _Drop(end, convolution.map.stride, factor)
        self._origins[end] = _Origin(drops, drop, is_dropped=True)

    def _skip(self, call: Any, choice: _Choice) -> None:
        inputs = self._graph.inputs(call)
        tensors = dict(zip(map(id, inputs), call.input_tensors, strict=True))
        maps = {id(x): self._graph.map(x) for x in inputs}
        branches = {key: self._origins.get(key, _Origin()) for key in tensors}
        of_sum = self._graph.map(call.outputs[0])
        around = [
            origin.latest
            for key, origin in branches.items()
            if origin.latest is not None
            and of_sum is not None
            and origin.latest.stride == of_sum.stride
            and not any(
                origin.latest.end in other.drops
                for k, other in branches.items()
                if k != key
            )
        ]
        if not around:
            return
        factor = choice.of_addition(call.operation)
        factor = around[0].factor if factor is None else factor
        for key, tensor in tensors.items():
            on_map = maps[key]
            if branches[key].is_dropped or branches[key].latest in around:
                continue
            if on_map is None or on_map.is_one_cell:
                continue
            place = self._place(call.operation, True, on_map, factor)
            self.taps[id(call), id(tensor)] = place

    def _origin(self, call: Any) -> _Origin:
        inputs = self._graph.inputs(call)
        skips = {id(x) for x in call.input_tensors if (id(call), id(x)) in self.taps}
        before = self._of(inputs)
        drops = frozenset(skips).union(*(o.drops for o in before))
        if is_convolution(call.operation):
            return _Origin(drops)
        on_maps = [
            origin
            for x, origin in zip(inputs, before, strict=True)
            if (of_x := self._graph.map(x)) is not None and not of_x.is_one_cell
        ]
        latest = next((o.latest for o in on_maps if o.latest is not None), None)
        dropped = bool(on_maps) and all(o.is_dropped for o in on_maps)
        dropped = isinstance(call.operation, DropBlock) or dropped
        return _Origin(drops, latest, dropped and not _adds(call))

    def _of(self, tensors: Iterable[Any]) -> list[_Origin]:
        return [self._origins.get(id(x), _Origin()) for x in tensors]


def _exclusion(convolution: Convolution) -> str | None:
    """Return why DropBlock never follows a convolution, or `None` if it may."""
    if convolution.map.is_one_cell:
        return _ONE_CELL
    if convolution.is_prediction:
        return _PREDICTION
    return _FOLLOWED if convolution.is_followed else None


def _advice(model: Any) -> str:
    """Say how a model of another kind gets DropBlock."""
    if isinstance(model, keras.Sequential):
        return " To build it, call it, or add an `Input` to it."
    if isinstance(model, keras.Model):
        return (
            " Only these record which layer follows which. Call DropBlock layers in "
            "the model's own `call()`."
        )
    return ""


def _adds(call: Any) -> bool:
    return is_addition(call.operation) and len(call.input_tensors) > 1


def _dtype(layer: Any) -> Any:
    return layer.dtype_policy if isinstance(layer, keras.layers.Layer) else None


def _row(place: Place) -> tuple[str, str, str]:
    where = f"{place.layer}, on a skip connection" if place.is_skip else place.layer
    return str(place.map), f"{place.factor:g}", where


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
