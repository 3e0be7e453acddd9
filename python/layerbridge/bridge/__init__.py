"""Wraps Python libraries that build on Keras as R functions."""

from __future__ import annotations

from typing import Any

__all__ = ["describe"]


def describe(target: str, *, layers_only: bool = False) -> dict[str, Any]:
    """Return all that R needs to define and document functions for `target`.

    Args:
        target: A library, a module, a class or a function: `keras.layers`.
        layers_only: Whether only layers are wanted.

    Returns:
        A dictionary: `source` is the R code of all functions; `functions` a list with
        the `name` of each, what it takes as R source (`usage`), the title of its
        `family`, and, of a generic function, the Python classes that it has methods for
        (`classes`); `help` a function that returns the help pages, as Rd, of the
        function with a name; `left_out` lists what has no function, and why; `absent`
        is a function that says why there is none with a name, and what there is
        instead; `what` is what the functions are for.
    """
    from layerbridge.bridge.lookup import Lookup
    from layerbridge.bridge.resolve import resolve
    from layerbridge.bridge.words.idioms import Idioms
    from layerbridge.bridge.write import generics, r_code, rd
    from layerbridge.bridge.write.help_page import help_page

    library = resolve(target, layers_only=layers_only, leave_out_clashes=True)
    wrappers = library.wrappers
    idioms = Idioms(wrappers)
    lookup = Lookup(library)
    what = f"the layers of {target}" if layers_only else target
    by_name: dict[str, list[Any]] = {}
    for wrapper in wrappers:
        by_name.setdefault(wrapper.called_as, []).append(wrapper)

    def pages(name: str) -> list[str]:
        return [rd.rd_file(x, help_page(x, idioms)) for x in by_name[name]]

    return {
        "source": "\n".join(
            [*generics.definitions(wrappers), *map(r_code.function, wrappers)]
        ),
        "functions": [
            {
                "name": name,
                "usage": r_code.usage(group[0]),
                "family": group[0].heading,
                "classes": [x.owner.rpartition(".")[2] for x in group if x.generic],
            }
            for name, group in by_name.items()
        ],
        "help": pages,
        "left_out": [f"{name}: {reason}" for name, reason in library.left_out],
        "absent": lambda name: (
            f"There is no function `{name}` for {what}. {lookup.absent(name)}"
        ),
        "what": what,
    }
