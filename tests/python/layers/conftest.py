"""What the tests of the layers share."""

from pathlib import Path

import keras
import pytest


@pytest.fixture(autouse=True)
def _seeded():
    keras.utils.set_random_seed(20181030)


def pytest_collection_modifyitems(items):
    """Make NumPy's warnings of overflow and NaN errors.

    What other packages deprecate differs between systems and is theirs to mend.
    """
    if keras.backend.backend() != "tensorflow":
        return
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.filterwarnings("error::RuntimeWarning"))
