"""What the study trains: the settings of networks, which it crosses with seeds."""

from dataclasses import dataclass
from itertools import product
from typing import Any


@dataclass(frozen=True)
class Cell:
    """What a network is, and what keeps it from learning its training samples by heart.

    Args:
        task: Which data and network, a key of `tasks.TASKS`.
        rate: Float, the largest rate of the training.
        block: Integer, the block on the largest maps that drop; where maps are half as
            long, it is half of it, rounded up. 1 is ordinary dropout, and the largest
            maps' length is spatial dropout.
        mask: `"own"` for each channel, or one `"shared"` by all.
        schedule: `"rising"` from 0 over two thirds of the epochs, `"fixed"`, or
            `"early"`, falling to 0 over half of the epochs.
        where: After the `"early"` convolutions, the `"late"` ones or `"all"`. Residual
            networks also have `"skips"`, and `"both"`, which is `"all"` and the skips;
            on digits, `"branches"` is `"all"`.
        erase: Float, the probability that `RandomErasing` hides a part of a training
            picture.
        filling: What stands there: the `"known"` value that hides parts of the test's
            pictures, or `"noise"`.
        decay: Float, the decoupled weight decay.
        augment: `"none"`, or `"flips and crops"` of the training pictures.
        width: Integer, what multiplies the number of filters.
        epochs: Integer.
    """

    task: str = "digits"
    rate: float = 0.2
    block: int = 5
    mask: str = "own"
    schedule: str = "rising"
    where: str = "all"
    erase: float = 0.0
    filling: str = "known"
    decay: float = 0.0
    augment: str = "none"
    width: int = 1
    epochs: int = 40


@dataclass(frozen=True)
class Run:
    """A network to train."""

    cell: Cell
    seed: int


def cells(**axes: Any) -> list[Cell]:
    """Cross the axes; one that has a single value needs no list."""
    values = [value if isinstance(value, list) else [value] for value in axes.values()]
    return [Cell(**dict(zip(axes, chosen, strict=True))) for chosen in product(*values)]


def cifar(network: str = "resnet", **axes: Any) -> list[Cell]:
    """Cross the axes on CIFAR-10, where a network trains for 20 epochs."""
    usual = {"rate": 0.1, "block": 7, "epochs": 20}
    return cells(task=f"cifar-{network}", **usual | axes)


MONTE_CARLO = cells(block=[1, 5, 12])  # these also predict while they drop
NOTHING = {"rate": 0.0, "block": 1}
FLIPS = {"augment": "flips and crops"}
KINDS = [
    *cifar(**NOTHING),
    *cifar(),
    *cifar(block=1, rate=[0.1, 0.2]),
    *cifar(rate=0.2),
    *cifar(**NOTHING, erase=0.5),
    *cells(rate=0.1, erase=0.5),
    *cells(rate=0.1, block=1, schedule="fixed"),
    *cells(**NOTHING, decay=0.5),
    *cifar(block=16),
    *cifar(block=1, schedule="fixed", rate=[0.1, 0.2]),
    *cifar(**NOTHING, erase=0.5, filling="noise"),
    *cifar(erase=0.5),
    *cifar(block=[1, 7], schedule="early", rate=[0.1, 0.2]),
    *cifar(**NOTHING, decay=[0.1, 0.5]),
    *cifar(block=[1, 7, 16], rate=[0.05, 0.2]),
    *cifar(block=7, schedule="fixed", rate=[0.1, 0.2]),
    *cifar(block=[1, 7], rate=0.3),
    *cells(**NOTHING, erase=0.5),
]
CONDITIONS = [
    *cifar(where=["early", "late", "skips", "both"]),
    *cifar(mask="shared"),
    *cifar(**NOTHING, **FLIPS),
    *cifar(block=[7, 1, 16], **FLIPS),
    *cifar(**NOTHING, width=2),
    *cifar(block=[7, 1], rate=[0.1, 0.2], width=2),
    *cifar(**NOTHING, epochs=[10, 40]),
    *cifar(block=[7, 1], epochs=[10, 40]),
    *cifar("plain", **NOTHING),
    *cifar("plain", block=[7, 1, 16]),
]
CORE = [
    *cells(rate=0.0, block=1),
    *cells(block=[5, 1, 12], rate=[0.1, 0.2, 0.4]),
    *cells(mask="shared"),
    *cells(block=[5, 12], schedule="fixed"),
    *cells(task="series", rate=0.0, block=1),
    *cells(task="series", block=[12, 1, 48]),
    *cells(task="series", block=12, mask="shared"),
    *cells(task="series", block=12, schedule="fixed"),
    *cells(where=["early", "late"]),
    *cells(block=[3, 7], rate=[0.2, 0.1, 0.4]),
    *cells(task="residual", rate=0.0, block=1, where="branches"),
    *cells(task="residual", where=["branches", "skips", "both"]),
]
FURTHER = [
    *cells(block=[3, 5, 7], mask="shared", rate=[0.1, 0.2, 0.4]),
    *cells(block=[1, 5, 12], schedule="fixed", rate=[0.1, 0.2, 0.4]),
    *cells(where=["early", "late"], rate=[0.1, 0.4]),
    *cells(task="series", block=[1, 6, 12, 24, 48], rate=[0.1, 0.2, 0.4]),
    *cells(task="residual", where=["branches", "skips", "both"], rate=[0.1, 0.4]),
]

# What is asked first comes first: broken off, a study answers it with some seeds.
ROUNDS = [
    (KINDS, range(3)),
    (CONDITIONS, range(3)),
    (CORE, range(3)),
    (CORE, range(3, 5)),
    (FURTHER, range(3)),
]
RUNS = list(
    dict.fromkeys(
        Run(cell, seed) for grid, seeds in ROUNDS for cell in grid for seed in seeds
    )
)
