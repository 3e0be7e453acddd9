"""The array namespace: NumPy or `keras.ops`."""

from typing import Any

import numpy as np
from keras import ops


def namespace(array: Any) -> Any:
    """Return NumPy for its arrays and numbers, and `keras.ops` for other tensors."""
    return np if isinstance(array, np.generic | np.ndarray) else ops
