"""`python -m layerbridge` shows what is installed, and any problem with it."""

import os
import subprocess
import sys
import venv
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "python"


def report(python=sys.executable, **environment):
    return subprocess.run(
        [python, "-m", "layerbridge"],
        env=os.environ | environment,
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def bare_python(tmp_path_factory):
    """A Python that has no packages."""
    folder = tmp_path_factory.mktemp("bare")
    venv.create(folder)
    return folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def test_nothing_is_wrong_here():
    done = report()
    assert done.returncode == 0
    assert "keras        3." in done.stdout
    assert done.stdout.endswith("No problems found.\n")


def test_legacy_keras_is_wrong():
    done = report(TF_USE_LEGACY_KERAS="1")
    assert done.returncode == 1
    assert "Unset it before Python starts" in done.stdout


def test_no_keras_is_wrong(bare_python):
    done = report(bare_python, PYTHONPATH=str(SOURCE))
    assert done.returncode == 1
    assert "which is not installed. Run" in done.stdout


def test_a_missing_backend_is_wrong():
    done = report(KERAS_BACKEND="tensorfow")
    assert done.returncode == 1
    assert "keras        3." in done.stdout
    assert "importing Keras failed with ValueError" in done.stdout
    assert "set KERAS_BACKEND to tensorflow, jax or torch" in done.stdout


def test_keras_2_is_wrong(bare_python, tmp_path):
    (tmp_path / "keras").mkdir()
    (tmp_path / "keras/__init__.py").touch()
    (tmp_path / "keras-2.15.0.dist-info").mkdir()
    metadata = "Metadata-Version: 2.1\nName: keras\nVersion: 2.15.0\n"
    (tmp_path / "keras-2.15.0.dist-info/METADATA").write_text(metadata)
    done = report(bare_python, PYTHONPATH=f"{SOURCE}{os.pathsep}{tmp_path}")
    assert done.returncode == 1
    assert "received Keras 2.15.0" in done.stdout
