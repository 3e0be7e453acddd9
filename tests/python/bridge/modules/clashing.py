"""Two classes that come out with one name in R."""

import keras


class Conv2D(keras.layers.Layer):
    pass


class Conv2d(keras.layers.Layer):
    pass
