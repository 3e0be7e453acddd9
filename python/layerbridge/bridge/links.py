"""Links of reStructuredText whose targets stand elsewhere in a docstring."""

from __future__ import annotations

import re

__all__ = ["linked"]

_TARGET = re.compile(
    r"^ *\.\. +_`?([^:`\n]{1,99})`?:\s+(https?://\S+) *$", re.MULTILINE
)


def linked(text: str) -> str:
    """Put links where names stand for them; `.. _name:` may be far from the name."""
    targets = dict(_TARGET.findall(text))
    if not targets:
        return text
    names = "|".join(map(re.escape, targets))
    named = re.compile(rf"`({names})`__?(?!\w)|(?<![\w`])({names})_(?!\w)")

    def link(match: re.Match[str]) -> str:
        name = match[1] or match[2]
        return f"[{name}]({targets[name]})"

    return named.sub(link, _TARGET.sub("", text))
