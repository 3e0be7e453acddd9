"""DropBlock layers: contiguous blocks of a map drop together."""

from collections.abc import Sequence
from functools import partial
from typing import Any, get_args

import keras
from keras.optimizers.schedules import LearningRateSchedule as Schedule

from layerbridge.checks import (
    DataFormat,
    check_choice,
    check_flag,
    check_sizes,
    checked,
)
from layerbridge.layers.arguments import LayerArguments, Unpack
from layerbridge.layers.maps import MapDropout
from layerbridge.masks.scale import Normalize


class DropBlock(MapDropout):
    """Drops blocks of a map; a subclass sets `rank`."""

    per_channel: bool = checked("per_channel", check_flag)
    normalize: Normalize = checked(
        "normalize", partial(check_choice, choices=get_args(Normalize))
    )
    exact_rate: bool = checked("exact_rate", check_flag)
    _block_size: int | Sequence[int]

    def __init__(
        self,
        rate: float | Schedule,
        block_size: int | Sequence[int],
        data_format: DataFormat | None = None,
        per_channel: bool = True,
        normalize: Normalize = "batch",
        exact_rate: bool = True,
        seed: int | None = None,
        **kwargs: Unpack[LayerArguments],
    ):
        super().__init__(rate, data_format, seed, **kwargs)
        self.block_size = block_size
        self.per_channel = per_channel
        self.normalize = normalize
        self.exact_rate = exact_rate

    @property
    def block_size(self) -> int | Sequence[int]:
        """The block's length: one integer, or one per spatial axis."""
        return self._block_size

    @block_size.setter
    def block_size(self, block_size: int | Sequence[int]) -> None:
        sizes = check_sizes("block_size", block_size, self.rank)
        as_given = sizes if isinstance(block_size, Sequence) else sizes[0]
        self.__dict__["_block_size"] = as_given  # as `checked` does

    def block(self) -> Sequence[int]:
        """Return the block's length along each spatial axis."""
        sizes = self.block_size
        return sizes if isinstance(sizes, Sequence) else (sizes,) * self.rank

    @property
    def _usual(self) -> dict[str, Any]:
        own = {"per_channel": True, "normalize": "batch", "exact_rate": True}
        return {**super()._usual, **own}

    def _settings(self) -> dict[str, Any]:
        return {"block_size": self.block_size}

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that recreate the layer."""
        return {
            **super().get_config(),
            "block_size": self.block_size,
            "per_channel": self.per_channel,
            "normalize": self.normalize,
            "exact_rate": self.exact_rate,
        }


@keras.saving.register_keras_serializable(package="layerbridge")
class DropBlock1D(DropBlock):
    """Drops contiguous blocks of steps, with a separate mask per channel.

    Neighbouring steps of a sequence carry much the same information, which ordinary
    dropout leaves in place. DropBlock drops whole stretches, so that the network has to
    look elsewhere. Use it after convolutions over time series, audio or text.

    Blocks lie wholly inside the sequence and may overlap. Each place where a block fits
    is drawn independently, with the probability at which the expected fraction of
    dropped units is `rate`. A block size of 1 is ordinary dropout, and a block as large
    as the sequence is spatial dropout.

    Args:
        rate: Float between 0 and 1, the expected fraction of units dropped; or a
            schedule, such as `LinearRamp` or any learning rate schedule of Keras, whose
            steps are the layer's training calls. The layer's attribute `current_rate`
            is the rate of its next training step.
        block_size: Integer, the number of steps in a block; or a tuple of one integer.
            A block larger than the sequence is clipped to it.
        data_format: String, `"channels_last"` for inputs of shape
            `(batch, steps, channels)` or `"channels_first"` for
            `(batch, channels, steps)`. `None` uses `image_data_format` from the Keras
            config, which is `"channels_last"` unless set otherwise.
        per_channel: Boolean. If `True`, each channel has its own mask, which the paper
            found to work better. If `False`, all channels of a sample share one mask.
        normalize: String, how kept units are scaled up: `"batch"` divides by the
            fraction kept in the whole tensor, as the paper does; `"sample"` by the
            fraction kept in each sample; `"expected"` by `1 - rate`; `"none"` leaves
            them as they are. Where nothing is kept, the output is zero.
        exact_rate: Boolean. If `False`, use the paper's probability, with which less
            than `rate` drops where blocks overlap.
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

    - [Ghiasi et al., 2018](https://arxiv.org/abs/1810.12890)

    Example:
    >>> import keras
    >>> from layerbridge import DropBlock1D
    >>> model = keras.Sequential([
    ...     keras.Input((128, 4)),
    ...     keras.layers.Conv1D(32, 9, activation="relu"),
    ...     DropBlock1D(rate=0.1, block_size=9),
    ... ])
    >>> model.output_shape
    (None, 120, 32)
    """

    rank = 1


@keras.saving.register_keras_serializable(package="layerbridge")
class DropBlock2D(DropBlock):
    """Drops contiguous blocks of a feature map, with a separate mask per channel.

    Neighbouring units of a convolution's feature map carry much the same information,
    which ordinary dropout leaves in place. DropBlock drops whole regions, so that the
    network has to look elsewhere. Use it after convolutions, and on the skip
    connections beside them.

    Blocks lie wholly inside the map and may overlap. Each place where a block fits is
    drawn independently, with the probability at which the expected fraction of dropped
    units is `rate`. A block size of 1 is ordinary dropout, and a block as large as the
    map is spatial dropout.

    Args:
        rate: Float between 0 and 1, the expected fraction of units dropped; or a
            schedule, such as `LinearRamp` or any learning rate schedule of Keras, whose
            steps are the layer's training calls. The layer's attribute `current_rate`
            is the rate of its next training step.
        block_size: Integer, the height and width of a block; or a tuple of two
            integers, its height and its width. The paper uses 7. A block larger than
            the map is clipped to it.
        data_format: String, `"channels_last"` for inputs of shape
            `(batch, height, width, channels)` or `"channels_first"` for
            `(batch, channels, height, width)`. `None` uses `image_data_format` from the
            Keras config, which is `"channels_last"` unless set otherwise.
        per_channel: Boolean. If `True`, each channel has its own mask, which the paper
            found to work better. If `False`, all channels of a sample share one mask.
        normalize: String, how kept units are scaled up: `"batch"` divides by the
            fraction kept in the whole tensor, as the paper does; `"sample"` by the
            fraction kept in each sample; `"expected"` by `1 - rate`; `"none"` leaves
            them as they are. Where nothing is kept, the output is zero.
        exact_rate: Boolean. If `False`, use the paper's probability, with which less
            than `rate` drops where blocks overlap.
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

    - [Ghiasi et al., 2018](https://arxiv.org/abs/1810.12890)

    Example:
    >>> import keras
    >>> from layerbridge import DropBlock2D
    >>> model = keras.Sequential([
    ...     keras.Input((28, 28, 1)),
    ...     keras.layers.Conv2D(32, 3, activation="relu"),
    ...     DropBlock2D(rate=0.1, block_size=7),
    ... ])
    >>> model.output_shape
    (None, 26, 26, 32)
    """

    rank = 2


@keras.saving.register_keras_serializable(package="layerbridge")
class DropBlock3D(DropBlock):
    """Drops contiguous blocks of a volume, with a separate mask per channel.

    Neighbouring units of a volume or a video carry much the same information, which
    ordinary dropout leaves in place. DropBlock drops whole regions, so that the network
    has to look elsewhere. Use it after convolutions over volumes and videos.

    Blocks lie wholly inside the volume and may overlap. Each place where a block fits
    is drawn independently, with the probability at which the expected fraction of
    dropped units is `rate`. A block size of 1 is ordinary dropout, and a block as large
    as the volume is spatial dropout.

    Args:
        rate: Float between 0 and 1, the expected fraction of units dropped; or a
            schedule, such as `LinearRamp` or any learning rate schedule of Keras, whose
            steps are the layer's training calls. The layer's attribute `current_rate`
            is the rate of its next training step.
        block_size: Integer, the depth, height and width of a block; or a tuple of three
            integers, its depth, its height and its width. A block larger than the
            volume is clipped to it.
        data_format: String, `"channels_last"` for inputs of shape
            `(batch, depth, height, width, channels)` or `"channels_first"` for
            `(batch, channels, depth, height, width)`. `None` uses `image_data_format`
            from the Keras config, which is `"channels_last"` unless set otherwise.
        per_channel: Boolean. If `True`, each channel has its own mask, which the paper
            found to work better. If `False`, all channels of a sample share one mask.
        normalize: String, how kept units are scaled up: `"batch"` divides by the
            fraction kept in the whole tensor, as the paper does; `"sample"` by the
            fraction kept in each sample; `"expected"` by `1 - rate`; `"none"` leaves
            them as they are. Where nothing is kept, the output is zero.
        exact_rate: Boolean. If `False`, use the paper's probability, with which less
            than `rate` drops where blocks overlap.
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

    - [Ghiasi et al., 2018](https://arxiv.org/abs/1810.12890)

    Example:
    >>> import keras
    >>> from layerbridge import DropBlock3D
    >>> model = keras.Sequential([
    ...     keras.Input((16, 16, 16, 1)),
    ...     keras.layers.Conv3D(8, 3, activation="relu"),
    ...     DropBlock3D(rate=0.1, block_size=(3, 5, 5)),
    ... ])
    >>> model.output_shape
    (None, 14, 14, 14, 8)
    """

    rank = 3
