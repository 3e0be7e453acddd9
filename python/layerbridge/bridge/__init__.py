"""Wraps Python libraries of Keras layers as R functions."""

from __future__ import annotations

from typing import Any

__all__ = ["describe"]


def describe(target: str, layers_only: bool = False) -> dict[str, Any]:
    """Return all that R needs to define and document functions for `target`.

    Args:
        target: A library, a module, a class, a function or a method: `keras.layers`.
        layers_only: Whether to leave out all but layers.

    Returns:
        A dictionary: `source` is the R code of all functions and generics; `functions` a
        list with the `name` of each function, the title of its `family`, its arguments
        as R source (`formals`) and its help page (`rd`); `generics` the names of the
        generics for those that are methods; `left_out` lists what has no function, and
        why.
    """
    from layerbridge.bridge.resolve import resolve
    from layerbridge.bridge.write import generics, render

    library = resolve(target, layers_only=layers_only)
    pages = render.pages_of(library.wrappers)
    parts = [
        *map(render.function, library.wrappers),
        *generics.assigned(library.wrappers),
    ]
    return {
        "source": "\n".join(parts),
        "generics": generics.names(library.wrappers),
        "functions": [
            {
                "name": wrapper.defined_as,
                "family": wrapper.family.title,
                "formals": render.arguments(wrapper),
                "rd": render.rd_file(wrapper, pages[wrapper.r_name]),
            }
            for wrapper in library.wrappers
        ],
        "left_out": [f"{name}: {reason}" for name, reason in library.left_out],
    }
