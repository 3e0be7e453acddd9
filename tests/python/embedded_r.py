"""R inside this process, with reticulate attached to this very Python.

Python and R then share every object: nothing is copied on the way.
"""

import atexit
import ctypes
import os
import platform
import shutil
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

ROOT = Path(__file__).resolve().parents[2]

# Before 1.31, reticulate drops its Python objects without Python's lock, from inside
# R's garbage collector, which crashes. So the collector runs where the lock is held
# (`_collect`), and with this much room R has no cause to run it elsewhere meanwhile.
ROOM = {"R_NSIZE": "20M", "R_VSIZE": "1G"}
CALLS_BETWEEN_COLLECTIONS = 25


class EmbeddedR:
    """Evaluates R code: `r("x$name", x=layer)` binds `x` to a Python object first."""

    def __init__(self) -> None:
        os.environ |= ROOM | {"RETICULATE_PYTHON": sys.executable}
        os.environ["R_LIBS"] = os.pathsep.join(
            [str(ROOT / ".rlib"), os.environ.get("R_LIBS", "")]
        )
        try:
            from rpy2 import rinterface, robjects, situation
        except ImportError as problem:
            raise RuntimeError(
                "The tests drive R through rpy2, which did not load. "
                "Run `make test`, which installs R and the rpy2 that fits it."
            ) from problem
        if os.sep in sys.orig_argv[0] and not os.path.isabs(sys.orig_argv[0]):
            raise RuntimeError(
                f"reticulate cannot find a Python started as {sys.orig_argv[0]!r}. "
                f"Start it as {sys.executable}."
            )
        # Ending R runs reticulate's finalizers without Python's lock as well.
        atexit.unregister(rinterface.endr)
        self._evaluate = robjects.r
        atexit.register(self._leave)
        library = situation.get_rlib_path(situation.get_r_home(), platform.system())
        self._calls = 0
        self._collect = ctypes.PyDLL(library).R_gc
        self._exchange = sys.modules["r_exchange"] = ModuleType("r_exchange")
        self._evaluate('.exchange <- reticulate::import("r_exchange", convert = FALSE)')

    def _leave(self) -> None:
        # reticulate has a thread that asks Python, time and again, to poll R's events.
        # It outlives Python and crashes, unless what it calls is something harmless.
        shutil.rmtree(self._evaluate("tempdir()")[0])
        loaded = self._evaluate('getLoadedDLLs()[["reticulate"]][["path"]]')[0]
        called = "_ZN10reticulate9libpython17Py_AddPendingCallE"
        harmless = ctypes.cast(ctypes.pythonapi.Py_IsInitialized, ctypes.c_void_p)
        ctypes.c_void_p.in_dll(ctypes.CDLL(loaded), called).value = harmless.value

    def __call__(self, code: str, **objects: Any) -> Any:
        """Return a Python object as it is, anything else as rpy2 sees it."""
        self._calls += 1
        if self._calls % CALLS_BETWEEN_COLLECTIONS == 0:
            self._collect()
        for name, value in objects.items():
            setattr(self._exchange, name, value)
            self._evaluate(f"{name} <- .exchange${name}")
        result = self._evaluate(code, invisible=False)
        if "python.builtin.object" not in result.rclass:
            return result
        self._evaluate.assign(".result", result)
        self._evaluate(".exchange$result <- .result")
        return self._exchange.result
