"""The study: its data, its networks, what it measures, and that it goes on."""

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import layerbridge

STUDY = Path(__file__).resolve().parents[2] / "study"


@pytest.fixture(scope="module", autouse=True)
def importable():
    """Make the modules of the study known, as where its script runs."""
    sys.path.insert(0, str(STUDY))
    yield
    sys.path.remove(str(STUDY))


def dropblocks(model):
    kinds = layerbridge.DropBlock1D, layerbridge.DropBlock2D
    return [layer for layer in model.layers if isinstance(layer, kinds)]


def test_each_run_comes_once():
    from grid import RUNS

    assert len(set(RUNS)) == len(RUNS)


def test_a_network_drops_where_its_cell_says():
    from grid import RUNS
    from trainer import untrained

    places = {"all": 4, "early": 2, "late": 2, "branches": 4, "skips": 2, "both": 6}
    cells = {replace(run.cell, rate=float(run.cell.rate > 0)) for run in RUNS}
    for cell in cells:
        layers = dropblocks(untrained(cell))
        assert len(layers) == (places[cell.where] if cell.rate else 0), cell
        for layer in layers:
            assert layer.per_channel == (cell.mask == "own")
            assert set(np.atleast_1d(layer.block_size)) <= {
                cell.block,
                (cell.block + 1) // 2,
            }


@pytest.mark.parametrize(("schedule", "rate"), [("fixed", 0.2), ("rising", 0.0)])
def test_the_rate_follows_the_schedule(schedule, rate):
    from grid import Cell, Run
    from trainer import fit

    model, _ = fit(Run(Cell(schedule=schedule), 0), epochs=1)
    assert [layer.rate for layer in dropblocks(model)] == pytest.approx([rate] * 4)


def test_a_network_learns_the_same_after_another():
    from grid import Cell, Run
    from trainer import fit

    def weights(run):
        return fit(run, epochs=1)[0].get_weights()

    first = weights(Run(Cell(), 0))
    other = weights(Run(Cell(rate=0.4), 1))
    again = weights(Run(Cell(), 0))
    assert all((a == b).all() for a, b in zip(first, again, strict=True))
    assert any((a != b).any() for a, b in zip(first, other, strict=True))


@pytest.mark.parametrize("share", [1 / 4, 1 / 3, 1 / 2])
@pytest.mark.parametrize("name", ["digits", "series"])
def test_a_window_is_hidden_and_no_more(name, share):
    import tasks

    task = getattr(tasks, name)()
    hidden = tasks.hide(task, share, seed=1)
    blank = hidden == task.blank
    window = [round(share * length) for length in task.x.shape[1:-1]]
    assert (hidden[~blank] == task.x[~blank]).all()
    assert (blank.sum((*range(1, task.x.ndim),)) >= np.prod(window)).all()
    changed = np.argwhere(hidden != task.x)
    for sample in range(0, len(task.y), 100):
        places = changed[changed[:, 0] == sample][:, 1:-1]
        assert (np.ptp(places, axis=0) < window).all()


def test_a_split_uses_each_sample_once():
    import tasks

    task = tasks.digits()
    parts = tasks.split(task, seed=3)
    sums = [part.x.sum((1, 2, 3)) for part in parts]
    assert [len(part) for part in sums] == [tasks.TRAIN, len(task.y) - tasks.TRAIN]
    np.testing.assert_allclose(
        np.sort(np.concatenate(sums)), np.sort(task.x.sum((1, 2, 3)))
    )


def test_evidence_is_the_share_of_places_above_half_of_the_largest():
    from measures import evidence

    maps = np.array([[[4.0, 3.0], [2.0, -1.0]], [[1.0, 1.0], [1.0, 0.0]]])
    assert evidence(maps) == 100 * 5 / 8


def test_a_study_goes_on_where_it_was_broken_off(tmp_path):
    from grid import Cell, Run
    from results import COLUMNS, append, finished
    from trainer import result

    table = tmp_path / "study.csv"
    assert finished(table) == set()
    runs = [Run(Cell(), 0), Run(Cell(task="series", rate=0.0, block=1), 1)]
    for run in runs:
        append(table, result(run, epochs=1))
    assert finished(table) == set(runs)
    lines = table.read_text().splitlines()
    assert lines[0].split(",") == COLUMNS
    assert len(lines) == 3


def test_the_table_of_the_guides_is_of_the_study():
    from grid import RUNS
    from results import finished

    assert finished(STUDY.parent / "vignettes" / "study.csv") <= set(RUNS)
