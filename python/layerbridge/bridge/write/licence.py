"""A Python package's licence as R packages state it. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from layerbridge.bridge.ir import Source

__all__ = ["Licence", "licence_of"]

_FILE = "file LICENSE"
# What R calls a licence, by its names in SPDX, in classifiers and in words.
_NAMES = {
    "AGPL-3": ("agpl-3.0", "agpl-3.0-only", "agplv3"),
    "Apache License (== 2.0)": (
        *("apache-2.0", "apache 2.0", "apache license 2.0", "apache software license"),
        *("apache license version 2.0", "apache 2", "apache2", "asl 2.0"),
    ),
    "BSD_2_clause": ("bsd-2-clause", "bsd 2-clause", "bsd 2-clause license"),
    "BSD_3_clause": (
        *("bsd-3-clause", "bsd 3-clause", "bsd 3-clause license", "new bsd license"),
        "bsd-3-clause license",
    ),
    "GPL (>= 2)": ("gpl-2.0-or-later", "gpl-2.0+", "gplv2+"),
    "GPL (>= 3)": ("gpl-3.0-or-later", "gpl-3.0+", "gplv3+"),
    "GPL-2": ("gpl-2.0", "gpl-2.0-only", "gplv2"),
    "GPL-3": ("gpl-3.0", "gpl-3.0-only", "gplv3"),
    "LGPL (>= 3)": ("lgpl-3.0-or-later", "lgpl-3.0+", "lgplv3+"),
    "LGPL-2.1": ("lgpl-2.1", "lgpl-2.1-only", "lgplv2.1"),
    "LGPL-3": ("lgpl-3.0", "lgpl-3.0-only", "lgplv3"),
    "MIT": ("mit", "mit license", "the mit license", "the mit license mit"),
    "MPL-2.0": ("mpl-2.0", "mpl 2.0", "mozilla public license 2.0 mpl 2.0"),
}
_BY_NAME = {name: licence for licence, names in _NAMES.items() for name in names}
# Those that R knows as templates, which a file fills in.
_TEMPLATES = {
    "BSD_2_clause": ("YEAR", "COPYRIGHT HOLDER"),
    "BSD_3_clause": ("YEAR", "COPYRIGHT HOLDER", "ORGANIZATION"),
    "MIT": ("YEAR", "COPYRIGHT HOLDER"),
}
# How the text of such a licence begins after its holders.
_GRANT = re.compile(
    r"\b(?:permission\s+is\s+hereby|redistribution\s+and\s+use)\b", re.IGNORECASE
)
_COPYRIGHT = re.compile(
    r"^\W{0,9}copyright (?:\(c\)|\u00a9)? ?"
    r"(?P<year>\d{4}(?: ?[-\u2013,] ?(?:\d{4}|present))*),? (?:by )?"
    r"(?P<holder>[^\n]{2,120}?)[.,]?(?: all rights reserved\.?)?$",
    re.IGNORECASE | re.MULTILINE,
)


@dataclass(frozen=True)
class Licence:
    """The field of DESCRIPTION, who holds the copyright, and the file LICENSE."""

    field: str = _FILE
    holder: str = ""
    file: str = ""

    @property
    def needs_file(self) -> bool:
        """Whether the package has a file LICENSE."""
        return self.field.endswith(_FILE)


def licence_of(source: Source) -> Licence:
    """Return a licence that R knows, if all that a package states is that one.

    A package that states none has one in the first line of a text. Others are in a
    file, as are those whose template the text of the licence does not fill in.
    """
    stated = [x for x in source.licences if x.strip()] or source.licence_texts
    names = {_named(name) for name in stated}
    name = names.pop() if len(names) == 1 else ""
    template = _TEMPLATES.get(name)
    if name and not template:
        return Licence(name)
    years, holder = _copyright(source.licence_texts)
    if not template or not holder:
        return Licence()
    entries = {"YEAR": years, "COPYRIGHT HOLDER": holder, "ORGANIZATION": holder}
    lines = "".join(f"{key}: {entries[key]}\n" for key in template)
    return Licence(f"{name} + {_FILE}", holder, lines)


def _named(stated: str) -> str:
    """Return R's name of a licence: of `MIT`, `Apache License, Version 2.0`."""
    name = stated.strip().partition("\n")[0].rpartition(" :: ")[2].casefold()
    if short := re.search(r"\((a?l?gplv[\d.]+\+?)\)", name):
        name = short[1]
    return _BY_NAME.get(" ".join(re.sub(r"[,()]", " ", name).split()), "")


def _copyright(texts: Iterable[str]) -> tuple[str, str]:
    """Return the years and the holders before what the first such text permits.

    Other licences may lie beside or below a package's own, for what it contains.
    """
    for text in texts:
        head, *grant = _GRANT.split(text, maxsplit=1)
        matches = [*_COPYRIGHT.finditer(head)] if grant else []
        years = dict.fromkeys(match["year"] for match in matches)
        holders = dict.fromkeys(" ".join(match["holder"].split()) for match in matches)
        if holders:
            return ", ".join(years), "; ".join(holders)
    return "", ""
