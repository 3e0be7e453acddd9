"""What is measured: the tensors, the blocks and the rate."""

RATE = 0.1

SHAPES = [(32, 56, 56, 64), (32, 28, 28, 128), (32, 14, 14, 256), (32, 7, 7, 512)]
BLOCKS = [3, 7]
CASES = [(shape, block) for shape in SHAPES for block in BLOCKS]

_LARGE: list[tuple[tuple[int, ...], int]] = [
    ((32, 56, 56, 64), 7),
    ((32, 14, 14, 256), 7),
]

# The tensors of each topic, each with its block. Where time elapsed is measured, and
# not processor time, more cores show.
SERIES: dict[str, list[tuple[tuple[int, ...], int]]] = {
    "Growth with the map": [((4, n, n, 32), 7) for n in (8, 16, 32, 64, 128)],
    "Growth with the batch": [((n, 128, 128, 32), 7) for n in (1, 2, 4, 8)],
    "Growth with the channels": [((4, 128, 128, n), 7) for n in (1, 3, 8, 32)],
    "Growth with the block": [((8, 64, 64, 32), n) for n in (1, 3, 7, 31)],
    "A batch of one sample": [
        ((1, 128, 128, 32), 7),
        ((1, 512, 512, 32), 31),
        ((1, 64, 64, 64, 32), 5),
        ((1, 65536, 32), 9),
    ],
    "Elapsed time on one core": _LARGE,
    "Elapsed time on all cores": _LARGE,
}

# Map, block and rate: what the peers miss. Each draw drops from so many maps.
RATES = [
    ((14, 14), 7, 0.10),
    ((14, 14), 7, 0.25),
    ((7, 7), 7, 0.10),
    ((10, 20), 5, 0.10),
    ((20, 10), 5, 0.10),
    ((4, 4), 7, 0.10),
]
MAPS, DRAWS = 2**14, 64


def label(shape: tuple[int, ...], block: int | None = None) -> str:
    """Name a case."""
    lengths = "x".join(map(str, shape))
    return lengths if block is None else f"{lengths}, block {block}"
