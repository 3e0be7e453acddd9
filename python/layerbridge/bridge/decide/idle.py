"""Rows of a user's own that are about nothing that there is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from layerbridge.bridge.ir import DOTS, Wrapper
from layerbridge.bridge.near import did_you_mean
from layerbridge.bridge.read.listing import Item
from layerbridge.bridge.rules.schema import ObjectRow, RuleError, is_glob

__all__ = ["refuse_idle"]


def refuse_idle(
    rows: Iterable[ObjectRow],
    name: str,
    items: Sequence[Item],
    wrappers: Sequence[Wrapper],
) -> None:
    """Raise where a row is about an object or an argument that is not there."""
    problems = []
    for row in rows:
        key = f"{row.file}: objects.'{row.glob}'"
        about = [wrapper for wrapper in wrappers if row.matches(wrapper.python)]
        if not about and row.glob.startswith(f"{name}."):
            there = [item.python for item in items]
            if not any(map(row.matches, there)):
                near = did_you_mean(row.glob, there)
                problems.append(f"{key}: {name} has no such object.{near}")
        if not about:
            continue
        arguments = {p.name for w in about for p in (*w.params, *w.dots)}
        anchors = [arg.after for arg in row.arguments.values() if arg.after]
        for argument in [*row.arguments, *anchors]:
            if not is_glob(argument) and argument not in {*arguments, DOTS}:
                near = did_you_mean(argument, arguments)
                problems.append(f"{key}: there is no argument `{argument}`.{near}")
    if problems:
        raise RuleError("\n".join(problems))
