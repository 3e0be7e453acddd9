"""What a target shows that has no function here, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterable
from types import ModuleType

from layerbridge.bridge.decide.family import family_by_base
from layerbridge.bridge.decide.methods import why_no_method
from layerbridge.bridge.decide.setting import Setting
from layerbridge.bridge.read.listing import Item, Listing, public_home
from layerbridge.bridge.rules.schema import NO_LAYER

__all__ = ["defined_elsewhere", "no_method", "nothing"]


def defined_elsewhere(
    listing: Listing, setting: Setting, wrapped: bool
) -> list[tuple[str, str]]:
    """Return what other libraries define, each with that reason.

    What a library shows of others matters only where it has nothing of its own.
    """
    if wrapped and listing.path == setting.name:
        return []
    return [
        (item.python, f"defined in {item.value.__module__}; wrap that library")
        for item in listing.elsewhere
        if _is_wanted(item, setting)
    ]


def no_method(listing: Listing, setting: Setting) -> str:
    """Return why the method that was asked for has no function."""
    item = (*listing.items, *listing.bases)[0]
    reason = why_no_method(item, listing.member, setting)
    return (
        f"{item.python}.{listing.member} has no R function of its own: {reason}. In R, "
        f"call `object${listing.member}()`."
    )


def nothing(
    target: str,
    listing: Listing,
    setting: Setting,
    left_out: Iterable[tuple[str, str]],
    *,
    layers_only: bool,
) -> list[str]:
    """Return why a target has no functions at all, and where to look instead."""
    items = [item for item in listing.elsewhere if _is_wanted(item, setting)]
    if items:
        homes = {public_home(item, target) for item in items}
        return [
            f"{target} defines nothing of its own, but shows {len(items)} from "
            f"{' and '.join(sorted(homes))}: wrap that instead."
        ]
    if listing.path != target:
        return [f"{path}: {reason}." for path, reason in left_out]
    inside = sorted(
        module
        for module, value in vars(listing.module).items()
        if isinstance(value, ModuleType) and not module.startswith("_")
    )
    hint = f" Its modules are {', '.join(inside)}." if inside else ""
    reasons = [f"{path}: {reason}." for path, reason in left_out if reason != NO_LAYER]
    noun = "Keras layer" if layers_only else "class or function"
    return [f"{target} has no {noun} that can be wrapped.{hint}", *reasons]


def _is_wanted(item: Item, setting: Setting) -> bool:
    row = family_by_base(item, setting)
    return row is not None and not row.skip
