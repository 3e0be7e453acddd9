"""Reads a library of Keras layers. The only stage that imports it, and Keras."""

from __future__ import annotations

import ast
import contextlib
import importlib
import inspect
import itertools
import re
import sys
import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib import metadata
from types import ModuleType
from typing import Any

from layerbridge.bridge.wrapper import Source

__all__ = ["Found", "RawLayer", "RawParam", "TargetError", "introspect", "source_of"]

_NO_CLASS = "a function, not a layer class"
_NO_LAYER = "a class, but no Keras layer"


class TargetError(ValueError):
    """A target that cannot be wrapped; lists every problem."""

    def __init__(self, problems: list[str]) -> None:
        """Keep the problems and make one message of them."""
        self.problems = problems
        super().__init__("\n".join(problems))


@dataclass(frozen=True)
class RawParam:
    """An argument as Python has it."""

    name: str
    has_default: bool
    default: Any
    annotation: str


@dataclass(frozen=True)
class RawLayer:
    """A layer class as Python has it; `lineage` is its path and those of its bases."""

    python: str
    lineage: tuple[str, ...]
    defined_in: str
    is_merge: bool
    accepts_dots: bool
    params: tuple[RawParam, ...]
    dots: tuple[RawParam, ...]
    docstrings: tuple[str, ...]


@dataclass(frozen=True)
class Found:
    """What a target holds; `left_out` pairs a name with a reason."""

    target: str
    layers: tuple[RawLayer, ...]
    left_out: tuple[tuple[str, str], ...]


def introspect(target: str) -> Found:
    """Import `target`, a module or a class, and read its layers."""
    home, module, names, chosen = _resolve(target)
    layers: list[RawLayer] = []
    left_out: list[tuple[str, str]] = []
    seen: dict[type, str] = {}
    for name, item in _items(module, names):
        if inspect.ismodule(item) or not callable(item):
            continue
        python = f"{home}.{name}"
        if reason := _why_not(name, item, home, chosen):
            left_out.append((python, reason))
        elif item in seen:
            left_out.append((python, f"the same class as {seen[item]}"))
        else:
            seen[item] = python
            try:
                layers.append(_read(item, python))
            except _UnwrappableError as problem:
                left_out.append((python, str(problem)))
    if not layers:
        raise TargetError(_nothing(target, module, left_out))
    return Found(target, tuple(layers), tuple(sorted(left_out)))


def _items(module: ModuleType, names: Iterable[str]) -> list[tuple[str, Any]]:
    """Return names with what they stand for, a class's own name before any alias."""
    items = [(name, _get(module, name)) for name in names]
    return sorted(items, key=lambda x: (getattr(x[1], "__name__", "") != x[0], x[0]))


def _get(module: ModuleType, name: str) -> Any:
    """Return an attribute; a module may load its parts when they are asked for."""
    try:
        return getattr(module, name, None)
    except Exception as problem:
        return _Broken(_failed(problem))


@dataclass(frozen=True)
class _Broken:
    reason: str

    def __call__(self) -> None:
        """Pass for something to look at, so that the reason is told."""


def source_of(target: str) -> Source:
    """Return the installed package that a target belongs to."""
    top = target.partition(".")[0]
    names = metadata.packages_distributions().get(top)
    if not names:
        return Source(version=str(getattr(_import(top), "__version__", "0.0")))
    known = metadata.metadata(names[0])
    fields = ("License-Expression", "License")
    stated = (known[field] for field in fields if field in known)
    licence = next(filter(None, stated), "").strip().partition("\n")[0]
    name = known["Name"] if re.fullmatch(r"[\w.-]+", known["Name"]) else top
    return Source(name, known["Version"], licence)


class _UnwrappableError(ValueError):
    pass


def _resolve(target: str) -> tuple[str, ModuleType, list[str], bool]:
    """Return a module, its name, names to look at, and whether they were chosen."""
    try:
        module = _import(target)
    except ModuleNotFoundError as problem:
        parent, _, name = target.rpartition(".")
        if not parent or not problem.name or not target.startswith(problem.name):
            raise TargetError([_import_failed(target, problem)]) from problem
        return parent, _resolve_class(target, parent, name), [name], True
    public = vars(module).get("__all__")
    if public is None:
        return target, module, [n for n in vars(module) if not n.startswith("_")], False
    return target, module, [name for name in public if isinstance(name, str)], True


def _resolve_class(target: str, parent: str, name: str) -> ModuleType:
    try:
        module = _import(parent)
    except ModuleNotFoundError as problem:
        raise TargetError([_import_failed(parent, problem)]) from problem
    if _get(module, name) is None:
        raise TargetError(
            [f"{target} does not exist: module {parent} has no `{name}`."]
        )
    return module


def _import(name: str) -> ModuleType:
    # What a library prints when it is imported is not what the command prints.
    try:
        with contextlib.redirect_stdout(sys.stderr):
            return importlib.import_module(name)
    except ModuleNotFoundError:
        raise
    except (Exception, SystemExit) as problem:
        raise TargetError([_import_failed(name, problem)]) from problem


def _import_failed(name: str, problem: BaseException) -> str:
    return (
        f"Importing {name} {_failed(problem)}. Install or repair it first, or run the "
        "command where it lies."
    )


def _failed(problem: BaseException) -> str:
    return f"failed with {type(problem).__name__}: {problem}"


def _why_not(name: str, item: Any, home: str, chosen: bool) -> str | None:
    import keras

    if isinstance(item, _Broken):
        return item.reason
    if not name.isidentifier():
        return "its name is no Python identifier"
    if not inspect.isclass(item):
        return _NO_CLASS
    if not issubclass(item, keras.layers.Layer):
        return _NO_LAYER
    if issubclass(item, keras.Model):
        return "a model, not a layer"
    if not chosen and item.__module__.partition(".")[0] != home.partition(".")[0]:
        return f"defined in {item.__module__}; wrap that library instead"
    return None


def _nothing(
    target: str, module: ModuleType, left_out: list[tuple[str, str]]
) -> list[str]:
    inside = sorted(
        name
        for name, item in vars(module).items()
        if inspect.ismodule(item) and not name.startswith("_")
    )
    hint = f" Its modules are {', '.join(inside)}." if inside else ""
    reasons = [
        f"{name}: {reason}."
        for name, reason in left_out
        if reason not in (_NO_CLASS, _NO_LAYER)
    ]
    return [f"{target} holds no Keras layer that can be wrapped.{hint}", *reasons]


def _read(cls: type, python: str) -> RawLayer:
    import keras

    owners = list(_owners(cls, keras.layers.Layer))
    own = _signature(owners[0])
    handed_on = _handed_on(owners, own)
    params, dots = tuple(_params(own)), handed_on
    if _has(own, inspect.Parameter.VAR_POSITIONAL):
        if not _call_of_base(owners[0]).hands_on_positions:
            raise _UnwrappableError(
                "it takes arguments that can only be given by position"
            )
        if not params:
            params, dots = handed_on, ()
    return RawLayer(
        python=python,
        lineage=(python, *_keras_bases(cls, keras.layers)),
        defined_in=f"{cls.__module__}.{cls.__qualname__}",
        is_merge=_is_merge(cls),
        accepts_dots=_has(own, inspect.Parameter.VAR_KEYWORD),
        params=params,
        dots=dots,
        docstrings=tuple(_docstrings(cls, keras.layers.Layer)),
    )


def _keras_bases(cls: type, layers: ModuleType) -> list[str]:
    """Return the public paths of the Keras layers that a class derives from."""
    return [
        f"keras.layers.{base.__name__}"
        for base in cls.__mro__[1:]
        if base is not layers.Layer and getattr(layers, base.__name__, None) is base
    ]


def _owners(cls: type, base: type) -> Iterator[type]:
    """Yield the classes of the method resolution order that define `__init__`."""
    for owner in cls.__mro__:
        if "__init__" in vars(owner):
            yield owner
        if owner is base:
            return


def _signature(owner: type) -> inspect.Signature:
    import keras

    if owner is keras.layers.Layer:
        # What every layer takes is no argument of this one.
        return inspect.Signature(
            [inspect.Parameter("kwargs", inspect.Parameter.VAR_KEYWORD)]
        )
    try:
        signature = inspect.signature(vars(owner)["__init__"])
    except (TypeError, ValueError) as problem:
        raise _UnwrappableError(f"its signature cannot be read: {problem}") from problem
    params = list(signature.parameters.values())[1:]
    if only := [p.name for p in params if p.kind is p.POSITIONAL_ONLY]:
        raise _UnwrappableError(f"`{only[0]}` can only be given by position")
    return signature.replace(parameters=params)


def _has(signature: inspect.Signature, kind: Any) -> bool:
    return any(param.kind is kind for param in signature.parameters.values())


def _named(signature: inspect.Signature) -> list[inspect.Parameter]:
    by_name = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    return [p for p in signature.parameters.values() if p.kind in by_name]


def _params(signature: inspect.Signature) -> list[RawParam]:
    return [
        RawParam(
            name=param.name,
            has_default=param.default is not param.empty,
            default=None if param.default is param.empty else param.default,
            annotation=_annotation(param),
        )
        for param in _named(signature)
    ]


def _annotation(param: inspect.Parameter) -> str:
    if param.annotation is param.empty:
        return ""
    text = param.annotation
    text = text if isinstance(text, str) else inspect.formatannotation(text)
    return text.replace("typing.", "")


def _handed_on(owners: list[type], own: inspect.Signature) -> tuple[RawParam, ...]:
    """Arguments that `**kwargs` brings to the classes above, short of the base layer.

    What a class itself gives to the one above is not for the user to give.
    """
    found: dict[str, RawParam] = {}
    settled = {param.name for param in _named(own)}
    signature = own
    for lower, upper in itertools.pairwise(owners[:-1]):
        if not _has(signature, inspect.Parameter.VAR_KEYWORD):
            break
        call = _call_of_base(lower)
        if not call.hands_on_names:
            break
        try:
            signature = _signature(upper)
        except _UnwrappableError:
            break
        params = _params(signature)
        settled |= call.names | {param.name for param in params[: call.positions]}
        found |= {p.name: p for p in params if p.name not in settled | found.keys()}
        settled |= {param.name for param in params}
    return tuple(found.values())


@dataclass(frozen=True)
class _BaseCall:
    """What `__init__` gives to that of the class above, as its source has it."""

    positions: int = 0
    names: frozenset[str] = frozenset()
    hands_on_positions: bool = True
    hands_on_names: bool = True


def _call_of_base(owner: type) -> _BaseCall:
    """Read the call; without a source or a call, all is thought to be handed on."""
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(vars(owner)["__init__"])))
    except (OSError, TypeError, SyntaxError):
        return _BaseCall()
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        if isinstance(call.func, ast.Attribute) and call.func.attr == "__init__":
            starred = [arg for arg in call.args if isinstance(arg, ast.Starred)]
            by_super = isinstance(call.func.value, ast.Call)
            return _BaseCall(
                positions=len(call.args) - len(starred) - (not by_super),
                names=frozenset(word.arg for word in call.keywords if word.arg),
                hands_on_positions=bool(starred),
                hands_on_names=any(word.arg is None for word in call.keywords),
            )
    return _BaseCall()


def _is_merge(cls: type) -> bool:
    return any(
        base.__module__ == "keras.src.layers.merging.base_merge" for base in cls.__mro__
    )


def _docstrings(cls: type, base: type) -> Iterator[str]:
    """Yield the docstrings of a class and its bases, nearest first."""
    for owner in cls.__mro__:
        if owner is base:
            return
        for text in (
            owner.__doc__,
            getattr(vars(owner).get("__init__"), "__doc__", None),
        ):
            if isinstance(text, str) and text.strip():
                yield inspect.cleandoc(text)
