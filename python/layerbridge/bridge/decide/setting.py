"""What decisions about an object look at besides the object itself."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from layerbridge.bridge.decide.kinship import Kinship
from layerbridge.bridge.read.listing import Item
from layerbridge.bridge.rules.schema import ObjectRow, Rules

__all__ = ["NoFunctionError", "Setting"]


class NoFunctionError(ValueError):
    """An object that gets no R function; says why."""


@dataclass(frozen=True)
class Setting:
    """The rules, what the paths in them lead to, and the library around a target.

    `name` is that of the library, and `library` lists what is public in all of it,
    which only some decisions need.
    """

    name: str
    rules: Rules
    anchors: Mapping[str, Any]
    library: Callable[[], Sequence[Item]]

    def about(self, item: Item) -> tuple[tuple[ObjectRow, ...], tuple[ObjectRow, ...]]:
        """Return the rows about an object itself, and those about its bases too."""
        object_paths = (item.python, item.defined)
        paths = (*object_paths, *self._public_bases(item.value))
        return self.rules.about(object_paths), self.rules.about(paths)

    def has_module(self, name: str) -> bool:
        """Tell whether the library has a module of this name."""
        return any(name in item.python.split(".")[1:-1] for item in self.library())

    @functools.cached_property
    def kinship(self) -> Kinship:
        """The kinship of the library's public classes."""
        public = (item.value for item in self.library())
        families = (row for row in self.rules.families.values() if row.prefix)
        prefixing = {self.anchors[path] for row in families for path in row.bases}
        return Kinship(filter(inspect.isclass, public), self._of_keras, prefixing)

    def _of_keras(self, cls: type) -> type | None:
        """Return the class of Keras that a class is known by."""
        return next((base for base in cls.__mro__ if base in self.keras_bases), None)

    @functools.cached_property
    def keras_bases(self) -> frozenset[type]:
        """Keras's classes that families are known by."""
        paths = (path for row in self.rules.families.values() for path in row.bases)
        classes = (self.anchors[path] for path in paths if path.startswith("keras."))
        return frozenset(cls for cls in classes if cls)

    @functools.cached_property
    def keras_names(self) -> frozenset[str]:
        """What these classes call their members."""
        return frozenset(name for cls in self.keras_bases for name in dir(cls))

    def _public_bases(self, value: Any) -> Iterator[str]:
        """Yield the public paths of the Keras layers that a class derives from."""
        layers = self.anchors["keras.layers"]
        bases: tuple[type, ...] = getattr(value, "__mro__", ())
        for base in bases[1:]:
            if getattr(layers, base.__name__, None) is base:
                yield f"keras.layers.{base.__name__}"
