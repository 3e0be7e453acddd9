"""Write what the sites of both languages make of the repository's pages, in build/.

usage: python tools/pages.py

That is their front pages, which are README.md without what only the repository has, and
a page of the Python site for every public object.
"""

import re
from pathlib import Path

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


def main() -> None:
    """Write the pages."""
    readme = (ROOT / "README.md").read_text("utf-8")
    pages = {
        "source/index.md": front_page(
            readme, without="In Python", guides=r"articles/\1.html"
        ),
        "docs/index.md": front_page(readme, without="In R", guides=r"guides/\1.md"),
    }
    for name in layerbridge.__all__:
        if not name.startswith("_"):
            pages[f"docs/reference/{name}.md"] = f"# {name}\n\n::: layerbridge.{name}\n"
    for path, text in pages.items():
        (ROOT / "build" / path).parent.mkdir(parents=True, exist_ok=True)
        (ROOT / "build" / path).write_text(text, "utf-8")


if __name__ == "__main__":
    main()
