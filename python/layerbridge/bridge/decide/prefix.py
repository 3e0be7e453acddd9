"""The name of an R function: its prefix, `layer_`, and the words of Python's name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from layerbridge.bridge.decide.snake_case import snake_case
from layerbridge.bridge.literals import r_name

__all__ = ["name_with_modules", "name_with_prefix"]


def name_with_prefix(
    name: str, prefix: str, words: Mapping[str, str], *, whole: bool = False
) -> str:
    """Return the name of the R function that wraps `name`.

    Words that end the prefix as they end the name are said once, unless all is to be
    said: `layer_transformer()` makes a `TransformerLayer`, `rnn_cell_gru()` a
    `GRUCell`, `causal_lm_gpt2()` a `GPT2CausalLM`. A name without capitals is a
    function's, and R's as it is.
    """
    before = prefix.split("_") if prefix else []
    parts = [name] if name == name.lower() else snake_case(name, words)
    same = range(min(len(parts), len(before)), 0, -1)
    overlap = next((n for n in same if parts[-n:] == before[-n:]), 0)
    if len(before) + len(parts) > 2 and not whole:
        parts = parts[: len(parts) - overlap]
    return r_name("_".join([*before, *parts]))


def name_with_modules(
    name: str, prefix: str, modules: Iterable[str], words: Mapping[str, str]
) -> str:
    """Return the name of an R function with those of modules after its prefix."""
    before, after = [], name
    if prefix and name.startswith(f"{prefix}_"):
        before, after = [prefix], name.removeprefix(f"{prefix}_")
    parts = (x if x.islower() else "_".join(snake_case(x, words)) for x in modules)
    return r_name("_".join([*before, *parts, after]))
