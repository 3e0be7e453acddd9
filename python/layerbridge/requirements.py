"""What the package needs from the Python that it runs in.

`requirements.txt`, beside this module, lists the packages and their oldest versions.
The R package reads it too, without starting Python.
"""

import os
import re
from importlib import metadata, util
from pathlib import Path

REQUIREMENTS = Path(__file__).with_name("requirements.txt").read_text("ascii")


def oldest(package: str) -> tuple[int, ...]:
    """Return the oldest supported version of a required package."""
    (version,) = re.findall(rf"^{re.escape(package)}>=([\d.]+)", REQUIREMENTS, re.M)
    return _parts(version)


def version_of(package: str) -> str | None:
    """Return the version of an installed package, without importing it."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def keras_problem() -> str | None:
    """Return the problem with Keras and its remedy, or `None`."""
    needed = ".".join(map(str, oldest("keras")))
    if util.find_spec("keras") is None:
        return (
            f"layerbridge needs Keras {needed} or newer, which is not installed. Run "
            "`python -m pip install keras tensorflow`."
        )
    version = version_of("keras")
    if version is not None and _parts(version) < oldest("keras"):
        return (
            f"layerbridge needs Keras {needed} or newer; received Keras {version}. Run "
            "`python -m pip install --upgrade keras`."
        )
    try:
        import keras  # noqa: F401
    except Exception as error:
        return (
            "layerbridge needs Keras with a backend; importing Keras failed with "
            f"{type(error).__name__}: {error}. Run `python -m pip install tensorflow`, "
            "or set KERAS_BACKEND to tensorflow, jax or torch, whichever is installed."
        )
    return None


def legacy_keras_problem() -> str | None:
    """Return why `tf.keras` is Keras 2 and the remedy, or `None`."""
    # The values that TensorFlow treats as true.
    if os.environ.get("TF_USE_LEGACY_KERAS") not in ("1", "true", "True"):
        return None
    return (
        "TF_USE_LEGACY_KERAS makes `tf.keras` Keras 2, but the layers need Keras 3. "
        "Unset it before Python starts, or use `import keras`."
    )


def _parts(version: str) -> tuple[int, ...]:
    return tuple(map(int, re.findall(r"\d+", version)[:3]))
