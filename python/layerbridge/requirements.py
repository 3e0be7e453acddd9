"""What the layers need of the Python that they run in."""

import os
from importlib import metadata, util


def version_of(package: str) -> str | None:
    """Give the version of an installed package, without importing it."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def keras_problem() -> str | None:
    """Say what is wrong with Keras and what to do about it, or `None`."""
    if util.find_spec("keras") is None:
        return (
            "layerbridge needs Keras 3, and there is no Keras. Run "
            "`python -m pip install keras tensorflow`."
        )
    version = version_of("keras")
    if version is not None and int(version.split(".")[0]) < 3:
        return (
            f"layerbridge needs Keras 3; received Keras {version}. Run "
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
    """Say that `tf.keras`, unlike `keras`, is Keras 2, or `None`."""
    if os.environ.get("TF_USE_LEGACY_KERAS", "").lower() not in ("1", "true"):
        return None
    return (
        "TF_USE_LEGACY_KERAS makes `tf.keras` Keras 2, and the layers need Keras 3. "
        "Unset it before Python starts, or use `import keras`."
    )
