"""Licences of Python packages as R packages state them."""

import pytest

from layerbridge.bridge.ir import Source
from layerbridge.bridge.read.modules import source_of
from layerbridge.bridge.write.licence import Licence, licence_of

MIT_TEXT = (
    "MIT License\n\nCopyright (c) 2019-2024 Ann Lee. All rights reserved.\n\n"
    "Permission is hereby granted"
)

GPL_TEXT = (
    "GNU GENERAL PUBLIC LICENSE\n\nCopyright (C) 2007 Free Software Foundation, Inc.\n"
)


@pytest.mark.parametrize(
    ("stated", "field"),
    [
        (["Apache-2.0"], "Apache License (== 2.0)"),
        (["Apache License, Version 2.0"], "Apache License (== 2.0)"),
        (["MIT", "License :: OSI Approved :: MIT License"], "MIT + file LICENSE"),
        (["License :: OSI Approved :: BSD License"], "file LICENSE"),
        (["BSD-3-Clause"], "BSD_3_clause + file LICENSE"),
        (["BSD-2-Clause"], "BSD_2_clause + file LICENSE"),
        (["GPL-3.0-or-later"], "GPL (>= 3)"),
        (["GNU General Public License v2 (GPLv2)"], "GPL-2"),
        (["GNU Lesser General Public License v3 or later (LGPLv3+)"], "LGPL (>= 3)"),
        (["MPL-2.0"], "MPL-2.0"),
        (["MIT OR Apache-2.0"], "file LICENSE"),
        (["MIT", "Apache-2.0"], "file LICENSE"),
        (["Proprietary"], "file LICENSE"),
        ([MIT_TEXT], "MIT + file LICENSE"),
        (["", "MIT"], "MIT + file LICENSE"),
        ([], "MIT + file LICENSE"),
    ],
)
def test_a_licence_that_is_clear_has_rs_name(stated, field):
    source = Source(licences=tuple(stated), licence_texts=(MIT_TEXT,))
    assert licence_of(source).field == field


def test_the_template_of_a_licence_is_filled_in():
    source = Source(licences=("BSD-3-Clause",), licence_texts=(GPL_TEXT, MIT_TEXT))
    assert licence_of(source) == Licence(
        "BSD_3_clause + file LICENSE",
        "Ann Lee",
        "YEAR: 2019-2024\nCOPYRIGHT HOLDER: Ann Lee\nORGANIZATION: Ann Lee\n",
    )


@pytest.mark.parametrize(
    "text", ["", "Copyright [yyyy] [name]", "Copyright (c) Ann", GPL_TEXT]
)
def test_a_template_that_stays_open_is_a_file(text):
    assert licence_of(Source(licences=("MIT",), licence_texts=(text,))) == Licence()


def test_the_grant_may_run_over_a_line():
    text = MIT_TEXT.replace("is hereby", "is\nhereby")
    source = Source(licences=("MIT",), licence_texts=(text,))
    assert licence_of(source).holder == "Ann Lee"


def test_the_holder_of_what_a_package_contains_is_not_its_own():
    vendored = MIT_TEXT.replace("Ann Lee", "Bo Chen")
    own_then_vendored = MIT_TEXT + "\n\n" + vendored
    for texts in ((MIT_TEXT, vendored), (own_then_vendored,)):
        source = Source(licences=("MIT",), licence_texts=texts)
        assert licence_of(source).holder == "Ann Lee"


def test_the_text_at_the_top_of_a_package_s_metadata_is_its_own(tmp_path, monkeypatch):
    (tmp_path / "held_here.py").touch()
    folder = tmp_path / "held_here-1.0.dist-info"
    files = {
        "METADATA": "Metadata-Version: 2.4\nName: held-here\nVersion: 1.0\n"
        "License-Expression: MIT\nLicense-File: LICENSE-of-a-part\n"
        "License-File: 3rd/LICENSE\nLicense-File: LICENSE\n",
        "RECORD": "held_here.py,,\n",
        "licenses/3rd/LICENSE": MIT_TEXT.replace("Ann Lee", "Bo Chen"),
        "licenses/LICENSE-of-a-part": MIT_TEXT.replace("Ann Lee", "Cy Diaz"),
        "licenses/LICENSE": MIT_TEXT,
    }
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    monkeypatch.syspath_prepend(tmp_path)
    assert licence_of(source_of("held_here")).holder == "Ann Lee"


def test_several_holders_are_named_together():
    text = (
        "Copyright (c) 2019 Ann Lee\nCopyright 2020, by Bo Chen.\n"
        "Redistribution and use"
    )
    licence = licence_of(Source(licences=("MIT",), licence_texts=(text, text)))
    assert licence.file == "YEAR: 2019, 2020\nCOPYRIGHT HOLDER: Ann Lee; Bo Chen\n"


def test_nothing_is_stated_of_what_lies_in_a_folder():
    assert licence_of(Source()) == Licence("file LICENSE")
