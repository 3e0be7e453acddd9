"""What both sites make of the repository's pages."""

import posixpath
import re
import sys
from importlib.util import find_spec
from pathlib import Path

import layerbridge

sys.path.append(str(Path(__file__).resolve().parents[2] / "tools"))

import pages

ROOT = Path(__file__).resolve().parents[2]
README = """\
# layerbridge

See [a guide](docs/guides/python/where.md), [another](docs/guides/r/where.md),
[the news](NEWS.md) and [a page](docs/upgrading.md).

## In Python

Python.

## In R

R.

## Contribute, cite

make

## Speed

Fast.
"""


def test_the_front_page_for_python():
    page = pages.front_page(README, "python")
    assert page == (
        "# layerbridge\n\n"
        "See [a guide](guides/where.md), [another](../r/articles/where.html),\n"
        "[the news](changelog.md) and [a page](upgrading.md).\n\n"
        "## In Python\n\nPython.\n\n## Speed\n\nFast.\n"
    )


def test_the_front_page_for_r():
    page = pages.front_page(README, "r")
    assert page == (
        "# layerbridge\n\n"
        "See [a guide](../python/guides/where.html), [another](articles/where.html),\n"
        "[the news](news/index.html) and [a page](../python/upgrading.html).\n\n"
        "## In R\n\nR.\n\n## Speed\n\nFast.\n"
    )


def test_readme_has_the_sections_that_the_sites_leave_out():
    titles = re.findall(r"^## (.+)$", (ROOT / "README.md").read_text("utf-8"), re.M)
    assert {*pages.OTHER.values(), *pages.OURS} <= set(titles)


def test_every_public_object_is_in_the_python_site():
    listed = re.findall(r"reference/(\w+)\.md", (ROOT / "mkdocs.yml").read_text())
    public = [name for name in layerbridge.__all__ if not name.startswith("_")]
    assert sorted(listed) == sorted(public)


def test_pages_of_the_project_are_in_the_python_site():
    listed = re.findall(r"- ([\w-]+\.md)$", (ROOT / "mkdocs.yml").read_text(), re.M)
    assert set(pages.PROJECT) <= set(listed)


def test_links_between_pages_of_the_python_site_lead_somewhere():
    written = pages.written()
    by_hand = {f"docs/{page.name}" for page in (ROOT / "docs/python").glob("*.md")}
    for path, text in written.items():
        links = re.findall(r"\]\(((?:[\w-]+/|\.\./)*[\w-]+\.md)[)#]", text)
        for link in links if path.startswith("docs/") else ():
            target = posixpath.normpath(posixpath.join(posixpath.dirname(path), link))
            assert target in by_hand | written.keys(), (path, link)


def test_links_of_guides_to_other_pages_lead_there():
    for guide in (ROOT / "guides").glob("*.Rmd"):
        for page in re.findall(r"\]\(\.\./\.\./([^)#]+)", guide.read_text("utf-8")):
            assert page in pages.PROJECT


def test_every_guide_is_in_both_sites():
    guides = {path.stem for path in (ROOT / "guides").glob("*.Rmd")}
    python = re.findall(r"guides/([\w-]+)\.md", (ROOT / "mkdocs.yml").read_text())
    articles = (ROOT / "_pkgdown.yml").read_text().partition("\narticles:")[2]
    r = re.findall(r"^  - ([\w-]+)$", articles, re.M)
    vignettes = {path.stem for path in (ROOT / "vignettes").glob("*.Rmd")}
    assert set(python) == guides
    assert set(r) == vignettes


def test_every_help_page_is_in_the_reference_index():
    index = (ROOT / "_pkgdown.yml").read_text()
    listed = re.findall(r"^  - ([\w.]+)$", index, re.MULTILINE)
    starts = tuple(re.findall(r'starts_with\("(\w+)"\)', index))
    for page in (ROOT / "man").glob("*.Rd"):
        internal = r"\keyword{internal}" in page.read_text()
        assert internal or page.stem in listed or page.stem.startswith(starts)


def test_no_module_hides_what_a_reference_page_is_of():
    for name in layerbridge.__all__:
        assert find_spec(f"layerbridge.{name}") is None
