"""A model whose loss tells what its layers keep, so that the history shows rates."""

import keras
import numpy as np

X, Y = np.ones((16, 8, 8, 4), "float32"), np.zeros((16, 1), "float32")


def kept(_, outputs):
    return keras.ops.mean(outputs)


def model_of(*layers, **compile_arguments):
    """Its loss is the share of ones that the layers keep; training changes nothing."""
    model = keras.Sequential(
        [
            keras.Input(X.shape[1:]),
            *layers,
            keras.layers.GlobalAveragePooling2D(),
            keras.layers.Dense(
                1, use_bias=False, kernel_initializer=keras.initializers.Constant(0.25)
            ),
        ]
    )
    model.compile(keras.optimizers.SGD(0.0), kept, **compile_arguments)
    return model


def fit(model, epochs, *callbacks, steps=1, **arguments):
    """Train some epochs of some steps; return the history."""
    x, y = np.concatenate([X] * steps), np.concatenate([Y] * steps)
    return model.fit(
        x,
        y,
        batch_size=len(X),
        epochs=epochs,
        shuffle=False,
        verbose=0,
        callbacks=list(callbacks),
        **arguments,
    ).history


class AtEpoch(keras.callbacks.Callback):
    """Does something as an epoch begins."""

    def __init__(self, epoch, action):
        super().__init__()
        self.epoch, self.action = epoch, action

    def on_epoch_begin(self, epoch, logs=None):
        if epoch == self.epoch:
            self.action()
