"""What the tests share."""

import os

import pytest
from embedded_r import EmbeddedR

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")


def pytest_addoption(parser):
    parser.addoption(
        "--no-skips", action="store_true", help="fail where a test was skipped"
    )


def pytest_sessionfinish(session):
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if session.config.getoption("--no-skips") and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.fixture(scope="session")
def r():
    """R, embedded in this process: see embedded_r.py."""
    return EmbeddedR()
