"""The file of results: a line for each run."""

import csv
from dataclasses import fields
from pathlib import Path
from typing import Any

from grid import Cell, Run

_TYPES = {field.name: field.type for field in fields(Cell)}
COLUMNS = [
    *_TYPES,
    "seed",
    *("training", "validation", "validation_half"),
    *("whole", "quarter", "third", "half", "evidence"),
    *("single", "several", "area_confidence", "area_spread", "area_disagreement"),
    *("seconds", "date", "versions"),
]


def finished(path: Path) -> set[Run]:
    """Read which runs have a line."""
    if not path.exists():
        return set()
    with path.open(newline="") as lines:
        return {_run(row) for row in csv.DictReader(lines)}


def _run(row: dict[str, str]) -> Run:
    settings = {name: convert(row[name]) for name, convert in _TYPES.items()}
    return Run(Cell(**settings), int(row["seed"]))


def append(path: Path, row: dict[str, Any]) -> None:
    """Add a line, after the names of the columns if it is the first."""
    new = not path.exists()
    with path.open("a", newline="") as lines:
        writer = csv.DictWriter(lines, COLUMNS, lineterminator="\n")
        if new:
            writer.writeheader()
        writer.writerow(row)
