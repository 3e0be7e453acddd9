"""What was measured: summaries, tables with ratios first, charts, and the page.

Run alone, it writes the page anew from `bench/results.json`.
"""

import json
import math
import statistics
from pathlib import Path
from typing import Any

import numpy as np

from cases import DRAWS, MAPS

Record = dict[str, Any]
Summary = dict[str, Any]

OURS = "layerbridge"

RESULTS = Path(__file__).with_name("results.json")
PAGE = RESULTS.parents[1] / "docs" / "benchmarks.md"

_DIGITS = {"ms": 2, "MB": 0, "s": 2, "count": 1}

_ADDED = "Time added to a training step"
# The training calls of the layer alone that the overview begins with.
_CALL = "A training call on a large tensor"
_CALLS = {
    "tensorflow": "DropBlock2D, tensorflow graph",
    "jax": "DropBlock2D, jax jit",
    "torch": "DropBlock2D, torch eager, channels last",
}
_PEERS = "One mask for all channels, torch eager"
_NOTES = {
    "Fraction of units dropped": f"""
A mean ± its standard error, of {DRAWS} draws that each drop from {MAPS:,} maps. By the
formula, layerbridge drops exactly the rate; what is measured differs from it by chance,
in about one case of three by more than the standard error, and in one of twenty by more
than twice that.
""",
}

# What is aimed at, as ratios over a peer: the geometric mean or the largest of the
# cases. Without a peer: the median of the case of that name, in seconds.
GOALS: list[tuple[str, str | None, str, float]] = [
    (f"{_ADDED}, tensorflow", "Keras Dropout", "largest", 0.35),
    (f"{_ADDED}, jax", "Keras Dropout", "largest", 0.5),
    (f"{_ADDED}, torch", "Keras Dropout", "largest", 0.35),
    (f"{_ADDED}, tensorflow jit_compile", "Keras Dropout", "largest", 0.05),
    ("DropBlock2D, tensorflow graph", "Keras Dropout", "mean", 0.5),
    ("DropBlock2D, jax jit", "Keras Dropout", "mean", 0.3),
    ("DropBlock2D, torch eager, channels last", "Keras Dropout", "mean", 0.5),
    ("DropBlock2D, torch eager, channels first", "Keras Dropout", "mean", 0.5),
    ("DropBlock2D, torch eager, of a convolution", "Keras Dropout", "mean", 0.5),
    ("DropBlock2D, tensorflow jit_compile", "a precomputed mask", "mean", 3.0),
    ("DropBlock2D, torch compile, channels last", "Keras Dropout", "mean", 0.7),
    ("DropBlock2D, tensorflow eager", "Keras Dropout", "mean", 1.0),
    ("DropBlock2D, jax eager", "Keras Dropout", "mean", 1.0),
    ("SpatialDropout2D, torch eager", "torch.nn.Dropout2d", "mean", 1.5),
    (_PEERS, "torch.nn.Dropout2d", "mean", 1.5),
    (_PEERS, "PyTorch dropblock", "mean", 1.0),
    ("A training step of ResNet-50, tensorflow", "no DropBlock", "largest", 1.05),
    ("A training step of ResNet-50, jax", "no DropBlock", "largest", 1.1),
    ("A training step of ResNet-50, torch", "no DropBlock", "largest", 1.1),
    ("Peak memory of ResNet-50, tensorflow", "Keras Dropout", "largest", 1.0),
    ("Peak memory of ResNet-50, jax", "Keras Dropout", "largest", 1.0),
    ("Peak memory of ResNet-50, torch", "Keras Dropout", "largest", 1.0),
    ("Wrapping layers for R", None, "all of keras.layers", 2.0),
    ("Wrapping layers for R", None, "wrap_layers() in R", 0.3),
    *(
        (f"A batch of one sample, {backend}", "Keras Dropout", "largest", 0.6)
        for backend in ("tensorflow", "jax", "torch")
    ),
    *(
        (f"{topic}, {backend}", "Keras Dropout", "largest", limit)
        for topic, limit in (
            ("An eager call on a small map", 1.5),
            ("Creating a layer", 1.3),
        )
        for backend in ("tensorflow", "jax", "torch")
    ),
]


def merged(records: list[Record]) -> list[Record]:
    """Unite what different processes measured of one case."""
    cases: dict[tuple[str, str], Record] = {}
    for record in records:
        key = (record["topic"], record["case"])
        known = cases.setdefault(key, {**record, "values": {}})
        known["values"].update(record["values"])
    return list(cases.values())


def by_topic(summaries: list[Summary]) -> dict[str, list[Summary]]:
    """Sort the summaries by topic."""
    topics: dict[str, list[Summary]] = {}
    for summary in summaries:
        topics.setdefault(summary["topic"], []).append(summary)
    return topics


def summarized(record: Record) -> Summary:
    """Summarize what was measured of one case, and its ratios to each peer.

    A ratio is one of the same round. What is no peer but a limit has none.
    """
    values, unit, limits = record["values"], record["unit"], record.get("limits", [])
    ours = values.get(OURS)
    over = {
        name: _quartiles([a / b for a, b in zip(ours, others, strict=True)])
        for name, others in values.items()
        if name not in (OURS, *limits) and unit != "fraction"
        if isinstance(ours, list) and isinstance(others, list)
    }
    spread = _with_error if unit == "fraction" else _quartiles
    found = {n: v if isinstance(v, str) else spread(v) for n, v in values.items()}
    return {**record, "values": found, "over": over}


def _quartiles(values: list[float]) -> list[float]:
    """Return the median, and the quartiles where there are several numbers."""
    if len(values) == 1:
        return [_rounded(values[0])]
    low, middle, high = statistics.quantiles(values, n=4, method="inclusive")
    return [_rounded(number) for number in (middle, low, high)]


def _with_error(draws: list[float]) -> list[float]:
    """Return the mean and its standard error."""
    error = statistics.stdev(draws) / math.sqrt(len(draws))
    return [_rounded(statistics.mean(draws)), _rounded(error)]


def _rounded(number: float) -> float:
    return float(f"{number:.4g}")


def _spread(numbers: list[float], digits: int) -> str:
    """Write a median with its quartiles, or a mean with its error."""
    written = [f"{number:.{digits}f}" for number in numbers]
    if len(written) == 3:
        return f"{written[0]} ({written[1]} to {written[2]})"
    return " ± ".join(written)


def _measured(numbers: list[float] | str | None, unit: str) -> str:
    if not isinstance(numbers, list):
        return numbers or ""
    return _spread(numbers, _DIGITS.get(unit, 4))


def _table(rows: list[list[str]]) -> str:
    """Lay out rows, the first of them the header, as Markdown."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    padded = [
        [cell.ljust(width) for cell, width in zip(row, widths, strict=True)]
        for row in rows
    ]
    padded.insert(1, ["-" * width for width in widths])
    return "\n".join(f"| {' | '.join(row)} |" for row in padded)


def topic_table(summaries: list[Summary]) -> str:
    """Lay out the cases of one topic: our ratios to each peer, then the figures."""
    unit = summaries[0]["unit"]
    names = list(dict.fromkeys(name for s in summaries for name in s["values"]))
    peers = [name for name in names if any(name in s["over"] for s in summaries)]
    units = "" if unit == "count" else f", {unit}"
    header = ["case", *(f"over {p}" for p in peers), *(f"{n}{units}" for n in names)]
    rows = [header]
    for summary in summaries:
        over = [_measured(summary["over"].get(peer), "ms") for peer in peers]
        figures = [_measured(summary["values"].get(name), unit) for name in names]
        rows.append([summary["case"], *over, *figures])
    if peers and len(summaries) > 1:
        found = [middle(summaries, peer, "mean") for peer in peers]
        means = ["" if math.isnan(mean) else f"{mean:.2f}" for mean in found]
        rows.append(["geometric mean", *means, *("" for _ in names)])
    return _table(rows)


def middle(summaries: list[Summary], over: str | None, which: str) -> float:
    """Take what a goal is about from the cases of a topic; NaN if it is not there."""
    if over is None:
        found = [s["values"][OURS] for s in summaries if s["case"] == which]
    else:
        found = [s["over"][over] for s in summaries if over in s["over"]]
    middles = [numbers[0] for numbers in found if not isinstance(numbers, str)]
    if not middles:
        return math.nan
    if which == "largest":
        return max(middles)
    # What is too small to measure may come out below 0, and has no such mean.
    return statistics.geometric_mean(middles) if min(middles) > 0 else math.nan


def goals_table(summaries: list[Summary]) -> str:
    """Lay out what was aimed at, and what was reached."""
    topics = by_topic(summaries)
    words = {"mean": "geometric mean"}
    rows = [["topic", "over", "which", "measured", "at most", ""]]
    for topic, over, which, limit in GOALS:
        found = middle(topics.get(topic, []), over, which)
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


_BACKENDS = {
    "tensorflow": ("TensorFlow", "#0072b2", "o"),
    "jax": ("JAX", "#009e73", "D"),
    "torch": ("PyTorch", "#d55e00", "s"),
}
_GROWING = ("the map", "the batch", "the channels", "the block")


def chart(summaries: list[Summary], path: Path) -> None:
    """Draw the ratios to Keras Dropout's time as the tensor or the block grows."""
    import matplotlib

    matplotlib.use("agg")
    from matplotlib import pyplot as plt

    topics = by_topic(summaries)
    measured = [
        growing
        for growing in _GROWING
        if any(topic.startswith(f"Growth with {growing},") for topic in topics)
    ]
    figure, panels = plt.subplots(
        1, len(measured), figsize=(9, 3.6), layout="constrained", sharey=True
    )
    for growing, axes in zip(measured, np.atleast_1d(panels), strict=True):
        for backend, (name, colour, marker) in _BACKENDS.items():
            cases = topics.get(f"Growth with {growing}, {backend}", [])
            if not cases:
                continue
            spreads = [summary["over"]["Keras Dropout"] for summary in cases]
            y, low, high = zip(*spreads, strict=True)
            x = range(len(cases))
            axes.fill_between(x, low, high, color=colour, alpha=0.15, linewidth=0)
            axes.plot(x, y, marker, linestyle="-", color=colour, label=name)
            axes.set_xticks(x, [c["case"] for c in cases], ha="right", rotation=40)
        axes.tick_params(axis="x", labelsize=7)
        axes.set_title(f"growing: {growing}", fontsize=10)
        axes.axhline(1, color="black", linewidth=1)
        axes.set_ylim(bottom=0)
        axes.spines[["top", "right"]].set_visible(False)
        axes.grid(axis="y", alpha=0.3)
    figure.supylabel("time over Keras Dropout's", fontsize=10)
    handles, labels = figure.axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=3, frameon=False)
    figure.savefig(path, dpi=110)


def overview(summaries: list[Summary]) -> str:
    """Lay out the mean ratio to Keras Dropout of what each backend was measured on."""
    topics = by_topic(summaries)
    means: dict[str, dict[str, float]] = {}
    titles = {topic: f"{_CALL}, {backend}" for backend, topic in _CALLS.items()}
    for topic in [*_CALLS.values(), *topics]:
        words, _, backend = titles.get(topic, topic).rpartition(", ")
        mean = middle(topics.get(topic, []), "Keras Dropout", "mean")
        if backend in _BACKENDS and not math.isnan(mean):
            means.setdefault(words, {})[backend] = mean
    rows = [["", *(name for name, _, _ in _BACKENDS.values())]]
    for words, of_backend in means.items():
        found = (of_backend.get(backend) for backend in _BACKENDS)
        rows.append([words, *("" if x is None else f"{x:.2f}" for x in found)])
    return _table(rows)


def beside_peers(summaries: list[Summary]) -> str:
    """Lay out the ratios to other libraries, case by case."""
    cases = by_topic(summaries)[_PEERS]
    names = [name for name in cases[0]["over"] if not name.startswith("torch.")]
    rows = [
        [case["case"], *(f"{case['over'][name][0]:.2f}" for name in names)]
        for case in cases
    ]
    means = [f"{middle(cases, name, 'mean'):.2f}" for name in names]
    return _table([["", *names], *rows, ["geometric mean", *means]])


def page(results: dict[str, Any]) -> str:
    """Write the page of benchmarks."""
    where = ", ".join(f"{name} {value}" for name, value in results["machine"].items())
    topics = by_topic(results["summaries"])
    tables = "\n\n".join(
        f"## {topic}\n{_NOTES.get(topic, '')}\n{topic_table(cases)}"
        for topic, cases in topics.items()
    )
    return f"""# Benchmarks

<!-- Generated by bench/report.py from bench/results.json: do not edit by hand -->

How long the layers take, compared with Keras's own and with those of other libraries.
This is DropBlock's time over that of Keras's Dropout, as the geometric mean of the
cases of each table below; below 1, layerbridge is faster:

{overview(results["summaries"])}

The first row is of the layer alone, for the forward and the backward pass: on
TensorFlow in a graph, on JAX with `jit`, on PyTorch eagerly, with the channels last.
The second is of a step of Keras's training loop, for a network with two such layers,
less the step without them.

On PyTorch, with one mask for all channels, as other libraries draw it, the time over
theirs depends on the size of the maps:

{beside_peers(results["summaries"])}

Nothing was timed on a GPU. Each layer runs once in every round, in random order; a
ratio compares times of the same round, and tables show the median, with the quartiles
in parentheses. Times are CPU time, summed over threads, unless they are said to elapse;
at rate 0.1, for the forward and the backward pass. Tables titled "Counted" are not
measured: they count the operations that PyTorch, and TensorFlow without XLA, would run
on a GPU, and the bytes that these read and write. Multiplying by a precomputed mask
takes 17 bytes per unit on PyTorch, and half as many where Triton runs. On TensorFlow
without XLA, drawing a number for each unit and comparing it takes 9 bytes, and
multiplying by a mask 12. TensorFlow's operations on single numbers, which solve for the
probability of a block, are counted apart from those on masks or units. Columns in ms
without a ratio, such as "a precomputed mask", are not rivals but limits: what no layer
of the kind can leave out.

Measured on: {where}. Load of the machine before
it began: {results["load"]:.1f} processes.

![DropBlock's time over Keras Dropout's, as tensors and blocks grow](benchmarks.png)

{tables}
"""


def write(results: dict[str, Any]) -> None:
    """Write the page and its chart."""
    PAGE.write_text(page(results), "utf-8")
    chart(results["summaries"], PAGE.with_suffix(".png"))


if __name__ == "__main__":
    write(json.loads(RESULTS.read_text("utf-8")))
