"""Exceptions to what is understood by itself: rows of the TOML files in `rules/`.

`_all.toml` holds for every library, `keras.toml` for Keras and what derives from its
classes, `<package>.toml` for the library of that name, and a file of the user's own for
what it names. A later one comes first.
"""

from __future__ import annotations

import functools
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from fnmatch import fnmatchcase, translate
from importlib.resources import files
from typing import TYPE_CHECKING, Any, TypeVar

from layerbridge.bridge.kind_table import KINDS
from layerbridge.bridge.literals import is_syntactic
from layerbridge.bridge.near import did_you_mean

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

__all__ = [
    "NO_LAYER",
    "ArgumentRow",
    "Family",
    "ObjectRow",
    "RuleError",
    "Rules",
    "about_argument",
    "first",
    "is_glob",
    "load",
    "parse",
]

T = TypeVar("T")

NO_LAYER = "not a layer"


class RuleError(ValueError):
    """A row that cannot be used; names the file and the key."""


@dataclass(frozen=True)
class Family:
    """A family of objects that become R functions.

    Attributes:
        name: What rules and specifications call it.
        title: What an index of functions calls it.
        bases: Paths of the classes that its classes derive from.
        names: Globs that a class's name must match, if there are any.
        modules: Globs of the modules whose functions are of the family.
        prefix: What the names of its R functions start with.
        general: Whether the class of Keras that the family is named after is for others
            to derive from, so that it has no R function.
        layers: Whether its objects are layers.
        composes: The row of `bridge_composers` in R that says how a function composes
            what it makes; by default it only makes it.
        make: The R function that calls Python in place of `bridge_make()`, where R's
            functions take or return something else than Python's.
        several: The family of those whose call has several required inputs.
        twins: Whether a class and the function of the same name in its module, in lower
            case, are one R function; otherwise each is its own.
        twin_returns: What such an R function returns.
        takes_inputs: Whether R takes arguments of the call by name.
        first: The argument that the R function has before those of the object.
        first_text: What this argument means.
        inputs_in_dots: Whether `...` comes first, for inputs without names or because
            all arguments are given by name, so that those of the class come after it.
        dots_text: What `...` takes.
        returns: What the R function returns.
        returns_other: Whether what Python says of what it returns does not hold in R.
        skip: Why these objects get no R functions.
    """

    name: str
    title: str = ""
    bases: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    modules: tuple[str, ...] = ()
    prefix: str = ""
    general: bool = False
    layers: bool = False
    composes: str = "none"
    make: str = ""
    several: str = ""
    twins: bool = False
    twin_returns: str = ""
    takes_inputs: bool = False
    first: str = ""
    first_text: str = ""
    inputs_in_dots: bool = False
    dots_text: str = ""
    returns: str = ""
    returns_other: bool = False
    skip: str = ""

    def takes_name(self, name: str) -> bool:
        """Tell whether a class of this name may be of the family."""
        return not self.names or any(fnmatchcase(name, glob) for glob in self.names)

    def globs_of(self, modules: Iterable[str]) -> list[str]:
        """Return the globs of modules that one of these modules matches."""
        names = list(modules)
        return [g for g in self.modules if any(fnmatchcase(m, g) for m in names)]


@dataclass(frozen=True)
class ArgumentRow:
    """What holds for an argument, or for all whose names match a glob.

    Attributes:
        name: Its name in R.
        kind: Its kind.
        likely: Its kind where nothing that Python says tells it.
        after: The argument, or `...`, that it comes right after in R.
        default: Its default in R, as R source.
        sent: Whether R sends that to Python, whose own default is another.
        text: What it means, where no docstring says so or the row sets the default.
    """

    name: str = ""
    kind: str = ""
    likely: str = ""
    after: str = ""
    default: str = ""
    sent: bool = False
    text: str = ""


@dataclass(frozen=True)
class ObjectRow:
    """What holds for an object, or for all whose paths match a glob.

    A path is the public one or that of the module which defines the object. Rows about
    arguments hold for derived classes too, all others for the object alone.

    Attributes:
        file: The file that the row is from.
        glob: The path.
        name: The name of the R function.
        prefix: What the name starts with, in place of the family's prefix.
        family: The family, in place of the one that its base class tells.
        skip: Why the object gets no R function.
        reads: The object whose arguments and docstring it has, where its own signature
            says nothing.
        extra: Arguments of the base class, or of R alone, that R shows after the
            object's own, in this order; an own one that is named here moves there.
        methods: Methods of a class that R has for all of its kind, and functions, by
            their paths, that take an object of it first.
        method_class: The class, as R knows it, that these methods are for, in place of
            the one that defines them.
        make: The R function that calls Python, in place of the family's.
        title: The title of the help page, in place of the docstring's first line.
        example: R code for the help page.
        concept: What the help pages that link to one another have in common.
        arguments: Rows by argument.
    """

    file: str
    glob: str
    name: str = ""
    prefix: str = ""
    family: str = ""
    skip: str = ""
    reads: str = ""
    extra: Sequence[str] = ()
    methods: Sequence[str] = ()
    method_class: str = ""
    make: str = ""
    title: str = ""
    example: str = ""
    concept: str = ""
    arguments: Mapping[str, ArgumentRow] = field(default_factory=dict)

    def matches(self, path: str) -> bool:
        """Tell whether the row is about the object at `path`."""
        return self._pattern.match(path) is not None

    @functools.cached_property
    def _pattern(self) -> re.Pattern[str]:
        return re.compile(translate(self.glob))

    @functools.cached_property
    def globs(self) -> tuple[tuple[str, ArgumentRow], ...]:
        """The rows that are about several arguments."""
        return tuple((n, row) for n, row in self.arguments.items() if is_glob(n))


_Place = tuple[int, ObjectRow]


@dataclass(frozen=True)
class Rules:
    """All rows for a library, those that come first at the start.

    `user_rows` are those of the user's own file, which must be about something. `also`
    are paths of classes of other libraries whose methods are wanted too.
    """

    words: Mapping[str, str]
    families: Mapping[str, Family]
    objects: tuple[ObjectRow, ...]
    user_rows: tuple[ObjectRow, ...] = ()
    also: tuple[str, ...] = ()

    def about(self, paths: Iterable[str]) -> tuple[ObjectRow, ...]:
        """Return the rows about an object that has these paths, nearest path first."""
        exact, globs = self._placed
        result: list[ObjectRow] = []
        for path in paths:
            places = [*exact.get(path, ()), *(x for x in globs if x[1].matches(path))]
            result += [row for _, row in sorted(places, key=lambda place: place[0])]
        return tuple({id(row): row for row in result}.values())

    @functools.cached_property
    def _placed(self) -> tuple[dict[str, list[_Place]], list[_Place]]:
        """The rows with their places in the order: those about one path, and others."""
        exact: dict[str, list[_Place]] = {}
        globs: list[_Place] = []
        for place in enumerate(self.objects):
            glob = place[1].glob
            (globs if is_glob(glob) else exact.setdefault(glob, [])).append(place)
        return exact, globs

    @functools.cached_property
    def paths(self) -> frozenset[str]:
        """The paths of Python's objects that the rows name."""
        bases = (path for row in self.families.values() for path in row.bases)
        sources = (row.reads for row in self.objects if row.reads)
        holders = [row for row in self.objects if row.methods]
        methods = (name for row in holders for name in row.methods if "." in name)
        return frozenset([*bases, *sources, *methods, *(row.glob for row in holders)])

    def of_layers(self) -> Rules:
        """Return the rows for a reader who wants layers alone."""
        families = {
            name: row if row.layers else replace(row, skip=row.skip or NO_LAYER)
            for name, row in self.families.items()
        }
        return replace(self, families=families)


def first(rows: Iterable[T], of: Callable[[T], Any]) -> Any:
    """Return what the first row that says something says, or `None`."""
    return next(filter(None, map(of, rows)), None)


def about_argument(rows: Iterable[ObjectRow], name: str) -> Iterator[ArgumentRow]:
    """Yield the rows about the argument `name`; its own name comes before a glob."""
    for row in rows:
        if name in row.arguments:
            yield row.arguments[name]
        for glob, argument in row.globs:
            if _fits(name, glob):
                yield argument


_fits = functools.cache(fnmatchcase)  # the same names come again in each class


def is_glob(name: str) -> bool:
    """Tell whether a key stands for several names."""
    return any(char in name for char in "*?[")


def load(package: str, rules_file: Traversable | None = None) -> Rules:
    """Read the rows for all libraries, those for `package`, and those of a file."""
    folder = files("layerbridge.bridge.rules")
    names = dict.fromkeys(["_all", "keras", package])
    shipped = (folder / f"{name}.toml" for name in names)
    return parse(list(filter(lambda path: path.is_file(), shipped)), rules_file)


def parse(paths: Sequence[Traversable], rules_file: Traversable | None = None) -> Rules:
    """Read files; rows of a later one come first, those of `rules_file` before all."""
    words: dict[str, str] = {}
    families: dict[str, Family] = {}
    objects: list[ObjectRow] = []
    user_rows: tuple[ObjectRow, ...] = ()
    also: list[str] = []
    for path in [*paths, *([rules_file] if rules_file else [])]:
        tables = _Table(path.name, "", _read(path))
        tables.refuse_unknown(["words", "families", "objects", "also"])
        words |= tables.within("words").strings()
        also += tables.strings_at("also")
        for name, table in tables.within("families").tables():
            families[name] = table.make(Family, name=name)
            table.refuse_name("make")
        rows = [_object(*item) for item in tables.within("objects").tables()]
        objects[:0] = rows
        user_rows = tuple(rows) if path is rules_file else ()
    for row in objects:
        if row.family and row.family not in families:
            raise RuleError(
                f"{row.file}: objects.'{row.glob}'.family: the families are "
                f"{', '.join(families)}; received `{row.family}`."
            )
    return Rules(words, families, tuple(objects), user_rows, tuple(also))


def _read(path: Traversable) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as problem:
        raise RuleError(f"{path} cannot be read: {problem}") from problem


def _object(glob: str, table: _Table) -> ObjectRow:
    arguments = dict(table.within("arguments").tables())
    row = table.make(
        ObjectRow,
        file=table.file,
        glob=glob,
        arguments={n: argument.make(ArgumentRow) for n, argument in arguments.items()},
    )
    table.refuse_name("name")
    table.refuse_name("make")
    for argument in arguments.values():
        argument.refuse_name("name")
        argument.refuse_kind("kind")
        argument.refuse_kind("likely")
    return row


@dataclass(frozen=True)
class _Table:
    """A table of a file, which knows what to call itself."""

    file: str
    key: str
    rows: Mapping[str, Any]

    def at(self, key: str) -> str:
        quoted = f"'{key}'" if "." in key else key
        return f"{self.key}.{quoted}" if self.key else quoted

    def wrong(self, key: str, problem: str) -> RuleError:
        return RuleError(f"{self.file}: {self.at(key)}: {problem}")

    def within(self, key: str) -> _Table:
        rows = self.rows.get(key, {})
        if not isinstance(rows, dict):
            raise self.wrong(key, f"must be a table; received {rows!r}.")
        return _Table(self.file, self.at(key), rows)

    def tables(self) -> Iterator[tuple[str, _Table]]:
        return ((key, self.within(key)) for key in self.rows)

    def strings(self) -> dict[str, str]:
        for key, value in self.rows.items():
            if not isinstance(value, str):
                raise self.wrong(key, f"must be a string; received {value!r}.")
        return dict(self.rows)

    def strings_at(self, key: str) -> list[str]:
        values = self.rows.get(key, [])
        if not isinstance(values, list) or any(type(x) is not str for x in values):
            raise self.wrong(key, f"must be a list of strings; received {values!r}.")
        return values

    def make(self, row: Callable[..., T], **extra: Any) -> T:
        """Make a row of its entries, each of the type that the default has."""
        defaults = {f.name: f.default for f in fields(row) if f.name not in extra}  # type: ignore[arg-type]
        self.refuse_unknown([*defaults, *(k for k in extra if k in self.rows)])
        values = {key: self.rows[key] for key in defaults if key in self.rows}
        for key, value in values.items():
            expected: type = list if defaults[key] == () else type(defaults[key])
            if not isinstance(value, expected):
                raise self.wrong(
                    key, f"must be a {expected.__name__}; received {value!r}."
                )
            values[key] = tuple(value) if isinstance(value, list) else value
        return row(**extra, **values)

    def refuse_unknown(self, keys: list[str]) -> None:
        for key in self.rows:
            if key not in keys:
                near = did_you_mean(key, keys)
                expected = ", ".join(keys)
                raise self.wrong(key, f"the keys may be {expected}.{near}")

    def refuse_name(self, key: str) -> None:
        name = self.rows.get(key)
        if name and not is_syntactic(name):
            raise self.wrong(key, f"R does not take `{name}` as a name without quotes.")

    def refuse_kind(self, key: str) -> None:
        kind = self.rows.get(key)
        if kind and kind not in KINDS:
            raise self.wrong(key, f"the kinds are {', '.join(KINDS)}; not `{kind}`.")
