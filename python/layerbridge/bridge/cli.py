"""What the `layerbridge` command does and has to say.

`layerbridge_command` reads its options, and says it.
"""

from __future__ import annotations

import argparse
import os
import shlex
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from layerbridge.bridge.ir import Library
from layerbridge.bridge.literals import r_string
from layerbridge.bridge.write import disk, package, rd, sources
from layerbridge.bridge.write.disk import Delivery, Outcome, WriteError

__all__ = ["Answer", "answer"]


@dataclass(frozen=True)
class Answer:
    """What a command has to say, and its exit status.

    What it says on standard output may be all that it was to do.
    """

    out: str
    status: int = 0
    aside: str = ""
    is_all: bool = True


def answer(options: argparse.Namespace) -> Answer:
    """Run the command; status 1 is a difference that `--check` found, 2 an error."""
    from layerbridge.bridge.read.guard import contained
    from layerbridge.bridge.read.modules import TargetError
    from layerbridge.bridge.rules.schema import RuleError

    commands = {"spec": _spec, "plan": _plan, "wrap": _wrap, "package": _package}
    try:
        sys.path.append(os.getcwd())  # a target there need not be installed
        with contained():
            return commands[options.command](options)
    except (TargetError, RuleError, WriteError) as problem:
        return Answer("", 2, str(problem))
    except OSError as problem:
        where = f": {problem.filename}" if problem.filename else ""
        message = f"Nothing was written: {problem.strerror or problem}{where}"
        return Answer("", 2, message)
    except KeyboardInterrupt:
        raise KeyboardInterrupt("Interrupted; nothing was written.") from None


def _spec(options: argparse.Namespace) -> Answer:
    from layerbridge.bridge.ir import to_json
    from layerbridge.bridge.resolve import resolve

    library = resolve(options.target, options.rules)
    if options.json:
        return Answer(to_json(library.wrappers))
    lines = []
    for wrapper in library.wrappers:
        lines.append(f"{wrapper.python}  {wrapper.r_name}  [{wrapper.family}]")
        for param in wrapper.params:
            default = "" if param.r_default is None else f" = {param.r_default}"
            lines.append(
                f"  {param.r_name}{default}  [{param.kind}, by {param.source}]"
            )
    lines += (f"{name}  left out: {reason}" for name, reason in library.left_out)
    return Answer("".join(f"{line}\n" for line in lines))


def _plan(options: argparse.Namespace) -> Answer:
    from layerbridge.bridge.resolve import resolve

    start = time.monotonic()
    library = resolve(options.target, options.rules)
    seconds = time.monotonic() - start
    by_family: dict[str, list[str]] = {}
    for wrapper in library.wrappers:
        heading = wrapper.heading or wrapper.family
        by_family.setdefault(heading, []).append(wrapper.called_as)
    by_reason: dict[str, list[str]] = {}
    for path, reason in library.left_out:
        kind = "the same as another" if reason.startswith("the same as ") else reason
        by_reason.setdefault(kind, []).append(path)
    count = len(library.wrappers)
    lines = [
        f"{options.target}: {count} functions, read in {seconds:.1f} s.",
        *(f"{line}()" for line in _counted(by_family)),
        f"Left out: {len(library.left_out)}.",
        *_counted(by_reason),
    ]
    return Answer("".join(f"{line}\n" for line in lines))


def _counted(groups: Mapping[str, Sequence[str]]) -> list[str]:
    """Return a line for each group, with one of its members, the largest first."""
    ordered = sorted(groups.items(), key=lambda group: (-len(group[1]), group[0]))
    return [f"{len(of):6}  {title}, such as {min(of)}" for title, of in ordered]


def _wrap(options: argparse.Namespace) -> Answer:
    from layerbridge.bridge.read.modules import TargetError
    from layerbridge.bridge.resolve import resolve

    out = options.out
    is_file = out.suffix.lower() == ".r"
    if out.suffix and not is_file and not out.is_dir():
        raise TargetError(
            "--out must be a file whose name ends in .R, or a folder; received "
            f"{out}. Make the folder first if that is its name."
        )
    library = resolve(options.target, options.rules)
    if is_file:
        delivery = Delivery.of_file(out, sources.r_file(library.wrappers))
        then = f"In R, source({r_string(str(out))})."
    else:
        files = sources.r_files(library.wrappers, rd.pages_of(library.wrappers))
        delivery = Delivery.of_folder(out, {str(p): text for p, text in files.items()})
        then = "R needs all of these files."
    return _deliver(delivery, options.check, library, then)


def _package(options: argparse.Namespace) -> Answer:
    from layerbridge.bridge.read.modules import TargetError, source_of
    from layerbridge.bridge.resolve import resolve

    if problems := package.problems_with(options.name, options.maintainer):
        raise TargetError("\n".join(problems))
    published = disk.published(options.out)
    stay = {} if options.new_names else published
    library = resolve(
        options.target,
        options.rules,
        published={path: name for name, path in stay.items()},
    )
    files = package.package_plan(
        library, source_of(options.target), options.name, options.maintainer
    )
    functions = {wrapper.defined_as: wrapper.python for wrapper in library.wrappers}
    delivery = Delivery.of_package(
        options.out, {str(path): text for path, text in files.items()}, functions
    )
    gone = {n: path for n, path in published.items() if functions.get(n) != path}
    out = shlex.quote(str(options.out))
    return _deliver(
        delivery,
        options.check,
        library,
        f"Install the package with `R CMD INSTALL {out}`; to check it, `R CMD build "
        f"{out} && R CMD check {options.name}_*.tar.gz`.",
        [f"No longer generated: {name}(), for {path}." for name, path in gone.items()],
    )


def _deliver(
    delivery: Delivery,
    check: bool,
    library: Library,
    then: str,
    breaks: Sequence[str] = (),
) -> Answer:
    """Write files, or show what would change; say what would break users' code."""
    if check:
        diff = disk.differences(delivery)
        return Answer(diff, 1 if diff else 0, "\n".join(breaks))
    outcome = disk.write(delivery)
    changed = outcome.written or outcome.removed
    aside = [
        *breaks,
        *_aside(outcome),
        _summary(library),
        then if changed else "Everything is up to date.",
    ]
    out = "".join(f"{path}\n" for path in outcome.written)
    return Answer(out, 0, "\n".join(aside), is_all=False)


def _aside(outcome: Outcome) -> list[str]:
    """Return what became of files, besides those that were written."""
    lines = [
        f"Removed, since it is no longer generated: {path}" for path in outcome.removed
    ]
    lines += [f"Left alone: {path}: {why}." for path, why in outcome.left.items()]
    if outcome.left:
        lines.append("To have a file generated again, remove it first.")
    if outcome.copies:
        lines.append(
            "An earlier version wrote no list of its files, so you may have changed "
            f"some: copies of those that were replaced are in {outcome.copies}."
        )
    return lines


def _summary(library: Library) -> str:
    count, left_out = len(library.wrappers), len(library.left_out)
    summary = f"Functions: {count}."
    if left_out:
        summary += (
            f" Left out: {left_out}; `layerbridge spec {library.target}` says why."
        )
    return summary
