"""From a target and the rules to a library of wrappers: the one way in."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from layerbridge.bridge.decide.candidate import Candidate, LeftOut, candidates
from layerbridge.bridge.decide.elsewhere import defined_elsewhere, no_method, nothing
from layerbridge.bridge.decide.family import root, with_several_inputs
from layerbridge.bridge.decide.idle import refuse_idle
from layerbridge.bridge.decide.methods import members
from layerbridge.bridge.decide.name import Name, clashes, name_of, names_beside
from layerbridge.bridge.decide.setting import NoFunctionError, Setting
from layerbridge.bridge.decide.wrapper import Reading, wrapper
from layerbridge.bridge.ir import DOTS, Library
from layerbridge.bridge.read import docstring, listing, modules, signature
from layerbridge.bridge.read.listing import Item
from layerbridge.bridge.read.modules import TargetError
from layerbridge.bridge.rules import schema

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable  # from Python 3.11 on

__all__ = ["resolve"]


def resolve(
    target: str,
    rules_file: Traversable | None = None,
    *,
    layers_only: bool = False,
    leave_out_clashes: bool = False,
    published: Mapping[str, str] | None = None,
) -> Library:
    """Understand `target`: a library, a module, a class, a function or a method.

    `rules_file` is a file of rules, as those in `rules/` are. With
    `leave_out_clashes`, objects that would have one name in R are left out; otherwise
    they are an error, which such a file can mend. `published` has the names of
    functions that users know, by the paths of what they wrap: these stay.
    """
    public = listing.listing_of(target)
    setting = _setting(target, rules_file, layers_only=layers_only)
    choices = list(candidates(public.items, setting))
    if not any(isinstance(x, Candidate) for x in choices) and public.path == target:
        # The modules of a package may hold what it does not show.
        public = listing.with_modules(public)
        choices = list(candidates(public.items, setting))
    if not layers_only:
        choices += members(target, public, setting)
    if public.member:
        choices = [x for x in choices if _path(x) == target]
    readings, names, unreadable = _read(choices, setting)
    left_out = [*public.left_out, *unreadable]
    names = names_beside(names, setting, published or {})
    if clashing := clashes(names):
        if not leave_out_clashes:
            raise TargetError("\n".join(_clash_problems(clashing)))
        left_out += _clash_reasons(clashing)
    wrappers = [
        wrapper(reading, name)
        for reading, name in zip(readings, names, strict=True)
        if name.r_name not in clashing
    ]
    left_out += defined_elsewhere(public, setting, bool(wrappers))
    if not wrappers:
        if public.member and not left_out:
            raise TargetError(no_method(public, setting))
        why = nothing(target, public, setting, left_out, layers_only=layers_only)
        raise TargetError("\n".join(why))
    refuse_idle(setting.rules.user_rows, target, public.items, wrappers)
    ordered = sorted(wrappers, key=lambda wrapper: wrapper.python)
    aliases = ((path, item.python) for item in public.items for path in item.others)
    return Library(target, tuple(ordered), tuple(sorted(left_out)), tuple(aliases))


def _setting(
    target: str, rules_file: Traversable | None, *, layers_only: bool
) -> Setting:
    top = modules.library_name(target)
    rules = schema.load(top, rules_file)
    if layers_only:
        rules = rules.of_layers()
    paths = ("keras.Model", "keras.layers", *rules.paths)

    @functools.cache
    def library() -> Sequence[Item]:
        if layers_only:
            return ()
        whole = listing.library_of(top)
        return (*whole.items, *whole.bases)

    anchors = {path: modules.located(path) for path in paths}
    return Setting(top, rules, anchors, library)


def _path(choice: Candidate | LeftOut) -> str:
    return choice.path if isinstance(choice, LeftOut) else choice.item.python


def _read(
    choices: Iterable[Candidate | LeftOut], setting: Setting
) -> tuple[list[Reading], list[Name], list[tuple[str, str]]]:
    """Read what objects take, and name them; return what cannot be read, too."""
    readings: list[Reading] = []
    names: list[Name] = []
    left_out: list[tuple[str, str]] = []
    for candidate in choices:
        if isinstance(candidate, LeftOut):
            left_out.append((candidate.path, candidate.reason))
            continue
        try:
            reading = _reading(candidate, setting)
            arguments = {param.name for param in reading.signature.params}
            names.append(name_of(reading.candidate, arguments, setting))
            readings.append(reading)
        except (NoFunctionError, signature.UnreadableError) as problem:
            left_out.append((candidate.item.python, str(problem)))
    return readings, names, left_out


def _reading(candidate: Candidate, setting: Setting) -> Reading:
    value = candidate.item.value
    if candidate.wraps == "method":
        interface = signature.read_method(value)
    else:
        value = setting.anchors.get(candidate.row_value(lambda row: row.reads)) or value
        interface = signature.read(value, root(value, setting))
    if interface.positions and candidate.family.row.composes != "none":
        only = interface.positions[0]
        takes = "it takes arguments that" if only == DOTS else f"`{only}`"
        raise signature.UnreadableError(f"{takes} can only be given by position")
    after_dots: tuple[str, ...] = ()
    if candidate.twin:
        interface, after_dots = signature.of_twins(
            interface, signature.read(candidate.twin.value)
        )
    elif len(interface.inputs) > 1:
        family = with_several_inputs(candidate.family, setting)
        candidate = replace(candidate, family=family)
    names = {param.name for param in (*interface.params, *interface.dots)}
    names |= {interface.keywords} - {""} | {
        *(candidate.row_value(lambda row: row.extra) or ())
    }
    of_models = inspect.getdoc(setting.anchors["keras.Model"]) or ""
    doc = docstring.parse_all(interface.docstrings, names, of_models)
    return Reading(candidate, interface, doc, after_dots)


def _clash_problems(clashing: dict[str, list[str]]) -> list[str]:
    return [
        f"{' and '.join(paths)} would all be `{name}` in R. Name one of them "
        f"in a file for --rules: [objects.'{paths[-1]}'] name = '...'."
        for name, paths in sorted(clashing.items())
    ]


def _clash_reasons(clashing: dict[str, list[str]]) -> list[tuple[str, str]]:
    return [
        (path, f"{' and '.join(paths)} would all be `{name}` in R")
        for name, paths in clashing.items()
        for path in paths
    ]
