"""Trains the networks behind the guides' advice: `make study`.

Goes on where it was broken off: it appends a line for each network to
`vignettes/study.csv`, and trains those that have none there.
"""

import argparse
import csv
import datetime
import importlib.metadata
import multiprocessing
import os
import time
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

from tqdm import tqdm

from grid import RUNS, Cell, Run

RESULTS = Path(__file__).parents[1] / "vignettes" / "study.csv"
EPOCHS, BATCH = 40, 50

_SETTINGS = [field.name for field in fields(Cell)]
_SCORES = ["whole", "quarter", "third", "half", "evidence"]
_ACCURACIES = ["single", "several"]
_AREAS = ["area_confidence", "area_spread", "area_disagreement"]
_MEASURED = [*_SCORES, *_ACCURACIES, *_AREAS]
COLUMNS = [*_SETTINGS, "seed", *_MEASURED, "seconds", "date", "versions"]


def train(run: Run, epochs: int = EPOCHS) -> dict[str, Any]:
    """Train the network of a run, and return its line of results."""
    os.environ |= {"TF_CPP_MIN_LOG_LEVEL": "3", "TF_NUM_INTRAOP_THREADS": "1"}
    import keras

    import tasks
    from measures import measure
    from networks import network

    start = time.process_time()
    cell, seed = run.cell, run.seed
    data = tasks.series() if cell.task == "series" else tasks.digits()
    training, held_out = tasks.split(data, seed)
    steps = epochs * (len(training.y) // BATCH)

    keras.utils.clear_session()
    keras.utils.set_random_seed(seed)
    model = network(cell, data.x.shape[1:], int(data.y.max()) + 1, steps)
    model.compile("adam", "sparse_categorical_crossentropy")
    model.fit(training.x, training.y, batch_size=BATCH, epochs=epochs, verbose=0)
    scores = measure(model, held_out, seed, dropping=cell.rate > 0)

    rounded = {name: round(value, 3) for name, value in scores.items()}
    names = ["layerbridge", "keras", "tensorflow"]
    versions = " ".join(f"{name} {importlib.metadata.version(name)}" for name in names)
    return {
        **asdict(cell),
        "seed": seed,
        **rounded,
        "seconds": round(time.process_time() - start, 1),
        "date": datetime.date.today().isoformat(),
        "versions": versions,
    }


def finished(path: Path) -> set[Run]:
    """Read which runs have a line already."""
    if not path.exists():
        return set()
    with path.open() as lines:
        return {_run(row) for row in csv.DictReader(lines)}


def _run(row: dict[str, str]) -> Run:
    types = {field.name: field.type for field in fields(Cell)}
    settings = {name: types[name](row[name]) for name in _SETTINGS}
    return Run(Cell(**settings), int(row["seed"]))


def append(path: Path, row: dict[str, Any]) -> None:
    """Add a line to the results, after the names of the columns if it is the first."""
    new = not path.exists()
    with path.open("a", newline="") as lines:
        writer = csv.DictWriter(lines, COLUMNS, lineterminator="\n")
        if new:
            writer.writeheader()
        writer.writerow(row)


def main() -> None:
    """Train what is left, on all cores."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workers", type=int, default=os.cpu_count())
    given = parser.parse_args()
    done = finished(RESULTS)
    left = [run for run in RUNS if run not in done]
    spawn = multiprocessing.get_context("spawn")
    with spawn.Pool(given.workers, maxtasksperchild=10) as pool:
        rows = pool.imap_unordered(train, left)
        for row in tqdm(
            rows, total=len(RUNS), initial=len(RUNS) - len(left), unit="network"
        ):
            append(RESULTS, row)
    print(f"{RESULTS} is complete: {len(RUNS)} networks.")


if __name__ == "__main__":
    main()
