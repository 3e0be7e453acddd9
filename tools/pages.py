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
OURS = {"Try it", "Where things are"}

_SECTION = re.compile(r"^## ([^\n]+)\n.*?(?=^## |\Z)", re.MULTILINE | re.DOTALL)
_GUIDE = re.compile(r"\(guides/([\w-]+)\.Rmd\)")


def front_page(readme: str, *, without: str, guides: str) -> str:
    """Return README without a section, with links to a site's guides."""
    unwanted = OURS | {without}
    kept = _SECTION.sub(lambda m: "" if m[1] in unwanted else m[0], readme)
    return _GUIDE.sub(rf"({guides})", kept)


def _on_site(page: str) -> str:
    """Return a guide as MkDocs shows it: names are links, and output is apart."""
    page = guides.linked_to_reference(page)
    return page.replace("\n```text\n", "\n``` { .text .output }\n")


def main() -> None:
    """Write the pages."""
    readme = (ROOT / "README.md").read_text("utf-8")
    pages = {
        "source/index.md": front_page(
            readme, without="In Python", guides=r"articles/\1.html"
        ),
        "docs/index.md": front_page(readme, without="In R", guides=r"guides/\1.md"),
    }
    for page in sorted((ROOT / "docs" / "guides" / "python").glob("*.md")):
        _, text = page.read_text("utf-8").split("\n\n", 1)
        pages[f"docs/guides/{page.name}"] = _on_site(text)
    for name in layerbridge.__all__:
        if not name.startswith("_"):
            pages[f"docs/reference/{name}.md"] = (
                f"---\ntitle: {name}\n---\n\n::: layerbridge.{name}\n"
            )
    for path, text in pages.items():
        (ROOT / "build" / path).parent.mkdir(parents=True, exist_ok=True)
        (ROOT / "build" / path).write_text(text, "utf-8")
    for picture in (ROOT / "docs" / "guides" / "python").glob("*.png"):
        shutil.copy(picture, ROOT / "build" / "docs" / "guides")


if __name__ == "__main__":
    main()
