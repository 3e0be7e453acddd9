"""A whole R package as a plan: paths and what the files there say. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import PurePosixPath

from layerbridge.bridge.text.idioms import Idioms
from layerbridge.bridge.text.literals import r_string
from layerbridge.bridge.text.markdown import escape, plain_line, rd_code
from layerbridge.bridge.wrapper import LayerSpec, Library, Source
from layerbridge.bridge.write import render
from layerbridge.bridge.write.help import help_page

__all__ = ["package_plan", "problems_with"]

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9.]*[A-Za-z0-9]")
_MAINTAINER = re.compile(r"\s*([^<>]*[^<>\s])\s*<([^<>\s]+@[^<>\s]+)>\s*")
_TEMPLATES = {
    "DESCRIPTION": "DESCRIPTION",
    "NAMESPACE": "NAMESPACE",
    "LICENSE": "LICENSE",
    ".Rbuildignore": "Rbuildignore",
    "R/package.R": "package.R",
    "man/{name}-package.Rd": "package.Rd",
    "tests/testthat.R": "testthat.R",
    "tests/testthat/test-layers.R": "test-layers.R",
    "vignettes/{name}.Rmd": "vignette.Rmd",
    "_pkgdown.yml": "_pkgdown.yml",
}
# Of another kind, an argument stands for itself.
_EXAMPLES = {
    "axis": "1",
    "bool": "TRUE",
    "float": "0.5",
    "float_or_tuple": "0.5",
    "int": "2",
    "int_or_tuple": "2",
    "shape": "c(2, 2)",
    "target_shape": "c(2, 2)",
}


def problems_with(name: str, maintainer: str) -> list[str]:
    """Return what is wrong with the options of a package."""
    problems = []
    if not _NAME.fullmatch(name):
        problems.append(
            "--name must be letters, digits and dots, starting with a letter and not "
            f"ending in a dot; received {name!r}."
        )
    if not _MAINTAINER.fullmatch(maintainer):
        problems.append(
            "--maintainer must be like 'Ann Lee <ann@lee.org>'; "
            f"received {maintainer!r}."
        )
    return problems


def package_plan(
    library: Library,
    source: Source,
    texts: Mapping[str, str],
    name: str,
    maintainer: str,
) -> dict[PurePosixPath, str]:
    """Return every file of the package that wraps `library`."""
    layers = library.layers
    idioms = Idioms(layers)
    pages = {x.r_name: help_page(x, texts, idioms) for x in layers}
    files = {f"R/{x}": text for x, text in render.r_files(layers, texts).items()}
    files |= {f"man/{x.r_name}.Rd": render.rd_file(x, pages[x.r_name]) for x in layers}
    words = _words(library, source, name, maintainer)
    files |= {
        path.format(name=name): render.template(f"package/{file}.j2", words)
        for path, file in _TEMPLATES.items()
    }
    return {PurePosixPath(path): text for path, text in sorted(files.items())}


def _words(
    library: Library, source: Source, name: str, maintainer: str
) -> dict[str, object]:
    person = _MAINTAINER.fullmatch(maintainer)
    assert person, "problems_with() was to be asked first"
    module = library.target.partition(".")[0]
    return {
        "name": name,
        "mark": render.MARK,
        "target": library.target,
        "version": _r_version(source.version),
        "maintainer": [r_string(part) for part in person.groups()],
        "module": module,
        "needed": f"package {source.name}" if source.name else f"module {module}",
        "to_install": r_string(source.name) if source.name else "",
        "licence": plain_line(source.licence),
        "layers": library.layers,
        "without_arguments": [
            layer
            for layer in library.layers
            if all(param.r_default is not None for param in layer.params)
        ],
        "left_out": [(rd_code(path), escape(why)) for path, why in library.left_out],
        "example": _example(library.layers),
    }


def _r_version(version: str) -> str:
    """Return the release part of a Python version, which R understands too."""
    numbers = re.match(r"\d+(\.\d+)*", version)
    parts = numbers[0] if numbers else "0"
    return parts if "." in parts else f"{parts}.0"


def _example(layers: tuple[LayerSpec, ...]) -> str:
    """Return a call of a function that composes and asks for the least."""
    piped = [layer for layer in layers if layer.style == "object"] or list(layers)
    required = {
        layer.r_name: [param for param in layer.params if param.r_default is None]
        for layer in piped
    }
    name = min(required, key=lambda name: (len(required[name]), name))
    given = [f"{p.r_name} = {_EXAMPLES.get(p.kind, p.r_name)}" for p in required[name]]
    return f"{name}({', '.join(given)})"
