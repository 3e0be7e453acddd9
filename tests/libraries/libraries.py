"""Layers of libraries that others wrote, made from R and compared with Python's.

A TOML file beside this one names a library's `target` and, for each layer, the cases:

    [[TCN]]                             # a class, or a glob of classes
    r = "4, dilations = c(1, 2)"        # the arguments as an R user gives them
    python = "4, dilations=[1, 2]"      # and as a Python user does
    x = "normal(2, 8, 3)"               # the input, in Python; a tuple: several
    x_r = "..."                         # the input in R, where it is not the same
    call_r = "..."                      # the whole call in R, of `layer` or a function
    train = true                        # call it as training does
    drawn = true                        # its output is drawn anew: compare shapes
    skip = "..."                        # why there is nothing to compare

`skip` is for what no caller can make; what Python cannot make is found out and listed.
"""

import fnmatch
import importlib
import json
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tomllib

HERE = Path(__file__).parent


def read(name):
    """Return a library's target, its R package's name and its cases."""
    told = tomllib.loads((HERE / f"{name}.toml").read_text())
    target = told["target"]
    cases = []
    for spec in _specs(target):
        class_name = spec["python"].rpartition(".")[2]
        globs = [key for key in told if fnmatch.fnmatchcase(class_name, key)]
        found = told[max(globs, key=len)] if globs else [{"skip": "no case"}]
        missing = {"layer": class_name, "r_name": spec["r_name"], "r": "", "python": ""}
        cases += [missing | {"path": spec["python"]} | case for case in found]
    return {"target": target, "name": re.sub("[._]", "", target), "cases": cases}


def _specs(target):
    command = [sys.executable, "-m", "layerbridge.bridge", "spec", target, "--json"]
    out = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return [
        spec
        for spec in json.loads(out)
        if "owner" not in spec and spec["family"] != "function"
    ]


def generate(target, name, out):
    """Write the R package of a library's layers."""
    options = [target, "--name", name, "--out", out]
    command = [sys.executable, "-m", "layerbridge.bridge", "package", *options]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def seed():
    """Let what is drawn next be the same each time."""
    keras.utils.set_random_seed(1)


def value(case):
    """Return the input of a case."""
    seed()
    return eval(case["x"], _scope(case)) if "x" in case else None


@dataclass
class Expected:
    """What Python makes of a case: what there is, and the problem that ended it."""

    layer: Any = None
    config: Any = None  # as made: a call may change it
    output: Any = None
    problem: str | None = None


def expected(case):
    """Return what Python makes of a case."""
    scope = _scope(case)
    inputs = value(case)
    wanted = Expected()
    seed()
    try:
        wanted.layer = eval(f"{case['layer']}({case['python']})", scope)
        wanted.config = _config(wanted.layer)
        if "x" in case:
            wanted.output = _call(case, wanted.layer, inputs)
    except Exception as problem:
        wanted.problem = _first_line(problem)
    return wanted


def _call(case, layer, inputs):
    further = {"training": True} if case.get("train") else {}
    if isinstance(inputs, tuple):
        return layer(*inputs, **further)
    return layer(inputs, **further)


def _first_line(problem):
    """Return what went wrong, without where Keras was and what it was given."""
    plain = re.sub(r"\x1b\[\d*m", "", str(problem))
    lines = [line.strip() for line in plain.splitlines() if line.strip()]
    said = [line for line in lines if "Exception encountered" not in line] or [""]
    if said[0] == "in user code:":  # a traceback, which ends with what went wrong
        return next(line for line in said if re.match(r"\w+(Error|Exception): ", line))
    return f"{type(problem).__name__}: {said[0]}"[:200]


def differences(case, wanted, layer, output=None):
    """Tell how a layer made from R and its output differ from Python's."""
    told = []
    if type(layer) is not type(wanted.layer):
        told.append(f"it is a {type(layer).__name__}")
    told += _different("config", _config(layer), wanted.config)
    if wanted.output is not None:
        told += _outputs(output, wanted.output, case.get("drawn"))
    return told


def _config(layer):
    try:
        return _plain(layer.get_config())
    except Exception as problem:  # not all have one
        return type(problem).__name__


def _plain(value):
    """Return a config without names, and with what it holds as plain values."""
    if isinstance(value, dict):
        return {str(k): _plain(v) for k, v in value.items() if k != "name"}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, np.ndarray | np.generic) or keras.ops.is_tensor(value):
        return np.asarray(value).tolist()
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if hasattr(value, "get_config"):
        return [type(value).__name__, _plain(value.get_config())]
    return getattr(value, "__qualname__", type(value).__qualname__)


def _different(where, ours, theirs):
    if isinstance(ours, dict) and isinstance(theirs, dict):
        keys = sorted(ours.keys() | theirs.keys())
        return [
            told
            for key in keys
            for told in _different(f"{where}[{key}]", ours.get(key), theirs.get(key))
        ]
    if repr(ours) == repr(theirs):  # unlike ==, this tells 4 from 4.0
        return []
    return [f"{where}: {ours!r} from R, {theirs!r} from Python"[:300]]


def _outputs(ours, theirs, drawn):
    ours, theirs = _leaves(ours), _leaves(theirs)
    if len(ours) != len(theirs):
        return [f"{len(ours)} outputs from R, {len(theirs)} from Python"]
    told = []
    for a, b in zip(ours, theirs, strict=True):
        if a.shape != b.shape or a.dtype != b.dtype:
            told.append(f"output {a.dtype}{a.shape} from R, {b.dtype}{b.shape}")
        elif not drawn and not _equal(a, b):
            told.append("other values in the output")
    return told


def _equal(a, b):
    if a.dtype.kind in "fc":
        return np.allclose(a, b, rtol=1e-4, atol=1e-5, equal_nan=True)
    return np.array_equal(a, b)


def _leaves(output):
    found = []
    for leaf in keras.tree.flatten(output):
        if hasattr(leaf, "to_tensor"):
            leaf = leaf.to_tensor()
        elif type(leaf).__name__ == "SparseTensor":
            leaf = leaf.values
        found.append(np.asarray(leaf))
    return found


def undocumented(target, man):
    """Return, by function, what Python documents and the R package's help does not."""
    found = {}
    for spec in _specs(target):
        page = Path(man, f"{spec['r_name']}.Rd").read_text()
        bare = re.findall(r"\\item\{(\w+)\}\{Not documented in Python", page)
        docs = _docstrings(spec["python"])
        lost = [name for name in bare if _documents(docs, name)]
        if lost:
            found[spec["r_name"]] = lost
    return found


def _docstrings(path):
    module, _, name = path.rpartition(".")
    cls = getattr(importlib.import_module(module), name)
    return [
        doc
        for base in cls.__mro__
        if not base.__module__.startswith(("keras.src", "builtins"))
        for doc in (base.__dict__.get("__doc__"), _init_doc(base))
        if doc
    ]


def _init_doc(base):
    init = base.__dict__.get("__init__")
    return init.__doc__ if init else None


def _documents(docs, name):
    """Whether a line begins with the name as lists of arguments do."""
    marks = r"(?:[-*]\s+)?(?:[:@]param\s+(?:\w+\s+)?)?"
    begins = rf"^\s*{marks}[`*]*{name}[`*]*\s*(?:\([^\n]*\))?\s*:"
    return any(re.search(begins, doc, re.MULTILINE) for doc in docs)


def _scope(case):
    module, _, _ = case["path"].rpartition(".")
    return (
        vars(importlib.import_module(module))
        | vars(sys.modules[__name__])
        | {case["layer"]: getattr(importlib.import_module(module), case["layer"])}
    )


# What inputs are made of. R's numbers are whole here too.


def _whole(shape):
    return tuple(int(n) for n in shape)


def normal(*shape):
    return keras.ops.convert_to_tensor(
        np.random.default_rng(1).normal(size=_whole(shape)).astype("float32")
    )


def uniform(*shape):
    return keras.ops.convert_to_tensor(
        np.random.default_rng(1).uniform(size=_whole(shape)).astype("float32")
    )


def whole(high, *shape):
    return keras.ops.convert_to_tensor(
        np.random.default_rng(1).integers(high, size=_whole(shape)).astype("int32")
    )


def ones(*shape):
    return keras.ops.ones(_whole(shape))


def image(*shape):
    return keras.ops.convert_to_tensor(
        np.random.default_rng(1).integers(256, size=_whole(shape)).astype("float32")
    )


def graph(nodes):
    """Return a ring's adjacency matrix."""
    a = np.eye(nodes, k=1) + np.eye(nodes, k=-1)
    a[0, -1] = a[-1, 0] = 1
    return keras.ops.convert_to_tensor(a.astype("float32"))


def sparse(nodes):
    """Return a ring's adjacency matrix, as a sparse tensor."""
    import tensorflow as tf

    return tf.sparse.from_dense(graph(nodes))


def masked(x, *shape):
    """Return a tensor with a mask of that shape which leaves everything."""
    x._keras_mask = keras.ops.ones(_whole(shape))
    return x


def apart(count, nodes):
    """Return the sparse adjacency matrix of several rings."""
    import tensorflow as tf

    return tf.sparse.from_dense(np.kron(np.eye(count, dtype="float32"), graph(nodes)))


def graphs(count, nodes):
    return keras.ops.stack([graph(nodes)] * count)
