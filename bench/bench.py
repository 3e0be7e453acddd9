"""Measures the layers beside their peers: `make bench`.

Every backend has processes of its own, since Keras takes one for each. Prints tables;
writes `build/bench.json`, with every single measurement, `bench/results.json`, which
sums them up, and the page `docs/benchmarks.md` from that.

usage: bench.py [MODULE ...]     measures these modules alone, such as `growth`, and
                                 leaves what was measured before of the others
"""

import importlib.metadata
import importlib.util
import json
import os
import platform
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import report
from cases import SERIES

_BENCH = Path(__file__).parent
_BUILD = _BENCH.parent / "build"

# The memory that tensors take shows only where it is returned as soon as it is free.
_RETURN_MEMORY = {"TF_ENABLE_ONEDNN_OPTS": "0", "MALLOC_MMAP_THRESHOLD_": "262144"}

_ONE_THREAD = {
    "OMP_NUM_THREADS": "1",
    "TF_NUM_INTRAOP_THREADS": "1",
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1",
}

_BACKENDS = ("tensorflow", "jax", "torch")

# Backend, module, its argument, environment.
_JOBS: list[tuple[str, str, list[str], dict[str, str]]] = [
    *((backend, "training", [], {}) for backend in _BACKENDS),
    ("tensorflow", "training", ["jit_compile"], {}),
    *((backend, "layers", [], {}) for backend in _BACKENDS),
    *(
        (backend, "growth", [topic], {} if "all cores" in topic else _ONE_THREAD)
        for topic in SERIES
        for backend in _BACKENDS
    ),
    *((backend, "small", [], _ONE_THREAD) for backend in _BACKENDS),
    ("torch", "counted", [], {}),
    ("tensorflow", "counted_graph", [], {}),
    *((backend, "resnet", [], {}) for backend in _BACKENDS),
    *(
        (backend, "resnet", [kind], _RETURN_MEMORY)
        for backend in _BACKENDS
        for kind in ("layerbridge", "Keras Dropout")
    ),
    ("jax", "resnet_xla", [], _ONE_THREAD),
    ("tensorflow", "exactness", [], {}),
    ("torch", "exactness", [], {}),
    ("tensorflow", "generator", [], {}),
]

_VERSIONS = ["layerbridge", "keras", "tensorflow", "jax", "torch", "numpy"]


def run(
    backend: str, module: str, arguments: list[str], environment: dict[str, str]
) -> list[report.Record]:
    """Measure in a process of its own."""
    quiet = {"TF_CPP_MIN_LOG_LEVEL": "3", "KERAS_BACKEND": backend}
    done = subprocess.run(
        [sys.executable, str(_BENCH / "worker.py"), module, *arguments],
        env={**os.environ, **quiet, **environment},
        check=True,
        capture_output=True,
        text=True,
    )
    records: list[report.Record] = json.loads(done.stdout.splitlines()[-1])
    return records


def machine() -> dict[str, Any]:
    """Describe where this runs."""
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text().splitlines() if cpuinfo.exists() else []
    models = [line.split(": ")[1] for line in lines if line.startswith("model name")]
    versions = {
        name: importlib.metadata.version(name)
        for name in _VERSIONS
        if importlib.util.find_spec(name)
    }
    return {
        "cpu": models[0] if models else platform.machine(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        **versions,
    }


def main(modules: list[str]) -> None:
    """Run all jobs, or those of some modules; print the tables, write the files."""
    where, load, start = machine(), os.getloadavg()[0], time.perf_counter()
    records, failures = [], 0
    for backend, module, arguments, environment in _JOBS:
        name = " ".join([module, *arguments])
        if modules and module not in modules:
            continue
        if not importlib.util.find_spec(backend):
            print(f"NOT MEASURED: {name} on {backend}, which is not installed")
            continue
        print(f"{time.perf_counter() - start:4.0f} s  {name} on {backend}", flush=True)
        try:
            records += run(backend, module, arguments, environment)
        except subprocess.CalledProcessError as failure:
            failures += 1
            print(f"FAILED: {name} on {backend}\n{failure.stderr}")
    records = report.merged(records)

    _BUILD.mkdir(exist_ok=True)
    found = {"machine": where, "load": load, "records": records}
    (_BUILD / "bench.json").write_text(json.dumps(found, indent=1) + "\n")
    topics = report.by_topic([report.summarized(record) for record in records])
    if modules and report.RESULTS.exists():
        before = json.loads(report.RESULTS.read_text("utf-8"))["summaries"]
        topics = report.by_topic(before) | topics
    summaries = [summary for cases in topics.values() for summary in cases]
    results = {"machine": where, "load": load, "summaries": summaries}
    report.RESULTS.write_text(json.dumps(results, indent=1) + "\n", "utf-8")
    report.write(results)

    print("\n" + ", ".join(f"{name} {value}" for name, value in where.items()))
    print(f"load when it began: {load:.1f} processes")
    print("Medians and quartiles; ratios are between runs of the same round.\n")
    print(f"## Goals\n\n{report.goals_table(summaries)}")
    for topic, cases in topics.items():
        print(f"\n## {topic}\n\n{report.topic_table(cases)}")
    print(f"\nbuild/bench.json, {report.PAGE}; {time.perf_counter() - start:.0f} s")
    if failures:
        sys.exit("Something could not be measured: see FAILED above.")


if __name__ == "__main__":
    main(sys.argv[1:])
