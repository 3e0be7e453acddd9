"""Tables of what was measured, ratios first, and a chart."""

import math
import statistics
from pathlib import Path
from typing import Any

Record = dict[str, Any]

OURS = "layerbridge"

_DIGITS = {"ms": 1, "MB": 0, "s": 2}

_ADDED = "What a training step takes more"

# What is aimed at, as ratios over a peer: the geometric mean or the largest of the
# cases. Without a peer: the median of the case of that name, in seconds.
GOALS: list[tuple[str, str | None, str, float]] = [
    (f"{_ADDED}, tensorflow", "Keras Dropout", "largest", 0.5),
    (f"{_ADDED}, jax", "Keras Dropout", "largest", 0.5),
    (f"{_ADDED}, torch", "Keras Dropout", "largest", 0.5),
    (f"{_ADDED}, tensorflow jit_compile", "Keras Dropout", "largest", 0.05),
    ("DropBlock2D, tensorflow graph", "Keras Dropout", "mean", 0.5),
    ("DropBlock2D, jax jit", "Keras Dropout", "mean", 0.3),
    ("DropBlock2D, torch eager, channels last", "Keras Dropout", "mean", 0.5),
    ("DropBlock2D, torch eager, channels first", "Keras Dropout", "mean", 0.5),
    ("DropBlock2D, torch eager, of a convolution", "Keras Dropout", "mean", 0.5),
    ("DropBlock2D, tensorflow jit_compile", "a ready mask", "mean", 3.0),
    ("DropBlock2D, torch compile, channels last", "Keras Dropout", "mean", 0.7),
    ("DropBlock2D, tensorflow eager", "Keras Dropout", "mean", 1.0),
    ("DropBlock2D, jax eager", "Keras Dropout", "mean", 1.0),
    ("SpatialDropout2D, torch eager", "torch.nn.Dropout2d", "mean", 1.5),
    ("One mask for all channels, torch eager", "torch.nn.Dropout2d", "mean", 1.5),
    ("One mask for all channels, torch eager", "PyTorch dropblock", "mean", 1.0),
    ("A training step of ResNet-50, tensorflow", "no DropBlock", "largest", 1.05),
    ("A training step of ResNet-50, jax", "no DropBlock", "largest", 1.1),
    ("A training step of ResNet-50, torch", "no DropBlock", "largest", 1.1),
    ("Peak memory of ResNet-50, tensorflow", "Keras Dropout", "largest", 1.0),
    ("Peak memory of ResNet-50, jax", "Keras Dropout", "largest", 1.0),
    ("Peak memory of ResNet-50, torch", "Keras Dropout", "largest", 1.0),
    ("Wrapping layers for R", None, "all of keras.layers", 2.0),
    ("Wrapping layers for R", None, "wrap_layers() in R", 0.3),
]


def merged(records: list[Record]) -> list[Record]:
    """Unite what different processes measured of one case."""
    cases: dict[tuple[str, str], Record] = {}
    for record in records:
        key = (record["topic"], record["case"])
        known = cases.setdefault(key, {**record, "values": {}})
        known["values"].update(record["values"])
    return list(cases.values())


def by_topic(records: list[Record]) -> dict[str, list[Record]]:
    """Sort the records by topic."""
    topics: dict[str, list[Record]] = {}
    for record in records:
        topics.setdefault(record["topic"], []).append(record)
    return topics


def ratios(record: Record, over: str, of: str = OURS) -> list[float]:
    """Divide measurements by those of the same rounds, where there are both."""
    values, others = (record["values"].get(name) for name in (of, over))
    if not isinstance(values, list) or not isinstance(others, list):
        return []
    return [a / b for a, b in zip(values, others, strict=True)]


def _spread(values: list[float], digits: int) -> str:
    """Write the median and the quartiles."""
    if len(values) == 1:
        return f"{values[0]:.{digits}f}"
    low, middle, high = statistics.quantiles(values, n=4, method="inclusive")
    return f"{middle:.{digits}f} ({low:.{digits}f} to {high:.{digits}f})"


def _share(draws: list[float]) -> str:
    """Write the mean and its standard error."""
    error = statistics.stdev(draws) / math.sqrt(len(draws))
    return f"{statistics.mean(draws):.4f} ± {error:.4f}"


def _measured(values: list[float] | str | None, unit: str) -> str:
    if not isinstance(values, list):
        return values or ""
    return _share(values) if unit == "share" else _spread(values, _DIGITS[unit])


def _table(rows: list[list[str]]) -> str:
    """Lay out rows, the first of them the header, as Markdown."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    padded = [
        [cell.ljust(width) for cell, width in zip(row, widths, strict=True)]
        for row in rows
    ]
    padded.insert(1, ["-" * width for width in widths])
    return "\n".join(f"| {' | '.join(row)} |" for row in padded)


def topic_table(records: list[Record]) -> str:
    """Lay out the cases of one topic: our ratios to each peer, then the figures."""
    unit = records[0]["unit"]
    names = list(dict.fromkeys(name for r in records for name in r["values"]))
    peers = [n for n in names if n != OURS and any(ratios(r, n) for r in records)]
    if unit == "share":
        peers = []
    header = ["case", *(f"over {peer}" for peer in peers)]
    rows = [[*header, *(f"{name}, {unit}" for name in names)]]
    for record in records:
        over = [ratios(record, peer) for peer in peers]
        rows.append(
            [
                record["case"],
                *(_spread(ratio, 2) if ratio else "" for ratio in over),
                *(_measured(record["values"].get(name), unit) for name in names),
            ]
        )
    if peers and len(records) > 1:
        found = [summary(records, peer, "mean") for peer in peers]
        means = ["" if math.isnan(mean) else f"{mean:.2f}" for mean in found]
        rows.append(["geometric mean", *means, *("" for _ in names)])
    return _table(rows)


def summary(records: list[Record], over: str | None, which: str) -> float:
    """Take what a goal is about from the records of a topic; NaN if it is not there."""
    if over is None:
        found = [r["values"][OURS] for r in records if r["case"] == which]
    else:
        found = [ratios(record, over) for record in records]
    middles = [statistics.median(f) for f in found if f and not isinstance(f, str)]
    if not middles:
        return math.nan
    if which == "largest":
        return max(middles)
    # What is too small to measure may come out below 0, and has no such mean.
    return statistics.geometric_mean(middles) if min(middles) > 0 else math.nan


def goals_table(records: list[Record]) -> str:
    """Lay out what was aimed at, and what was reached."""
    topics = by_topic(records)
    words = {"mean": "geometric mean"}
    rows = [["topic", "over", "which", "measured", "at most", ""]]
    for topic, over, which, limit in GOALS:
        found = summary(topics.get(topic, []), over, which)
        rows.append(
            [
                topic,
                over or "",
                words.get(which, which),
                "not measured" if math.isnan(found) else f"{found:.2f}",
                f"{limit:.2f}",
                "MISSED" if found > limit else "",
            ]
        )
    return _table(rows)


def chart(records: list[Record], path: Path) -> None:
    """Draw the times of the eight cases, as ratios to Keras Dropout's."""
    import matplotlib

    matplotlib.use("agg")
    from matplotlib import pyplot as plt

    topics = by_topic(records)
    figure, axes = plt.subplots(figsize=(8, 4.6), layout="constrained")
    drawn = [
        ("DropBlock2D, tensorflow graph", "TensorFlow", "#0072b2", "o"),
        ("DropBlock2D, jax jit", "JAX", "#009e73", "D"),
        ("DropBlock2D, torch eager, of a convolution", "PyTorch", "#d55e00", "s"),
    ]
    drawn = [row for row in drawn if row[0] in topics]
    for place, (topic, name, colour, marker) in enumerate(drawn):
        cases = [record["case"] for record in topics[topic]]
        found = [ratios(record, "Keras Dropout") for record in topics[topic]]
        y = [row + 0.22 * (place - 1) for row in range(len(cases))]
        low, middle, high = zip(
            *(statistics.quantiles(f, n=4, method="inclusive") for f in found),
            strict=True,
        )
        axes.hlines(y, low, high, color=colour, linewidth=2)
        axes.plot(middle, y, marker, color=colour, markersize=5, label=name)
        axes.set_yticks(range(len(cases)), cases)
    axes.axvline(1, color="black", linewidth=1)
    axes.annotate("Keras Dropout", (0.99, -0.5), ha="right")
    axes.invert_yaxis()
    axes.set_xlim(left=0)
    axes.set_xlabel("time over Keras Dropout's: median and quartiles")
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis="x", alpha=0.3)
    figure.legend(loc="outside lower center", ncols=3, frameon=False)
    path.parent.mkdir(exist_ok=True)
    figure.savefig(path, dpi=150)
