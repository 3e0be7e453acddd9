"""Layers with Google docstrings, inheritance and odd signatures."""

import keras

PRIVATE_DEFAULT = object()


class Base(keras.layers.Layer):
    """The base.

    Args:
        units: Integer, how many.
        fixed: What the subclass decides.
        shared: Documented only here.
    """

    def __init__(self, units, fixed, *, shared=0.5, **kwargs):
        super().__init__(**kwargs)
        self.arguments = (units, fixed, shared)


class Derived(Base):
    """Hands on what it does not take.

    Args:
        mode: A string, `"a"` or `"b"`.
        if_: A word that R reserves.
    """

    def __init__(self, units, mode="a", *, axis=0, **kwargs):
        super().__init__(units, fixed=mode, **kwargs)
        self.axis = axis


class Starred(Base):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)


class Reserved(keras.layers.Layer):
    """Has argument names that R cannot take as they are."""

    def __init__(self, object=1, _hidden=2, größe=3, TRUE=4, **kwargs):  # noqa: N803
        super().__init__(**kwargs)
        self.arguments = (object, _hidden, größe, TRUE)


class Defaults(keras.layers.Layer):
    """Has defaults that R source cannot state."""

    def __init__(self, thing=PRIVATE_DEFAULT, function=len, kind=dict, text="\udc00"):
        super().__init__()


class ByPosition(keras.layers.Layer):
    def __init__(self, x, /):
        super().__init__()


class ManyByPosition(keras.layers.Layer):
    def __init__(self, *layers, **kwargs):
        super().__init__(**kwargs)


class Explicit(Base):
    """Calls its base by name."""

    def __init__(self, units, **kwargs):
        Base.__init__(self, units, **kwargs)


class Swallows(Base):
    """Hands nothing on."""

    def __init__(self, units, **kwargs):
        super().__init__(units, 1)


class Plain(keras.layers.Layer):
    pass


class NotALayer:
    pass


def function():
    pass
