"""Write what the sites of both languages make of the repository's pages, in build/.

usage: python tools/pages.py

That is their front pages, which are README.md without what only the repository has, and
a page of the Python site for every public object.
"""

import re
import shutil
from pathlib import Path

import guides
import layerbridge

ROOT = Path(__file__).parents[1]
OURS = {"Contribute, cite"}

# Where the links of README lead on each site.
LINKS = {
    "python": {
        r"docs/guides/python/([\w-]+)\.md": r"guides/\1.md",
        r"docs/guides/r/([\w-]+)\.md": r"../r/articles/\1.html",
        r"docs/([\w-]+)\.md": r"\1.md",
        r"NEWS\.md": "changelog.md",
        r"CITATION\.cff": "citing.md",
    },
    "r": {
        r"docs/guides/python/([\w-]+)\.md": r"../python/guides/\1.html",
        r"docs/guides/r/([\w-]+)\.md": r"articles/\1.html",
        r"docs/([\w-]+)\.md": r"../python/\1.html",
        r"NEWS\.md": "news/index.html",
        r"CITATION\.cff": "authors.html",
    },
}

# Pages of docs/ that are on the Python site too.
PROJECT = ("benchmarks.md", "training-loops.md", "upgrading.md", "works-with.md")

OTHER = {"python": "In R", "r": "In Python"}

_SECTION = re.compile(r"^## ([^\n]+)\n.*?(?=^## |\Z)", re.MULTILINE | re.DOTALL)


def front_page(readme: str, language: str) -> str:
    """Return README for a site: without sections for others, and with its links."""
    unwanted = OURS | {OTHER[language]}
    page = _SECTION.sub(lambda m: "" if m[1] in unwanted else m[0], readme)
    for path, there in LINKS[language].items():
        page = re.sub(rf"\]\({path}\)", lambda m, t=there: f"]({m.expand(t)})", page)
    return page


def _on_site(page: str) -> str:
    """Return a guide as MkDocs shows it: names are links, and output is apart."""
    page = guides.linked_to_reference(page).replace("](../../", "](../")
    return page.replace("\n```text\n", "\n``` { .text .output }\n")


def written() -> dict[str, str]:
    """Return the text of every page that the sites are built from, by its path."""
    readme = (ROOT / "README.md").read_text("utf-8")
    pages = {
        "source/index.md": front_page(readme, "r"),
        "docs/index.md": front_page(readme, "python"),
    }
    for page in PROJECT:
        text = (ROOT / "docs" / page).read_text("utf-8")
        pages[f"docs/{page}"] = text.replace("](guides/python/", "](guides/")
    pages["docs/changelog.md"] = (ROOT / "NEWS.md").read_text("utf-8")
    for guide in sorted((ROOT / "docs" / "guides" / "python").glob("*.md")):
        _, text = guide.read_text("utf-8").split("\n\n", 1)
        pages[f"docs/guides/{guide.name}"] = _on_site(text)
    for name in layerbridge.__all__:
        if not name.startswith("_"):
            pages[f"docs/reference/{name}.md"] = (
                f"---\ntitle: {name}\n---\n\n::: layerbridge.{name}\n"
            )
    return pages


def main() -> None:
    """Write the pages."""
    for path, text in written().items():
        (ROOT / "build" / path).parent.mkdir(parents=True, exist_ok=True)
        (ROOT / "build" / path).write_text(text, "utf-8")
    for picture in (ROOT / "docs").glob("*.png"):
        shutil.copy(picture, ROOT / "build" / "docs")
    for picture in (ROOT / "docs" / "guides" / "python").glob("*.png"):
        shutil.copy(picture, ROOT / "build" / "docs" / "guides")


if __name__ == "__main__":
    main()
