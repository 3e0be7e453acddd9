"""The families that a library's own public classes head.

Users meet such a class: it is public, and no mixin.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Container, Iterable

__all__ = ["Kinship", "stem"]


def stem(cls: type) -> str:
    """Return the name of a class, short of what says that it is a base."""
    return re.sub(r"^(Base|Abstract)(?=[A-Z])", "", cls.__name__)


def _is_met(cls: type) -> bool:
    """Tell a class that users meet from a mixin, and from one named as a function."""
    return not re.search(r"Mix-?[Ii]ns?$|^[a-z]", cls.__name__)


class Kinship:
    """Tells which public class heads the family of another.

    `GPT2Backbone` derives from `Backbone`, whose name ends its own; of several such,
    the longest decides. `RandomSearch` has none, and its nearest public base, `Tuner`,
    heads its family, unless Keras has a family for it. A class that heads a family has
    no head itself.
    """

    def __init__(
        self,
        classes: Iterable[type],
        keras_base: Callable[[type], type | None] = lambda cls: None,
        prefixing: Container[type | None] = (),
    ) -> None:
        """Find the heads among the public classes of a library.

        `keras_base` tells which class of Keras a class is known by: only a base of that
        kind heads its family, and by its name alone if it is one of `prefixing`, which
        have a prefix for it.
        """
        every_class = list(classes)
        public = {cls for cls in every_class if _is_met(cls)}
        of_keras = {cls: keras_base(cls) for cls in every_class}
        self._prefixed = {cls for cls, base in of_keras.items() if base in prefixing}
        self._bases = {
            cls: [
                base
                for base in cls.__mro__[1:]
                if base in public and issubclass(base, of_keras[cls] or object)
            ]
            for cls in every_class
        }
        self._named_after = {cls: self._ends(cls) for cls in every_class}
        self._kin = Counter(ends[0] for ends in self._named_after.values() if ends)
        self._chosen = {cls: self._choice(cls) for cls in every_class}
        self._heads = set(self._chosen.values())

    def head_of(self, cls: type) -> type | None:
        """Return the class that heads the family of `cls`, if another does."""
        return None if cls in self._heads else self._chosen.get(cls)

    def is_head(self, cls: type) -> bool:
        """Tell whether a class heads the family of another."""
        return cls in self._heads

    def _choice(self, cls: type) -> type | None:
        for near in (cls, *self._bases[cls][:1]):
            if head := next(filter(self._is_general, self._named_after[near]), None):
                return head
            if cls in self._prefixed:
                return None
        return next(iter(self._bases[cls]), None)

    def _ends(self, cls: type) -> list[type]:
        """Return the public bases whose names end that of a class, longest first."""
        name = stem(cls)
        ends = [
            base
            for base in self._bases[cls]
            if name.endswith(stem(base)) and name != stem(base)
        ]
        return sorted(ends, key=lambda base: -len(stem(base)))

    def _is_general(self, cls: type) -> bool:
        """Tell a `CausalLM`, of which there are many kinds, from a `GemmaTokenizer`.

        `PaliGemmaTokenizer` derives from that, and both are kinds of `Tokenizer`.
        """
        return not self._named_after[cls] or self._kin[cls] > 1
