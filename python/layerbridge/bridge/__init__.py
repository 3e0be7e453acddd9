"""Wraps Python libraries of Keras layers as R functions."""

from __future__ import annotations

from typing import Any

__all__ = ["describe"]


def describe(target: str) -> dict[str, Any]:
    """Return all that R needs to define and document functions for `target`.

    Args:
        target: A module, a class or a function: `keras.layers`.

    Returns:
        A dictionary: `source` is the R code of all functions; `functions` a list with
        the `name` of each, its arguments as R source (`formals`) and its help page
        (`rd`); `left_out` lists what has no function, and why.
    """
    from layerbridge.bridge.resolve import resolve
    from layerbridge.bridge.write import render

    library = resolve(target)
    pages = render.pages_of(library.wrappers)
    return {
        "source": "\n".join(map(render.function, library.wrappers)),
        "functions": [
            {
                "name": wrapper.r_name,
                "formals": render.arguments(wrapper),
                "rd": render.rd_file(wrapper, pages[wrapper.r_name]),
            }
            for wrapper in library.wrappers
        ],
        "left_out": [f"{name}: {reason}" for name, reason in library.left_out],
    }
