"""Kinds of arguments: how R values reach Python, one row for each."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["EVERY_LAYER", "KINDS", "Kind"]


@dataclass(frozen=True)
class Kind:
    """A kind of argument.

    Attributes:
        converted: Whether R's runtime converts what the user gives.
        example: A value in R; without one, an argument's name stands for itself.
        help: What the help page adds to what Python says; `{members}` are those of the
            argument's enumeration.
        from_one: Whether R counts from 1 what Python counts from 0.
        numeric: Whether it is for numbers alone, each of which is counted.
        typed: Whether the runtime makes whole numbers of the type that Python takes.
        vector: Whether what may be several numbers or strings is a vector in R.
    """

    converted: bool = True
    example: str = ""
    help: str = ""
    from_one: bool = False
    numeric: bool = False
    typed: bool = False
    vector: bool = False


KINDS = {
    "any": Kind(converted=False),
    "any_list": Kind(),
    "axis": Kind(
        example="1", help="Axes count from 1.", from_one=True, numeric=True, typed=True
    ),
    "bool": Kind(converted=False, example="TRUE", typed=True),
    "callbacks": Kind(),
    "data": Kind(example="c(0.5, 1)"),
    "dict": Kind(),
    "enum": Kind(converted=False, typed=True),
    "float": Kind(example="0.5", typed=True),
    "float_list": Kind(example="c(0.5, 1)", typed=True, vector=True),
    "float_or_tuple": Kind(example="0.5", typed=True, vector=True),
    "index": Kind(
        example="1", help="Indices count from 1.", from_one=True, numeric=True
    ),
    "index_function": Kind(help="Its first argument counts from 1."),
    "int": Kind(example="2", typed=True),
    "int_data": Kind(example="c(1, 2)"),
    "int_dict": Kind(typed=True),
    "int_list": Kind(example="c(2, 4)", typed=True, vector=True),
    "int_or_index": Kind(
        example="2", help="Indices count from 1.", from_one=True, typed=True
    ),
    "int_or_tuple": Kind(example="2", typed=True, vector=True),
    "int_tuple": Kind(example="c(2, 4)", typed=True, vector=True),
    "logs_function": Kind(),
    "loss": Kind(),
    "member": Kind(help="One of {members}."),
    "member_list": Kind(help="Any of {members}."),
    "member_or_str": Kind(help="May be one of {members}."),
    "member_or_str_list": Kind(help="May be any of {members}."),
    "metrics": Kind(),
    "samples": Kind(example="matrix(1, 2, 2)"),
    "schedule": Kind(),
    "shape": Kind(example="c(2, 2)", typed=True, vector=True),
    "str": Kind(converted=False, typed=True),
    "str_list": Kind(typed=True, vector=True),
    "structure": Kind(),
    "target_shape": Kind(example="c(2, 2)", typed=True, vector=True),
    "tuple": Kind(),
    "verbose": Kind(),
}

# The kinds of what every Keras layer takes besides its own arguments, `weights` in
# Keras 2; R's runtime has them as `bridge_base_kinds`.
EVERY_LAYER = {
    "name": "str",
    "dtype": "any",
    "trainable": "bool",
    "input_shape": "shape",
    "batch_input_shape": "shape",
    "batch_shape": "shape",
    "batch_size": "int",
    "weights": "any",
}
