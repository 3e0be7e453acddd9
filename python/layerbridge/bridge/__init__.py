"""Wraps Python libraries of Keras layers as R functions."""

from __future__ import annotations

from pathlib import Path

from layerbridge.bridge import rules
from layerbridge.bridge.introspect import introspect
from layerbridge.bridge.resolve import resolve
from layerbridge.bridge.text.idioms import Idioms
from layerbridge.bridge.wrapper import Library
from layerbridge.bridge.write import render
from layerbridge.bridge.write.help import help_page

__all__ = ["describe", "library", "texts", "wrap_source"]


def library(target: str, own: Path | None = None) -> Library:
    """Return what was understood of `target`, a module or a class.

    `own` is a file of overrides, as those in `overrides/` are.
    """
    return resolve(introspect(target), _overrides(target, own))


def texts(target: str, own: Path | None = None) -> dict[str, str]:
    """Return the words that every help page for `target` shares."""
    return dict(_overrides(target, own).texts)


def wrap_source(target: str) -> str:
    """Return R functions for `target`, without documentation and runtime."""
    return "\n".join(render.function(layer) for layer in library(target).layers)


def describe(target: str) -> list[dict[str, str]]:
    """Return each R function's name, its arguments as R source, and its Rd page."""
    layers = library(target).layers
    shared = texts(target)
    idioms = Idioms(layers)
    return [
        {
            "name": layer.r_name,
            "formals": render.arguments(layer),
            "rd": render.rd_file(layer, help_page(layer, shared, idioms)),
        }
        for layer in layers
    ]


def _overrides(target: str, own: Path | None = None) -> rules.Overrides:
    return rules.load(target.partition(".")[0], own)
