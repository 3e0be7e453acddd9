"""From a public class or function to the wrappers of it."""

from __future__ import annotations

import functools
import inspect
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from layerbridge.bridge.decide import generics
from layerbridge.bridge.decide import name as naming
from layerbridge.bridge.decide.arguments import Arguments, arguments
from layerbridge.bridge.decide.family import (
    Family,
    family_of,
    family_of_function,
    located,
    root_of,
)
from layerbridge.bridge.decide.kinship import Kinship, stem
from layerbridge.bridge.ir import Wrapper
from layerbridge.bridge.literals import r_name
from layerbridge.bridge.read import docstring, signature
from layerbridge.bridge.read.listing import Item
from layerbridge.bridge.read.signature import Signature, UnreadableError
from layerbridge.bridge.rules.schema import ObjectRow, Rules, first

__all__ = ["Maker", "NoWrapperError"]


class NoWrapperError(ValueError):
    """An object that gets no R function; says why."""


@dataclass(frozen=True)
class _Subject:
    """An object, and the rows about it: `own` about itself, `rows` about bases too."""

    item: Item
    own: tuple[ObjectRow, ...]
    rows: tuple[ObjectRow, ...]

    def said(self, of: Callable[[ObjectRow], Any]) -> Any:
        """Return what the rows about the object itself say, or `None`."""
        return first(self.own, of)


class Maker:
    """Makes wrappers by rules, and by the kinship of a library's public classes."""

    def __init__(self, known: Rules, library: Callable[[], Sequence[Item]]) -> None:
        """Remember the rules, and how to list the library where a class needs it."""
        self._known = known
        self._library = functools.cache(library)

    def made(self, item: Item) -> Wrapper | str:
        """Return the wrapper of a class or a function, or why it has none."""
        try:
            return self._object(item)
        except (NoWrapperError, UnreadableError) as problem:
            return str(problem)

    def _object(self, item: Item) -> Wrapper:
        subject = self._subject(item)
        family = self._family(subject)
        told = located(subject.said(lambda row: row.reads) or "") or item.value
        cls = told if inspect.isclass(told) else None
        read = signature.read(told, _root(cls) or root_of(cls, self._known.families))
        if len(read.inputs) > 1 and family.several:
            family = self._headed(self._known.families[family.several], family)
        if twin := self.twin(item, family):
            return self._of_twins(subject, family, read, twin)
        return self._made(subject, family, read)

    def twin(self, item: Item, family: Family | None = None) -> Item | None:
        """Return the function that computes what a class does."""
        cls = item.value
        family = family or family_of(cls, item.name, self._known.families)
        if not (inspect.isclass(cls) and family and family.twin):
            return None
        home = item.python.rpartition(".")[0]
        name = "_".join(naming.snake_case(item.name, self._known.words))
        value = getattr(sys.modules[home], name, None)
        return Item(f"{home}.{name}", value) if inspect.isroutine(value) else None

    def makers(self, item: Item) -> Iterator[tuple[str, Wrapper | str]]:
        """Yield the functions for class methods that make an object, or why not."""
        cls = item.value
        for name in filter(_is_maker_name, dir(cls)):
            method = inspect.getattr_static(cls, name, None)
            if isinstance(method, classmethod) and self._is_own(method.__func__, item):
                yield from self._member(item, name, self._maker)

    def methods(self, item: Item) -> Iterator[tuple[str, Wrapper | str]]:
        """Yield the methods that a class of a library adds to Keras's, or why not.

        One that takes what that of a base takes is no method of its own.
        """
        for name, value in sorted(vars(item.value).items()):
            if (
                inspect.isfunction(value)
                and self._is_method_name(name, item.value)
                and not self._is_override(name, value, item)
            ):
                yield from self._member(item, name, self._method)

    def has_methods(self, item: Item) -> bool:
        """Tell whether the methods of a class come of themselves.

        Those of Keras's families are as in Keras's own packages for R: rows name them.
        A library's models have some of their own.
        """
        try:
            family = self._family(self._subject(item))
        except NoWrapperError:
            return False
        if "keras.Model" in family.bases:
            return item.library != "keras"
        return not any(path.startswith("keras.") for path in family.bases)

    def why_no_method(self, item: Item, name: str) -> str:
        """Return why a method that a class has gets no R function."""
        if name.startswith("_"):
            return "it is private"
        method = inspect.getattr_static(item.value, name)
        if isinstance(method, (classmethod, staticmethod)):
            return "it belongs to the class, not to an object"
        if f"{item.python}.{name}" not in dict(self.methods(item)):
            return "it is Keras's, or a base class has it"
        try:
            family = self._family(self._subject(item))
        except NoWrapperError as problem:
            return f"its class has none: {problem}"
        return f"methods of {family.title.lower()} have none"

    def _is_override(self, name: str, value: Any, item: Item) -> bool:
        for base in item.value.__mro__[1:]:
            known = vars(base).get(name)
            if inspect.isfunction(known) and self._is_own(base, item):
                return _taken_by(known) == _taken_by(value)
        return False

    def shared_methods(
        self, classes: Iterable[type]
    ) -> Iterator[tuple[str, Wrapper | str]]:
        """Yield the methods that rows name of the bases of classes."""
        bases = {base for cls in classes for base in cls.__mro__}
        for row in self._known.objects:
            owner = located(row.glob) if row.methods else None
            if owner not in bases and row.glob not in self._known.also:
                continue
            for name in row.methods:
                for path, made in self._member(
                    Item(row.glob, owner), name, self._method
                ):
                    yield path, self._shared(made, row)

    def _shared(self, made: Wrapper | str, row: ObjectRow) -> Wrapper | str:
        if isinstance(made, str):
            return made
        known = row.method_class or made.class_in_r
        return replace(made, class_in_r=known, shared=True)

    def is_placed(self, item: Item) -> bool:
        """Tell whether a row's family holds, whatever bases a library has itself.

        It does in the library of the row's base class, in modules that have the name of
        that class's module, `keras_hub.layers`, and where a library has no such module.
        """
        family = family_of(item.value, item.name, self._known.families)
        library, *modules, _ = item.python.split(".")
        for path in family.bases if family else ():
            home, *within, _ = path.replace(".src.", ".").split(".")
            if home == library:
                return True
            if within and (within[0] in modules or not self._has_module(within[0])):
                return True
        return False

    def _has_module(self, name: str) -> bool:
        return any(name in item.python.split(".")[1:-1] for item in self._library())

    @functools.cached_property
    def _kinship(self) -> Kinship:
        public = (item.value for item in self._library())
        return Kinship(value for value in public if inspect.isclass(value))

    def _made(
        self, subject: _Subject, family: Family, read: Signature, **more: Any
    ) -> Wrapper:
        doc, taken = self._doc(read), {family.first} - {""}
        given = arguments(read.params, read.dots, subject.own, subject.rows, doc, taken)
        function = not inspect.isclass(subject.item.value)
        if function and family.twin:
            family = replace(family, inputs_in_dots=False, returns="")
        several = function or (len(read.inputs) > 1 and family.takes_inputs)
        words = {
            "r_name": self._named(subject, family),
            "accepts_dots": read.accepts_dots
            or family.inputs_in_dots
            or bool(given.after_dots),
            "inputs": read.inputs if several else (),
            "options": read.options if family.takes_inputs else (),
            "dots_doc": dict(doc.params).get(read.keywords, ""),
            **more,
        }
        return _wrapper(subject, family, given, doc, **words)

    def _of_twins(
        self, subject: _Subject, family: Family, read: Signature, twin: Item
    ) -> Wrapper:
        """Return one wrapper: the function's arguments, `...`, then the class's."""
        computes = signature.read(twin.value)
        names = {param.name for param in computes.params}
        of_class = [p for p in (*read.params, *read.dots) if p.name not in names]
        both = replace(read, docstrings=(*read.docstrings, *computes.docstrings))
        doc = self._doc(both, [*computes.params, *of_class])
        given = arguments(
            [*computes.params, *of_class], (), subject.own, subject.rows, doc
        )
        after = (*(param.name for param in of_class), *given.after_dots)
        return _wrapper(
            subject,
            replace(family, composes="twin", inputs_in_dots=False, returns=family.twin),
            replace(given, after_dots=after),
            doc,
            r_name=self._named(subject, family),
            accepts_dots=True,
            twin=twin.python,
        )

    def _member(
        self,
        item: Item,
        name: str,
        make: Callable[[Item, _Subject], Wrapper],
    ) -> Iterator[tuple[str, Wrapper | str]]:
        function = located(name) if "." in name else None
        path = name if function else f"{item.python}.{name}"
        try:
            if not all(map(str.isidentifier, path.split("."))):
                raise NoWrapperError("its name is not a Python identifier")
            subject = self._subject(Item(path, function or getattr(item.value, name)))
            yield path, make(item, subject)
        except (NoWrapperError, UnreadableError) as problem:
            yield path, str(problem)

    def _maker(self, item: Item, subject: _Subject) -> Wrapper:
        of = self._subject(item)
        family = self._family(of)
        made = replace(self._known.families["maker"], title=family.title)
        prefix = self._named(of, family)
        named = subject.said(lambda row: row.name) or f"{prefix}_{subject.item.name}"
        read = signature.read(subject.item.value)
        return self._made(subject, made, read, r_name=named, owner=item.python)

    def _method(self, item: Item, subject: _Subject) -> Wrapper:
        named = subject.said(lambda row: row.family) or "method"
        family = self._known.families[named]
        name = subject.said(lambda row: row.name) or naming.function_name(
            subject.item.name, "", self._known.words
        )
        read = signature.read_method(subject.item.value)
        taken = {param.name for param in read.params}
        known = generics.generic(name, taken)
        if known is None:
            of = self._prefix(item.value)
            named = f"{of}_{name}"
            return self._made(subject, family, read, r_name=named, owner=item.python)
        in_r = f"{item.value.__module__}.{item.value.__qualname__}"
        if not all(map(str.isidentifier, in_r.split("."))):
            raise NoWrapperError("R cannot name its class")
        family = replace(family, first=known.first)
        of = naming.function_name(item.name, "", self._known.words)
        return self._made(
            subject,
            family,
            read,
            r_name=f"{name}.{of}",
            accepts_dots=True,
            owner=item.python,
            generic=name,
            generic_from=known.package,
            class_in_r=in_r,
        )

    def _named(self, subject: _Subject, family: Family) -> str:
        prefix = subject.said(lambda row: row.prefix) or family.prefix
        if named := subject.said(lambda row: row.name):
            return str(named)
        name = subject.item.name
        for base in family.bases:
            # The prefix of a library's own base stands for its name.
            if not base.startswith("keras.") and name.endswith(own := _stem_at(base)):
                name = name.removesuffix(own)
        if prefix and not name:
            return prefix
        return naming.function_name(name, prefix, self._known.words)

    def _family(self, subject: _Subject) -> Family:
        if reason := subject.said(lambda row: row.skip):
            raise NoWrapperError(reason)
        known = self._known.families
        item = subject.item
        if name := first(subject.rows, lambda row: row.family):
            family = known[name]
        elif inspect.isclass(item.value):
            family = self._family_of_class(item)
        else:
            home = item.python.rpartition(".")[0]
            family = family_of_function([home], known) or known["function"]
            if family.makes_classes:
                family = replace(family, origin=known["function"].origin)
        if family.skip:
            raise NoWrapperError(family.skip)
        return family

    def _family_of_class(self, item: Item) -> Family:
        known = self._known.families
        family = family_of(item.value, item.name, known) or known["class"]
        if self._is_general(item, family):
            raise NoWrapperError(f"the base class of all {family.title.lower()}")
        if family.skip or self.is_placed(item):
            return family
        kin = self._kinship
        head = kin.head_of(item.value)
        if head is None and not kin.is_head(item.value):
            return family
        name = self._prefix(head or item.value)
        title = _name_of(head or item.value)
        prefix = name if head else ""
        return replace(family, name=name, title=title, prefix=prefix, bases=())

    def _is_general(self, item: Item, family: Family) -> bool:
        """Tell whether a class is that of Keras after which its family is named."""
        bases = (path for path in family.bases if path.startswith("keras."))
        return item.value in map(located, bases) and (
            self._prefix(item.value) == family.prefix
        )

    def _prefix(self, head: type) -> str:
        return naming.function_name(stem(head), "", self._known.words)

    def _headed(self, family: Family, derived: Family) -> Family:
        """Return a family with the name that a library's own class gives it."""
        if derived.name in self._known.families:
            return family
        return replace(
            family,
            name=derived.name,
            title=derived.title,
            bases=derived.bases,
            prefix=derived.prefix,
        )

    def _subject(self, item: Item) -> _Subject:
        own = (item.python, f"{item.value.__module__}.{item.value.__qualname__}")
        paths = (*own, *_public_bases(item.value))
        return _Subject(item, self._known.about(own), self._known.about(paths))

    def _doc(self, read: Signature, params: Iterable[Any] = ()) -> docstring.Doc:
        names = {raw.name for raw in (*read.params, *read.dots, *params)}
        names |= {read.keywords} - {""}
        return docstring.parse_all(read.docstrings, names)

    def _is_own(self, value: Any, item: Item) -> bool:
        """Tell whether the library of an item defines a value."""
        home = str(getattr(value, "__module__", "") or "")
        return home.partition(".")[0] == item.library

    def _is_method_name(self, name: str, cls: type) -> bool:
        """Tell whether a method is a library's own by its name.

        What Keras's classes have is not, unless R has a generic for it, such as
        `fit()`, and the class is not derived from them.
        """
        if name.startswith("_"):
            return False
        if name not in self._names_of_keras:
            return True
        known = generics.generic(name)
        return bool(known and known.package) and self._bases_of_keras.isdisjoint(
            cls.__mro__
        )

    @functools.cached_property
    def _bases_of_keras(self) -> frozenset[type]:
        families = self._known.families.values()
        paths = {path for family in families for path in family.bases}
        bases = (located(path) for path in paths if path.startswith("keras."))
        return frozenset(base for base in bases if base)

    @functools.cached_property
    def _names_of_keras(self) -> frozenset[str]:
        return frozenset(name for base in self._bases_of_keras for name in dir(base))


def _wrapper(
    subject: _Subject, family: Family, given: Arguments, doc: docstring.Doc, **more: Any
) -> Wrapper:
    return Wrapper(
        python=subject.item.python,
        family=family,
        params=given.params,
        after_dots=given.after_dots,
        dots=given.dots,
        title=doc.title,
        description=doc.description,
        returns="" if family.returns_other else doc.returns,
        sections=doc.sections,
        examples=subject.said(lambda row: row.example) or "",
        concept=subject.said(lambda row: row.concept) or "",
        **more,
    )


def _root(cls: type | None) -> type | None:
    """Return Keras's class of models where a model takes what all models take.

    What that has by position is for models that are made of layers.
    """
    model = located("keras.Model")
    is_plain = cls is not None and cls.__init__ is model.__init__  # type: ignore[misc]
    return model if is_plain else None


def _stem_at(path: str) -> str:
    cls = located(path)
    return stem(cls) if inspect.isclass(cls) else ""


def _name_of(cls: type) -> str:
    return cls.__name__ if cls.__name__.isidentifier() else r_name(cls.__name__)


def _taken_by(function: Any) -> str:
    """Return a signature as text, since defaults such as arrays do not compare."""
    try:
        return str(inspect.signature(function))
    except (TypeError, ValueError):
        return ""


def _is_maker_name(name: str) -> bool:
    return name.startswith("from_") and name != "from_config"


def _public_bases(value: Any) -> Iterator[str]:
    """Yield the public paths of the Keras layers that a class derives from."""
    import keras

    bases: tuple[type, ...] = getattr(value, "__mro__", ())[1:]
    for base in bases:
        if getattr(keras.layers, base.__name__, None) is base:
            yield f"keras.layers.{base.__name__}"
