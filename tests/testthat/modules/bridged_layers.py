"""Layers that take what the runtime has to bring: several inputs, lists, functions."""

import keras


class Pair(keras.layers.Layer):
    def __init__(self, units, **kwargs):
        super().__init__(**kwargs)
        self.one = keras.layers.Dense(units)
        self.other = keras.layers.Dense(units)

    def call(self, x, context, scale=1.0):
        return self.one(x) + self.other(context) * scale


class Keeps(keras.layers.Layer):
    """Keeps what it is made with."""

    def __init__(self, value=None, values=None, function=None, **kwargs):
        super().__init__(**kwargs)
        self.value, self.values, self.function = value, values, function

    def said(self):
        return repr(self.value)

    def call(self, inputs):
        return inputs


class Raw(keras.layers.Layer):
    """Takes inputs as they come, and none of them."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self._convert_input_args = False
        self._allow_non_tensor_positional_args = True

    def call(self, inputs):
        raise ValueError(f"Raw takes nothing. Received: {inputs}, which is too much.")


class Takes(Raw):
    """Takes strings, lists and numbers, and keeps what arrived."""

    def call(self, inputs):
        self.received = repr(inputs)
        return keras.ops.zeros(())


class Shifted(keras.layers.Layer):
    """Takes a second input, if there is one, and by how much to shift."""

    def call(self, inputs, other=None, by=0):
        self.by = repr(by)
        return inputs + by if other is None else inputs + other


class Fails(keras.layers.Layer):
    def call(self, inputs):
        return {}[0]


class Needing:
    def __init__(self, depth, **kwargs):
        super().__init__(**kwargs)
        self.depth = depth


class Mixed(Needing, keras.layers.Layer):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)


def with_text(text):
    raise ValueError(text)


class CustomError(Exception):
    pass


def raise_exception(exception):
    raise eval(exception)


def last_line(exception):
    text = str(eval(exception)).strip("'")
    return text.splitlines()[-1]


class Raising(keras.layers.Layer):
    """Raises as soon as it is called on values."""

    def __init__(self, exception, **kwargs):
        super().__init__(**kwargs)
        self.exception = exception

    def raised(self, exception):
        raise_exception(exception)

    def call(self, inputs):
        raise_exception(self.exception)

    def compute_output_shape(self, input_shape):
        return input_shape
