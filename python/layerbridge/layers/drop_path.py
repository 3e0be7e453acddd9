"""Drop path: all units of a sample drop together."""

from functools import partial
from typing import Any, get_args

import keras
from keras.optimizers.schedules import LearningRateSchedule as Schedule

from layerbridge.checks import check_choice, checked
from layerbridge.layers.arguments import LayerArguments, Unpack
from layerbridge.layers.base import StructuredDropout
from layerbridge.masks.scale import Normalize


@keras.saving.register_keras_serializable(package="layerbridge")
class DropPath(StructuredDropout):
    """Drops whole samples of a residual branch.

    In a residual block, `x + branch(x)`, drop path makes the branch zero for samples
    drawn at random, so that each of them trains a shallower network: *stochastic
    depth*. Samples are drawn independently, and those that are kept are scaled by
    `1 / (1 - rate)`. Put the layer last in the branch, right before the addition.
    Drop path is DropBlock with a block as large as the sample, all its channels
    included.

    Args:
        rate: Float between 0 and 1, the expected fraction of samples dropped; or a
            schedule, such as `LinearRamp` or any learning rate schedule of Keras, whose
            steps are the layer's training calls. The layer's attribute `current_rate`
            is the rate of its next training step.
        seed: Integer, or `None` for a seed that follows Keras's `set_random_seed()`.
        normalize: String, how kept samples are scaled up: `"expected"` divides by
            `1 - rate`; `"batch"` by the fraction of the batch that is kept; `"none"`
            leaves them as they are, and so does `"sample"`, since a sample is kept
            whole.
        **kwargs: Arguments of every Keras layer, such as `name`, `dtype` and
            `trainable`. Braces in `name` number the layers that share the pattern:
            `"drop{}"` gives `drop1`, `drop2`.

    Call arguments:
        inputs: A tensor with 2 axes or more, of floating-point numbers in training.
        training: Boolean, whether to drop. If `False`, the layer returns its inputs.
            Models pass it on to their layers; elsewhere, pass it yourself:
            `layer(x, training=True)`.

    Input shape:
        `(batch, ...)`, with one axis or more besides the batch.

    Output shape:
        Same as the inputs.

    Raises:
        ValueError: If an argument is invalid, or the inputs have fewer than 2 axes.

    Reference:

    - [Huang et al., 2016](https://arxiv.org/abs/1603.09382)
    - [Larsson et al., 2016](https://arxiv.org/abs/1605.07648), who named it

    Example:
    >>> import keras
    >>> from layerbridge import DropPath
    >>> x = keras.Input((14, 14, 32))
    >>> branch = keras.layers.Conv2D(32, 3, padding="same")(x)
    >>> (x + DropPath(rate=0.1)(branch)).shape
    (None, 14, 14, 32)
    """

    channel_axis = property(lambda _: 1)
    per_channel = property(lambda _: False)
    normalize: Normalize = checked(
        "normalize", partial(check_choice, choices=get_args(Normalize))
    )

    def __init__(
        self,
        rate: float | Schedule,
        seed: int | None = None,
        normalize: Normalize = "expected",
        **kwargs: Unpack[LayerArguments],
    ):
        super().__init__(rate, seed, **kwargs)
        self.normalize = normalize

    def block(self) -> None:
        """Return `None`: the block covers the whole sample."""

    @property
    def _usual(self) -> dict[str, Any]:
        return {**super()._usual, "normalize": "expected"}

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that recreate the layer."""
        return {**super().get_config(), "normalize": self.normalize}

    def _check_axes(self, shape: tuple[int | None, ...]) -> None:
        if len(shape) < 2:
            raise ValueError(
                "DropPath must be called on a tensor of at least 2 axes, (batch, ...); "
                f"received one of shape {shape}. Add the missing axes."
            )
