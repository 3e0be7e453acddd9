"""The package's own list of requirements, and that nothing else says otherwise."""

import re
import sys
from pathlib import Path

import pytest

from layerbridge import requirements

if sys.version_info < (3, 11):
    import tomli as tomllib
else:
    import tomllib

ROOT = Path(__file__).parents[2]


def test_pyproject_has_the_same():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    mark, *listed = requirements.REQUIREMENTS.splitlines()
    assert mark.startswith("# Generated")
    assert project["dependencies"] == listed


def test_description_asks_for_the_same_keras():
    description = (ROOT / "DESCRIPTION").read_text("utf-8")
    (version,) = re.findall(r"Keras \(>= ([\d.]+)\)", description)
    assert tuple(map(int, version.split("."))) == requirements.oldest("keras")


@pytest.mark.parametrize(
    ("version", "works"),
    [("2.15.0", False), ("3.4.1", False), ("3.5.0", True), ("3.15.0.dev1", True)],
)
def test_an_older_keras_is_a_problem(version, works, monkeypatch):
    monkeypatch.setattr(requirements, "version_of", lambda package: version)
    problem = requirements.keras_problem()
    if works:
        assert problem is None
    else:
        assert f"needs Keras 3.5 or newer; received Keras {version}" in problem


@pytest.mark.parametrize("value", ["1", "true", "True"])
def test_the_flag_for_legacy_keras_is_true_as_for_tensorflow(value, monkeypatch):
    monkeypatch.setenv("TF_USE_LEGACY_KERAS", value)
    assert "Unset it" in requirements.legacy_keras_problem()


@pytest.mark.parametrize("value", ["0", "TRUE", ""])
def test_the_flag_is_false_as_for_tensorflow(value, monkeypatch):
    monkeypatch.setenv("TF_USE_LEGACY_KERAS", value)
    assert requirements.legacy_keras_problem() is None


def test_every_package_of_this_python_is_installed():
    assert requirements.absent() == []


def test_absent_packages_are_named_where_their_python_needs_them(monkeypatch):
    monkeypatch.setattr(requirements, "version_of", lambda package: None)
    monkeypatch.setattr(requirements, "_minor", lambda: 11)
    assert "mdit-py-plugins" in requirements.absent()
    assert "tomli" not in requirements.absent()
    monkeypatch.setattr(requirements, "_minor", lambda: 10)
    assert "tomli" in requirements.absent()


def test_the_runtime_in_r_asks_for_the_same_keras():
    runtime = ROOT / "python" / "layerbridge" / "bridge" / "runtime" / "python.R"
    (version,) = re.findall(r'keras = "([\d.]+)"', runtime.read_text("utf-8"))
    assert tuple(map(int, version.split("."))) == requirements.oldest("keras")
