"""The paper's recipe: DropBlock in an existing model."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import keras
from keras.optimizers.schedules import LearningRateSchedule as Schedule

from layerbridge.checks import check_rate_or_schedule, check_seed, checked_call
from layerbridge.layers.arguments import DropBlockArguments, Unpack
from layerbridge.layers.dropblock import DropBlock1D, DropBlock2D, DropBlock3D
from layerbridge.training.graph import calls, functional, is_graph
from layerbridge.training.plan import Choice, DropBlockPlan, Place, plan_dropblock
from layerbridge.training.schedules import scaled

_DROPBLOCKS = {1: DropBlock1D, 2: DropBlock2D, 3: DropBlock3D}


@checked_call(passes_on=DropBlock2D)
def add_dropblock(
    model: keras.Model,
    rate: float | Schedule,
    block_size: int | tuple[int, ...] = 7,
    *,
    layers: Choice | None = None,
    skip_connections: bool = True,
    **kwargs: Unpack[DropBlockArguments],
) -> keras.Model:
    """Copy a model with DropBlock where the paper puts it.

    DropBlock follows each chosen convolution, or the normalisation right after it. It
    also goes on the skip connections around them: on each undropped input of an
    addition, provided another input comes from a chosen convolution. To see the places
    first, call `plan_dropblock()`.

    DropBlock never follows a convolution whose map has one cell, such as the gates of
    squeeze-and-excite blocks; nor one that makes the model's output, directly or
    through sigmoid, softmax, reshaping, resizing or concatenation; nor one that
    DropBlock already follows.

    The copy has the same weights, and the same output at inference. It is compiled as
    the model was, with a new optimizer. Nested models are handled the same way.

    Args:
        model: A built model, functional or Sequential, such as one of Keras's
            applications.
        rate: Float between 0 and 1, or a schedule such as `LinearRamp`: the expected
            fraction of units dropped.
        block_size: Integer, or a tuple of one integer per spatial axis. The paper uses
            7.
        layers: Which convolutions to choose. A negative integer is a resolution:
            `-1` for the smallest maps of the model, `-2` for those one step finer. A
            string is the name of a convolution, of its normalisation or of an addition,
            or a pattern such as `"conv5_*"`. Give several as a list; or as a dictionary
            that has a factor of the rate for each, in which the first that matches
            counts. A function takes a layer and returns whether it is chosen. `None`
            is `{"-2": 0.25, "-1": 1.0}`, the last two resolutions: groups 3 and 4 of
            the paper's ResNet-50.
        skip_connections: Boolean, whether to add DropBlock on skip connections too.
        **kwargs: Further arguments of `DropBlock2D`, such as `per_channel`. A `seed` is
            incremented from one layer to the next.

    Returns:
        A functional model, or a Sequential one for a Sequential. New layers are named
        after the layer that they follow, as in `conv5_block1_1_bn_dropblock`, or the
        addition that they precede, as in `conv5_block2_add_skip_dropblock`.

    Raises:
        ValueError: If an argument is invalid, a pattern matches nothing, or a factor
            makes a rate larger than 1.

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
        _compile_like(model, copy)
    return copy


def _compile_like(model: keras.Model, copy: keras.Model) -> None:
    """Compile a copy with the objects that the model was compiled with."""
    try:
        if type(model).compile is not keras.Model.compile:
            copy.compile_from_config(model.get_compile_config())
            return
        # Keras finds own functions and classes again only where they are registered.
        given = keras.tree.map_structure(_again, dict(model._compile_config.config))
        copy.compile(**given)
        copy.optimizer.build(copy.trainable_variables)
    except Exception as error:
        warnings.warn(
            "the copy is not compiled, because Keras cannot recreate the model's "
            "optimizer, loss or metrics; compile the copy before you train it. Keras "
            f"said: {error}",
            stacklevel=4,
        )


def _again(thing: Any) -> Any:
    """Make what has state, an optimizer or a metric, again from its settings."""
    if isinstance(thing, keras.Optimizer):
        return type(thing).from_config(thing.get_config())
    if isinstance(thing, keras.Metric):
        try:
            return type(thing).from_config(thing.get_config())
        except (TypeError, ValueError):
            return thing  # of an own function, which Keras does not find
    return thing


class _Copier:
    """Copies models, adding DropBlock between the copied layers."""

    def __init__(
        self, plan: DropBlockPlan, rate: float | Schedule, arguments: dict[str, Any]
    ):
        self.copied: list[tuple[Any, Any]] = []
        self._plan = plan
        self._rate = rate
        self._arguments = arguments
        self._copies: dict[int, Any] = {}
        self._dropped: dict[str, Any] = {}

    def copy(self, model: Any) -> Any:
        """Copy a model and its nested models."""
        if isinstance(model, keras.Sequential):
            return self._copy_sequential(model)
        originals = calls(model)
        with _not_compiled(model):
            return keras.models.clone_model(
                model,
                input_tensors=keras.tree.map_structure(_input_like, model.input),
                clone_function=self._copy_layer,
                call_function=lambda *args, **kwargs: self._call(
                    next(originals), *args, **kwargs
                ),
            )

    def _copy_sequential(self, model: keras.Sequential) -> keras.Sequential:
        layers = [_input_like(model.inputs[0])]
        for call in calls(functional(model)):
            place = self._plan.at(call, call.input_tensors[0])
            if place is not None:
                layers.append(self._dropblock(place))
            layers.append(self._copy_layer(call.operation))
        return keras.Sequential(layers, name=model.name)

    def _copy_layer(self, layer: Any) -> Any:
        """Copy a layer once, however many models share it."""
        if id(layer) not in self._copies:
            if is_graph(layer):
                copy = self.copy(layer)
            else:
                copy = layer.__class__.from_config(layer.get_config())
                if isinstance(layer, keras.layers.Layer):
                    self.copied.append((layer, copy))
            self._copies[id(layer)] = copy
        return self._copies[id(layer)]

    def _call(self, original: Any, layer: Any, *args: Any, **kwargs: Any) -> Any:
        """Call the copy of a layer, with DropBlock on the way to it where planned."""
        tensors = iter(original.input_tensors)

        def dropped(tensor: Any) -> Any:
            place = self._plan.at(original, next(tensors))
            if place is None:
                return tensor
            if place.name not in self._dropped:
                self._dropped[place.name] = self._dropblock(place)(tensor)
            return self._dropped[place.name]

        args, kwargs = keras.tree.map_structure(
            lambda x: dropped(x) if isinstance(x, keras.KerasTensor) else x,
            (args, kwargs),
        )
        return layer(*args, **kwargs)

    def _dropblock(self, place: Place) -> Any:
        arguments = {"data_format": place.map.data_format, **self._arguments}
        if place.dtype is not None:
            arguments.setdefault("dtype", place.dtype)
        if arguments.get("seed") is not None:
            arguments["seed"] += self._plan.places.index(place)
        return _DROPBLOCKS[len(place.map.lengths)](
            scaled("layers", self._rate, place.factor, place.layer),
            name=place.name,
            **arguments,
        )


@contextmanager
def _not_compiled(model: keras.Model) -> Iterator[None]:
    """Keep Keras from compiling a clone, which fails for own functions."""
    compiled, model.compiled = model.compiled, False
    try:
        yield
    finally:
        model.compiled = compiled


def _input_like(tensor: Any) -> Any:
    name = tensor._keras_history.operation.name
    return keras.Input(
        batch_shape=tensor.shape, dtype=tensor.dtype, sparse=tensor.sparse, name=name
    )
