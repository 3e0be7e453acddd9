"""What the `layerbridge` command does; `layerbridge_command` reads its options."""

from __future__ import annotations

import argparse
import os
import shlex
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from layerbridge.bridge.ir import Library
from layerbridge.bridge.literals import r_string
from layerbridge_command import parser

__all__ = ["main", "run"]


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command with these arguments; see `run()`."""
    return run(parser().parse_args(argv))


def run(options: argparse.Namespace) -> int:
    """Run the command; return 0, 1 if `--check` found a difference, 2 on an error."""
    sys.path.append(str(Path.cwd()))  # a target there need not be installed
    from layerbridge.bridge.read.listing import TargetError
    from layerbridge.bridge.rules.schema import RuleError
    from layerbridge.bridge.write.disk import WriteError

    commands = {"spec": _spec, "wrap": _wrap, "package": _package}
    try:
        status = commands[options.command](options)
        sys.stdout.flush()
    except (TargetError, RuleError, WriteError) as problem:
        print(problem, file=sys.stderr)
        return 2
    except BrokenPipeError:
        # The reader has closed the pipe; what Python flushes when it ends is dropped.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as problem:
        where = f": {problem.filename}" if problem.filename else ""
        print(f"Nothing was written: {problem.strerror}{where}", file=sys.stderr)
        return 2
    return status


def _spec(options: argparse.Namespace) -> int:
    from layerbridge.bridge.ir import to_json
    from layerbridge.bridge.resolve import resolve

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
    from layerbridge.bridge.read.listing import TargetError
    from layerbridge.bridge.resolve import resolve
    from layerbridge.bridge.write import render

    out = options.out
    is_file = out.suffix.lower() == ".r"
    if out.suffix and not is_file and not out.is_dir():
        raise TargetError(
            [
                "--out must be a file whose name ends in .R, or a folder; received "
                f"{out}. Make the folder first if that is its name."
            ]
        )
    found = resolve(options.target, options.rules)
    if is_file:
        plan = {out: render.r_file(found.wrappers)}
        return _deliver(
            plan, options.check, found, f"In R, source({r_string(str(out))})."
        )
    files = render.r_files(found.wrappers, render.pages_of(found.wrappers))
    plan = {out / path: text for path, text in files.items()}
    return _deliver(plan, options.check, found, "R needs all of these files.")


def _package(options: argparse.Namespace) -> int:
    from layerbridge.bridge.read.listing import TargetError, source_of
    from layerbridge.bridge.resolve import resolve
    from layerbridge.bridge.write import disk, package, render

    if problems := package.problems_with(options.name, options.maintainer):
        raise TargetError(problems)
    found = resolve(options.target, options.rules)
    files = package.package_plan(
        found, source_of(options.target), options.name, options.maintainer
    )
    wanted = {options.out / path: text for path, text in files.items()}
    plan = disk.with_removals(options.out, wanted, render.MARK)
    out = shlex.quote(str(options.out))
    return _deliver(
        plan,
        options.check,
        found,
        f"Install the package with `R CMD INSTALL {out}`; to check it, `R CMD build "
        f"{out} && R CMD check {options.name}_*.tar.gz`.",
    )


def _deliver(
    plan: Mapping[Path, str | None], check: bool, found: Library, then: str
) -> int:
    """Write a plan, or show what would change; say on stderr what was made."""
    from layerbridge.bridge.write import disk, render

    if check:
        diff = disk.differences(plan)
        print(diff, end="")
        return 1 if diff else 0
    changed = disk.write(plan, render.MARK)
    for path in changed:
        print(path)
    sys.stdout.flush()
    said = [_summary(found), then if changed else "All is up to date."]
    print("\n".join(said), file=sys.stderr)
    return 0


def _summary(found: Library) -> str:
    made, left_out = len(found.wrappers), len(found.left_out)
    summary = f"Functions: {made}."
    if left_out:
        summary += f" Left out: {left_out}; `layerbridge spec {found.target}` says why."
    return summary
