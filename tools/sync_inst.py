"""Copy python/layerbridge into inst/python, from where the R package carries it.

usage: python tools/sync_inst.py [--check]

With --check nothing is written: the exit status is 1 where the copy differs.
A copy, not a symbolic link, because links break Windows checkouts.
"""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "python" / "layerbridge"
COPY = ROOT / "inst" / "python" / "layerbridge"


def contents(folder: Path) -> dict[Path, bytes]:
    """Every file under `folder`, caches left out, by its relative path."""
    return {
        path.relative_to(folder): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }


def write(wanted: dict[Path, bytes], present: dict[Path, bytes]) -> None:
    """Make COPY hold `wanted`, touching only the files that differ."""
    for name in present.keys() - wanted.keys():
        (COPY / name).unlink()
    for name, data in wanted.items():
        if present.get(name) != data:
            (COPY / name).parent.mkdir(parents=True, exist_ok=True)
            (COPY / name).write_bytes(data)


def main(arguments: list[str]) -> int:
    """Copy, or with --check compare; return the exit status."""
    if arguments not in ([], ["--check"]):
        print(__doc__, file=sys.stderr)
        return 2
    wanted, present = contents(SOURCE), contents(COPY)
    if not arguments:
        write(wanted, present)
        return 0
    names = wanted.keys() | present.keys()
    differing = sorted(n for n in names if wanted.get(n) != present.get(n))
    for name in differing:
        print(f"inst/python/layerbridge/{name} differs from python/layerbridge/{name}")
    if differing:
        print("Run `python tools/sync_inst.py` and commit the result.")
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
