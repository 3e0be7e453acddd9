"""Draw man/figures/drawing.png: how a mask is drawn, and why the rate is exact.

usage: python tools/drawing_figure.py
"""

from itertools import product
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from layerbridge import effective_rate
from layerbridge.masks.gamma import exact_hazard

FILE = Path(__file__).parents[1] / "man" / "figures" / "drawing.png"
DROPPED, KEPT, ANCHOR = "#d55e00", "#dfe6ee", "#0072b2"
N, BLOCK, RATE, SEED = 14, 5, 0.25, 145
PLACES = N - BLOCK + 1
TITLE: dict[str, Any] = {"fontweight": "bold", "fontsize": 12, "loc": "left"}
MAPS = [((14, 14), 7), ((7, 7), 7), ((20, 10), 5)]
LIBRARIES = {
    "layerbridge": None,
    "torchvision": "torchvision",
    "keras-cv": "keras-cv",
    "PyTorch dropblock": "dropblock",
    "timm": "timm",
}


def coverage() -> Any:
    """Count for each cell the anchors whose block covers it."""
    counts = np.zeros((N, N), int)
    for row in range(PLACES):
        for column in range(PLACES):
            counts[row : row + BLOCK, column : column + BLOCK] += 1
    return counts


def gamma() -> float:
    """Return the probability of an anchor at which the rate is exact."""
    hazard = exact_hazard(np.float32(RATE), (N, N), (BLOCK, BLOCK))
    return float(1 - np.exp(-hazard))


def draw_map(ax: Axes, cells: Any, title: str, below: str) -> None:
    """Draw a map of cells in colours of their own, with words above and below."""
    ax.imshow(cells, extent=(0, N, N, 0), interpolation="nearest")
    ax.set_xticks(range(N + 1), [])
    ax.set_yticks(range(N + 1), [])
    ax.grid(color="white", linewidth=0.8)
    ax.tick_params(length=0)
    ax.set_title(title, **TITLE)
    ax.set_xlabel(below, fontsize=10, loc="left")
    ax.spines[:].set_visible(False)


def draw_rates(ax: Axes) -> None:
    """Draw what libraries drop where 10 % is asked for, a dot for each map."""
    for marker, (size, block) in zip("os^", MAPS, strict=True):
        shares = [
            0.1 if formula is None else effective_rate(formula, size, 0.1, block)
            for formula in LIBRARIES.values()
        ]
        colours = ["#00855f", *["#666666"] * (len(shares) - 1)]
        label = f"map {size[0]}×{size[1]}, block {block}"
        ax.scatter(shares, list(LIBRARIES), c=colours, marker=marker, s=60, label=label)
    ax.axvline(0.1, color="black", linewidth=1, linestyle="--", zorder=0)
    ax.invert_yaxis()
    ax.set(xscale="log", xlim=(0.025, 1.1))
    ticks = [0.03, 0.05, 0.1, 0.2, 0.5, 1]
    ax.set_xticks(ticks, [f"{tick:.0%}" for tick in ticks])
    ax.minorticks_off()
    ax.set_title("What drops at rate 10 %", **TITLE)
    ax.spines[["top", "right"]].set_visible(False)
    ax.legend(loc="center right", frameon=False, handletextpad=0.2)


def main() -> None:
    """Draw the figure."""
    rgb = {
        name: np.array(plt.matplotlib.colors.to_rgb(name)) for name in (DROPPED, KEPT)
    }
    anchors = np.argwhere(
        np.random.default_rng(SEED).random((PLACES, PLACES)) < gamma()
    )
    dropped = np.zeros((N, N), bool)
    for row, column in anchors:
        dropped[row : row + BLOCK, column : column + BLOCK] = True
    plain = np.tile(rgb[KEPT], (N, N, 1))
    mask = np.where(dropped[..., None], rgb[DROPPED], rgb[KEPT])

    figure = plt.figure(figsize=(11, 6.6), dpi=110, layout="constrained")
    top, bottom = figure.subfigures(2, 1, height_ratios=[1.25, 1])
    first, second, third, fourth = top.subplots(1, 4)

    places = plain.copy()
    places[:PLACES, :PLACES] = 0.75 * places[:PLACES, :PLACES] + 0.25 * np.array(
        [0, 0.45, 0.7]
    )
    share = dropped.mean()
    draw_map(
        first,
        places,
        "1  Draw anchors",
        f"Each place where a whole\n{BLOCK}×{BLOCK} block fits is drawn with\n"
        "probability γ, independently.",
    )
    draw_map(
        second,
        plain,
        "2  Drop blocks",
        "Every cell of a drawn block\ndrops, in this channel only.",
    )
    draw_map(
        third,
        mask,
        "3  Unite them",
        f"Blocks may overlap. {share:.0%} drop\nhere; γ is solved for so that "
        f"the\nmean is {RATE:.0%}.",
    )
    draw_map(
        fourth,
        mask,
        "4  Scale up",
        f"Kept units are multiplied by\n1 / (kept fraction) = {1 / (1 - share):.2f},\n"
        "which keeps the sum about the same.",
    )
    for ax in (first, second):
        ax.scatter(
            anchors[:, 1] + 0.5, anchors[:, 0] + 0.5, color=ANCHOR, zorder=3, s=30
        )
    for row, column in anchors:
        second.add_patch(
            Rectangle(
                (column, row),
                BLOCK,
                BLOCK,
                facecolor=DROPPED + "55",
                edgecolor=DROPPED,
                lw=2,
            )
        )
    factor = f"×{1 / (1 - share):.2f}"
    for row, column in product(range(1, N, 3), range(2, N, 5)):
        if not dropped[row, column - 1 : column + 2].any():
            fourth.text(
                column + 0.5, row + 0.5, factor, ha="center", va="center", fontsize=8
            )

    why, rates = bottom.subplots(1, 2, width_ratios=[1, 2.2])
    image = why.imshow(coverage(), cmap="Blues", extent=(0, N, N, 0))
    why.set(xticks=[], yticks=[])
    why.set_title("Why formulas are off", **TITLE)
    why.set_xlabel(
        "Blocks that can cover a cell: 1 in a corner,\n"
        "25 in the middle. Formulas ignore overlaps;\n"
        "here the mean over all cells is the rate.",
        fontsize=10,
        loc="left",
    )
    bottom.colorbar(image, ax=why, fraction=0.046)

    draw_rates(rates)
    figure.savefig(FILE, metadata={"Software": None})


if __name__ == "__main__":
    main()
