"""A whole R package as a plan: paths and what the files there say. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath

from layerbridge.bridge.ir import Library, Param, Source, Wrapper
from layerbridge.bridge.kind_table import KINDS
from layerbridge.bridge.literals import r_string
from layerbridge.bridge.words.markdown import clean, escape, plain_line, rd_code
from layerbridge.bridge.write import generics, rd, sources
from layerbridge.bridge.write.licence import licence_of
from layerbridge.bridge.write.manifest import MARK
from layerbridge.bridge.write.template import fill

__all__ = ["package_plan", "problems_with"]

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9.]*[A-Za-z0-9]")
_MAINTAINER = re.compile(r"\s*([^<>]*[^<>\s])\s*<([^<>\s]+@[^<>\s]+)>\s*")
# Packages that come with R, and those that a generated one uses.
_OTHERS = """
    base compiler datasets graphics grDevices grid methods parallel splines stats stats4
    tcltk tools translations utils
    bundle generics ggplot2 keras3 knitr png reticulate rmarkdown testthat
"""
# what the runtime calls
_IMPORTS = ("graphics", "png", "reticulate (>= 1.28)", "utils")
_TEMPLATES = {
    "DESCRIPTION": "DESCRIPTION",
    "NAMESPACE": "NAMESPACE",
    ".Rbuildignore": "Rbuildignore",
    "R/package.R": "package.R",
    "man/{name}-package.Rd": "package.Rd",
    "tests/testthat.R": "testthat.R",
    "tests/testthat/test-functions.R": "test-functions.R",
    "vignettes/{name}.Rmd": "vignette.Rmd",
    "_pkgdown.yml": "_pkgdown.yml",
}


def problems_with(name: str, maintainer: str) -> list[str]:
    """Return what is wrong with the options of a package."""
    problems = []
    if not _NAME.fullmatch(name):
        problems.append(
            "--name must be two or more letters, digits and dots, starting with a "
            f"letter and not ending in a dot; received {name!r}."
        )
    if name.lower() in _OTHERS.lower().split():
        problems.append(
            "--name must not be that of a package that comes with R, or that the new "
            f"one uses; received {name!r}."
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
    pages = rd.pages_of(wrappers)
    files = {f"R/{path}": text for path, text in sources.r_files(wrappers).items()}
    files |= {f"man/{x.r_name}.Rd": rd.rd_file(x, pages[x.r_name]) for x in wrappers}
    files |= {
        f"man/{x.name}.Rd": rd.of_generic(x, wrappers) for x in generics.own(wrappers)
    }
    licence = licence_of(source)
    words = _words(library, source, name) | {
        "authors": _authors(maintainer, licence.holder),
        "licence": licence.field,
    }
    if words["foreign"]:
        files["man/reexports.Rd"] = fill("package/reexports.Rd.j2", words)
    files |= {
        path.format(name=name): fill(f"package/{file}.j2", words)
        for path, file in _TEMPLATES.items()
    }
    if licence.needs_file:
        files["LICENSE"] = licence.file or fill("package/LICENSE.j2", words)
    return {PurePosixPath(path): text for path, text in sorted(files.items())}


def _authors(maintainer: str, holder: str) -> list[str]:
    """Return R code for who maintains a package, and who holds the copyright."""
    person = _MAINTAINER.fullmatch(maintainer)
    assert person, "problems_with() was to be asked first"
    name, email = map(r_string, person.groups())
    holds = '"aut", "cre"' + (', "cph"' if person[1] == holder else "")
    first = f"person({name}, email = {email}, role = c({holds}))"
    if holder in ("", person[1]):
        return [first]
    return [first, f'person({r_string(holder)}, role = "cph")']


def _words(library: Library, source: Source, name: str) -> dict[str, object]:
    module = library.target.partition(".")[0]
    wrappers = library.wrappers
    foreign = generics.foreign(wrappers)
    objects = _objects_in_tests(wrappers)
    return {
        "name": name,
        "mark": MARK,
        "is_topic": name in {t for x in wrappers for t in (x.r_name, x.generic)},
        "target": library.target,
        "version": _r_version(source.version),
        "module": module,
        "needed": f"package {source.name}" if source.name else f"module {module}",
        "to_install": r_string(source.name) if source.name else "",
        "stated": plain_line(next(iter(source.licences), "").partition("\n")[0]),
        "summary": plain_line(source.summary).rstrip("."),
        "imports": sorted({*_IMPORTS, *(x.package for x in foreign)} - {"utils"}),
        "functions": [x for x in wrappers if not x.generic],
        "methods": [x for x in wrappers if x.generic and not x.shared],
        "generics": generics.own(wrappers),
        "foreign": foreign,
        "families": _by_family(wrappers),
        "objects": objects,
        "added": [x.r_name for x in objects if x.composes == "layer"],
        "left_out": [(rd_code(path), _reason(why)) for path, why in library.left_out],
        "layer": _example([x for x in wrappers if x.composes == "layer"]),
        "others": [f"{x.r_name}()" for x in objects if not x.is_layer][:3],
        "method": next((x.generic for x in wrappers if x.generic), ""),
    }


def _reason(why: str) -> str:
    """Return a reason as Rd, what stands in backticks as code."""
    parts = " ".join(clean(why).split()).split("`")
    return "".join(
        rd_code(part) if at % 2 else escape(part) for at, part in enumerate(parts)
    )


def _by_family(wrappers: Iterable[Wrapper]) -> list[tuple[str, list[Wrapper]]]:
    """Return the wrappers by the title of the family, a library's own first."""
    groups: dict[str, list[Wrapper]] = {}
    for wrapper in sorted(wrappers, key=lambda x: (x.shared, x.r_name)):
        title = plain_line(wrapper.heading) or wrapper.family
        groups.setdefault(title, []).append(wrapper)
    return sorted(groups.items())


def _objects_in_tests(wrappers: Iterable[Wrapper]) -> list[Wrapper]:
    """Return the layers that need no argument, and one such class of each family.

    Of a library's own family that is its head, which has the shortest name: others may
    be models of any size.
    """
    ready = [
        wrapper
        for wrapper in wrappers
        if wrapper.wraps == "class"
        and all(param.r_default is not None for param in wrapper.params)
    ]
    first: dict[str, Wrapper] = {}
    for wrapper in sorted(ready, key=lambda x: (len(x.r_name), x.r_name)):
        first.setdefault(wrapper.heading, wrapper)
    return [x for x in ready if x.is_layer or x is first[x.heading]]


def _r_version(version: str) -> str:
    """Return the release part of a Python version, which R understands too."""
    numbers = re.match(r"\d+(\.\d+)*", version)
    parts = numbers[0] if numbers else "0"
    return parts if "." in parts else f"{parts}.0"


def _example(layers: Sequence[Wrapper]) -> str:
    """Return a call of the layer that asks for the least, if there is any."""
    required = {
        layer.r_name: [param for param in layer.params if param.r_default is None]
        for layer in layers
    }
    if not required:
        return ""
    name = min(required, key=lambda name: (len(required[name]), name))
    return f"{name}({', '.join(map(_argument, required[name]))})"


def _argument(param: Param) -> str:
    member = r_string(param.members[0]) if param.members else ""
    return f"{param.r_name} = {member or KINDS[param.kind].example or param.r_name}"
