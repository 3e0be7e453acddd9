"""Wraps Python libraries of Keras layers as R functions."""

from __future__ import annotations

from layerbridge.rwrap import overrides
from layerbridge.rwrap.introspect import introspect
from layerbridge.rwrap.resolve import resolve
from layerbridge.rwrap.spec import Library

__all__ = ["library"]


def library(target: str) -> Library:
    """Return what was understood of `target`, a module or a class."""
    return resolve(introspect(target), overrides.load(target.partition(".")[0]))
