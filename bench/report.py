"""Tables of what was measured, ratios first, and a chart."""

import math
import statistics
from pathlib import Path
from typing import Any

from cases import SHAPES, label

Record = dict[str, Any]

OURS = "layerbridge"

_DIGITS = {"ms": 1, "MB": 0, "s": 2}

# What is aimed at, as ratios over a peer: the geometric mean, the largest, or the
# largest of the first shape. Without a peer: a case's median, in seconds.
GOALS: list[tuple[str, str | None, str, float]] = [
    ("Forward", "Keras Dropout", "mean", 0.6),
    ("Forward", "Keras Dropout", "largest", 1.0),
    ("Forward and backward", "Keras Dropout", "mean", 0.7),
    ("Forward", "the paper's code", "mean", 0.5),
    ("One mask for all channels", "a ready shared mask", "first", 1.3),
    ("Spatial dropout", "a ready shared mask", "first", 1.3),
    ("Spatial dropout", "Keras's", "largest", 1.0),
    ("Series and volumes", "Keras Dropout", "largest", 1.0),
    ("Data formats", "channels last", "largest", 1.5),
    ("A training step of ResNet-50", "no DropBlock", "largest", 1.05),
    ("Peak memory of training", "Keras Dropout", "largest", 1.0),
    ("Every backend", "Keras Dropout", "largest", 1.5),
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
        means = [f"{summary(records, peer, 'mean'):.2f}" for peer in peers]
        rows.append(["geometric mean", *means, *("" for _ in names)])
    return _table(rows)


def summary(records: list[Record], over: str | None, which: str) -> float:
    """Take what a goal is about from the records of a topic; NaN if it is not there."""
    if which == "first":
        records = [r for r in records if r["case"].startswith(label(SHAPES[0]))]
    if over is None:
        found = [r["values"][OURS] for r in records if r["case"] == which]
    else:
        found = [ratios(record, over) for record in records]
    middles = [statistics.median(f) for f in found if f and not isinstance(f, str)]
    if not middles:
        return math.nan
    return statistics.geometric_mean(middles) if which == "mean" else max(middles)


def goals_table(records: list[Record]) -> str:
    """Lay out what was aimed at, and what was reached."""
    topics = by_topic(records)
    words = {
        "mean": "geometric mean",
        "largest": "largest",
        "first": f"at {label(SHAPES[0])}",
    }
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
        ("Forward", OURS, "DropBlock2D, forward", "#0072b2", "o"),
        (
            "Forward and backward",
            OURS,
            "DropBlock2D, forward and backward",
            "#d55e00",
            "s",
        ),
        ("Forward", "the paper's code", "the paper's code, forward", "#777777", "D"),
    ]
    for place, (topic, of, name, colour, marker) in enumerate(drawn):
        cases = [record["case"] for record in topics[topic]]
        found = [ratios(record, "Keras Dropout", of) for record in topics[topic]]
        y = [row + 0.22 * (place - 1) for row in range(len(cases))]
        low, middle, high = zip(
            *(statistics.quantiles(f, n=4, method="inclusive") for f in found),
            strict=True,
        )
        axes.hlines(y, low, high, color=colour, linewidth=2)
        axes.plot(middle, y, marker, color=colour, markersize=5, label=name)
    axes.axvline(1, color="black", linewidth=1)
    axes.annotate("Keras Dropout", (0.99, -0.5), ha="right")
    axes.set_yticks(range(len(cases)), cases)
    axes.invert_yaxis()
    axes.set_xlim(left=0)
    axes.set_xlabel("time over Keras Dropout's: median and quartiles")
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis="x", alpha=0.3)
    figure.legend(loc="outside lower center", ncols=3, frameon=False)
    path.parent.mkdir(exist_ok=True)
    figure.savefig(path, dpi=150)
