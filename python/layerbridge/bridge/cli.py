"""The `layerbridge` command."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from layerbridge.bridge import library, texts, wrapper
from layerbridge.bridge.introspect import TargetError, source_of
from layerbridge.bridge.rules import OverrideError
from layerbridge.bridge.write import disk, render
from layerbridge.bridge.write.package import package_plan, problems_with

__all__ = ["main"]


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; return 0, 1 for a difference found, 2 for what is wrong."""
    options = _parser().parse_args(argv)
    sys.path.append(str(Path.cwd()))  # a target may lie there, installed nowhere
    try:
        return options.run(options)
    except (TargetError, OverrideError, disk.WriteError) as problem:
        print(problem, file=sys.stderr)
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="layerbridge", description="R functions for Python layers of Keras."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    shown = commands.add_parser("spec", help="show what was understood of a target")
    shown.add_argument("--json", action="store_true", help="print it as JSON")
    shown.set_defaults(run=_spec)
    wrap = commands.add_parser("wrap", help="write one R file of wrappers")
    wrap.add_argument("--out", type=Path, required=True, metavar="FILE.R")
    wrap.set_defaults(run=_wrap)
    package = commands.add_parser("package", help="write a whole R package")
    package.add_argument("--name", required=True, metavar="PKG")
    package.add_argument("--out", type=Path, required=True, metavar="DIR")
    package.add_argument(
        "--maintainer",
        default="Unknown <unknown@example.org>",
        metavar="'NAME <EMAIL>'",
        help="who keeps the package; stands in DESCRIPTION",
    )
    package.set_defaults(run=_package)
    for command in (shown, wrap, package):
        command.add_argument(
            "target", metavar="TARGET", help="a module or a class: keras.layers"
        )
        command.add_argument(
            "--overrides",
            type=Path,
            metavar="FILE.toml",
            help="names, kinds and texts that take the place of the rules",
        )
    for command in (wrap, package):
        command.add_argument(
            "--check", action="store_true", help="only show what differs"
        )
    return parser


def _spec(options: argparse.Namespace) -> int:
    found = library(options.target, options.overrides)
    if options.json:
        print(wrapper.to_json(found.layers), end="")
        return 0
    for layer in found.layers:
        print(f"{layer.python}  {layer.r_name}")
        for param in layer.params:
            default = "" if param.r_default is None else f" = {param.r_default}"
            print(f"  {param.r_name}{default}  [{param.kind}, by {param.source}]")
    for name, reason in found.left_out:
        print(f"{name}  left out: {reason}")
    return 0


def _wrap(options: argparse.Namespace) -> int:
    found = library(options.target, options.overrides)
    shared = texts(options.target, options.overrides)
    if options.out.is_dir():
        files = render.r_files(found.layers, shared)
        plan = {options.out / name: text for name, text in files.items()}
    else:
        plan = {options.out: render.r_file(found.layers, shared)}
    return _deliver(plan, options.check)


def _package(options: argparse.Namespace) -> int:
    if problems := problems_with(options.name, options.maintainer):
        raise TargetError(problems)
    found = library(options.target, options.overrides)
    files = package_plan(
        found,
        source_of(options.target),
        texts(options.target, options.overrides),
        options.name,
        options.maintainer,
    )
    wanted = {options.out / path: text for path, text in files.items()}
    plan = disk.with_removals(options.out, wanted, render.MARK)
    return _deliver(plan, options.check)


def _deliver(plan: Mapping[Path, str | None], check: bool) -> int:
    if check:
        diff = disk.differences(plan)
        print(diff, end="")
        return 1 if diff else 0
    for path in disk.write(plan, render.MARK):
        print(path)
    return 0
