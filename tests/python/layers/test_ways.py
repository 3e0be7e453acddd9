"""Wherever Keras's own dropout works, ours works: every way, with both.

The outcomes are in tests/fixtures/ways.tsv. After a change, write them again:
`KERAS_BACKEND=name python tests/python/layers/test_ways.py`, for each backend; then
`make generate`, for docs/works-with.md.
"""

import csv
import importlib
import sys
import tempfile
import traceback
from pathlib import Path

import keras
import pytest
from modes import release_on
from ways import BACKEND, GROUPS, WAYS

for _module in ("trainer", "transforms", "saving", "places"):
    importlib.import_module(f"ways.{_module}")

FILE = Path(__file__).parents[2] / "fixtures" / "ways.tsv"
BACKENDS = ("tensorflow", "jax", "torch")
COLUMNS = ["way", "about", *(f"{group} {b}" for b in BACKENDS for group in GROUPS)]
HERE = [way for way in WAYS.values() if BACKEND in way.on]

# The others share all of its code but the form of what drops, and have less state.
PROBES = {
    "blocks": [p for p in GROUPS["layerbridge"] if p.name == "DropBlock2D"],
    "every family": pytest.param(GROUPS["layerbridge"], marks=pytest.mark.release),
}

pytestmark = [pytest.mark.backends, pytest.mark.newest]


def left_on(way):
    """Return the backends on which a way is left to a release.

    TensorFlow has it where the others have it too; on JAX test_saving.py saves as well.
    """
    if set(way.on) != set(BACKENDS):
        return []
    return ["tensorflow", "jax"] if "saving" in way.run.__module__ else ["tensorflow"]


def recorded():
    with FILE.open(encoding="utf-8", newline="") as file:
        return {row["way"]: row for row in csv.DictReader(file, delimiter="\t")}


def outcome(way, group):
    return recorded()[way.name][f"{group} {BACKEND}"]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("probes", PROBES.values(), ids=PROBES.keys())
@pytest.mark.parametrize(
    "way",
    [pytest.param(way, marks=release_on(*left_on(way))) for way in HERE],
    ids=lambda way: way.name,
)
def test_ours_come_out_as_recorded(way, probes, tmp_path):
    if outcome(way, "layerbridge") == "works":
        try:
            way.run(probes, tmp_path)
        except Exception:
            # What Keras's layers did and no longer do, a framework's version broke.
            if outcome(way, "keras") != "works" or tried(way, "keras") == "works":
                raise
    else:
        with pytest.raises(Exception):  # noqa: B017, PT011
            way.run(probes, tmp_path)


@pytest.mark.release
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("way", HERE, ids=lambda way: way.name)
def test_one_of_kerass_comes_out_as_recorded(way):
    assert tried(way, "keras") == outcome(way, "keras")


def test_the_table_has_every_way_and_no_other():
    rows = recorded()
    assert list(rows) == list(WAYS)
    for name, row in rows.items():
        assert row["about"] == WAYS[name].about
        for backend in BACKENDS:
            outcomes = {row[f"{group} {backend}"] for group in GROUPS}
            expected = {"works", "fails"} if backend in WAYS[name].on else {""}
            assert outcomes <= expected


def test_where_kerass_work_ours_work():
    for name, row in recorded().items():
        for backend in BACKENDS:
            ours, kerass = (row[f"{group} {backend}"] for group in GROUPS)
            assert ours == "works" or kerass != "works", (name, backend)


def tried(way, group):
    """Try a way with our layers together, or with each of Keras's: one is enough."""
    probes = GROUPS[group]
    each = [probes] if group == "layerbridge" else [[probe] for probe in probes]
    return "works" if any(passes(way, probes) for probes in each) else "fails"


def passes(way, probes):
    keras.utils.set_random_seed(20181030)
    with tempfile.TemporaryDirectory() as folder:
        try:
            way.run(probes, folder)
        except Exception as error:
            places = traceback.extract_tb(error.__traceback__)
            line = next(p.lineno for p in reversed(places) if "ways" in p.filename)
            text = f"{type(error).__name__}: {error}".replace("\n", " ")[:400]
            print(f"{way.name}, {probes[0].name} ..., line {line}: {text}")
            return False
    return True


def main(names):
    rows = recorded()
    for way in WAYS.values():
        row = rows.setdefault(way.name, dict.fromkeys(COLUMNS, ""))
        row |= {"way": way.name, "about": way.about}
        if way in HERE and (not names or way.name in names):
            row |= {f"{group} {BACKEND}": tried(way, group) for group in GROUPS}
    with FILE.open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, COLUMNS, delimiter="\t", lineterminator="\n")
        table.writeheader()
        table.writerows(rows[name] for name in WAYS)


if __name__ == "__main__":
    main(sys.argv[1:])
