"""Spatial dropout layers: all units of a channel drop together."""

import keras

from layerbridge.layers.maps import MapDropout


class SpatialDropout(MapDropout):
    """Drops whole channels; a subclass sets `rank`."""

    def block(self) -> None:
        """Return `None`: the block covers the whole map."""


@keras.saving.register_keras_serializable(package="layerbridge")
class SpatialDropout1D(SpatialDropout):
    """Drops whole channels of a sequence.

    Where neighbouring steps of a sequence carry much the same information, dropping
    single ones regularises little. Spatial dropout drops a channel as a whole or keeps
    it, independently for each sample, and scales what it keeps by `1 / (1 - rate)`. It
    is DropBlock with a block as large as the sequence.

    Args:
        rate: Float between 0 and 1, the expected fraction of channels dropped; or a
            schedule, such as `LinearRamp` or any learning rate schedule of Keras, whose
            steps are the layer's training calls. The layer's attribute `current_rate`
            is the rate of its next training step.
        data_format: String, `"channels_last"` for inputs of shape
            `(batch, steps, channels)` or `"channels_first"` for
            `(batch, channels, steps)`. `None` uses `image_data_format` from the Keras
            config, which is `"channels_last"` unless set otherwise.
        seed: Integer, or `None` for a seed that follows Keras's `set_random_seed()`.
        **kwargs: Arguments of every Keras layer, such as `name`, `dtype` and
            `trainable`. Braces in `name` number the layers that share the pattern:
            `"drop{}"` gives `drop1`, `drop2`.

    Call arguments:
        inputs: A tensor with 3 axes, of floating-point numbers in training.
        training: Boolean, whether to drop. If `False`, the layer returns its inputs.
            Models pass it on to their layers; elsewhere, pass it yourself:
            `layer(x, training=True)`.

    Input shape:
        `(batch, steps, channels)`, or `(batch, channels, steps)` with
        `data_format="channels_first"`.

    Output shape:
        Same as the inputs.

    Raises:
        ValueError: If an argument is invalid, or the inputs do not have 3 axes.

    Reference:

    - [Tompson et al., 2015](https://arxiv.org/abs/1411.4280)

    Example:
    >>> import keras
    >>> from layerbridge import SpatialDropout1D
    >>> model = keras.Sequential([
    ...     keras.Input((128, 4)),
    ...     keras.layers.Conv1D(32, 9, activation="relu"),
    ...     SpatialDropout1D(rate=0.2),
    ... ])
    >>> model.output_shape
    (None, 120, 32)
    """

    rank = 1


@keras.saving.register_keras_serializable(package="layerbridge")
class SpatialDropout2D(SpatialDropout):
    """Drops whole channels of a feature map.

    Where neighbouring units of a feature map carry much the same information, dropping
    single ones regularises little. Spatial dropout drops a channel as a whole or keeps
    it, independently for each sample, and scales what it keeps by `1 / (1 - rate)`. It
    is DropBlock with a block as large as the map.

    Args:
        rate: Float between 0 and 1, the expected fraction of channels dropped; or a
            schedule, such as `LinearRamp` or any learning rate schedule of Keras, whose
            steps are the layer's training calls. The layer's attribute `current_rate`
            is the rate of its next training step.
        data_format: String, `"channels_last"` for inputs of shape
            `(batch, height, width, channels)` or `"channels_first"` for
            `(batch, channels, height, width)`. `None` uses `image_data_format` from the
            Keras config, which is `"channels_last"` unless set otherwise.
        seed: Integer, or `None` for a seed that follows Keras's `set_random_seed()`.
        **kwargs: Arguments of every Keras layer, such as `name`, `dtype` and
            `trainable`. Braces in `name` number the layers that share the pattern:
            `"drop{}"` gives `drop1`, `drop2`.

    Call arguments:
        inputs: A tensor with 4 axes, of floating-point numbers in training.
        training: Boolean, whether to drop. If `False`, the layer returns its inputs.
            Models pass it on to their layers; elsewhere, pass it yourself:
            `layer(x, training=True)`.

    Input shape:
        `(batch, height, width, channels)`, or `(batch, channels, height, width)` with
        `data_format="channels_first"`.

    Output shape:
        Same as the inputs.

    Raises:
        ValueError: If an argument is invalid, or the inputs do not have 4 axes.

    Reference:

    - [Tompson et al., 2015](https://arxiv.org/abs/1411.4280)

    Example:
    >>> import keras
    >>> from layerbridge import SpatialDropout2D
    >>> model = keras.Sequential([
    ...     keras.Input((28, 28, 1)),
    ...     keras.layers.Conv2D(32, 3, activation="relu"),
    ...     SpatialDropout2D(rate=0.2),
    ... ])
    >>> model.output_shape
    (None, 26, 26, 32)
    """

    rank = 2


@keras.saving.register_keras_serializable(package="layerbridge")
class SpatialDropout3D(SpatialDropout):
    """Drops whole channels of a volume.

    Where neighbouring units of a volume carry much the same information, dropping
    single ones regularises little. Spatial dropout drops a channel as a whole or keeps
    it, independently for each sample, and scales what it keeps by `1 / (1 - rate)`. It
    is DropBlock with a block as large as the volume.

    Args:
        rate: Float between 0 and 1, the expected fraction of channels dropped; or a
            schedule, such as `LinearRamp` or any learning rate schedule of Keras, whose
            steps are the layer's training calls. The layer's attribute `current_rate`
            is the rate of its next training step.
        data_format: String, `"channels_last"` for inputs of shape
            `(batch, depth, height, width, channels)` or `"channels_first"` for
            `(batch, channels, depth, height, width)`. `None` uses `image_data_format`
            from the Keras config, which is `"channels_last"` unless set otherwise.
        seed: Integer, or `None` for a seed that follows Keras's `set_random_seed()`.
        **kwargs: Arguments of every Keras layer, such as `name`, `dtype` and
            `trainable`. Braces in `name` number the layers that share the pattern:
            `"drop{}"` gives `drop1`, `drop2`.

    Call arguments:
        inputs: A tensor with 5 axes, of floating-point numbers in training.
        training: Boolean, whether to drop. If `False`, the layer returns its inputs.
            Models pass it on to their layers; elsewhere, pass it yourself:
            `layer(x, training=True)`.

    Input shape:
        `(batch, depth, height, width, channels)`, or
        `(batch, channels, depth, height, width)` with `data_format="channels_first"`.

    Output shape:
        Same as the inputs.

    Raises:
        ValueError: If an argument is invalid, or the inputs do not have 5 axes.

    Reference:

    - [Tompson et al., 2015](https://arxiv.org/abs/1411.4280)

    Example:
    >>> import keras
    >>> from layerbridge import SpatialDropout3D
    >>> model = keras.Sequential([
    ...     keras.Input((16, 16, 16, 1)),
    ...     keras.layers.Conv3D(8, 3, activation="relu"),
    ...     SpatialDropout3D(rate=0.2),
    ... ])
    >>> model.output_shape
    (None, 14, 14, 14, 8)
    """

    rank = 3
