"""What is measured: the tensors, the blocks and the rate."""

RATE = 0.1

SHAPES = [(32, 56, 56, 64), (32, 28, 28, 128), (32, 14, 14, 256), (32, 7, 7, 512)]
BLOCKS = [3, 7]
CASES = [(shape, block) for shape in SHAPES for block in BLOCKS]

# Map, block and rate: what the peers miss.
RATES = [
    ((14, 14), 7, 0.10),
    ((14, 14), 7, 0.25),
    ((7, 7), 7, 0.10),
    ((10, 20), 5, 0.10),
    ((20, 10), 5, 0.10),
    ((4, 4), 7, 0.10),
]


def label(shape: tuple[int, ...], block: int | None = None) -> str:
    """Name a case."""
    lengths = "x".join(map(str, shape))
    return lengths if block is None else f"{lengths}, block {block}"
