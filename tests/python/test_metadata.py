"""Version and addresses are written once, and every file that repeats them agrees."""

import re
import sys
from importlib import metadata as installed
from pathlib import Path, PurePosixPath

import pytest

import layerbridge
from layerbridge.bridge.ir import Library, Source
from layerbridge.bridge.write.package import package_plan

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


def rows_of_versions():
    """Return the table of supported versions: what each is supported and tried."""
    page = (ROOT / "docs" / "upgrading.md").read_text("utf-8")
    table = page.split("## Supported versions")[1]
    return {
        name: rest for name, *rest in re.findall(r"\| (.+) \| (.+) \| (.+) \|", table)
    }


def test_the_table_of_versions_agrees_with_what_is_required():
    rows = {name: supported for name, (supported, _) in rows_of_versions().items()}
    project = metadata.tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    project = project["project"]
    required = [
        *project["dependencies"],
        *project["optional-dependencies"]["tensorflow"],
    ]
    required = dict(x.split(">=") for x in required if ";" not in x)
    description = (ROOT / "DESCRIPTION").read_text("utf-8")
    in_r = dict(re.findall(r"(R|reticulate) \(>= (\d+\.\d+)", description))
    assert rows["Python"] == f"{project['requires-python'].strip('>=')} or newer"
    for name in ("Keras", "TensorFlow", "NumPy"):
        assert rows[name] == f"{required[name.lower()]} or newer"
    for name, version in in_r.items():
        assert rows[name] == f"{version} or newer"
    assert set(in_r) == {"R", "reticulate"}


def test_a_generated_package_requires_what_this_one_does():
    plan = package_plan(Library("zoo", ()), Source("zoo"), "zoor", "A <a@b.c>")
    generated = plan[PurePosixPath("DESCRIPTION")]
    own = (ROOT / "DESCRIPTION").read_text("utf-8")
    versions = re.compile(r"\b(R|reticulate|Python|Keras) \(>= ([\d.]+)\)")
    assert versions.findall(generated) == versions.findall(own)


def test_classifiers_name_what_was_tried():
    project = metadata.tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    classifiers = " ".join(project["project"]["classifiers"])
    pythons = re.findall(r"Python :: (3\.\d+)", classifiers)
    assert ", ".join(pythons) == rows_of_versions()["Python"][1]
    systems = re.findall(r"Operating System :: .*?(\w+) Programming", classifiers)
    assert systems == [rows_of_versions()["system"][0]]


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
