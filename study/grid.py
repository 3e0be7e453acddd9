"""What the study trains: the settings of networks, which it crosses with seeds."""

from dataclasses import dataclass
from itertools import product
from typing import Any


@dataclass(frozen=True)
class Cell:
    """How a network drops.

    Args:
        task: Which data and network, a key of `tasks.TASKS`.
        rate: Float, the rate at the end of training.
        block: Integer, the block on the early maps; on the late ones, which are half as
            long, it is half of it, rounded up. 1 is dropout by units, and the early
            maps' length is spatial dropout.
        mask: `"own"` for each channel, or one `"shared"` by all.
        schedule: `"rising"` from 0 over two thirds of the epochs, or `"fixed"`.
        where: After the `"early"` convolutions, the `"late"` ones or `"all"`; on
            residual networks on the `"branches"`, the `"skips"` or `"both"`.
    """

    task: str = "digits"
    rate: float = 0.2
    block: int = 5
    mask: str = "own"
    schedule: str = "rising"
    where: str = "all"


@dataclass(frozen=True)
class Run:
    """A network to train."""

    cell: Cell
    seed: int


def cells(**axes: Any) -> list[Cell]:
    """Cross the axes; one that has a single value needs no list."""
    values = [value if isinstance(value, list) else [value] for value in axes.values()]
    return [Cell(**dict(zip(axes, chosen, strict=True))) for chosen in product(*values)]


MONTE_CARLO = cells(block=[1, 5, 12])  # these also predict while they drop
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
ROUNDS = [(CORE, range(3)), (CORE, range(3, 5)), (FURTHER, range(3))]
RUNS = list(
    dict.fromkeys(
        Run(cell, seed) for grid, seeds in ROUNDS for cell in grid for seed in seeds
    )
)
