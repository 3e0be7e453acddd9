"""The study: its data, its networks, what it measures, and that it goes on."""

import csv
import io
import sys
import zipfile
from collections import defaultdict
from dataclasses import replace
from itertools import product
from pathlib import Path

import keras
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


@pytest.fixture
def pictures(tmp_path, monkeypatch):
    """Put grey pictures in place of CIFAR-10."""
    import tasks

    archive = tmp_path / "pictures.zip"
    with zipfile.ZipFile(archive, "w") as files:
        for part, first, count in (("train", 0, 2), ("test", 200, 1)):
            for label, number in product(range(10), range(count)):
                grey = np.full((32, 32, 3), min(first + 10 * label, 255), "uint8")
                picture = io.BytesIO()
                keras.utils.array_to_img(grey, scale=False).save(picture, "JPEG")
                name = f"{part}/class{label}/{number}.jpg"
                files.writestr(name, picture.getvalue())
    monkeypatch.setenv(tasks.CIFAR10, str(archive))
    tasks.cifar10.cache_clear()
    yield
    tasks.cifar10.cache_clear()


def dropblocks(model):
    kinds = layerbridge.DropBlock1D, layerbridge.DropBlock2D
    return [layer for layer in model.layers if isinstance(layer, kinds)]


def test_each_run_comes_once():
    from grid import RUNS

    assert len(set(RUNS)) == len(RUNS)


@pytest.mark.release
@pytest.mark.newest
def test_a_network_drops_where_its_cell_says(pictures):
    from grid import RUNS
    from trainer import untrained

    five = {"all": 4, "early": 2, "late": 2, "branches": 4, "skips": 2, "both": 6}
    blocks = {"all": 6, "early": 2, "late": 4, "skips": 3, "both": 9}
    trained = {"schedule": "fixed", "decay": 0.0, "epochs": 1}
    cells = {
        replace(run.cell, rate=float(run.cell.rate > 0), **trained) for run in RUNS
    }
    for cell in cells:
        layers = dropblocks(untrained(cell))
        places = blocks if cell.task == "cifar-resnet" else five
        assert len(layers) == (places[cell.where] if cell.rate else 0), cell
        for layer in layers:
            assert layer.per_channel == (cell.mask == "own")
            assert set(np.atleast_1d(layer.block_size)) <= {
                cell.block,
                -(-cell.block // 2),
                -(-cell.block // 4),
            }


@pytest.mark.newest
def test_training_pictures_are_erased_with_what_the_cell_says(pictures):
    from grid import cifar
    from networks import augmented

    x = np.full((64, 32, 32, 3), 0.25, "float32")
    assert augmented(*cifar(), x, 0.5) is x
    for filling, fills in {"known": {0.5}, "noise": {0.0, 1.0}}.items():
        inputs = keras.Input(x.shape[1:])
        (cell,) = cifar(erase=0.5, filling=filling)
        model = keras.Model(inputs, augmented(cell, inputs, 0.5))
        erased = np.asarray(model(x, training=True))
        assert fills <= set(erased[erased != 0.25].tolist())
        assert 16 < sum((picture != 0.25).any() for picture in erased) < 48
        assert (np.asarray(model(x, training=False)) == x).all()


@pytest.mark.release
def test_the_rate_follows_the_schedule():
    from grid import Cell, Run
    from trainer import fit

    model, _ = fit(Run(Cell(schedule="early", epochs=1), 0))
    assert [layer.rate for layer in dropblocks(model)] == pytest.approx([0.2] * 4)


@pytest.mark.parametrize(
    ("schedule", "rates"),
    {
        "fixed": [0.2, 0.2, 0.2],
        "rising": [0.0, 0.16, 0.2],
        "early": [0.2, 0.0, 0.0],
    }.items(),
)
def test_a_schedule_ends_where_its_cell_says(schedule, rates):
    from grid import Cell
    from trainer import schedule as schedule_of

    rate = schedule_of(Cell(schedule=schedule))
    assert [float(rate(epoch)) for epoch in (0, 20, 39)] == pytest.approx(
        rates, abs=0.003
    )


@pytest.mark.release
def test_a_network_learns_the_same_after_another():
    from grid import Cell, Run
    from trainer import fit

    def weights(run):
        return fit(run)[0].get_weights()

    first = weights(Run(Cell(epochs=1), 0))
    other = weights(Run(Cell(rate=0.4, epochs=1), 1))
    again = weights(Run(Cell(epochs=1), 0))
    assert all((a == b).all() for a, b in zip(first, again, strict=True))
    assert any((a != b).any() for a, b in zip(first, other, strict=True))


@pytest.mark.parametrize("size", ["quarter", "third", "half"])
@pytest.mark.parametrize("name", ["digits", "series"])
def test_a_window_is_hidden_and_no_more(name, size):
    import tasks

    samples = getattr(tasks, name)()
    x, y, _ = tasks.hide(samples, size, seed=1)
    blank = x == samples.blank
    window = [round(tasks.SHARES[size] * length) for length in x.shape[1:-1]]
    assert (x[~blank] == samples.x[~blank]).all()
    assert (blank.sum((*range(1, x.ndim),)) >= np.prod(window)).all()
    changed = np.argwhere(x != samples.x)
    for sample in range(0, len(y), 100):
        places = changed[changed[:, 0] == sample][:, 1:-1]
        assert (np.ptp(places, axis=0) < window).all()


@pytest.mark.parametrize("name", ["digits", "series"])
def test_a_split_uses_each_sample_once(name):
    import tasks

    samples = getattr(tasks, name)()
    parts = tasks.split(tasks.TASKS[name], seed=3)
    axes = tuple(range(1, samples.x.ndim))
    sums = np.concatenate([part.x.sum(axes) for part in parts])
    assert [len(part.y) for part in parts[:2]] == list(tasks.TASKS[name][1:3])
    np.testing.assert_allclose(np.sort(sums), np.sort(samples.x.sum(axes)))


def test_an_archive_keeps_its_own_test_part(pictures):
    import tasks

    task = tasks.TASKS["cifar-resnet"]._replace(training=8, validation=4, kept=10)
    first, second = (tasks.split(task, seed) for seed in (0, 1))
    assert (first.test.x == second.test.x).all()
    assert first.test.y.tolist() == list(range(10))
    for part, size in zip(first, (8, 4, 10), strict=True):
        # a picture's grey tells its class, and whether it is of the test
        grey = np.minimum(200 * (part is first.test) + 10 * part.y, 255)
        assert len(part.y) == size
        np.testing.assert_allclose(
            part.x, np.full_like(part.x, 1) * grey[:, None, None, None] / 255, atol=0.01
        )


def test_evidence_is_the_share_of_places_above_half_of_the_largest():
    from measures import evidence

    maps = np.array([[[4.0, 3.0], [2.0, -1.0]], [[1.0, 1.0], [1.0, 0.0]]])
    assert evidence(maps) == 100 * 5 / 8


@pytest.mark.release
def test_a_study_goes_on_where_it_was_broken_off(tmp_path):
    from grid import Cell, Run
    from results import COLUMNS, append, finished
    from trainer import result

    table = tmp_path / "study.csv"
    assert finished(table) == set()
    series = Cell(task="series", rate=0.0, block=1, epochs=1)
    runs = [Run(Cell(epochs=1), 0), Run(series, 1)]
    for run in runs:
        append(table, result(run))
    assert finished(table) == set(runs)
    lines = table.read_text().splitlines()
    assert lines[0].split(",") == COLUMNS
    assert len(lines) == 3


def test_the_table_of_the_guides_is_of_the_study():
    from grid import RUNS
    from results import finished

    assert finished(STUDY.parent / "vignettes" / "study.csv") <= set(RUNS)


def test_readme_says_what_the_demo_found():
    with (STUDY.parent / "vignettes" / "demo.csv").open(newline="") as lines:
        rows = list(csv.DictReader(lines))

    def right(kind, hidden):
        found = [r for r in rows if (r["kind"], r["hidden"]) == (kind, str(hidden))]
        return [float(row["accuracy"]) for row in found]

    def told(kind):
        found = right(kind, 12)
        return f"{np.mean(found):.1f} ± {np.std(found, ddof=1):.1f} %"

    dropout = ("no dropout", "dropout", "DropBlock", "spatial dropout")
    whole = [np.mean(right(kind, 0)) for kind in dropout]
    grey, noise = (
        f"{np.mean(right(f'erasing: {filling}', 12)):.1f} %"
        for filling in ("same grey", "noise")
    )
    readme = " ".join((STUDY.parent / "README.md").read_text("utf-8").split())
    assert (
        f"the networks of `make demo` reach {told('DropBlock')} with DropBlock, "
        f"{told('spatial dropout')} with spatial dropout, {told('dropout')} with "
        f"ordinary dropout and {told('no dropout')} with none; on whole digits, "
        f"{min(whole):.1f} to {max(whole):.1f} %. Erasing parts in the same grey in "
        f"training reaches {grey}, in noise {noise}"
    ) in readme


def test_rates_that_validation_compares_have_the_same_seeds():
    with (STUDY.parent / "vignettes" / "validation.csv").open(newline="") as lines:
        rows = list(csv.DictReader(lines))
    seeds = defaultdict(set)
    for row in rows:
        seeds[row["block"], row["rate"]].add(row["seed"])
    rates = ("0.1", "0.2", "0.4")
    assert set(seeds) == {("1", "0"), *product(("1", "5", "12"), rates)}
    assert set(map(len, seeds.values())) == {3}


def test_readme_says_what_cifar_10_gave():
    with (STUDY.parent / "vignettes" / "study.csv").open(newline="") as lines:
        rows = [r for r in csv.DictReader(lines) if r["task"] == "cifar-resnet"]

    def best(block, dropping):
        """Return the accuracy of the rate and schedule that validate best."""
        cells = defaultdict(list)
        for row in rows:
            usual = {"where": "all", "mask": "own", "augment": "none", "width": "1"}
            usual |= {"erase": "0.0", "decay": "0.0", "epochs": "20", "block": block}
            if usual.items() <= row.items() and (row["rate"] > "0.0") == dropping:
                cells[row["rate"], row["schedule"]].append(row)
        found = max(cells.values(), key=lambda cell: mean(cell, "validation"))
        return mean(found, "whole")

    def mean(cell, column):
        return np.mean([float(row[column]) for row in cell])

    def flipped(block, rate):
        """Return the accuracy with flips and crops."""
        cell = {"augment": "flips and crops", "block": block, "rate": rate}
        return mean([r for r in rows if cell.items() <= r.items()], "whole")

    none = best("1", dropping=False)
    blocks, units = (best(block, dropping=True) - none for block in ("7", "1"))
    lost = [flipped("1", "0.0") - flipped(block, "0.1") for block in ("7", "1")]
    readme = " ".join((STUDY.parent / "README.md").read_text("utf-8").split())
    assert (
        f"a ResNet-8 ({none:.1f} %, not tuned) gains {blocks:.1f} points on whole "
        f"pictures with DropBlock and {units:.1f} with ordinary dropout; with flips "
        f"and crops, at rate 0.1, DropBlock loses {lost[0]:.1f} points and ordinary "
        f"dropout {lost[1]:.1f}"
    ) in readme
