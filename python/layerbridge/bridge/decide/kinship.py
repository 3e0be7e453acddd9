"""The families that a library's own public classes head."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

__all__ = ["Kinship", "stem"]


def stem(cls: type) -> str:
    """Return the name of a class, short of what says that it is a base."""
    return re.sub(r"^(Base|Abstract)(?=[A-Z])", "", cls.__name__)


class Kinship:
    """Tells which public class heads the family of another.

    `GPT2Backbone` derives from `Backbone`, whose name ends its own; of several such,
    the longest decides. `RandomSearch` has none, and its nearest public base, `Tuner`,
    heads its family. A class that heads a family has no head itself.
    """

    def __init__(self, classes: Iterable[type]) -> None:
        """Find the heads among the public classes of a library."""
        known = list(classes)
        public = set(known)
        self._bases = {
            cls: [base for base in cls.__mro__[1:] if base in public] for cls in known
        }
        self._named_after = {cls: self._ends(cls) for cls in known}
        self._kin = Counter(ends[0] for ends in self._named_after.values() if ends)
        self._chosen = {cls: self._choice(cls) for cls in known}
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
