"""Structured dropout for Keras 3, and a bridge that brings Keras layers to R."""

from layerbridge._requirements import keras_problem

__version__ = "0.1.0"

__all__ = [
    "DropBlock1D",
    "DropBlock2D",
    "DropBlock3D",
    "DropRateScheduler",
    "LinearRamp",
    "SpatialDropout1D",
    "SpatialDropout2D",
    "SpatialDropout3D",
    "__version__",
    "add_dropblock",
    "effective_rate",
    "plot_masks",
]

_PROBLEM = keras_problem()

if _PROBLEM is None:
    from layerbridge._callbacks import DropRateScheduler
    from layerbridge._dropblock import DropBlock1D, DropBlock2D, DropBlock3D
    from layerbridge._effective_rate import effective_rate
    from layerbridge._plots import plot_masks
    from layerbridge._recipe import add_dropblock
    from layerbridge._schedules import LinearRamp
    from layerbridge._spatial_dropout import (
        SpatialDropout1D,
        SpatialDropout2D,
        SpatialDropout3D,
    )
else:

    def __getattr__(name: str) -> object:
        if name in __all__:
            raise ImportError(_PROBLEM)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
