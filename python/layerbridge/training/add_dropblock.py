"""The paper's recipe: DropBlock in an existing model."""

import dataclasses
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import keras
import numpy as np
from keras import layers as kl
from keras.optimizers.schedules import LearningRateSchedule as Schedule

from layerbridge.checks import check_rate, check_seed
from layerbridge.layers.dropblock import DropBlock1D, DropBlock2D, DropBlock3D
from layerbridge.training.patterns import Factors, nearest
from layerbridge.training.schedules import Scaled

_PAPER = {"conv4_*": 0.25, "conv5_*": 1.0}

_CONVOLUTIONS = (
    *(kl.Conv1D, kl.Conv2D, kl.Conv3D),
    *(kl.Conv1DTranspose, kl.Conv2DTranspose, kl.Conv3DTranspose),
    *(kl.DepthwiseConv1D, kl.DepthwiseConv2D),
    *(kl.SeparableConv1D, kl.SeparableConv2D),
)
_NORMALIZATIONS = (
    kl.BatchNormalization,
    kl.GroupNormalization,
    kl.LayerNormalization,
)
_DROPBLOCKS = {3: DropBlock1D, 4: DropBlock2D, 5: DropBlock3D}

Choice = str | Iterable[str] | Mapping[str, float] | Callable[[Any], bool]


def add_dropblock(
    model: keras.Model,
    rate: float | Schedule,
    block_size: int | tuple[int, ...] = 7,
    *,
    layers: Choice | None = None,
    skip_connections: bool = True,
    **kwargs: Any,
) -> keras.Model:
    """Copy a model with DropBlock where the paper puts it.

    DropBlock follows each chosen convolution, or its normalisation where one comes
    next. It also goes on the skip connections around them: on each undropped input of a
    chosen addition, provided another input has DropBlock. It never follows a
    convolution whose output is the model's.

    The copy has the same weights, and the same output at inference. It is compiled as
    the model was, with a new optimizer. Nested models are handled the same way.

    Args:
        model: A built model, functional or Sequential, such as one of
            `keras.applications`.
        rate: Float between 0 and 1, or a schedule such as `LinearRamp`: the expected
            fraction of units dropped.
        block_size: Integer, or a tuple of one integer per spatial axis. The paper uses
            7.
        layers: Which convolutions and additions, by name: a pattern such as
            `"conv5_*"`; a list of patterns; or a dictionary from patterns to factors of
            the rate, in which the first pattern that matches counts. Or a function that
            takes a layer and returns whether it is chosen. A pattern may also match the
            name of a convolution's normalisation. `None` chooses the paper's groups 3
            and 4 in the ResNets of `keras.applications`:
            `{"conv4_*": 0.25, "conv5_*": 1.0}`.
        skip_connections: Boolean, whether DropBlock also goes on skip connections.
        **kwargs: Further arguments of `DropBlock2D`, such as `per_channel`. A `seed` is
            incremented from one layer to the next.

    Returns:
        A functional model. The new layers are named after the layer that they follow,
        as in `conv5_block1_1_bn_dropblock`, or the addition that they precede, as in
        `conv5_block2_add_skip_dropblock`.

    Raises:
        ValueError: If an argument is invalid, or a pattern matches nothing.

    Reference:

    - [Ghiasi et al., 2018](https://arxiv.org/abs/1810.12890), section 4.1

    Example:
    >>> import keras
    >>> from layerbridge import LinearRamp, add_dropblock
    >>> resnet = keras.applications.ResNet50(weights=None, input_shape=(64, 64, 3))
    >>> model = add_dropblock(resnet, LinearRamp(0, 0.1, steps=10_000))
    >>> model.get_layer("conv5_block3_3_bn_dropblock").block_size
    7
    """
    if not _is_graph(model):
        raise ValueError(
            "`model` must be a built functional or Sequential model; received "
            f"{model!r}. To build a Sequential model, call it or add an `Input` to it."
        )
    choice = _Choice(_PAPER if layers is None else layers)
    check_seed("seed", kwargs.get("seed"))
    copier = _Copier(
        choice,
        rate if isinstance(rate, Schedule) else check_rate("rate", rate),
        {"block_size": block_size, **kwargs},
        skip_connections,
    )
    copy = copier.copy(model)
    choice.check(bool(copier.added))
    for old, new in copier.copied:
        new.set_weights(old.get_weights())
    if model.compiled and not copy.compiled:
        copy.compile_from_config(model.get_compile_config())
    return copy


class _Choice:
    """Which layers are chosen, and the factor of the rate in each."""

    def __init__(self, layers: Choice):
        self._given = layers
        self._factors = None if callable(layers) else Factors("layers", layers)
        self._asked: dict[str, None] = {}

    def factor(self, layer: Any) -> float | None:
        """Return the factor for a layer, or `None` where it is not chosen."""
        self._asked[layer.name] = None
        if self._factors is not None:
            return self._factors.of(layer.name)
        chosen = self._given(layer)  # type: ignore[operator]
        if not isinstance(chosen, bool | np.bool_):
            raise ValueError(
                f"`layers` must return True or False; received {chosen!r} for "
                f"{layer.name!r}"
            )
        return 1.0 if chosen else None

    def check(self, added: bool) -> None:
        """Raise if a pattern chose nothing, or if nothing was added."""
        names = list(self._asked)
        unmatched = self._factors.unmatched(names) if self._factors else []
        if added and not unmatched:
            return
        has = f"this model has {', '.join(map(repr, names[:5]))}"
        has += ", ..." if names[5:] else "." if names else " no convolution."
        if unmatched and self._given is _PAPER:
            raise ValueError(
                f"No layer matches the default pattern {unmatched[0]!r}. Pass "
                f"`layers=`; {has}"
            )
        received = repr(unmatched[0] if unmatched else self._given)
        near = nearest(unmatched[0], names) if unmatched else None
        hint = f" Did you mean {near!r}?" if near else ""
        if not unmatched and self._factors is not None:
            hint = " DropBlock never follows a convolution whose output is the model's."
        raise ValueError(
            "`layers` must choose convolutions of the model, by their names or those "
            f"of their normalisations; received {received}, which matches nothing."
            f"{hint} {has[0].upper()}{has[1:]}"
        )


@dataclasses.dataclass(frozen=True)
class _Origin:
    """Where a tensor of the copy comes from.

    Attributes:
        tensor: The tensor, kept alive so that its id is not reused.
        drops: The numbers of the DropBlock layers that led to it.
        data_format: The data format of the last convolution that led to it.
        convolution: The convolution whose output it is.
        pending: The layer that DropBlock is to follow here, and the rate's factor.
    """

    tensor: Any
    drops: frozenset[int] = frozenset()
    data_format: str | None = None
    convolution: Any = None
    pending: tuple[Any, float] | None = None


class _Copier:
    """Copies models, adding DropBlock between the copied layers."""

    def __init__(
        self,
        choice: _Choice,
        rate: float | Schedule,
        arguments: dict[str, Any],
        skip_connections: bool,
    ):
        self.copied: list[tuple[Any, Any]] = []
        self.added: list[Any] = []
        self._choice = choice
        self._rate = rate
        self._arguments = arguments
        self._skip_connections = skip_connections
        self._taken: set[str] = set()
        self._names: Counter[str] = Counter()
        self._origins: dict[int, _Origin] = {}
        self._dropped: dict[int, Any] = {}

    def copy(self, model: Any) -> Any:
        """Copy a model and its nested models."""
        self._taken.update(layer.name for layer in model.layers)
        if isinstance(model, keras.Sequential):
            model = keras.Model(model.inputs, model.outputs, name=model.name)
        return keras.models.clone_model(
            model,
            input_tensors=keras.tree.map_structure(_input_like, model.input),
            clone_function=self._copy_layer,
            call_function=self._call,
        )

    def _copy_layer(self, layer: Any) -> Any:
        if _is_graph(layer):
            return self.copy(layer)
        copy = layer.__class__.from_config(layer.get_config())
        if isinstance(layer, keras.layers.Layer):
            self.copied.append((layer, copy))
        return copy

    def _call(self, layer: Any, *args: Any, **kwargs: Any) -> Any:
        convolution = None
        if isinstance(layer, _NORMALIZATIONS):
            convolution = self._origins_of(args, kwargs)[0].convolution
        if convolution is None:
            args, kwargs = _replace((args, kwargs), self._drop_pending)
        if self._skip_connections and _is_addition(layer):
            args, kwargs = self._drop_skips(layer, args, kwargs)
        outputs = layer(*args, **kwargs)

        origins = self._origins_of(args, kwargs)
        facts: dict[str, Any] = {
            "drops": frozenset().union(*(origin.drops for origin in origins)),
            "data_format": _data_format(origins),
        }
        factor = None
        if isinstance(layer, _CONVOLUTIONS):
            facts |= {"data_format": layer.data_format, "convolution": layer}
            factor = self._choice.factor(layer)
        elif convolution is not None:
            factor = self._choice.factor(layer)
            factor = self._choice.factor(convolution) if factor is None else factor
        if factor is not None:
            facts["pending"] = (layer, factor)
        for tensor in keras.tree.flatten(outputs):
            self._origins[id(tensor)] = _Origin(tensor, **facts)
        return outputs

    def _origins_of(self, *arguments: Any) -> list[_Origin]:
        tensors = filter(_is_symbolic, keras.tree.flatten(arguments))
        return [self._origins.get(id(x), _Origin(x)) for x in tensors]

    def _drop_pending(self, tensor: Any) -> Any:
        (origin,) = self._origins_of(tensor)
        if origin.pending is None:
            return tensor
        if id(tensor) not in self._dropped:
            layer, factor = origin.pending
            self._dropped[id(tensor)] = self._drop(
                origin, factor, layer, layer.name, origin.data_format
            )
        return self._dropped[id(tensor)]

    def _drop_skips(self, addition: Any, args: Any, kwargs: Any) -> Any:
        origins = self._origins_of(args, kwargs)
        branches = {id(origin.tensor): origin.drops for origin in origins}
        dropped = _with_own_drops(branches)
        factor = self._choice.factor(addition) if dropped else None
        if factor is None:
            return args, kwargs

        def drop_branch(tensor: Any) -> Any:
            if id(tensor) in dropped:
                return tensor
            own = self._origins_of(tensor)
            name = f"{addition.name}_skip"
            formats = _data_format([*own, *origins])
            return self._drop(own[0], factor, addition, name, formats)

        return _replace((args, kwargs), drop_branch)

    def _drop(
        self,
        origin: _Origin,
        factor: float,
        layer: Any,
        name: str,
        data_format: str | None,
    ) -> Any:
        base = f"{name}_dropblock"
        if base in self._taken:
            raise ValueError(
                "`layers` must choose convolutions that no DropBlock follows; received "
                f"a model that already has {base!r}"
            )
        arguments = {"data_format": data_format, **self._arguments}
        if arguments.get("seed") is not None:
            arguments["seed"] += len(self.added)
        if isinstance(layer, keras.layers.Layer):
            arguments.setdefault("dtype", layer.dtype_policy)
        dropblock = _DROPBLOCKS[len(origin.tensor.shape)](
            _scaled(self._rate, factor), name=self._number(base), **arguments
        )
        outputs = dropblock(origin.tensor)
        self._origins[id(outputs)] = _Origin(
            outputs, origin.drops | {len(self.added)}, data_format
        )
        self.added.append(dropblock)
        return outputs

    def _number(self, base: str) -> str:
        """Number layers of the same name, from the second on."""
        self._names[base] += 1
        return base if self._names[base] == 1 else f"{base}_{self._names[base]}"


def _with_own_drops(branches: Mapping[int, frozenset[int]]) -> set[int]:
    """Return the branches with a DropBlock layer that is not in any other branch."""
    return {
        branch
        for branch, drops in branches.items()
        if drops.difference(*(d for b, d in branches.items() if b != branch))
    }


def _data_format(origins: Iterable[_Origin]) -> str | None:
    return next((o.data_format for o in origins if o.data_format), None)


def _is_graph(model: Any) -> bool:
    built = isinstance(model, keras.Model) and model.built
    return built and bool(getattr(model, "inputs", None))


def _input_like(tensor: Any) -> Any:
    name = tensor._keras_history.operation.name
    return keras.Input(
        batch_shape=tensor.shape, dtype=tensor.dtype, sparse=tensor.sparse, name=name
    )


def _is_symbolic(x: Any) -> bool:
    return isinstance(x, keras.KerasTensor)


def _is_addition(layer: Any) -> bool:
    """Return whether it is `keras.layers.Add`, `keras.ops.add` or `+`."""
    return type(layer).__name__ == "Add"


def _replace(arguments: Any, replace: Callable[[Any], Any]) -> Any:
    return keras.tree.map_structure(
        lambda x: replace(x) if _is_symbolic(x) else x, arguments
    )


def _scaled(rate: float | Schedule, factor: float) -> float | Schedule:
    if factor == 1:
        return rate
    return Scaled(rate, factor) if isinstance(rate, Schedule) else rate * factor
