"""Every program of "Your own training loop" does what its comments say.

So does the PyTorch code of the guide for those who come from other libraries.
"""

import re
from pathlib import Path

import keras
import pytest

ROOT = Path(__file__).resolve().parents[2]
BACKEND = keras.backend.backend()

pytestmark = [pytest.mark.backends, pytest.mark.newest]


def programs(page):
    """Return the code of every section that has some, by the section's title."""
    _, *parts = re.split(r"^## (.+)\n", (ROOT / page).read_text("utf-8"), flags=re.M)
    sections = dict(zip(parts[::2], parts[1::2], strict=True))
    code = {
        title: "\n".join(re.findall(r"^``` ?python\n(.*?)^```$", text, re.M | re.S))
        for title, text in sections.items()
    }
    return {title: program for title, program in code.items() if program}


def is_for(program, backend):
    """Tell whether a program that may begin with its backends has this one."""
    backends = re.match(r"# KERAS_BACKEND=(.+)\n", program)
    return backends is None or backend in backends[1].split(" or ")


PROGRAMS = programs("docs/training-loops.md") | programs("guides/coming-from.Rmd")
HERE = {title: text for title, text in PROGRAMS.items() if is_for(text, BACKEND)}


@pytest.fixture
def _defaults():
    """What programs set for all of Keras is as before after them."""
    policy = keras.config.dtype_policy()
    yield
    keras.config.set_dtype_policy(policy)
    keras.distribution.set_distribution(None)


def test_every_backend_has_a_program_of_its_own():
    for backend in ("tensorflow", "jax", "torch"):
        alone = f"# KERAS_BACKEND={backend}\n"
        assert any(program.startswith(alone) for program in PROGRAMS.values())


@pytest.mark.usefixtures("_defaults")
@pytest.mark.parametrize("title", HERE)
def test_a_program_runs(title, capsys):
    exec(HERE[title], {"__name__": "program"})
    said = re.findall(r"^print.+# .*about ([\d.]+)$", HERE[title], re.M)
    printed = [float(line) for line in capsys.readouterr().out.split()]
    assert printed == pytest.approx([float(number) for number in said], abs=5e-4)
