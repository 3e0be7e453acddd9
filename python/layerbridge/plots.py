"""Plots of what layers drop."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import keras
import numpy as np
import numpy.typing as npt
from keras.optimizers.schedules import LearningRateSchedule as Schedule

from layerbridge.checks import check_integer, checked_call
from layerbridge.layers.base import StructuredDropout
from layerbridge.layers.maps import MapDropout
from layerbridge.shown import shown
from layerbridge.training.schedules import LinearRamp, Scaled

_DROPPED = "#d55e00"
_AXES = {1: "steps", 2: "height, width", 3: "depth, height, width"}
# Of the maps that are drawn where none are given.
_SHAPES = {1: (56, 4), 2: (14, 14, 4), 3: (14, 14, 14, 4)}


@checked_call()
def plot_masks(
    layers: keras.layers.Layer
    | Iterable[keras.layers.Layer]
    | Mapping[str, keras.layers.Layer],
    maps: Any = None,
    channels: int = 4,
    draws: int = 1000,
    steps: int | None = None,
) -> Any:
    """Draw what layers drop from the maps of one sample.

    Each layer has a row: the first channels with the units that drop in one training
    step; how often each unit of the map drops; and, if any rate follows a schedule, the
    rate over the steps of training. Masks are drawn at the schedule's highest rate.
    The layers themselves do not change. Of a volume, the middle slice is shown.

    Requires matplotlib.

    Args:
        layers: A layer; several layers, labelled with their names; a dictionary from
            labels to layers; or a model, which stands for its structured dropout
            layers. Any Keras layer that drops will do. All must have the same rank.
        maps: Array of one sample's maps: of shape `(height, width, channels)`, of
            `(steps, channels)` for 1D layers, of `(depth, height, width, channels)` for
            3D layers. `None` is an array of ones, with 4 channels of 14 units along
            each axis, or of 56 steps.
        channels: Integer, the number of channels to draw.
        draws: Integer, the number of training steps over which drops are counted.
        steps: Integer, the number of steps over which schedules are drawn. By default,
            a `LinearRamp` is drawn until shortly after it ends, and any other schedule
            for 1000 steps.

    Returns:
        A matplotlib `Figure`.

    Raises:
        ImportError: If matplotlib is not installed.
        ValueError: If `layers` are not layers that drop, or `maps` has another shape.

    Example:
    >>> import keras
    >>> from layerbridge import DropBlock2D, SpatialDropout2D, plot_masks
    >>> figure = plot_masks({
    ...     "dropout": keras.layers.Dropout(0.2, seed=1),
    ...     "DropBlock": DropBlock2D(0.2, block_size=5, seed=1),
    ...     "spatial dropout": SpatialDropout2D(0.2, seed=1),
    ... })
    """
    plt = _pyplot()
    rows = rows_of(layers, maps, channels, draws, steps)
    panels = rows[0]["features"].shape[-1]
    scheduled = any(row["rates"] is not None for row in rows)
    columns = panels + 1 + scheduled
    figure, axes = plt.subplots(
        len(rows),
        columns,
        figsize=(1.5 * columns + 1, 1.6 * len(rows) + 0.6),
        squeeze=False,
        layout="constrained",
    )
    most = max(float(row["frequency"].max()) for row in rows) or 1
    aspect = "equal" if len(rows[0]["frequency"]) > 1 else "auto"
    for row, ax_row in zip(rows, axes, strict=True):
        for channel, ax in enumerate(ax_row[:panels]):
            features, dropped = row["features"], row["dropped"]
            _draw_map(ax, features[..., channel], dropped[..., channel], aspect)
        ax_row[0].set_ylabel(f"{row['label']}\n{row['says']}")
        image = ax_row[panels].imshow(
            row["frequency"], vmin=0, vmax=most, cmap="cividis", aspect=aspect
        )
        ax_row[panels].set(xticks=[], yticks=[])
        figure.colorbar(image, ax=ax_row[panels], fraction=0.05)
        if row["rates"] is not None:
            _draw_rates(ax_row[-1], row["rates"])
            ax_row[-1].set_title("rate by step", fontsize="medium")
        elif scheduled:
            ax_row[-1].axis("off")
    for channel, ax in enumerate(axes[0, :panels]):
        ax.set_title(f"channel {channel + 1}", fontsize="medium")
    axes[0, panels].set_title("fraction dropped", fontsize="medium")
    figure.legend(
        handles=[plt.Rectangle((0, 0), 1, 1, color=_DROPPED, label="dropped")],
        loc="outside lower left",
        frameon=False,
    )
    return figure


@checked_call()
def plot_rate(schedule: Schedule, steps: int | None = None) -> Any:
    """Draw the rate of a schedule over the steps of training.

    Requires matplotlib.

    Args:
        schedule: A schedule, such as `LinearRamp`; or a layer whose rate follows one.
        steps: Integer, the number of steps. By default, a `LinearRamp` is drawn until
            shortly after it ends, and any other schedule for 1000 steps.

    Returns:
        A matplotlib `Figure`.

    Raises:
        ImportError: If matplotlib is not installed.
        ValueError: If there is no schedule.

    Example:
    >>> from layerbridge import LinearRamp, plot_rate
    >>> figure = plot_rate(LinearRamp(0, 0.25, steps=1000))
    """
    rates = rates_of(schedule, steps)
    if rates is None:
        raise ValueError(
            "`schedule` must be a schedule, or a layer whose rate follows one; "
            f"received {shown(schedule)}"
        )
    figure, ax = _pyplot().subplots(figsize=(5, 3), layout="constrained")
    _draw_rates(ax, rates)
    ax.set(xlabel="step", ylabel="rate")
    return figure


def _draw_rates(ax: Any, rates: npt.NDArray[np.float32] | None) -> None:
    ax.plot(rates, color=_DROPPED)
    ax.set_ylim(0, None)


def _pyplot() -> Any:
    try:
        import matplotlib.pyplot as plt
    except ImportError as error:
        raise ImportError(
            "Plots need matplotlib, which is not installed. Run "
            "`python -m pip install matplotlib`."
        ) from error
    return plt


def rows_of(
    layers: Any,
    maps: Any = None,
    channels: Any = 4,
    draws: Any = 1000,
    steps: Any = None,
    labels: Sequence[str] = (),
) -> list[dict[str, Any]]:
    """Check the arguments of `plot_masks()`, and return what each row shows.

    R draws these rows, too. It gives `labels` apart from the layers, as some may be
    empty and several the same.

    Returns:
        For each layer, a dictionary: its `label`; `features`, the maps as an array of
        shape `(height, width, channels)`; what `_masks()` returns, of as many channels;
        what it `says` of how much drops; and the `rates` of its schedule, or `None`.
    """
    layers = _layers_in(layers)
    if not isinstance(layers, Mapping):
        one = isinstance(layers, keras.layers.Layer | str)
        layers = [layers] if one or not isinstance(layers, Iterable) else list(layers)
        labels = labels or [""] * len(layers)
        pairs = list(zip(labels, layers, strict=True))
    else:
        pairs = list(layers.items())
    other = [layer for _, layer in pairs if not isinstance(layer, keras.layers.Layer)]
    if other or not pairs:
        raise ValueError(
            "`layers` must be a layer, several layers, a dictionary from labels to "
            f"layers, or a model; received {shown(other[0] if other else layers)}"
        )
    rank = _rank_of(layer for _, layer in pairs)
    maps = np.ones(_SHAPES[rank]) if maps is None else np.asarray(maps, "float32")
    if maps.ndim != rank + 1:
        raise ValueError(
            f"`maps` must be an array of shape ({_AXES[rank]}, channels); received one "
            f"of shape {maps.shape}"
        )
    features = _picture(maps)[..., : check_integer("channels", channels)]
    check_integer("draws", draws)
    rows = []
    for label, layer in pairs:
        masks = _masks(layer, maps.shape, draws)
        masks["dropped"] = masks["dropped"][..., : features.shape[-1]]
        share = masks["share"]
        row = {
            "label": label or layer.name,
            "features": features,
            "says": f"{share:.1%} drop" if share else "drops nothing",
            "rates": rates_of(layer, steps),
        }
        rows.append(masks | row)
    return rows


def _layers_in(layers: Any) -> Any:
    """Return a model's structured dropout layers, and anything else as it is."""
    if not isinstance(layers, keras.Model):
        return layers
    dropping = [x for x in layers._flatten_layers() if isinstance(x, StructuredDropout)]
    if not dropping:
        raise ValueError(
            "`layers` must be layers that drop, or a model with structured dropout "
            f"layers; received the model {layers.name!r}, which has none"
        )
    return dropping


def rates_of(
    scheduled: Any, steps: int | None = None
) -> npt.NDArray[np.float32] | None:
    """Return the rates of a schedule, or of a layer's; `None` if there is none."""
    schedule = getattr(scheduled, "rate", scheduled)
    if not isinstance(schedule, Schedule):
        return None
    if steps is not None:
        steps = check_integer("steps", steps)
    else:
        ramp = schedule.schedule if isinstance(schedule, Scaled) else schedule
        steps = ramp.steps * 5 // 4 + 1 if isinstance(ramp, LinearRamp) else 1000
    return np.array([float(schedule(step)) for step in range(steps)], "float32")


def _rank_of(layers: Iterable[keras.layers.Layer]) -> int:
    """Return how many axes the maps of layers have; 2 where any number will do."""
    ranks = {x.rank for x in layers if isinstance(x, MapDropout)} or {2}
    if len(ranks) > 1:
        raise ValueError(
            "`layers` must be layers of one rank; received layers of "
            + " and ".join(f"{rank}D" for rank in sorted(ranks))
        )
    return ranks.pop()


def _masks(
    layer: keras.layers.Layer, shape: tuple[int, ...], draws: int
) -> dict[str, Any]:
    """Draw masks with a copy of a layer, at its schedule's highest rate.

    Returns:
        A dictionary: `dropped`, an array of shape `(height, width, channels)`, true
        where units drop in one step; `frequency`, how often each cell of the map drops;
        and `share`, how many of all units drop.
    """
    if isinstance(layer, keras.Model):
        raise ValueError(
            f"`layers` must be layers, or one model; received the model {layer.name!r}"
            " among others. Choose those of its layers that drop."
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
    dropped = np.moveaxis(dropped, 1, -1) if first else dropped
    if dropped.shape != ones.shape or not (dropped.any() or hasattr(layer, "rate")):
        raise ValueError(
            "`layers` must be layers that drop; received "
            f"{shown(layer)}, which does not"
        )
    return {
        "dropped": _picture(dropped[0]),
        "frequency": _picture(dropped.mean(0)).mean(-1),
        "share": float(dropped.mean()),
    }


def _picture(maps: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return maps as height, width and channels: of a volume, the middle slice."""
    if maps.ndim == 2:
        return maps[None]
    return maps[len(maps) // 2] if maps.ndim == 4 else maps


def _draw_map(
    ax: Any,
    features: npt.NDArray[np.float32],
    dropped: npt.NDArray[np.bool_],
    aspect: str,
) -> None:
    from matplotlib import colormaps

    colors = colormaps["gray"].with_extremes(bad=_DROPPED)
    # Where all units are equal, they are as light as in R.
    flat = features.max() == features.min()
    span = {"vmin": features.min() - 4, "vmax": features.min() + 1} if flat else {}
    shaded = np.where(dropped, np.nan, features)
    ax.imshow(shaded, cmap=colors, aspect=aspect, **span)
    ax.set(xticks=[], yticks=[])
