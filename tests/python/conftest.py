"""What all Python tests share: R, which run when, and that none is skipped silently."""

import gc
import importlib.util
import itertools
import os
from collections import Counter
from importlib.metadata import version

import pytest
from hypothesis import settings

from embedded_r import EmbeddedR

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
# XLA compiles thousands of functions here, which run once or twice. `make check` runs
# what only a release needs with all its optimizations.
_QUICK_XLA = "--xla_backend_optimization_level=0"
if os.environ.get("KERAS_BACKEND") == "jax" and version("jax").startswith("0.7."):
    # Newer versions lack one of these flags, and end Python where it is set.
    _QUICK_XLA += " --xla_cpu_use_fusion_emitters=false"
    _QUICK_XLA += " --xla_cpu_parallel_codegen_split_count=1"
os.environ.setdefault("XLA_FLAGS", _QUICK_XLA)

# The same cases in every run; a release tries more of them, and `make fuzz` many more,
# others each time. JAX, which compiles each shape anew, gets fewer.
_CASES = 15 if os.environ.get("KERAS_BACKEND") == "jax" else 100
settings.register_profile("test", max_examples=_CASES, deadline=None, derandomize=True)
settings.register_profile(
    "release", settings.get_profile("test"), max_examples=3 * _CASES
)
settings.register_profile("fuzz", max_examples=5000, deadline=None, print_blob=True)
settings.load_profile("test")

_SKIPPED = pytest.StashKey[list[str]]()


def pytest_addoption(parser):
    parser.addoption(
        "--no-skips", action="store_true", help="fail where any test is skipped"
    )


def pytest_configure(config):
    config.stash[_SKIPPED] = []


def pytest_collection_finish():
    # What was imported stays: to look through all of Keras's objects takes a second.
    gc.freeze()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if report.skipped:
        item.config.stash[_SKIPPED].append(item.nodeid)
    return report


def pytest_sessionfinish(session, exitstatus):
    strict = session.config.getoption("no_skips")
    if strict and exitstatus == 0 and session.config.stash[_SKIPPED]:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter, config):
    if config.getoption("no_skips"):
        for nodeid in config.stash[_SKIPPED]:
            terminalreporter.write_line(f"SKIPPED, which counts as failed: {nodeid}")
    for backend in ("jax", "torch"):
        if not importlib.util.find_spec(backend):
            terminalreporter.write_line(f"NOT TESTED on {backend}: it is not installed")


def pytest_collection_modifyitems(config, items):
    for item in items:
        if not {"r", "r_process"}.isdisjoint(item.fixturenames):
            item.add_marker("r")
    for _, cases in itertools.groupby(items, lambda item: item.nodeid.split("[")[0]):
        _thin(list(cases))
    if "release" not in config.option.markexpr:
        left = [item for item in items if item.get_closest_marker("release")]
        items[:] = [item for item in items if item not in set(left)]
        config.hook.pytest_deselected(items=left)


def _thin(cases):
    """Leave to a release what tries no values together that others do not try."""
    cases = [case for case in cases if not case.get_closest_marker("release")]
    mark = cases[0].get_closest_marker("thinned") if cases else None
    if mark is None or not hasattr(cases[0], "callspec"):
        return
    together = {case: _together(case, *mark.args) for case in cases}
    tried = Counter(dict.fromkeys(set().union(*together.values()), 0))

    def worth(case):
        """Tell what is new in a case, and then how seldom the rest of it was tried."""
        new = sum(not tried[values] for values in together[case])
        return new, -sum(tried[values] for values in together[case])

    while not all(tried.values()):
        case = max(together, key=worth)
        tried.update(together.pop(case))
    for case in together:
        case.add_marker("release")


def _together(case, number):
    """Return which values of so many `parametrize` a case tries together.

    A value that has traits stands for each of them.
    """
    axes = []
    for mark in case.iter_markers("parametrize"):
        names = mark.args[0]
        names = names.split(",") if isinstance(names, str) else names
        values = [case.callspec.params[name.strip()] for name in names]
        traits = [getattr(value, "traits", [id(value)]) for value in values]
        axes.append([(*names, *some) for some in itertools.product(*traits)])
    several = itertools.combinations(axes, min(number, len(axes)))
    return {some for lists in several for some in itertools.product(*lists)}


@pytest.fixture(scope="session")
def r(tmp_path_factory):
    """R, embedded in this process: see embedded_r.py."""
    # What is read of a library is kept there, and not for the user.
    os.environ["R_USER_CACHE_DIR"] = str(tmp_path_factory.mktemp("cache"))
    return EmbeddedR()


@pytest.fixture
def keras_in_r(r):
    """R with all of Keras attached, as without keras3; afterwards as before."""
    r('layerbridge::wrap_library("keras", attach = TRUE)')
    r("library(layerbridge)")
    yield r
    r('detach("layerbridge:keras")')
