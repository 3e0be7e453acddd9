"""Write what the sites of both languages make of the repository's pages, in build/.

usage: python tools/pages.py

That is their front pages, which are README.md without what only the repository has, and
a page of the Python site for every public object, with a picture for every layer.
"""

import re
import shutil
from pathlib import Path

import guides
import layerbridge
from layerbridge.layers.dropblock import DropBlock
from layerbridge.layers.maps import MapDropout

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
    page = guides.linked_to_reference(page).replace("](../../../man/", "](../man/")
    page = page.replace("](../../", "](../")
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
    for name, layer in layers().items():
        pages[f"docs/reference/{name}.md"] += _picture(name, layer)
    return pages


def layers() -> dict[str, MapDropout]:
    """Return a layer of each public class that drops parts of maps, by its name."""
    named = {name: getattr(layerbridge, name) for name in layerbridge.__all__}
    return {
        name: kind(0.25, 5, seed=1)
        if issubclass(kind, DropBlock)
        else kind(0.25, seed=1)
        for name, kind in named.items()
        if isinstance(kind, type) and issubclass(kind, MapDropout)
    }


def _picture(name: str, layer: MapDropout) -> str:
    block = ", block_size=5" if isinstance(layer, DropBlock) else ""
    return (
        f"\n**Masks**\n\nWhat `{name}(rate=0.25{block})` drops in a training step, and "
        f"how often each unit drops:\n\n![Masks of {name}]({name}.png)\n"
    )


def main() -> None:
    """Write the pages."""
    for path, text in written().items():
        (ROOT / "build" / path).parent.mkdir(parents=True, exist_ok=True)
        (ROOT / "build" / path).write_text(text, "utf-8")
    for picture in (ROOT / "docs").glob("*.png"):
        shutil.copy(picture, ROOT / "build" / "docs")
    for picture in (ROOT / "docs" / "guides" / "python").glob("*.png"):
        shutil.copy(picture, ROOT / "build" / "docs" / "guides")
    for name, layer in layers().items():
        figure = layerbridge.plot_masks({name: layer})
        figure.savefig(ROOT / "build" / "docs" / "reference" / f"{name}.png", dpi=100)


if __name__ == "__main__":
    main()
