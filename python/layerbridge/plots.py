"""Plots of what layers drop."""

from collections.abc import Iterable, Mapping
from typing import Any

import keras
import numpy as np
import numpy.typing as npt
from keras.optimizers.schedules import LearningRateSchedule as Schedule

from layerbridge.checks import check_integer
from layerbridge.layers.base import StructuredDropout
from layerbridge.training.schedules import LinearRamp, Scaled

_DROPPED = "#d55e00"


def plot_masks(
    layers: keras.layers.Layer
    | Iterable[keras.layers.Layer]
    | Mapping[str, keras.layers.Layer],
    maps: Any,
    channels: int = 4,
    draws: int = 1000,
    steps: int | None = None,
) -> Any:
    """Draw what layers drop from the feature maps of one sample.

    Each layer has a row: the first channels with the units that drop in one training
    step; how often each unit of the map drops; and, if any rate follows a schedule, the
    rate over the steps of training. Masks are drawn at the schedule's highest rate.
    The layers themselves do not change.

    Requires matplotlib.

    Args:
        layers: A layer; several layers, labelled with their names; or a dictionary from
            labels to layers. Any Keras layer that drops will do, but layers of
            layerbridge must be 2D.
        maps: Array of shape `(height, width, channels)`, one sample's feature maps.
        channels: Integer, the number of channels to draw.
        draws: Integer, the number of training steps over which drops are counted.
        steps: Integer, the number of steps over which schedules are drawn. By default,
            until shortly after a `LinearRamp` ends, otherwise 1000.

    Returns:
        A matplotlib `Figure`.

    Raises:
        ImportError: If matplotlib is not installed.
        ValueError: If `layers` are not layers, or `maps` does not have three axes.

    Example:
    >>> import keras, numpy as np
    >>> from layerbridge import DropBlock2D, SpatialDropout2D, plot_masks
    >>> figure = plot_masks(
    ...     {
    ...         "dropout": keras.layers.Dropout(0.2),
    ...         "DropBlock": DropBlock2D(0.2, block_size=5),
    ...         "spatial dropout": SpatialDropout2D(0.2),
    ...     },
    ...     np.random.default_rng(0).normal(size=(14, 14, 8)),
    ... )
    """
    plt = _pyplot()
    maps = np.asarray(maps, "float32")
    if maps.ndim != 3:
        raise ValueError(
            "`maps` must be an array of shape (height, width, channels); received one "
            f"of shape {maps.shape}"
        )
    labelled = _labelled(layers)
    shown = min(check_integer("channels", channels), maps.shape[-1])
    rates = [rates_of(layer, steps) for _, layer in labelled]
    dropped = [drawn_masks(layer, maps.shape, draws) for _, layer in labelled]
    scheduled = any(values is not None for values in rates)
    columns = shown + 1 + scheduled
    figure, axes = plt.subplots(
        len(labelled),
        columns,
        figsize=(1.5 * columns + 1, 1.6 * len(labelled) + 0.4),
        squeeze=False,
        layout="constrained",
    )
    frequencies = [masks.mean((0, -1)) for masks in dropped]
    most = max(frequency.max() for frequency in frequencies) or 1
    for row, ax_row in enumerate(axes):
        for channel, ax in enumerate(ax_row[:shown]):
            _draw_map(ax, maps[..., channel], dropped[row][0, ..., channel])
        label, _ = labelled[row]
        ax_row[0].set_ylabel(f"{label}\n{dropped[row].mean():.1%} drop")
        image = ax_row[shown].imshow(
            frequencies[row], vmin=0, vmax=most, cmap="cividis"
        )
        ax_row[shown].set(xticks=[], yticks=[])
        figure.colorbar(image, ax=ax_row[shown], fraction=0.05)
        if rates[row] is not None:
            ax_row[-1].plot(rates[row], color=_DROPPED)
            ax_row[-1].set_ylim(0, None)
            ax_row[-1].set_title("rate by step", fontsize="medium")
        elif scheduled:
            ax_row[-1].axis("off")
    for channel, ax in enumerate(axes[0, :shown]):
        ax.set_title(f"channel {channel + 1}", fontsize="medium")
    axes[0, shown].set_title("fraction dropped", fontsize="medium")
    return figure


def _pyplot() -> Any:
    try:
        import matplotlib.pyplot as plt
    except ImportError as error:
        raise ImportError(
            "plot_masks() needs matplotlib, which is not installed. Run "
            "`python -m pip install matplotlib`."
        ) from error
    return plt


def _labelled(layers: Any) -> list[tuple[str, keras.layers.Layer]]:
    """Pair each layer with its key in a dictionary, or else with its name."""
    if isinstance(layers, Mapping):
        labelled = list(layers.items())
    else:
        one = isinstance(layers, keras.layers.Layer | str)
        one = one or not isinstance(layers, Iterable)
        several = [layers] if one else layers
        labelled = [(getattr(layer, "name", ""), layer) for layer in several]
    other = [
        layer for _, layer in labelled if not isinstance(layer, keras.layers.Layer)
    ]
    if other or not labelled:
        raise ValueError(
            "`layers` must be a layer, several layers, or a dictionary from labels to "
            f"layers; received {other[0] if other else layers!r}"
        )
    return labelled


def rates_of(
    layer: keras.layers.Layer, steps: int | None = None
) -> npt.NDArray[np.float32] | None:
    """Return the rate at each step of a layer's schedule; `None` if it has none."""
    schedule = getattr(layer, "rate", None)
    if not isinstance(schedule, Schedule):
        return None
    if steps is None:
        ramp = schedule.schedule if isinstance(schedule, Scaled) else schedule
        steps = ramp.steps * 5 // 4 + 1 if isinstance(ramp, LinearRamp) else 1000
    return np.array([float(schedule(step)) for step in range(steps)], "float32")


def drawn_masks(
    layer: keras.layers.Layer, shape: tuple[int, ...], draws: int
) -> npt.NDArray[np.bool_]:
    """Draw masks with a copy of a layer, at its schedule's highest rate.

    Returns:
        An array of shape `(draws, height, width, channels)`, true where units drop.
    """
    check_integer("draws", draws)
    if isinstance(layer, StructuredDropout) and layer.rank != 2:
        raise ValueError(
            f"`layers` must be 2D layers; received a {type(layer).__name__}, which "
            "drops maps of another rank"
        )
    config = layer.get_config()
    config.pop("batch_size", None)
    rates = rates_of(layer)
    if rates is not None:
        config["rate"] = float(rates.clip(0, 1).max())
    copy = layer.__class__.from_config(config)
    ones = np.ones((draws, *shape), "float32")
    first = getattr(layer, "data_format", None) == "channels_first"
    outputs = copy(np.moveaxis(ones, -1, 1) if first else ones, training=True)
    dropped = keras.ops.convert_to_numpy(outputs) == 0
    return np.moveaxis(dropped, 1, -1) if first else dropped


def _draw_map(
    ax: Any, features: npt.NDArray[np.float32], dropped: npt.NDArray[np.bool_]
) -> None:
    from matplotlib import colormaps

    colors = colormaps["gray"].with_extremes(bad=_DROPPED)
    ax.imshow(np.where(dropped, np.nan, features), cmap=colors)
    ax.set(xticks=[], yticks=[])
