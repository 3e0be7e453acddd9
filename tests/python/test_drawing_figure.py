"""The picture of how a mask is drawn shows what the layers do."""

import sys
from pathlib import Path

import numpy as np

sys.path.append(str(Path(__file__).resolve().parents[2] / "tools"))

import drawing_figure as figure


def test_gamma_makes_the_rate_exact():
    dropped = 1 - (1 - figure.gamma()) ** figure.coverage()
    np.testing.assert_allclose(dropped.mean(), figure.RATE, atol=2e-6)


def test_it_draws(tmp_path, monkeypatch):
    monkeypatch.setattr(figure, "FILE", tmp_path / "drawing.png")
    figure.main()
    assert figure.FILE.read_bytes().startswith(b"\x89PNG")
