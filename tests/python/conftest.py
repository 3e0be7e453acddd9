"""What all Python tests share: seeds, a clean Keras session, and no silent skips."""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import pytest
from embedded_r import EmbeddedR

_skipped = pytest.StashKey[list]()


def pytest_addoption(parser):
    parser.addoption(
        "--no-skips", action="store_true", help="fail if any test was skipped"
    )


def pytest_configure(config):
    config.stash[_skipped] = []
    keras.config.disable_traceback_filtering()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if report.skipped:
        item.config.stash[_skipped].append(item.nodeid)
    return report


def pytest_sessionfinish(session, exitstatus):
    if exitstatus == 0 and session.config.option.no_skips:
        if session.config.stash[_skipped]:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter, config):
    if config.option.no_skips:
        for nodeid in config.stash[_skipped]:
            terminalreporter.write_line(f"SKIPPED, which counts as failed: {nodeid}")


@pytest.fixture(autouse=True)
def seeded():
    """Start every test from the same seeds."""
    keras.utils.set_random_seed(20181030)


@pytest.fixture(scope="session")
def r():
    """R, embedded in this process: see embedded_r.py."""
    return EmbeddedR()
