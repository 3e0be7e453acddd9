"""What to say of a name that no R function of a library has."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator

from layerbridge.bridge.decide.snake_case import snake_case
from layerbridge.bridge.ir import Library
from layerbridge.bridge.near import nearest

__all__ = ["Lookup"]

_MOST = 3  # names in one message


class Lookup:
    """Knows the names that the objects of a library have in Python and in R."""

    def __init__(self, library: Library) -> None:
        """Keep the library."""
        self._library = library
        self._names = sorted({w.called_as for w in library.wrappers})

    def absent(self, name: str) -> str:
        """Return why there is no R function `name`, and what there is instead."""
        ways = (self._in_python, self._same, self._left_out, self._module, self._near)
        return next(filter(None, (way(name) for way in ways)), "`names()` lists all.")

    def _in_python(self, name: str) -> str:
        names = [r for r, path in self._paths() if _is_called(path, name)]
        return f"Python's `{name}` is {_in_prose(names)} in R." if names else ""

    def _same(self, name: str) -> str:
        """Tell what an alias is the same as, if R had named it by the same rules."""
        names = [
            r
            for r, path in self._paths()
            for alias, same in self._library.aliases
            if same == path and name == _renamed(r, path, alias)
        ]
        return f"It is the same as {_in_prose(names)}." if names else ""

    def _left_out(self, name: str) -> str:
        for path, reason in self._library.left_out:
            if _is_called(path, name) or f"`{name}`" in reason:
                return f"{path} is left out: {reason}. {_with_reticulate(path)}"
        return ""

    def _module(self, name: str) -> str:
        names = {
            wrapper.called_as
            for wrapper in self._library.wrappers
            if f".{name}." in f".{wrapper.module}."
        }
        if not names:
            return ""
        nearest_names = _in_prose(sorted(names, key=lambda r: (len(r), r)), "and")
        return (
            f"Python's `{name}` is a module, whose functions are here by their R "
            f"names, such as {nearest_names}."
        )

    def _near(self, name: str) -> str:
        letters = _letters(name)
        same = [r_name for r_name in self._names if _letters(r_name).endswith(letters)]
        near = nearest(name, self._names, most=_MOST, cutoff=0.8)
        names = same if letters and same else near
        return f"Did you mean {_in_prose(names)}?" if names else ""

    def _paths(self) -> Iterator[tuple[str, str]]:
        """Yield the names of functions in R with each of their paths in Python."""
        further = defaultdict(list)
        for alias, path in self._library.aliases:
            further[path].append(alias)
        for wrapper in self._library.wrappers:
            for path in filter(None, (wrapper.python, wrapper.twin)):
                for path_or_alias in (path, *further[path]):
                    yield wrapper.called_as, path_or_alias


def _is_called(path: str, name: str) -> bool:
    return f".{path}".endswith(f".{name}")


def _with_reticulate(path: str) -> str:
    """Return how R gets an object that has no function, such as a method of a class."""
    parts = path.split(".")
    classes = (i for i, part in enumerate(parts) if i and part[0].isupper())
    first = next(classes, len(parts) - 1)
    home, member = ".".join(parts[:first]), "$".join(parts[first:])
    return f'With reticulate, it is `import("{home}")${member}`.'


def _renamed(r_name: str, path: str, alias: str) -> str | None:
    """Return the R name of `path` with the words of `alias` in place of its own."""
    words, other = ("_".join(_words(each)) for each in (path, alias))
    return r_name.removesuffix(words) + other if r_name.endswith(words) else None


def _words(path: str) -> list[str]:
    name = path.rpartition(".")[2]
    return [name] if name == name.lower() else snake_case(name, {})


def _letters(name: str) -> str:
    return re.sub(r"[\W_]", "", name.lower())


def _in_prose(names: Iterable[str], conjunction: str = "or") -> str:
    """Return the first few names, as in prose."""
    first = [f"`{name}`" for name in list(dict.fromkeys(names))[:_MOST]]
    *others, last = first
    return f"{', '.join(others)} {conjunction} {last}" if others else last
