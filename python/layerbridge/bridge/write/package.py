"""A whole R package as a plan: paths and what the files there say. Pure."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from layerbridge.bridge.kinds import KINDS
from layerbridge.bridge.text.literals import r_string
from layerbridge.bridge.text.markdown import escape, plain_line, rd_code
from layerbridge.bridge.wrapper import Library, Param, Source, Wrapper
from layerbridge.bridge.write import render

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
    library: Library, source: Source, name: str, maintainer: str
) -> dict[PurePosixPath, str]:
    """Return every file of the package that wraps `library`."""
    wrappers = library.wrappers
    pages = render.pages_of(wrappers)
    files = {
        f"R/{path}": text for path, text in render.r_files(wrappers, pages).items()
    }
    files |= {
        f"man/{x.r_name}.Rd": render.rd_file(x, pages[x.r_name]) for x in wrappers
    }
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
        "layers": library.wrappers,
        "without_arguments": [
            layer
            for layer in library.wrappers
            if all(param.r_default is not None for param in layer.params)
        ],
        "left_out": [(rd_code(path), escape(why)) for path, why in library.left_out],
        "example": _example(library.wrappers),
    }


def _r_version(version: str) -> str:
    """Return the release part of a Python version, which R understands too."""
    numbers = re.match(r"\d+(\.\d+)*", version)
    parts = numbers[0] if numbers else "0"
    return parts if "." in parts else f"{parts}.0"


def _example(wrappers: tuple[Wrapper, ...]) -> str:
    """Return a call of a function that composes and asks for the least."""
    piped = [wrapper for wrapper in wrappers if wrapper.family.first] or list(wrappers)
    required = {
        wrapper.r_name: [param for param in wrapper.params if param.r_default is None]
        for wrapper in piped
    }
    name = min(required, key=lambda name: (len(required[name]), name))
    return f"{name}({', '.join(map(_given, required[name]))})"


def _given(param: Param) -> str:
    return f"{param.r_name} = {KINDS[param.kind].example or param.r_name}"
