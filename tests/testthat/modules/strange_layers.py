"""A library of layers that nobody at layerbridge wrote."""

import keras


class Scale(keras.layers.Layer):
    """Multiplies its inputs.

    A stranger may write \\Sexpr{stop("ran")} and `r stop("ran")` here, or @eval.

    Args:
        factor: Float, what to multiply by.
        repeats: Integer, how often. Defaults to `1`.
        axis: Integer, the axis.
    """

    def __init__(self, factor, repeats=1, axis=-1, **kwargs):
        super().__init__(**kwargs)
        self.factor, self.repeats, self.axis = factor, repeats, axis

    def call(self, inputs):
        return inputs * self.factor**self.repeats


class Nothing:
    """No layer."""
