"""Structured dropout for Keras 3, and R functions for any Keras library."""

from typing import TYPE_CHECKING

from layerbridge.requirements import keras_problem

__version__ = "0.2.0"

__all__ = [
    "DropBlock1D",
    "DropBlock2D",
    "DropBlock3D",
    "DropPath",
    "DropRateScheduler",
    "LinearRamp",
    "SpatialDropout1D",
    "SpatialDropout2D",
    "SpatialDropout3D",
    "__version__",
    "add_dropblock",
    "effective_rate",
    "plan_dropblock",
    "plot_masks",
    "plot_rate",
    "predict_samples",
]

_PROBLEM = keras_problem()

if _PROBLEM is None:
    from layerbridge.formulas import effective_rate
    from layerbridge.layers.base import StructuredDropout
    from layerbridge.layers.drop_path import DropPath
    from layerbridge.layers.dropblock import DropBlock1D, DropBlock2D, DropBlock3D
    from layerbridge.layers.spatial_dropout import (
        SpatialDropout1D,
        SpatialDropout2D,
        SpatialDropout3D,
    )
    from layerbridge.plots import plot_masks, plot_rate
    from layerbridge.prediction import predict_samples
    from layerbridge.training.add_dropblock import add_dropblock
    from layerbridge.training.callbacks import DropRateScheduler
    from layerbridge.training.plan import DropBlockPlan, plan_dropblock
    from layerbridge.training.schedules import LinearRamp, Scaled

    for _public in (
        *(DropBlock1D, DropBlock2D, DropBlock3D, DropPath, StructuredDropout),
        *(SpatialDropout1D, SpatialDropout2D, SpatialDropout3D),
        *(DropRateScheduler, LinearRamp, Scaled),
        *(
            add_dropblock,
            DropBlockPlan,
            effective_rate,
            plan_dropblock,
            plot_masks,
            plot_rate,
            predict_samples,
        ),
    ):
        # What users see, save and dispatch on, wherever the class is defined.
        _public.__module__ = __name__
elif not TYPE_CHECKING:  # or every name would be there

    def __getattr__(name: str) -> object:
        if name in __all__:
            raise ImportError(_PROBLEM)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
