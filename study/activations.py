"""Writes where two networks look: class activation maps of one digit of each class."""

import csv
from pathlib import Path

import numpy as np

from grid import Cell, Run
from measures import class_activations, probabilities
from tasks import Samples
from trainer import fit

NETWORKS = {"no dropout": Cell(rate=0.0, block=1), "DropBlock": Cell()}


def first_of_each_class(samples: Samples) -> list[int]:
    """Return the row at which each class comes first."""
    return [int(np.argmax(samples.y == label)) for label in np.unique(samples.y)]


def write(path: Path, seed: int = 0) -> None:
    """Train the networks, and write held-out pictures and their maps, cell by cell.

    The pictures are halved, to 12 x 12. A map is divided by its largest value, and what
    speaks against the chosen class is 0.
    """
    found = {}
    for name, cell in NETWORKS.items():
        model, (_, _, test) = fit(Run(cell, seed))
        rows = first_of_each_class(test)
        pictures, labels = test.x[rows], test.y[rows]
        chosen = probabilities(model, pictures).argmax(-1)
        maps = np.maximum(class_activations(model, pictures), 0)
        found[name] = chosen, maps / maps.max((1, 2), keepdims=True)
    halved = pictures[..., 0].reshape(len(rows), 12, 2, 12, 2).mean((2, 4))
    found["picture"] = labels, halved
    with path.open("w", newline="") as lines:
        writer = csv.writer(lines, lineterminator="\n")
        writer.writerow(["what", "label", "answer", "row", "column", "value"])
        for name, (answers, values) in found.items():
            for (i, row, column), value in np.ndenumerate(values):
                place = row + 1, column + 1
                writer.writerow([name, labels[i], answers[i], *place, round(value, 2)])
