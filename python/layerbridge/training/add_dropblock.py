"""The paper's recipe: DropBlock in an existing model."""

from collections import Counter
from typing import Any

import keras
from keras.optimizers.schedules import LearningRateSchedule as Schedule

from layerbridge.checks import check_rate_or_schedule, check_seed
from layerbridge.layers.dropblock import DropBlock1D, DropBlock2D, DropBlock3D
from layerbridge.training.graph import calls, functional, is_graph
from layerbridge.training.plan import Choice, DropBlockPlan, Place, plan_dropblock
from layerbridge.training.schedules import Scaled

_DROPBLOCKS = {3: DropBlock1D, 4: DropBlock2D, 5: DropBlock3D}


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

    DropBlock follows each chosen convolution, or its normalisation where that alone
    comes next. It also goes on the skip connections around them: on each undropped
    input of an addition, provided another input comes from a chosen convolution.
    `plan_dropblock()` shows where before anything is made.

    It never follows a convolution whose map has one cell, such as the gates of
    squeeze-and-excite blocks, nor one that makes the model's output, as it is or
    through sigmoid, softmax, reshaping, resizing or concatenation.

    The copy has the same weights, and the same output at inference. It is compiled as
    the model was, with a new optimizer. Nested models are handled the same way.

    Args:
        model: A built model, functional or Sequential, such as one of
            `keras.applications`.
        rate: Float between 0 and 1, or a schedule such as `LinearRamp`: the expected
            fraction of units dropped.
        block_size: Integer, or a tuple of one integer per spatial axis. The paper uses
            7.
        layers: Which convolutions to choose. By the resolution of their maps, counted
            from the last: `-1` for the smallest maps of the model, `-2` for those one
            step finer. By name of the convolution or of its normalisation: a pattern
            such as `"conv5_*"`. Several of these are given as a list, or as a
            dictionary from them to factors of the rate, in which the first that matches
            counts; a pattern may also match an addition. Or a function that takes a
            layer and returns whether it is chosen. `None` stands for
            `{"-2": 0.25, "-1": 1.0}`, the last two resolutions: those of groups 3 and 4
            of the paper's ResNet-50.
        skip_connections: Boolean, whether to add DropBlock on skip connections too.
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
    check_seed("seed", kwargs.get("seed"))
    rate = check_rate_or_schedule("rate", rate)
    plan = plan_dropblock(model, layers, skip_connections)
    copier = _Copier(plan, rate, {"block_size": block_size, **kwargs})
    copy = copier.copy(model)
    for old, new in copier.copied:
        new.set_weights(old.get_weights())
    if model.compiled and not copy.compiled:
        copy.compile_from_config(model.get_compile_config())
    return copy


class _Copier:
    """Copies models, adding DropBlock between the copied layers."""

    def __init__(
        self, plan: DropBlockPlan, rate: float | Schedule, arguments: dict[str, Any]
    ):
        self.copied: list[tuple[Any, Any]] = []
        self._plan = plan
        self._rate = rate
        self._arguments = arguments
        self._taken: set[str] = set()
        self._names: Counter[str] = Counter()
        self._dropped: dict[tuple[int, int], Any] = {}

    def copy(self, model: Any) -> Any:
        """Copy a model and its nested models."""
        self._taken.update(layer.name for layer in model.layers)
        model = functional(model)
        originals = calls(model)
        return keras.models.clone_model(
            model,
            input_tensors=keras.tree.map_structure(_input_like, model.input),
            clone_function=self._copy_layer,
            call_function=lambda *args, **kwargs: self._call(
                next(originals), *args, **kwargs
            ),
        )

    def _copy_layer(self, layer: Any) -> Any:
        if is_graph(layer):
            return self.copy(layer)
        copy = layer.__class__.from_config(layer.get_config())
        if isinstance(layer, keras.layers.Layer):
            self.copied.append((layer, copy))
        return copy

    def _call(self, original: Any, layer: Any, *args: Any, **kwargs: Any) -> Any:
        """Call the copy of a layer, with DropBlock on the way to it where planned."""
        tensors = iter(original.input_tensors)

        def dropped(tensor: Any) -> Any:
            place = self._plan.at(original, next(tensors))
            return tensor if place is None else self._drop(place, tensor)

        args, kwargs = keras.tree.map_structure(
            lambda x: dropped(x) if isinstance(x, keras.KerasTensor) else x,
            (args, kwargs),
        )
        return layer(*args, **kwargs)

    def _drop(self, place: Place, tensor: Any) -> Any:
        key = (id(place), id(tensor))
        if key not in self._dropped:
            dropblock = self._dropblock(place, len(tensor.shape))
            self._dropped[key] = dropblock(tensor)
        return self._dropped[key]

    def _dropblock(self, place: Place, rank: int) -> Any:
        if place.name in self._taken:
            raise ValueError(
                "`layers` must choose convolutions that no DropBlock follows; received "
                f"a model that already has {place.name!r}"
            )
        arguments = {"data_format": place.map.data_format, **self._arguments}
        if place.dtype is not None:
            arguments.setdefault("dtype", place.dtype)
        if arguments.get("seed") is not None:
            arguments["seed"] += len(self._dropped)
        return _DROPBLOCKS[rank](
            _scaled(self._rate, place.factor),
            name=self._number(place.name),
            **arguments,
        )

    def _number(self, name: str) -> str:
        """Number layers of the same name, from the second on."""
        self._names[name] += 1
        return name if self._names[name] == 1 else f"{name}_{self._names[name]}"


def _input_like(tensor: Any) -> Any:
    name = tensor._keras_history.operation.name
    return keras.Input(
        batch_shape=tensor.shape, dtype=tensor.dtype, sparse=tensor.sparse, name=name
    )


def _scaled(rate: float | Schedule, factor: float) -> float | Schedule:
    if factor == 1:
        return rate
    return Scaled(rate, factor) if isinstance(rate, Schedule) else rate * factor
