"""What all Python tests share: R, and that nothing is skipped silently."""

import importlib.util
import os

import pytest
from hypothesis import settings

from embedded_r import EmbeddedR

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

# The same cases in every run; `make fuzz` takes more, and others each time. JAX, which
# compiles each shape anew, gets fewer.
_CASES = 40 if os.environ.get("KERAS_BACKEND") == "jax" else 300
settings.register_profile("test", max_examples=_CASES, deadline=None, derandomize=True)
settings.register_profile("fuzz", max_examples=5000, deadline=None, print_blob=True)
settings.load_profile("test")

_SKIPPED = pytest.StashKey[list[str]]()


def pytest_addoption(parser):
    parser.addoption(
        "--no-skips", action="store_true", help="fail where any test is skipped"
    )


def pytest_configure(config):
    config.stash[_SKIPPED] = []


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


def pytest_collection_modifyitems(items):
    for item in items:
        if not {"r", "r_process"}.isdisjoint(item.fixturenames):
            item.add_marker("r")


@pytest.fixture(scope="session")
def r():
    """R, embedded in this process: see embedded_r.py."""
    return EmbeddedR()


@pytest.fixture
def keras_in_r(r):
    """R with all of Keras attached, as without keras3; afterwards as before."""
    r('layerbridge::wrap_library("keras", attach = TRUE)')
    r("library(layerbridge)")
    yield r
    r('detach("layerbridge:keras")')
