"""The page "Works with" says what was tried, in words that its readers know."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[2] / "tools"))

import works_with


def test_the_page_is_in_step():
    ways, modules = works_with.recorded(), works_with.recorded(works_with.MODULES)
    assert works_with.PAGE.read_text("utf-8") == works_with.page(ways, modules)


def test_every_section_begins_with_a_way():
    ways = [row["way"] for row in works_with.recorded()]
    assert ways[0] in works_with.SECTIONS
    assert [way for way in ways if way in works_with.SECTIONS] == list(
        works_with.SECTIONS
    )


def row(way, ours, kerass):
    outcomes = dict.fromkeys(works_with.BACKENDS)
    return {"way": way, "about": way.title()} | {
        f"{layers} {backend}": outcome
        for backend in outcomes
        for layers, outcome in (("layerbridge", ours), ("keras", kerass))
    }


def test_a_page():
    rows = [
        row("trainer_fit", "works", "fails"),
        row("save_keras", "fails", ""),
        row("torch_optimizer", "works", ""),
    ]
    module = {"about": "`eval()`", "layerbridge": "works", "torch": "fails"}
    page = works_with.page(rows, [module])
    assert "Of 3 ways, 1 fail with ours on some backend and 1 with Keras's" in page
    _, training, saving, modules = page.split("\n## ")
    assert training.splitlines()[0] == "Training"
    assert training.splitlines()[-2:] == [
        "| Trainer_Fit | ✓ | ✗ | ✓ | ✗ | ✓ | ✗ |",
        "| Torch_Optimizer | ✓ |  | ✓ |  | ✓ |  |",
    ]
    assert saving.splitlines()[-1] == "| Save_Keras | ✗ |  | ✗ |  | ✗ |  |"
    assert "| `eval()` | ✓ | ✗ |" in modules.splitlines()
