"""Trains the network of a run and measures it."""

import datetime
import importlib.metadata
import time
from collections.abc import Callable
from dataclasses import asdict, replace
from functools import lru_cache
from typing import Any

import keras

from grid import MONTE_CARLO, Cell, Run
from layerbridge import DropRateScheduler, LinearRamp
from measures import measure
from networks import network
from tasks import TASKS, Parts, split

LIBRARIES = ("layerbridge", "keras", "tensorflow")


def untrained(structure: Cell) -> Any:
    """Return a network as it is before training."""
    return network(structure, TASKS[structure.task].data())


def batch_size(cell: Cell) -> int:
    """Return how many samples train at once."""
    return 64 if cell.task.startswith("cifar") else 50


def optimizer(cell: Cell) -> Any:
    """Return Adam, whose learning rate falls to 0 on CIFAR-10."""
    rate = 0.001
    if cell.task.startswith("cifar"):
        steps = -(-TASKS[cell.task].training // batch_size(cell)) * cell.epochs
        rate = keras.optimizers.schedules.CosineDecay(0.002, steps)
    return keras.optimizers.Adam(rate, weight_decay=cell.decay or None)


@lru_cache(maxsize=1)
def compiled(structure: Cell) -> tuple[Any, list[Any]]:
    """Return a network to train again and again, and its optimizer's first state."""
    model = untrained(structure)
    model.compile(optimizer(structure), "sparse_categorical_crossentropy")
    model.optimizer.build(model.trainable_variables)
    return model, [variable.numpy() for variable in model.optimizer.variables]


def schedule(cell: Cell) -> Callable[[int], float]:
    """Return the rate of each epoch."""
    ramps = {
        "rising": LinearRamp(0, cell.rate, max(2, cell.epochs * 2 // 3)),
        "early": LinearRamp(cell.rate, 0, max(2, cell.epochs // 2)),
    }
    return ramps.get(cell.schedule, lambda epoch: cell.rate)


def fit(run: Run) -> tuple[Any, Parts]:
    """Return the trained network and the data.

    Networks that differ in no more than rate, schedule and seed are compiled once.
    """
    cell = run.cell
    structure = replace(cell, rate=float(cell.rate > 0), schedule="rising")
    model, state = compiled(structure)
    keras.utils.set_random_seed(run.seed)
    start = untrained(structure)
    for old, new in zip(model.layers, start.layers, strict=True):
        for variable, value in zip(old.variables, new.variables, strict=True):
            variable.assign(value)
    for variable, value in zip(model.optimizer.variables, state, strict=True):
        variable.assign(value)

    callbacks = []
    if cell.rate > 0:
        callbacks.append(DropRateScheduler(schedule(cell), by="epoch"))
    parts = split(TASKS[cell.task], run.seed)
    x, y, _ = parts.training
    model.trainable = True  # `measures.passes` ended that
    sizes = {"batch_size": batch_size(cell), "epochs": cell.epochs}
    model.fit(x, y, **sizes, callbacks=callbacks, verbose=0)
    return model, parts


def result(run: Run) -> dict[str, Any]:
    """Return a run's line of results."""
    start = time.process_time()
    model, parts = fit(run)
    hidden, dropping = TASKS[run.cell.task].hidden, run.cell in MONTE_CARLO
    scores = measure(model, parts, hidden, run.seed, dropping)
    versions = (f"{name} {importlib.metadata.version(name)}" for name in LIBRARIES)
    return {
        **asdict(run.cell),
        "seed": run.seed,
        **{name: round(value, 3) for name, value in scores.items()},
        "seconds": round(time.process_time() - start, 1),
        "date": datetime.date.today().isoformat(),
        "versions": " ".join(versions),
    }
