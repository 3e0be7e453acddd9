"""A layer with a reST docstring, and one with none."""

import keras


class Shift(keras.layers.Layer):
    """Shifts its input.

    See :class:`keras.layers.Layer`.

    :param steps: How far.
    :type steps: int
    :param fill: What comes in.
    :returns: The shifted input.
    :raises ValueError: If it cannot.
    """

    def __init__(self, steps, fill=0.0, **kwargs):
        super().__init__(**kwargs)


class Undocumented(keras.layers.Layer):
    def __init__(self, x, y=(1, 2.5), **kwargs):
        super().__init__(**kwargs)
