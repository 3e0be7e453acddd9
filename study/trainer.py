"""Trains the network of a run and measures it."""

import datetime
import importlib.metadata
import time
from dataclasses import asdict, replace
from functools import lru_cache
from typing import Any

import keras

import tasks
from grid import MONTE_CARLO, Cell, Run
from layerbridge import DropRateScheduler, LinearRamp
from measures import measure
from networks import network

EPOCHS, BATCH = 40, 50
LIBRARIES = ("layerbridge", "keras", "tensorflow")


def untrained(structure: Cell) -> Any:
    """Return a network as it is before training."""
    task = tasks.TASKS[structure.task]()
    return network(structure, task.x.shape[1:], int(task.y.max()) + 1)


@lru_cache(maxsize=1)
def compiled(structure: Cell) -> tuple[Any, list[Any]]:
    """Return a network to train again and again, and its optimizer's first state."""
    model = untrained(structure)
    model.compile("adam", "sparse_categorical_crossentropy")
    model.optimizer.build(model.trainable_variables)
    return model, [variable.numpy() for variable in model.optimizer.variables]


def fit(run: Run, epochs: int = EPOCHS) -> tuple[Any, tasks.Task]:
    """Return the trained network and what was held out.

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
        rising = LinearRamp(0, cell.rate, max(2, epochs * 2 // 3))
        rate = rising if cell.schedule == "rising" else lambda epoch: cell.rate
        callbacks.append(DropRateScheduler(rate, by="epoch"))
    training, held_out = tasks.split(tasks.TASKS[cell.task](), run.seed)
    model.trainable = True  # `measures.passes` ended that
    model.fit(*(training.x, training.y, BATCH, epochs), callbacks=callbacks, verbose=0)
    return model, held_out


def result(run: Run, epochs: int = EPOCHS) -> dict[str, Any]:
    """Return a run's line of results."""
    start = time.process_time()
    model, held_out = fit(run, epochs)
    scores = measure(model, held_out, run.seed, dropping=run.cell in MONTE_CARLO)
    versions = (f"{name} {importlib.metadata.version(name)}" for name in LIBRARIES)
    return {
        **asdict(run.cell),
        "seed": run.seed,
        **{name: round(value, 3) for name, value in scores.items()},
        "seconds": round(time.process_time() - start, 1),
        "date": datetime.date.today().isoformat(),
        "versions": " ".join(versions),
    }
