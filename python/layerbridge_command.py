"""The `layerbridge` command, which reads its options before Keras is imported.

It is not in the package because importing anything there imports Keras, so that Keras
knows the layers as soon as the package has been imported.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; return 0, 1 if `--check` found a difference, 2 on an error."""
    options = parser().parse_args(argv)
    from layerbridge.bridge import cli

    return cli.run(options)


def parser() -> argparse.ArgumentParser:
    """Return what reads the command's options."""
    made = argparse.ArgumentParser(
        prog="layerbridge",
        description="R functions for Python libraries that build on Keras.",
    )
    made.add_argument(
        "--version",
        action="version",
        version=f"%(prog)s {_version()}",
    )
    commands = made.add_subparsers(dest="command", required=True, metavar="COMMAND")
    shown = commands.add_parser("spec", help="show how a target is understood")
    shown.add_argument("--json", action="store_true", help="print it as JSON")
    wrap = commands.add_parser("wrap", help="write R functions")
    wrap.add_argument(
        "--out",
        type=Path,
        required=True,
        metavar="FILE.R",
        help="a self-contained file; or a folder, for wrappers.R and the runtime-*.R "
        "files that it needs. Folders are made as needed",
    )
    package = commands.add_parser("package", help="write a whole R package")
    package.add_argument(
        "--name", required=True, metavar="PKG", help="the name of the package in R"
    )
    package.add_argument(
        "--out",
        type=Path,
        required=True,
        metavar="DIR",
        help="a folder that is new, empty or from an earlier run",
    )
    package.add_argument(
        "--maintainer",
        default="Unknown <unknown@example.org>",
        metavar="'NAME <EMAIL>'",
        help="who maintains the package, for DESCRIPTION",
    )
    for command in (shown, wrap, package):
        command.add_argument(
            "target",
            metavar="TARGET",
            help="a library, module, class, function or method: keras.layers",
        )
        command.add_argument(
            "--rules",
            "--overrides",
            type=Path,
            metavar="FILE.toml",
            help="names, families, kinds and texts that override the defaults",
        )
    for command in (wrap, package):
        command.add_argument(
            "--check", action="store_true", help="write nothing; show what would change"
        )
    return made


def _version() -> str:
    try:
        return metadata.version("layerbridge")
    except metadata.PackageNotFoundError:  # sources that are not installed
        return "of unknown version"
