"""Names that clash in R, and rows of a user's own that are about nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import replace

from layerbridge.bridge.decide import generics
from layerbridge.bridge.decide.arguments import DOTS
from layerbridge.bridge.decide.name import snake_case
from layerbridge.bridge.ir import Wrapper
from layerbridge.bridge.literals import r_name
from layerbridge.bridge.near import did_you_mean
from layerbridge.bridge.read.listing import Item, TargetError
from layerbridge.bridge.rules import schema
from layerbridge.bridge.rules.schema import ObjectRow

__all__ = [
    "of_one_generic",
    "refuse_clashes",
    "refuse_idle",
    "told_apart",
    "without_clashes",
]


def told_apart(
    wrappers: Sequence[Wrapper], functions: Container[str], words: Mapping[str, str]
) -> list[Wrapper]:
    """Rename what would share a name, or mask a function of R.

    Python tells functions apart by their modules, and methods by their classes, so R
    has the name of the module or the class before theirs, or of as many modules as it
    takes. `functions` are the paths of functions; classes with one name are left for
    the user to name.
    """
    plain = [wrapper for wrapper in wrappers if not wrapper.generic]
    names = Counter(wrapper.r_name for wrapper in plain)

    def clashes(wrapper: Wrapper) -> bool:
        name = wrapper.r_name
        twice = names[name] > 1 and wrapper.python in functions
        return twice or generics.is_of_r(name)

    clashing: dict[str, list[Wrapper]] = {}
    for wrapper in filter(clashes, plain):
        clashing.setdefault(wrapper.r_name, []).append(wrapper)

    def renamed(wrapper: Wrapper) -> Wrapper:
        if wrapper.generic or not clashes(wrapper):
            return wrapper
        others = clashing[wrapper.r_name]
        return replace(wrapper, r_name=_after_modules(wrapper, others, words))

    found = list(map(renamed, wrappers))
    taken = {w.r_name for w in found if not w.generic}
    return _with_own_topics(_plain(w) if w.generic in taken else w for w in found)


def _with_own_topics(wrappers: Iterable[Wrapper]) -> list[Wrapper]:
    """Number methods of one generic for classes of one name, as help topics."""
    times: Counter[str] = Counter()
    found = []
    for wrapper in wrappers:
        name = wrapper.r_name
        times[name] += bool(wrapper.generic)
        again = wrapper.generic and times[name] > 1
        found.append(
            replace(wrapper, r_name=f"{name}_{times[name]}") if again else wrapper
        )
    return found


def _after_modules(
    wrapper: Wrapper, clashing: Sequence[Wrapper], words: Mapping[str, str]
) -> str:
    """Return a name after those of as many modules as tell the clashing ones apart."""
    most = wrapper.module.count(".") + 1
    apart = (
        count
        for count in range(1, most)
        if len({tuple(_modules(w, count)) for w in clashing}) == len(clashing)
    )
    homes = _modules(wrapper, next(apart, most))
    parts = (x if x.islower() else "_".join(snake_case(x, words)) for x in homes)
    return r_name("_".join([*parts, wrapper.r_name]))


def _modules(wrapper: Wrapper, count: int) -> list[str]:
    return wrapper.module.split(".")[-count:]


def _plain(method: Wrapper) -> Wrapper:
    """Return a method of a generic as a function of its own."""
    of = method.r_name.removeprefix(f"{method.generic}.")
    name = f"{of}_{method.generic}"
    return replace(method, r_name=name, generic="", generic_from="", class_in_r="")


def of_one_generic(wrappers: Sequence[Wrapper]) -> list[Wrapper]:
    """Give the methods of one name one generic.

    Where a method takes what the generic of another package has for the object, that
    generic cannot serve it, nor then the others.
    """
    own = {w.generic: w.family.first for w in wrappers if not w.generic_from}

    def moved(wrapper: Wrapper) -> Wrapper:
        if not (wrapper.generic_from and wrapper.generic in own):
            return wrapper
        first = own[wrapper.generic]
        taken = frozenset([first])
        params = (replace(p, r_name=r_name(p.r_name, taken)) for p in wrapper.params)
        return replace(
            wrapper,
            generic_from="",
            family=replace(wrapper.family, first=first),
            params=tuple(params),
        )

    return list(map(moved, wrappers))


def refuse_clashes(wrappers: Iterable[Wrapper]) -> None:
    """Raise where wrappers have one name, and say how to give them others."""
    problems = [
        f"{' and '.join(paths)} would all be `{name}` in R. Name one of them "
        f"in a file for --rules: [objects.'{paths[-1]}'] name = '...'."
        for name, paths in sorted(_clashes(wrappers).items())
    ]
    if problems:
        raise TargetError(problems)


def without_clashes(
    wrappers: Sequence[Wrapper],
) -> tuple[list[Wrapper], list[tuple[str, str]]]:
    """Leave out the wrappers that have one name, with the reason."""
    clashes = _clashes(wrappers)
    left_out = [
        (path, f"{' and '.join(paths)} would all be `{name}` in R")
        for name, paths in clashes.items()
        for path in paths
    ]
    return [w for w in wrappers if w.r_name not in clashes], left_out


def _clashes(wrappers: Iterable[Wrapper]) -> dict[str, list[str]]:
    by_name: dict[str, list[str]] = {}
    for wrapper in wrappers:
        by_name.setdefault(wrapper.r_name, []).append(wrapper.python)
    return {name: sorted(paths) for name, paths in by_name.items() if len(paths) > 1}


def refuse_idle(
    own: Iterable[ObjectRow],
    name: str,
    items: Sequence[Item],
    wrappers: Sequence[Wrapper],
) -> None:
    """Raise where a row of the user's is about nothing that there is."""
    problems = []
    for row in own:
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
            if not schema.is_glob(argument) and argument not in {*arguments, DOTS}:
                near = did_you_mean(argument, arguments)
                problems.append(f"{key}: there is no argument `{argument}`.{near}")
    if problems:
        raise schema.RuleError("\n".join(problems))
