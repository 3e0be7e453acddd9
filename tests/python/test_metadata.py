"""Version and addresses are written once, and every file that repeats them agrees."""

import re
import sys
from importlib import metadata as installed
from pathlib import Path

import pytest

import layerbridge

sys.path.append(str(Path(__file__).resolve().parents[2] / "tools"))

import metadata

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("name", ["DESCRIPTION", "CITATION.cff"])
def test_a_file_is_in_step(name):
    text = (ROOT / name).read_text("utf-8")
    assert metadata.filled(text) == text


def test_a_changed_version_reaches_the_text(monkeypatch):
    monkeypatch.setattr(metadata, "facts", lambda: {"Version": "9.9"})
    assert metadata.filled("Package: p\nVersion: 1\n") == "Package: p\nVersion: 9.9\n"


def test_news_begin_with_this_version():
    news = (ROOT / "NEWS.md").read_text("utf-8")
    assert (
        re.findall(r"^# layerbridge ([\d.]+)$", news, re.M)[0]
        == layerbridge.__version__
    )


def test_the_installed_package_has_this_version():
    assert installed.version("layerbridge") == layerbridge.__version__


def test_placeholders_stand_in_one_place():
    held = {"pyproject.toml", "DESCRIPTION", "CITATION.cff"}
    texts = [
        ROOT / name for name in ("README.md", "NEWS.md", "mkdocs.yml", "_pkgdown.yml")
    ]
    texts += [*ROOT.glob("guides/*.Rmd"), *ROOT.glob("R/*.R")]
    assert all(
        "layerbridge.example.org" in (ROOT / name).read_text("utf-8") for name in held
    )
    assert not [p for p in texts if "layerbridge.example.org" in p.read_text("utf-8")]
