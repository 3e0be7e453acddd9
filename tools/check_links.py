"""Name every link of a built site that leads nowhere inside it.

usage: python tools/check_links.py FOLDER...

Links to other sites are not followed. The exit status is 1 where a link is dead.
"""

import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit


class Page(HTMLParser):
    """The links of a page, and the anchors that links may lead to."""

    def __init__(self, path: Path):
        """Read a page."""
        super().__init__()
        self.links: set[str] = set()
        self.anchors: set[str] = set()
        self.feed(path.read_text("utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Collect from one tag."""
        for name, value in attrs:
            if name in ("href", "src") and value:
                self.links.add(value)
            elif value and (name == "id" or (tag == "a" and name == "name")):
                self.anchors.add(value)


def dead_links(folder: Path) -> list[str]:
    """List the dead links of a site, each with its page."""
    pages = {path.resolve(): Page(path) for path in sorted(folder.rglob("*.html"))}
    dead = []
    for path, page in pages.items():
        for link in sorted(page.links):
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = (
                (path.parent / unquote(parts.path)).resolve() if parts.path else path
            )
            target = target / "index.html" if target.is_dir() else target
            anchors = pages[target].anchors if target in pages else set()
            anchored = not parts.fragment or unquote(parts.fragment) in anchors
            if not target.exists() or (target in pages and not anchored):
                dead.append(f"{path.relative_to(folder.resolve())}: {link}")
    return dead


def main(folders: list[str]) -> int:
    """Check the folders; return the exit status."""
    if not folders or not all(Path(folder).is_dir() for folder in folders):
        print(__doc__, file=sys.stderr)
        return 2
    dead = [link for folder in folders for link in dead_links(Path(folder))]
    for link in dead:
        print("dead link in", link)
    return 1 if dead else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
