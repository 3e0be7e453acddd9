"""What R functions are called: each by itself, then all beside each other."""

from __future__ import annotations

import inspect
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from layerbridge.bridge.decide import r_functions
from layerbridge.bridge.decide.candidate import Candidate
from layerbridge.bridge.decide.family import Membership
from layerbridge.bridge.decide.kinship import stem
from layerbridge.bridge.decide.prefix import name_with_modules, name_with_prefix
from layerbridge.bridge.decide.setting import NoFunctionError, Setting
from layerbridge.bridge.read.listing import Item
from layerbridge.bridge.rules.schema import first

__all__ = ["Name", "clashes", "name_of", "names_beside"]


@dataclass(frozen=True)
class Name:
    """What the R function of a candidate is called.

    A method of a generic has the `generic`, the R package that it is from, and the
    class as R knows it; `r_name` is the topic of its help then. `first` is what the
    object is called that R has before all arguments, and `whole` the name that says
    what ends the prefix once more: `layer_encoder_layer`.
    """

    candidate: Candidate
    r_name: str
    first: str = ""
    generic: str = ""
    generic_from: str = ""
    class_in_r: str = ""
    whole: str = ""

    @property
    def is_free(self) -> bool:
        """Whether another name would do: neither a row nor a generic asks for it."""
        return not self.generic and not self.candidate.row_value(lambda row: row.name)


def name_of(candidate: Candidate, arguments: Collection[str], setting: Setting) -> Name:
    """Return the name that an object has by itself; `arguments` are its arguments."""
    if candidate.wraps == "method":
        return _of_method(candidate, arguments, setting)
    head = candidate.family.row.first
    if of_row := candidate.row_value(lambda row: row.name):
        return Name(candidate, of_row, head)
    short, whole = (_of_subject(candidate, setting, whole=x) for x in (False, True))
    return Name(candidate, short, head, whole=whole)


def _of_subject(candidate: Candidate, setting: Setting, *, whole: bool) -> str:
    owner, owner_family = candidate.owner, candidate.owner_family
    if owner and owner_family:
        prefix = _of_object(owner, owner_family, setting, whole=whole)
        called = name_with_prefix(candidate.item.name, "", setting.rules.words)
        return f"{prefix}_{called}"
    within = owner.name if owner else ""
    return _of_object(
        candidate.item, candidate.family, setting, within=within, whole=whole
    )


def names_beside(
    names: Sequence[Name], setting: Setting, published: Mapping[str, str]
) -> list[Name]:
    """Return the names that objects have beside each other.

    One that was `published` for an object stays, unless a row names it. What would
    share a name, or mask a function of R, gets that of its module, methods of one name
    get one generic, and the help of methods one topic each.
    """
    stable = [
        replace(name, r_name=published.get(name.candidate.item.python, name.r_name))
        if name.is_free
        else name
        for name in names
    ]
    apart = _apart(_in_whole(stable, published), published, setting.rules.words)
    functions = {name.r_name for name in apart if not name.generic}
    plain = (_plain(name) if name.generic in functions else name for name in apart)
    return _of_one_generic(_with_own_topics(plain))


def clashes(names: Iterable[Name]) -> dict[str, list[str]]:
    """Return the names that several objects have, with their paths."""
    paths: dict[str, list[str]] = {}
    for name in names:
        paths.setdefault(name.r_name, []).append(name.candidate.item.python)
    return {r: sorted(of_r) for r, of_r in paths.items() if len(of_r) > 1}


def _of_object(
    item: Item,
    member: Membership,
    setting: Setting,
    *,
    whole: bool,
    within: str = "",
) -> str:
    object_rows, _ = setting.about(item)
    prefix = first(object_rows, lambda row: row.prefix) or member.prefix
    if of_row := first(object_rows, lambda row: row.name):
        return str(of_row)
    words = setting.rules.words
    called = f"{within}{item.name}"
    for path in () if member.headed else member.row.bases:
        base = setting.anchors[path]
        if base is item.value and name_with_prefix(stem(base), "", words) == prefix:
            return prefix
        # The prefix of a library's own base stands for its name.
        if not path.startswith("keras.") and inspect.isclass(base):
            called = called.removesuffix(stem(base))
    if prefix and not called:
        return prefix
    if member.headed and f"{name_with_prefix(called, '', words)}_".startswith(
        f"{prefix}_"
    ):
        prefix = ""  # `Lorth2D`, which derives from `Lorth`, says it by itself
    return name_with_prefix(called, prefix, words, whole=whole)


def _of_method(
    candidate: Candidate, arguments: Collection[str], setting: Setting
) -> Name:
    assert candidate.owner
    words = setting.rules.words
    cls = candidate.owner.value
    called = candidate.row_value(lambda row: row.name) or name_with_prefix(
        candidate.item.name, "", words
    )
    generic = r_functions.generic(called, arguments)
    if generic is None:
        of = name_with_prefix(stem(cls), "", words)
        return Name(candidate, f"{of}_{called}", candidate.family.row.first)
    in_r = candidate.class_in_r or f"{cls.__module__}.{cls.__qualname__}"
    if not all(map(str.isidentifier, in_r.split("."))):
        raise NoFunctionError("R cannot name its class")
    of = name_with_prefix(candidate.owner.name, "", words)
    return Name(
        candidate, f"{called}.{of}", generic.first, called, generic.package, in_r
    )


def _in_whole(names: Sequence[Name], published: Mapping[str, str]) -> list[Name]:
    """Give what shares a name only because words are said once its whole name.

    `Encoder` and `EncoderLayer` would both be `layer_encoder()`.
    """
    wholes: dict[str, set[str]] = {}
    for name in names:
        wholes.setdefault(name.r_name, set()).update({name.whole} - {""})
    return [
        replace(name, r_name=name.whole)
        if len(wholes[name.r_name]) > 1
        and name.is_free
        and name.candidate.item.python not in published
        else name
        for name in names
    ]


def _apart(
    names: Sequence[Name], published: Mapping[str, str], words: Mapping[str, str]
) -> list[Name]:
    """Rename what would share a name, or mask a function of R.

    Python tells them apart by their modules, so R has the name of the module before
    theirs, or of as many modules as it takes. A class keeps the name that it shares
    with no other class, and that of one in its own module, for the user to mend.
    """
    plain = [(x.candidate.wraps, x.r_name) for x in names if not x.generic]
    of_kind, times = Counter(plain), Counter(r for _, r in plain)
    classes = (x for x in names if x.candidate.wraps == "class")
    homes = Counter((x.r_name, *_modules(x)) for x in classes)

    def is_kept(name: Name) -> bool:
        candidate = name.candidate
        is_published = published.get(candidate.item.python) == name.r_name
        if is_published or not name.is_free:
            return True
        alone = times[name.r_name] == 1
        if candidate.wraps == "class":
            is_only_class = of_kind["class", name.r_name] == 1
            alone = is_only_class or homes[(name.r_name, *_modules(name))] > 1
        return alone and not r_functions.is_of_r(name.r_name)

    modules: dict[str, list[list[str]]] = {}
    for name in names:
        if not is_kept(name):
            modules.setdefault(name.r_name, []).append(_modules(name))
    return [
        name
        if is_kept(name)
        else replace(name, r_name=_after_modules(name, modules[name.r_name], words))
        for name in names
    ]


def _modules(name: Name) -> list[str]:
    return (name.candidate.owner or name.candidate.item).python.split(".")[:-1]


def _after_modules(
    name: Name, clashing: Sequence[Sequence[str]], words: Mapping[str, str]
) -> str:
    """Return a name with those of as many modules as tell the clashing ones apart."""
    modules = _modules(name)
    apart = (
        count
        for count in range(1, len(modules))
        if len({tuple(each[-count:]) for each in clashing}) == len(clashing)
    )
    homes = modules[-next(apart, len(modules)) :]
    prefix = (name.candidate.owner_family or name.candidate.family).prefix
    return name_with_modules(name.r_name, prefix, homes, words)


def _plain(method: Name) -> Name:
    """Return a method of a generic as a function of its own."""
    of = method.r_name.removeprefix(f"{method.generic}.")
    return Name(method.candidate, f"{of}_{method.generic}", method.first)


def _with_own_topics(names: Iterable[Name]) -> list[Name]:
    """Number methods of one generic for classes of one name, as help topics."""
    times: Counter[str] = Counter()
    topics = []
    for name in names:
        called = name.r_name
        times[called] += bool(name.generic)
        again = name.generic and times[called] > 1
        topics.append(
            replace(name, r_name=f"{called}_{times[called]}") if again else name
        )
    return topics


def _of_one_generic(names: Sequence[Name]) -> list[Name]:
    """Give the methods of one name one generic.

    Where a method takes what the generic of another package has for the object, that
    generic cannot serve it, nor then the others.
    """
    firsts = {name.generic: name.first for name in names if not name.generic_from}
    return [
        replace(name, generic_from="", first=firsts[name.generic])
        if name.generic_from and name.generic in firsts
        else name
        for name in names
    ]
