"""Tells whether Pyright finds just the wrong calls of user.py, line by line."""

import json
import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).parent
SCRIPT = FOLDER / "user.py"


def found() -> set[int]:
    """Return the lines in which Pyright finds an error."""
    command = ["basedpyright", "--outputjson", "--pythonpath", sys.executable]
    run = subprocess.run(
        [*command, "--project", FOLDER], capture_output=True, text=True, check=False
    )
    diagnostics = json.loads(run.stdout)["generalDiagnostics"]
    return {
        diagnostic["range"]["start"]["line"] + 1
        for diagnostic in diagnostics
        if diagnostic["severity"] == "error"
    }


def main() -> None:
    """Print the lines that are judged wrongly, and fail if there are any."""
    lines = enumerate(SCRIPT.read_text("utf-8").splitlines(), start=1)
    text = dict(lines)
    expected = {n for n, line in text.items() if line.endswith("# expect: error")}
    errors = found()
    for number in sorted(expected ^ errors):
        what = "not found" if number in expected else "found, and should pass"
        print(f"{SCRIPT.name}:{number}: {what}: {text[number]}")
    sys.exit(expected != errors)


if __name__ == "__main__":
    main()
