"""Layers with NumPy docstrings and type hints."""

from typing import Literal

import keras


class Scale(keras.layers.Layer):
    """
    Scales its input.

    Longer words.

    Parameters
    ----------
    factor : float, optional
        By how much.
    sizes : tuple of int
        How large.
    mode : {'a', 'b'}
        Which way.

    Returns
    -------
    Tensor
        The output.

    Notes
    -----
    Remember `None`.

    References
    ----------
    .. [1] Somebody.
    """

    def __init__(
        self,
        sizes: tuple[int, ...],
        factor: float | None = None,
        mode: Literal["a", "b"] = "a",
        depth: "int | None" = None,
    ) -> None:
        super().__init__()
