"""The R function of an object, of what was read and decided of it."""

from __future__ import annotations

from dataclasses import dataclass

from layerbridge.bridge.decide.arguments import arguments
from layerbridge.bridge.decide.candidate import Candidate
from layerbridge.bridge.decide.name import Name
from layerbridge.bridge.ir import DOTS, Wrapper
from layerbridge.bridge.read.docstring import Doc
from layerbridge.bridge.read.signature import Signature

__all__ = ["Reading", "wrapper"]


@dataclass(frozen=True)
class Reading:
    """A candidate, and what Python says of it.

    `after_dots` are the arguments that only the class of twins takes: R has them after
    those of the function, and after `...`.
    """

    candidate: Candidate
    signature: Signature
    doc: Doc
    after_dots: tuple[str, ...] = ()


def wrapper(reading: Reading, name: Name) -> Wrapper:
    """Return the wrapper of a candidate."""
    candidate, signature, doc = reading.candidate, reading.signature, reading.doc
    row = candidate.family.row
    # What a row with base classes says of results and dots holds for their objects.
    of_objects = candidate.wraps == "function" and bool(row.bases)
    r_arguments = arguments(
        signature.params,
        signature.dots,
        candidate.object_rows,
        candidate.rows,
        doc,
        {name.first} - {""},
    )
    all_after = row.inputs_in_dots and not of_objects and not candidate.twin
    after_dots = (*reading.after_dots, *r_arguments.after_dots)
    is_call = candidate.wraps != "class" or (
        len(signature.inputs) > 1 and row.takes_inputs
    )
    inputs = signature.positions or (
        signature.inputs if is_call or candidate.twin else ()
    )
    by_position = "function" if signature.positions else row.composes
    return Wrapper(
        python=candidate.item.python,
        r_name=name.r_name,
        family=candidate.family.name,
        heading=candidate.family.heading,
        wraps=candidate.wraps,
        composes="twin" if candidate.twin else by_position,
        make=candidate.row_value(lambda row: row.make) or row.make,
        is_layer=row.layers,
        accepts_dots=bool(
            signature.accepts_dots
            or DOTS in inputs
            or all_after
            or after_dots
            or name.generic
        ),
        params=r_arguments.params,
        inputs=inputs,
        options=signature.options if row.takes_inputs else (),
        after_dots=tuple(p.name for p in r_arguments.params)
        if all_after
        else after_dots,
        dots=r_arguments.dots,
        dots_doc=row.dots_text or dict(doc.params).get(signature.keywords, ""),
        first=name.first,
        first_doc=_first_doc(row.first_text, inputs),
        title=candidate.row_value(lambda row: row.title) or doc.title,
        description=doc.description,
        value="" if of_objects else row.twin_returns if candidate.twin else row.returns,
        returns="" if row.returns_other else doc.returns,
        sections=doc.sections,
        examples=candidate.row_value(lambda row: row.example) or "",
        concept=candidate.row_value(lambda row: row.concept) or "",
        twin=candidate.twin.python if candidate.twin else "",
        owner=candidate.owner.python if candidate.owner else "",
        generic=name.generic,
        generic_from=name.generic_from,
        class_in_r=name.class_in_r,
        shared=candidate.shared,
    )


def _first_doc(text: str, inputs: tuple[str, ...]) -> str:
    if not inputs:
        return text
    names = ", ".join(f"`{name}`" for name in inputs)
    return f"{text.strip()} The inputs are {names}."
