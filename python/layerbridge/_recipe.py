"""The paper's recipe: DropBlock inside a model that exists."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches
from fnmatch import fnmatchcase
from typing import Any

import keras
from keras import layers as kl
from keras.optimizers.schedules import LearningRateSchedule as Schedule

from layerbridge._arguments import check_rate
from layerbridge._dropblock import DropBlock1D, DropBlock2D, DropBlock3D
from layerbridge._schedules import Scaled

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

    DropBlock follows each chosen convolution: its normalization, where that comes next,
    or the convolution itself. It also goes on the skip connections around them: on
    each branch of a chosen addition that has no DropBlock yet, if another one has.
    Nothing follows a convolution whose output is the model's.

    The copy has the same weights, and the same output at inference. It is compiled as
    the model was, with a new optimizer. Models inside the model are treated alike.

    Args:
        model: A built model, functional or Sequential, such as one of
            `keras.applications`.
        rate: Float between 0 and 1, or a schedule such as `LinearRamp`: the expected
            fraction of units dropped.
        block_size: Integer, or a tuple of one integer for each spatial axis. The paper
            takes 7.
        layers: Which convolutions and additions, by name: a pattern such as
            `"conv5_*"`; a list of patterns; or a dictionary from patterns to what the
            rate is multiplied by, in which the first that matches counts. Or a function
            of a layer that tells whether it is chosen. A convolution is known by its
            normalization's name too. `None` takes the paper's groups 3 and 4 in the
            ResNets of `keras.applications`: `{"conv4_*": 0.25, "conv5_*": 1.0}`.
        skip_connections: Boolean, whether DropBlock goes on skip connections too.
        **kwargs: Further arguments of `DropBlock2D`, such as `per_channel`. A `seed` is
            counted up from one layer to the next.

    Returns:
        A functional model. The new layers are named after the layers that they follow,
        `conv5_block1_1_bn_dropblock`, or after the addition that they come before,
        `conv5_block2_add_skip_dropblock`.

    Raises:
        ValueError: If `model` is not such a model, or a pattern matches nothing.

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
            f"{model!r}. Call a Sequential model, or give it an `Input`, to build it."
        )
    rate = rate if isinstance(rate, Schedule) else check_rate("rate", rate)
    choose = _Chooser(_PAPER if layers is None else layers)
    placer = _Placer(choose, rate, block_size, skip_connections, kwargs)
    copy = placer.copy(model)
    choose.check(placer.added)
    for old, new in placer.copied:
        new.set_weights(old.get_weights())
    if model.compiled and not copy.compiled:
        copy.compile_from_config(model.get_compile_config())
    return copy


class _Chooser:
    """Which layers are chosen, and the factor of the rate in each."""

    def __init__(self, layers: Choice):
        self._given = layers
        self._seen: list[str] = []
        self._used: set[str] = set()
        if isinstance(layers, Mapping):
            self._factors = dict(layers)
        elif not callable(layers):
            self._factors = dict.fromkeys(_patterns(layers), 1.0)

    def __call__(self, layer: Any) -> float | None:
        self._seen.append(layer.name)
        if callable(self._given):
            return 1.0 if self._given(layer) else None
        for pattern, factor in self._factors.items():
            if fnmatchcase(layer.name, pattern):
                self._used.add(pattern)
                return factor
        return None

    def check(self, added: int) -> None:
        """Raise if a pattern chose nothing, or if nothing was added."""
        patterns = [] if callable(self._given) else list(self._factors)
        unused = [pattern for pattern in patterns if pattern not in self._used]
        if added and not unused:
            return
        received = repr(unused[0]) if unused else repr(self._given)
        if self._given is _PAPER:
            received = f"None, which takes {received} of the ResNets of Keras"
        names = list(dict.fromkeys(self._seen))
        near = _near(unused[0], names) if unused else []
        known = [f"Did you mean {near[0]!r}?"] if near else []
        if self._used and not unused:
            known.append("Nothing follows a convolution whose output is the model's.")
        if names:
            listed = ", ".join(map(repr, names[:5]))
            known.append(f"There are {listed}{', ...' if names[5:] else '.'}")
        raise ValueError(
            "`layers` must choose convolutions of the model, by their names or those "
            f"of their normalizations; received {received}, which chooses none. "
            f"{' '.join(known)}".rstrip()
        )


def _patterns(layers: Any) -> list[str]:
    several = isinstance(layers, Iterable) and not isinstance(layers, str)
    patterns = list(layers) if several else [layers]
    if not all(isinstance(pattern, str) for pattern in patterns):
        raise ValueError(
            "`layers` must be a pattern of names, a list of them, a dictionary from "
            f"them to factors, or a function; received {layers!r}"
        )
    return patterns


def _near(pattern: str, names: list[str]) -> list[str]:
    """Find names like a pattern; those like one that ends in `*` by their beginning."""
    if pattern.endswith("*"):
        stem = pattern.rstrip("*")
        return [
            f"{s}*" for s in get_close_matches(stem, {n[: len(stem)] for n in names})
        ]
    return get_close_matches(pattern, names)


class _Placer:
    """Copies models, and calls the copied layers with DropBlock between them.

    Of each tensor of the copy it knows the calls that led to it, and which of these
    are DropBlock's: so the branches of an addition can be told apart.
    """

    def __init__(
        self,
        choose: _Chooser,
        rate: float | Schedule,
        block_size: int | tuple[int, ...],
        skip_connections: bool,
        arguments: dict[str, Any],
    ):
        self.copied: list[tuple[Any, Any]] = []
        self.added = 0
        self._choose = choose
        self._rate = rate
        self._block_size = block_size
        self._arguments = arguments
        self._skip_connections = skip_connections
        self._data_format = keras.config.image_data_format()
        self._names: Counter[str] = Counter()
        self._taken: set[str] = set()
        self._calls = 0
        self._dropping: set[int] = set()
        # By the tensor's id; the tensors are kept, so that no id comes twice.
        self._tensors: list[Any] = []
        self._history: dict[int, frozenset[int]] = {}
        self._convolved: dict[int, Any] = {}
        self._waiting: dict[int, tuple[float, Any]] = {}
        self._dropped: dict[int, Any] = {}

    def copy(self, model: Any) -> Any:
        """Copy a model, and models inside it."""
        self._taken.update(layer.name for layer in model.layers)
        if isinstance(model, keras.Sequential):
            model = _as_functional(model)
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
        normalizes = isinstance(layer, _NORMALIZATIONS)
        given = [x for x in keras.tree.flatten((args, kwargs)) if _is_symbolic(x)]
        convolution = next(
            (c for x in given if (c := self._convolved.get(id(x)))), None
        )

        if not normalizes:
            args, kwargs = _replace((args, kwargs), self._drop_waiting)
        if self._skip_connections and _is_addition(layer):
            args, kwargs = self._drop_skips(layer, args, kwargs)
        outputs = layer(*args, **kwargs)
        self._remember(outputs, (args, kwargs))

        if isinstance(layer, _CONVOLUTIONS):
            self._data_format = layer.data_format
            self._convolved[id(outputs)] = layer
            self._wait(outputs, layer, self._choose(layer))
        elif normalizes and convolution is not None:
            chosen = self._choose(layer)
            if chosen is None:
                chosen = self._choose(convolution)
            self._wait(outputs, layer, chosen)
        return outputs

    def _wait(self, tensor: Any, layer: Any, factor: float | None) -> None:
        if factor is not None:
            self._waiting[id(tensor)] = (factor, layer)

    def _drop_waiting(self, tensor: Any) -> Any:
        if id(tensor) not in self._waiting:
            return tensor
        if id(tensor) not in self._dropped:
            factor, layer = self._waiting[id(tensor)]
            self._dropped[id(tensor)] = self._drop(tensor, factor, layer, layer.name)
        return self._dropped[id(tensor)]

    def _drop_skips(self, addition: Any, args: Any, kwargs: Any) -> Any:
        flat = keras.tree.flatten((args, kwargs))
        histories = [self._above(x) for x in flat if _is_symbolic(x)]
        shared = [
            history
            for i, history in enumerate(histories)
            if self._dropping & history.difference(*histories[:i], *histories[i + 1 :])
        ]
        factor = self._choose(addition) if shared else None
        if factor is None:
            return args, kwargs

        def drop_branch(tensor: Any) -> Any:
            own = self._above(tensor)
            others = [history for history in histories if history is not own]
            if self._dropping & own.difference(*others):
                return tensor
            return self._drop(tensor, factor, addition, f"{addition.name}_skip")

        return _replace((args, kwargs), drop_branch)

    def _drop(self, tensor: Any, factor: float, layer: Any, name: str) -> Any:
        base = f"{name}_dropblock"
        self._names[base] += 1
        count = self._names[base]
        if base in self._taken:
            raise ValueError(
                "`layers` must choose convolutions that no DropBlock follows; received "
                f"a model that has {base!r} already"
            )
        arguments = {"data_format": self._data_format, **self._arguments}
        if arguments.get("seed") is not None:
            arguments["seed"] += self.added
        if isinstance(layer, keras.layers.Layer):
            arguments.setdefault("dtype", layer.dtype_policy)
        dropblock = _DROPBLOCKS[len(tensor.shape)](
            _scaled(self._rate, factor),
            self._block_size,
            name=base if count == 1 else f"{base}_{count}",
            **arguments,
        )
        self.added += 1
        dropped = dropblock(tensor)
        self._remember(dropped, tensor)
        self._dropping.add(self._calls)
        return dropped

    def _remember(self, outputs: Any, inputs: Any) -> None:
        self._calls += 1
        befores = [self._above(x) for x in keras.tree.flatten(inputs)]
        history = frozenset({self._calls}).union(*befores)
        for tensor in keras.tree.flatten(outputs):
            self._tensors.append(tensor)
            self._history[id(tensor)] = history

    def _above(self, tensor: Any) -> frozenset[int]:
        return self._history.get(id(tensor), frozenset())


def _is_graph(model: Any) -> bool:
    built = isinstance(model, keras.Model) and model.built
    return built and bool(getattr(model, "inputs", None))


def _as_functional(model: keras.Sequential) -> keras.Model:
    return keras.Model(model.inputs, model.outputs, name=model.name)


def _input_like(tensor: Any) -> Any:
    name = tensor._keras_history.operation.name
    return keras.Input(
        batch_shape=tensor.shape, dtype=tensor.dtype, sparse=tensor.sparse, name=name
    )


def _is_symbolic(x: Any) -> bool:
    return isinstance(x, keras.KerasTensor)


def _is_addition(layer: Any) -> bool:
    """Tell `keras.layers.Add`, and the operation behind `keras.ops.add` and `+`."""
    return type(layer).__name__ == "Add"


def _replace(arguments: Any, replace: Callable[[Any], Any]) -> Any:
    return keras.tree.map_structure(
        lambda x: replace(x) if _is_symbolic(x) else x, arguments
    )


def _scaled(rate: float | Schedule, factor: float) -> float | Schedule:
    if factor == 1:
        return rate
    return Scaled(rate, factor) if isinstance(rate, Schedule) else rate * factor
