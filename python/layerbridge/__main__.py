"""`python -m layerbridge`: what is installed, and any problem with it."""

import argparse
import platform
import sys
from collections.abc import Sequence
from importlib import util

from layerbridge.requirements import (
    keras_problem,
    legacy_keras_problem,
    version_of,
)

_PACKAGES = ("layerbridge", "keras", "tensorflow", "jax", "torch", "numpy")


def _describe(package: str) -> str:
    spec = util.find_spec(package)
    if spec is None:
        return "not found"
    return f"{version_of(package) or 'unknown version'}, {spec.origin}"


def _try_layer() -> str | None:
    """Run a layer; return what went wrong, or `None`."""
    try:
        import keras

        from layerbridge import DropBlock2D

        DropBlock2D(0.1, 3)(keras.ops.ones((1, 4, 4, 1)), training=True)
    except Exception as error:
        return f"A layer could not run: {type(error).__name__}: {error}"
    print(f"{'backend':12} {keras.backend.backend()}")
    return None


def main(argv: Sequence[str] | None = None) -> int:
    """Print the report; return 1 if there is a problem."""
    parser = argparse.ArgumentParser(
        prog="python -m layerbridge",
        description="Report what is installed, and any problem with it.",
        epilog="The command `layerbridge` writes R functions.",
    )
    version = f"layerbridge {version_of('layerbridge')}"
    parser.add_argument("--version", action="version", version=version)
    parser.parse_args(argv)
    print(f"{'python':12} {platform.python_version()}, {sys.executable}")
    for package in _PACKAGES:
        print(f"{package:12} {_describe(package)}")
    problem = keras_problem() or _try_layer() or legacy_keras_problem()
    print(problem or "No problems found.")
    return 1 if problem else 0


if __name__ == "__main__":
    sys.exit(main())
