"""The `layerbridge` command."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import layerbridge

__all__ = ["main"]


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; return 0, 1 if `--check` found a difference, 2 on an error."""
    options = _parser().parse_args(argv)
    sys.path.append(str(Path.cwd()))  # a target there need not be installed
    from layerbridge.bridge.rules import RuleError
    from layerbridge.bridge.target import TargetError
    from layerbridge.bridge.write.disk import WriteError

    try:
        status: int = options.run(options)
        sys.stdout.flush()
    except (TargetError, RuleError, WriteError) as problem:
        print(problem, file=sys.stderr)
        return 2
    except BrokenPipeError:
        # The reader has closed the pipe; what Python flushes when it ends is dropped.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="layerbridge", description="R functions for Python layers of Keras."
    )
    parser.add_argument(
        "--version", action="version", version=f"%(prog)s {layerbridge.__version__}"
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    shown = commands.add_parser("spec", help="show how a target is understood")
    shown.add_argument("--json", action="store_true", help="print it as JSON")
    shown.set_defaults(run=_spec)
    wrap = commands.add_parser("wrap", help="write R functions")
    wrap.add_argument(
        "--out",
        type=Path,
        required=True,
        metavar="FILE.R",
        help="a self-contained file; or a folder, for wrappers.R and the runtime-*.R "
        "files that it needs",
    )
    wrap.set_defaults(run=_wrap)
    package = commands.add_parser("package", help="write a whole R package")
    package.add_argument("--name", required=True, metavar="PKG")
    package.add_argument("--out", type=Path, required=True, metavar="DIR")
    package.add_argument(
        "--maintainer",
        default="Unknown <unknown@example.org>",
        metavar="'NAME <EMAIL>'",
        help="who maintains the package, for DESCRIPTION",
    )
    package.set_defaults(run=_package)
    for command in (shown, wrap, package):
        command.add_argument(
            "target",
            metavar="TARGET",
            help="a module, a class or a function: keras.layers",
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
    return parser


def _spec(options: argparse.Namespace) -> int:
    from layerbridge.bridge.resolve import resolve
    from layerbridge.bridge.wrapper import to_json

    found = resolve(options.target, options.rules)
    if options.json:
        print(to_json(found.wrappers), end="")
        return 0
    for wrapper in found.wrappers:
        print(f"{wrapper.python}  {wrapper.r_name}  [{wrapper.family.name}]")
        for param in wrapper.params:
            default = "" if param.r_default is None else f" = {param.r_default}"
            print(f"  {param.r_name}{default}  [{param.kind}, by {param.source}]")
    for name, reason in found.left_out:
        print(f"{name}  left out: {reason}")
    return 0


def _wrap(options: argparse.Namespace) -> int:
    from layerbridge.bridge.resolve import resolve
    from layerbridge.bridge.write import render

    wrappers = resolve(options.target, options.rules).wrappers
    if options.out.suffix == ".R":
        return _deliver({options.out: render.r_file(wrappers)}, options.check)
    files = render.r_files(wrappers, render.pages_of(wrappers))
    plan = {options.out / path: text for path, text in files.items()}
    return _deliver(plan, options.check)


def _package(options: argparse.Namespace) -> int:
    from layerbridge.bridge.resolve import resolve
    from layerbridge.bridge.target import TargetError, source_of
    from layerbridge.bridge.write import disk, package, render

    if problems := package.problems_with(options.name, options.maintainer):
        raise TargetError(problems)
    files = package.package_plan(
        resolve(options.target, options.rules),
        source_of(options.target),
        options.name,
        options.maintainer,
    )
    wanted = {options.out / path: text for path, text in files.items()}
    plan = disk.with_removals(options.out, wanted, render.MARK)
    return _deliver(plan, options.check)


def _deliver(plan: Mapping[Path, str | None], check: bool) -> int:
    from layerbridge.bridge.write import disk, render

    if check:
        diff = disk.differences(plan)
        print(diff, end="")
        return 1 if diff else 0
    for path in disk.write(plan, render.MARK):
        print(path)
    return 0
