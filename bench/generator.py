"""Wrapping layers for R: all of Keras's, and a small module at run time."""

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import keras  # noqa: F401  imported before the clock starts

from layerbridge.bridge.resolve import resolve
from layerbridge.bridge.write import sources

_TARGET = "keras.layers"
_REPEATS = 5
_BENCH = Path(__file__).parent


def _wrap() -> float:
    """Inspect and render all layers, and give the seconds it took."""
    start = time.perf_counter()
    sources.r_file(resolve(_TARGET).wrappers)
    return time.perf_counter() - start


def _wrap_in_r() -> list[float] | str:
    """Call `wrap_layers()` of a small module in R, and give the seconds it took."""
    if not shutil.which("Rscript"):
        return "R is not installed"
    set_up = {
        "RETICULATE_PYTHON": sys.executable,
        "R_LIBS": str(_BENCH.parent / ".rlib"),
    }
    done = subprocess.run(
        ["Rscript", str(_BENCH / "wrap.R")],
        env={**set_up, **os.environ},
        check=True,
        capture_output=True,
        text=True,
    )
    seconds: list[float] = json.loads(done.stdout.splitlines()[-1])
    return seconds


def measure() -> list[dict[str, Any]]:
    """Time both; Keras is imported already."""
    cases = {
        f"all of {_TARGET}": [_wrap() for _ in range(_REPEATS)],
        "wrap_layers() in R": _wrap_in_r(),
    }
    return [
        {
            "topic": "Wrapping layers for R",
            "unit": "s",
            "case": case,
            "values": {"layerbridge": seconds},
        }
        for case, seconds in cases.items()
    ]
