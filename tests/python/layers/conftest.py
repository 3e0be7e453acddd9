"""What the tests of the layers share."""

import ctypes
import gc
from mmap import PAGESIZE
from pathlib import Path

import keras
import pytest

from cases import compiled

MUCH = 1.2e9


@pytest.fixture(autouse=True)
def _seeded():
    keras.utils.set_random_seed(20181030)


@pytest.fixture(autouse=True, scope="module")
def _memory_is_bounded():
    """Drop compiled code once it takes much: all of it would take gigabytes."""
    yield
    statm = Path("/proc/self/statm")  # on Linux
    if not statm.exists() or int(statm.read_text().split()[1]) * PAGESIZE < MUCH:
        return
    compiled.cache_clear()
    keras.backend.clear_session()
    gc.collect()
    if keras.backend.backend() == "jax":
        import jax

        jax.clear_caches()
    # What is free goes back to the system, where the C library can do that.
    getattr(ctypes.CDLL(None), "malloc_trim", lambda _: None)(0)
