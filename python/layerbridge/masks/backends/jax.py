"""JAX: `fit()` holds the model's state."""

import keras

from layerbridge.masks.backends.portable import drop

__all__ = ["drop", "is_held", "release"]


def is_held(variable: keras.Variable) -> bool:
    """Tell whether a running `fit()` holds the variable's value."""
    return getattr(variable, "_value", variable) is None


def release(model: keras.Model) -> None:
    """Return the values that a running `fit()` holds to the model's variables."""
    model.jax_state_sync()
