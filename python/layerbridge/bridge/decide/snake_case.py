"""The words of a name in Python, in lower case, as R's names have them.

They are as keras3 has them. A word that no rule finds is a row of `words` in `rules/`.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping

from layerbridge.bridge.literals import r_name

__all__ = ["snake_case"]

# The dimensions of `Conv2D` and the width of `8Bit` are words. Other digits belong to
# what they follow, and so does a small letter after them: `GPT2`, `Gemma3n`, `V3`.
_DIMENSIONS = r"\d+(?:[Dd]|[Bb]it)(?![a-z])"
_DIGITS = rf"(?:(?!{_DIMENSIONS})\d+(?:[a-z](?![a-z0-9]))?)?"
# Capitals with a small letter or two vowels between: `ViT`, `MoE`, `DeiT`, `PReLU`; but
# `PrecisionAtK` has a preposition. Of more than two capitals at the end, all but the
# first are another word: `ViTMLP`, as is a size: `ViTB16`. A version may be small:
# `GATv2`.
_ACRONYM = (
    r"(?!(?<=[a-z0-9])(?:At|By|In|Of|On|To)[A-Z])"
    r"(?:[A-Z]+v(?=\d)|[A-Z]?[A-Z](?:[a-z]|[aeiou]{2})"
    r"(?:[A-Z](?=[BHLS]\d)|[A-Z]{1,2}(?![A-Za-z])|[A-Z](?=[A-Z]{2}|[A-Z][a-z])))"
)
_CAPITALS = r"[A-Z]+(?![a-z])"
_NET = r"[A-Z]+Net(?![a-z])"  # `FNet`, `EANet`
_RELU = r"[A-Z]?ReLU"  # `PReLU`, `ReLUActivation`
_WORD = (
    rf"{_DIMENSIONS}|(?:{_NET}|{_RELU}|{_ACRONYM}|{_CAPITALS}|[A-Z][a-z]*|[a-z]+)"
    rf"{_DIGITS}|\d+"
)


def snake_case(name: str, words: Mapping[str, str]) -> list[str]:
    """Split a name into lower-case words; `words` has those that no rule finds."""
    plain = r_name(name).replace(".", "_")
    pattern = "|".join(map(re.escape, words))
    parts = re.split(f"((?:{pattern}){_DIGITS})", plain) if pattern else [plain]
    pieces = (_of_table(part, words) or re.findall(_WORD, part) for part in parts)
    return [word.lower() for word in itertools.chain(*pieces)] or [plain.lower()]


def _of_table(part: str, words: Mapping[str, str]) -> list[str]:
    """Return a word that `words` has, with the digits that belong to it."""
    word = next((word for word in words if part.startswith(word)), "")
    return [words[word] + part.removeprefix(word)] if word else []
