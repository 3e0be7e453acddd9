"""The `layerbridge` command, which reads its options before Keras is imported.

It is not in the package because importing anything there imports Keras, so that Keras
knows the layers as soon as the package has been imported.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import signal
import sys
import traceback
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; return 0, 1 if `--check` found a difference, 2 on an error."""
    _keep_streams_apart()
    try:
        options = _options(argv)
        from layerbridge.bridge import cli

        answer = cli.answer(options)
        said = say(answer.out)
        say_aside(answer.aside)
        return answer.status if said or not answer.is_all else answer.status or 2
    except KeyboardInterrupt as stop:
        say_aside(str(stop) or "Interrupted.")
        # A shell that runs a script stops it where a command died of the signal.
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGINT)
        return 2  # pragma: no cover
    except Exception:  # 1, Python's own status, has a meaning here
        say_aside(traceback.format_exc())
        return 2


def say(text: str) -> bool:
    """Print on standard output; tell whether it could take that."""
    if sys.stdout is None or sys.stdout.closed:
        say_aside("Standard output is closed." if text else "")
        return not text
    try:
        if isinstance(sys.stdout, io.TextIOWrapper):
            sys.stdout.reconfigure(errors="backslashreplace")
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:  # the reader has seen enough
        _drop_output()
    except OSError as problem:
        _drop_output()
        say_aside(f"Standard output cannot be written to: {problem.strerror}.")
        return False
    return True


def say_aside(text: str) -> None:
    """Print a line on standard error, if that takes it."""
    if text and sys.stderr is not None:
        with contextlib.suppress(OSError, ValueError):  # a target may have closed it
            print(text, file=sys.stderr, flush=True)


def _drop_output() -> None:
    """Let Python drop what it still holds for standard output when it ends."""
    with contextlib.suppress(OSError, AttributeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _keep_streams_apart() -> None:
    """Let no file that is opened take the number of a stream that is closed."""
    while (opened := os.open(os.devnull, os.O_RDWR)) <= 2:
        os.set_inheritable(opened, True)
    os.close(opened)


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    try:
        return parser().parse_args(argv)
    except (SystemExit, OSError) as ended:
        status = ended.code if isinstance(ended, SystemExit) else 0
        raise SystemExit(status if say("") else 2) from None


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

    def command(name: str, does: str) -> argparse.ArgumentParser:
        description = f"{does[0].upper()}{does[1:]}."
        return commands.add_parser(name, help=does, description=description)

    shown = command("spec", "show the functions of a target, with their arguments")
    shown.add_argument("--json", action="store_true", help="print them as JSON")
    plan = command("plan", "count the functions of a target, and what is left out")
    wrap = command("wrap", "write the R functions of a target")
    wrap.add_argument(
        "--out",
        type=Path,
        required=True,
        metavar="FILE.R",
        help="a self-contained file; or a folder, for wrappers.R and the runtime-*.R "
        "files that it needs",
    )
    package = command("package", "write an R package with the functions of a target")
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
        help="the maintainer, for DESCRIPTION",
    )
    package.add_argument(
        "--new-names",
        action="store_true",
        help="choose all names anew; by default, those of an earlier run are kept",
    )
    for each in (shown, plan, wrap, package):
        each.add_argument(
            "target",
            metavar="TARGET",
            help="a library, module, class, function or method, such as keras.layers",
        )
        each.add_argument(
            "--rules",
            "--overrides",
            type=Path,
            metavar="FILE.toml",
            help="a file of names, families, kinds and texts to use instead of the "
            "defaults",
        )
    for each in (wrap, package):
        each.add_argument(
            "--check", action="store_true", help="write nothing; show what would change"
        )
    return made


def _version() -> str:
    try:
        return metadata.version("layerbridge")
    except metadata.PackageNotFoundError:  # sources that are not installed
        return "of unknown version"
