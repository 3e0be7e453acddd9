"""Trains the networks behind the guides' advice: `make study`.

Goes on where it was broken off: it appends a line for each network to
`vignettes/study.csv`, and trains those that have no line there.
"""

import argparse
import multiprocessing
import os
from pathlib import Path

from tqdm import tqdm

import activations
from grid import RUNS
from results import append, finished
from tasks import CIFAR10
from trainer import result

GUIDES = Path(__file__).resolve().parents[1] / "vignettes"


def main() -> None:
    """Train what is left, with a process for each core."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workers", type=int, default=os.cpu_count())
    parser.add_argument(
        "--cifar10",
        type=Path,
        metavar="FILE.zip",
        help="CIFAR-10 as JPEG files, train/CLASS/*.jpg and test/CLASS/*.jpg, in place "
        "of the pictures that Keras downloads",
    )
    options = parser.parse_args()
    if options.cifar10:
        os.environ[CIFAR10] = options.cifar10.as_posix()

    table = GUIDES / "study.csv"
    done = finished(table)
    left = [run for run in RUNS if run not in done]
    os.environ |= {"TF_NUM_INTRAOP_THREADS": "1", "TF_NUM_INTEROP_THREADS": "1"}
    spawn = multiprocessing.get_context("spawn")
    # TensorFlow keeps what it compiled, so that a process grows with each structure.
    with spawn.Pool(options.workers, maxtasksperchild=30) as pool:
        begun = {"total": len(RUNS), "initial": len(RUNS) - len(left)}
        for row in tqdm(pool.imap_unordered(result, left), unit="network", **begun):
            append(table, row)

    maps = GUIDES / "activations.csv"
    if not maps.exists():
        activations.write(maps)
    print(f"{table} holds {len(RUNS)} networks.")


if __name__ == "__main__":
    main()
