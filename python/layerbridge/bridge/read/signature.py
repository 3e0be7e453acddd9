"""Reads what a class or a function takes, and what its docstrings say."""

from __future__ import annotations

import contextlib
import dataclasses
import inspect
import itertools
import typing
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from layerbridge.bridge.ir import DOTS
from layerbridge.bridge.read import enumeration
from layerbridge.bridge.read.base_call import call_of_base
from layerbridge.bridge.read.enumeration import Enumeration
from layerbridge.bridge.read.guard import ForeignError, guarded, sound
from layerbridge.bridge.read.type_hint import TypeHint, type_hint

__all__ = [
    "RawParam",
    "Signature",
    "UnreadableError",
    "of_twins",
    "read",
    "read_method",
]

_BY_NAME = (
    inspect.Parameter.POSITIONAL_ONLY,  # R has names for all
    inspect.Parameter.POSITIONAL_OR_KEYWORD,
    inspect.Parameter.KEYWORD_ONLY,
)
# What Keras itself brings to a call.
_BROUGHT = {"mask", "training"}
# What a field of a data class may make that R can write.
_MADE = (dict, list)
# Names from Keras 2 that classes still read.
_LEGACY = {"batch_input_shape", "input_dim", "input_shape"}


class UnreadableError(ValueError):
    """A signature that R cannot use; says why."""


@dataclass(frozen=True)
class RawParam:
    """An argument as Python has it; members of an enumeration have their names."""

    name: str
    has_default: bool = True
    default: Any = None
    hint: TypeHint | None = None
    enumeration: Enumeration | None = None


@dataclass(frozen=True)
class Signature:
    """What an object takes; `dots` are arguments that `**kwargs` hands on.

    `inputs` are the required arguments of its call, where it has one; `options` all
    others that the class does not take. A function has as `inputs` what it takes by
    position: where that is any number of arguments, those before them, and `...`.
    `keywords` is what a function calls those that it takes by any other name;
    `positions` are what a class takes by position alone, with `...` for any number.
    """

    accepts_dots: bool
    params: tuple[RawParam, ...]
    dots: tuple[RawParam, ...]
    inputs: tuple[str, ...]
    options: tuple[str, ...]
    docstrings: tuple[str, ...]
    keywords: str = ""
    positions: tuple[str, ...] = ()


def read(item: Any, base: type | None = None) -> Signature:
    """Read a class, short of what `base` takes and says, or a function."""
    with _readable():
        if inspect.isclass(item):
            return _class(item, base or object)
        return _function(item)


def read_method(item: Any) -> Signature:
    """Read a method, short of the object that it is called on."""
    with _readable():
        return _function(item, skip=1)


@contextlib.contextmanager
def _readable() -> Iterator[None]:
    try:
        with guarded(UnreadableError):
            yield
    except ForeignError as problem:
        raise UnreadableError(str(problem)) from problem


def of_twins(
    maker: Signature, computes: Signature
) -> tuple[Signature, tuple[str, ...]]:
    """Return what a class and the function that computes the same take together.

    Those of the function come first, and `inputs` are those that it alone requires; the
    names of those that the class alone takes are returned beside it.
    """
    names = {param.name for param in computes.params}
    of_class = (*maker.params, *maker.dots)
    others = [param for param in of_class if param.name not in names]
    names_of_class = {param.name for param in of_class}
    both = replace(
        maker,
        accepts_dots=True,
        params=(*computes.params, *others),
        dots=(),
        inputs=tuple(
            param.name
            for param in computes.params
            if not param.has_default and param.name not in names_of_class
        ),
        options=(),
        docstrings=(*maker.docstrings, *computes.docstrings),
    )
    return both, tuple(param.name for param in others)


def _function(item: Any, skip: int = 0) -> Signature:
    signature = _of_overloads(item, _inspect(item, skip), skip)
    text = inspect.getdoc(item)
    return Signature(
        accepts_dots=_has(signature, inspect.Parameter.VAR_POSITIONAL)
        or _has(signature, inspect.Parameter.VAR_KEYWORD),
        params=tuple(_params(signature)),
        dots=(),
        inputs=_positions(signature) or _chosen_by(item, signature),
        options=(),
        docstrings=(text,) if text else (),
        keywords=_keywords(signature),
    )


def _inspect(item: Any, skip: int = 1) -> inspect.Signature:
    """Return a signature without its first arguments; its annotations are hints."""
    try:
        signature = inspect.signature(item)
    except (TypeError, ValueError) as problem:
        raise UnreadableError(f"its signature cannot be read: {problem}") from problem
    params = list(signature.parameters.values())[skip:]
    return signature.replace(
        parameters=[param.replace(annotation=_hint(param, item)) for param in params]
    )


def _hint(
    param: inspect.Parameter, item: Any
) -> tuple[TypeHint | None, Enumeration | None]:
    text = param.annotation
    if text is param.empty:
        return None, None
    text = text if isinstance(text, str) else inspect.formatannotation(text)
    return enumeration.of_hint(type_hint(text), item)


def _keywords(signature: inspect.Signature) -> str:
    params = signature.parameters.values()
    if _has(signature, inspect.Parameter.VAR_POSITIONAL):
        return ""
    return next((p.name for p in params if p.kind is p.VAR_KEYWORD), "")


def _chosen_by(item: Any, signature: inspect.Signature) -> tuple[str, ...]:
    """Return the argument that a `functools.singledispatch` function chooses by."""
    return tuple(signature.parameters)[:1] if hasattr(item, "registry") else ()


def _positions(signature: inspect.Signature) -> tuple[str, ...]:
    """Return what can only be given by position, and `...` for any number of those."""
    params = signature.parameters.values()
    by_position = [p.name for p in params if p.kind is p.POSITIONAL_ONLY]
    if not _has(signature, inspect.Parameter.VAR_POSITIONAL):
        return tuple(by_position)
    before = (p.name for p in params if p.kind is p.POSITIONAL_OR_KEYWORD)
    return (*by_position, *before, DOTS)


def _of_overloads(
    item: Any, signature: inspect.Signature, skip: int = 1
) -> inspect.Signature:
    """Return the signature that `typing.overload` states of what takes any arguments.

    What is not in all of several signatures may be omitted.
    """
    ask = getattr(typing, "get_overloads", None)  # from Python 3.11 on
    is_c = not hasattr(item, "__module__")  # such as that of `dict`
    if ask is None or is_c or not _has(signature, inspect.Parameter.VAR_POSITIONAL):
        return signature
    overloads = [_inspect(x, skip).parameters.values() for x in ask(item)]
    by_name = {param.name: param for params in overloads for param in params}
    shared = {
        name
        for name in by_name
        if all(any(param.name == name for param in params) for params in overloads)
    }
    named = [
        param.replace(
            kind=param.KEYWORD_ONLY,
            default=param.default
            if name in shared or param.default is not param.empty
            else None,
        )
        for name, param in by_name.items()
        if param.kind not in (param.VAR_POSITIONAL, param.VAR_KEYWORD)
    ]
    more = [p for p in by_name.values() if p.kind is p.VAR_KEYWORD][:1]
    return signature.replace(parameters=[*named, *more]) if overloads else signature


def _class(cls: type, base: type) -> Signature:
    owners = list(_owners(cls, base))
    init = _new(cls) if owners[0] is object else _signature(owners[0], base)
    from_bases = _from_bases(owners, init, base)
    params, dots = tuple(_params(init)), from_bases
    accepts_dots = _has(init, inspect.Parameter.VAR_KEYWORD)
    only = None if owners[0] is base else call_of_base(owners[0]).reads_only
    if only is not None:  # the class would drop any other name without a word
        accepts_dots = False
        params += tuple(RawParam(name) for name in sorted(only - _LEGACY))
    positions = _positions(init)
    if (
        _has(init, inspect.Parameter.VAR_POSITIONAL)
        and owners[1:] != [object]
        and call_of_base(owners[0]).hands_on_positions
    ):
        positions = ()
        if not params:
            params, dots = from_bases, ()
    # R says at once what must be given, whichever class it is for.
    required = tuple(param for param in dots if not param.has_default)
    inputs, others = _of_call(cls)
    names = {param.name for param in (*params, *dots, *_params(_init(base)))}
    return Signature(
        accepts_dots=accepts_dots,
        params=params + required,
        dots=tuple(param for param in dots if param.has_default),
        inputs=inputs,
        options=tuple(name for name in others if name not in names),
        docstrings=tuple(_docstrings(cls, base)),
        positions=positions,
    )


def _of_call(cls: type) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the required inputs of a call, and the names of what else it takes."""
    try:
        params = list(inspect.signature(cls.call).parameters.values())[1:]  # type: ignore[attr-defined]
    except (AttributeError, TypeError, ValueError):
        return (), ()
    inputs = tuple(
        param.name
        for param in params
        if param.kind in (param.POSITIONAL_ONLY, param.POSITIONAL_OR_KEYWORD)
        and param.default is param.empty
        and param.name not in _BROUGHT
    )
    others = (param.name for param in params[1:] if param.kind in _BY_NAME)
    return inputs, tuple(name for name in others if name not in inputs)


def _owners(cls: type, base: type) -> Iterator[type]:
    """Yield the classes that define `__init__`, nearest first, and the base."""
    for owner in cls.__mro__:
        if "__init__" in vars(owner) or owner is base:
            yield owner
        if owner is base:
            return


def _signature(owner: type, base: type) -> inspect.Signature:
    if owner is base:
        # What every class of the family takes is no argument of this one.
        kwargs = inspect.Parameter("kwargs", inspect.Parameter.VAR_KEYWORD)
        return inspect.Signature([kwargs] if _takes_names(base) else [])
    return _with_factories(owner, _of_overloads(owner.__init__, _init(owner)))  # type: ignore[misc]


def _takes_names(base: type) -> bool:
    if base.__init__ is object.__init__:  # type: ignore[misc]
        return False
    signature = _init(base)
    return bool(_named(signature)) or _has(signature, inspect.Parameter.VAR_KEYWORD)


def _with_factories(owner: type, init: inspect.Signature) -> inspect.Signature:
    """Give a data class the lists and dicts that its fields make as defaults.

    What else they make is for Python alone to know.
    """
    of_class = vars(owner).get("__dataclass_params__")
    if not (of_class and of_class.init):
        return init
    defaults: dict[str, Any] = {
        field.name: field.default_factory() if field.default_factory in _MADE else None
        for field in dataclasses.fields(owner)
        if field.default_factory is not dataclasses.MISSING
    }
    params = [
        param.replace(default=defaults[param.name]) if param.name in defaults else param
        for param in init.parameters.values()
    ]
    return init.replace(parameters=params)


def _new(cls: type) -> inspect.Signature:
    """Read `__new__`, which a class without `__init__` may have, as a named tuple."""
    if not any("__new__" in vars(owner) for owner in cls.__mro__[:-1]):
        return inspect.Signature()
    return _inspect(cls.__new__)


def _init(owner: type) -> inspect.Signature:
    return _inspect(owner.__init__)  # type: ignore[misc]


def _has(signature: inspect.Signature, kind: Any) -> bool:
    return any(param.kind is kind for param in signature.parameters.values())


def _named(signature: inspect.Signature) -> list[inspect.Parameter]:
    return [p for p in signature.parameters.values() if p.kind in _BY_NAME]


def _params(signature: inspect.Signature) -> list[RawParam]:
    return [_raw(param) for param in _named(signature)]


def _raw(param: inspect.Parameter) -> RawParam:
    default = None if param.default is param.empty else sound(param.default)
    hint, hinted = param.annotation
    default, of_default = enumeration.of_default(default, hinted)
    return RawParam(
        name=param.name,
        has_default=param.default is not param.empty,
        default=default,
        hint=hint,
        enumeration=of_default,
    )


def _from_bases(
    owners: list[type], init: inspect.Signature, base: type
) -> tuple[RawParam, ...]:
    """Arguments that `**kwargs` brings to the classes above, short of the base.

    What a class itself gives to the one above is not for the user to give.
    """
    result: dict[str, RawParam] = {}
    names = {param.name for param in _named(init)}
    signature = init
    for lower, upper in itertools.pairwise(owners[:-1]):
        if not _has(signature, inspect.Parameter.VAR_KEYWORD):
            break
        call = call_of_base(lower)
        if not call.hands_on_names:
            break
        try:
            signature = _signature(upper, base)
        except UnreadableError:
            break
        params = _params(signature)
        names |= call.names | {param.name for param in params[: call.positions]}
        result |= {p.name: p for p in params if p.name not in names | result.keys()}
        names |= {param.name for param in params}
    return tuple(result.values())


def _docstrings(cls: type, base: type) -> Iterator[str]:
    """Yield the docstrings of a class and its bases, nearest first.

    The first is empty where the class has none of its own.
    """
    for owner in cls.__mro__:
        if owner is base:
            return
        init = vars(owner).get("__init__")
        both = (owner.__doc__, init and init.__doc__)  # None has one from 3.13 on
        texts = [text for text in both if isinstance(text, str) and text.strip()]
        yield from map(inspect.cleandoc, texts or [""] * (owner is cls))
