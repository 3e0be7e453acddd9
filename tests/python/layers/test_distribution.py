"""Masks as draws: the rate, each cell's frequency, the number of blocks.

Seeds are fixed, so that a test passes always or never. Bounds are in standard errors of
what is measured; where many cells are held at once the bound is wider, so that masks
which are right would pass with all but one seed in a thousand.
"""

import dataclasses

import keras
import numpy as np
import pytest
from modes import BACKEND, DTYPES, train
from reference import clip, coverage, dropped_share, exact_gamma, paper_gamma
from scipy import stats

import layerbridge
from layerbridge.masks.backends import portable
from layerbridge.masks.grid import make_grid

pytestmark = [pytest.mark.backends, pytest.mark.thinned(1)]

# FIELD cases: what peers were told to drop, and missed.
CASES = [
    ((14, 14), 7, 0.10),
    ((14, 14), 7, 0.25),
    ((7, 7), 7, 0.10),
    ((10, 20), 5, 0.10),
    ((20, 10), 5, 0.10),
    ((4, 4), 7, 0.10),
]
MORE_CASES = [
    ((30,), 8, 0.2),
    ((16,), 1, 0.3),
    ((6, 7, 8), (2, 3, 4), 0.15),
    ((9, 9), (2, 9), 0.6),
    ((14, 14), 7, 0.9),
]
ONE_IN_A_THOUSAND = 1e-3


def drop_portably(x, grid, rate, layer):
    """Drop as accelerators do, and a backend without a module of its own."""
    return portable.drop(x, grid, rate, True, "none", portable.next_seed(layer))


def drop_as_on_a_gpu(x, grid, rate, layer):
    """Drop as PyTorch does elsewhere than on the CPU."""
    from layerbridge.masks.backends import torch

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(torch, "is_cpu", lambda device: False)
        return torch.drop(x, grid, rate, True, "none", torch.next_seed(layer))


def drop_mapped_as_on_a_gpu(x, grid, rate, layer, elements=8):
    """The same by `torch.vmap()`, each element by a mask of its own."""
    from torch.func import vmap

    from layerbridge.masks.backends import torch

    samples = len(x) // elements
    of_element = dataclasses.replace(grid, shape=(samples, *grid.shape[1:]))
    state = torch.next_seed(layer)

    def drop(element):
        return torch.drop(element, of_element, rate, True, "none", state)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(torch, "is_cpu", lambda device: False)
        parts = x.reshape(elements, samples, *x.shape[1:])
        return vmap(drop, randomness="different")(parts).reshape(x.shape)


def dropped_planes(
    map_shape, block, rate, *, batch=64, channels=64, drop=None, **arguments
):
    """Drop ones, and tell which cells of each independent plane dropped."""
    if drop:
        x = keras.ops.ones((batch, *map_shape, channels))
        grid = make_grid(x.shape, clip(block, map_shape), len(map_shape) + 1, True)
        seeded = layerbridge.DropPath(rate, seed=1)
        y = drop(x, grid, keras.ops.convert_to_tensor(rate, "float32"), seeded)
        return planes_of_zeros(keras.ops.convert_to_numpy(y))
    layer = getattr(layerbridge, f"DropBlock{len(map_shape)}D")
    layer = layer(rate, block, seed=1, normalize="none", **arguments)
    y = train(layer, np.ones((batch, *map_shape, channels), "float32"))
    if not layer.per_channel:
        y = y[..., :1]
    return planes_of_zeros(y)


def planes_of_zeros(y):
    """Tell where each channel of each sample is 0."""
    return np.moveaxis(y == 0, -1, 1).reshape(-1, *y.shape[1:-1])


def assert_within_standard_errors(shares, expected, errors=4):
    """Hold the mean of independent shares to what is expected."""
    error = shares.std(ddof=1) / np.sqrt(len(shares))
    assert abs(shares.mean() - expected) < errors * error, (
        f"{shares.mean():.5f} is {(shares.mean() - expected) / error:+.1f} standard "
        f"errors of {error:.5f} off {expected}"
    )


def assert_counts(observed, probabilities):
    """Hold counts to their probabilities, rare ones taken together."""
    expected = np.asarray(probabilities) * np.sum(observed)
    order = np.argsort(expected)
    rare = order[: np.searchsorted(np.cumsum(expected[order]), 10) + 1]
    rest = np.setdiff1d(order, rare)
    pooled = [
        np.append(np.asarray(values)[rest], np.asarray(values)[rare].sum())
        for values in (observed, expected)
    ]
    assert len(pooled[0]) > 1
    p = stats.chisquare(*pooled, sum_check=False).pvalue
    assert p > ONE_IN_A_THOUSAND, p


DRAWS = {
    "many-channels": {"batch": 64, "channels": 64},
    # More samples than the bits of a word, and the last word not full.
    "many-samples": {"batch": 585, "channels": 7},
    "shared": {"batch": 4096, "channels": 3, "per_channel": False},
    "portable": {"batch": 456, "channels": 9, "drop": drop_portably},
}
if BACKEND == "torch":
    for name, drop in [
        ("as-on-a-gpu", drop_as_on_a_gpu),
        ("mapped-as-on-a-gpu", drop_mapped_as_on_a_gpu),
    ]:
        DRAWS[name] = {"batch": 456, "channels": 9, "drop": drop}
if BACKEND != "tensorflow":
    # Each shape is compiled anew there.
    MORE_CASES = MORE_CASES[2:4]
else:
    DRAWS["nine-channels"] = {"batch": 456, "channels": 9}
    DRAWS["two-channels"] = {"batch": 2048, "channels": 2}
    DRAWS["one-channel"] = {"batch": 4096, "channels": 1}
each_sampler = pytest.mark.parametrize("draw", DRAWS.values(), ids=DRAWS)


@each_sampler
@pytest.mark.parametrize(("map_shape", "block", "rate"), CASES + MORE_CASES)
def test_drops_the_rate(map_shape, block, rate, draw):
    dropped = dropped_planes(map_shape, block, rate, **draw)
    axes = tuple(range(1, dropped.ndim))
    assert_within_standard_errors(dropped.mean(axis=axes), rate)


@each_sampler
@pytest.mark.parametrize(
    ("map_shape", "block", "rate"), [CASES[0], CASES[3], *MORE_CASES]
)
def test_each_cells_frequency(map_shape, block, rate, draw):
    """A cell under `c` anchors drops with probability `1 - (1 - gamma) ** c`."""
    dropped = dropped_planes(map_shape, block, rate, **draw)
    clipped = clip(block, map_shape)
    gamma = exact_gamma(rate, map_shape, clipped)
    expected = 1 - (1 - gamma) ** coverage(map_shape, clipped)
    counts = stats.binom(len(dropped), expected)
    observed = dropped.sum(axis=0)
    p = np.minimum(counts.cdf(observed), counts.sf(observed - 1))
    assert 2 * p.min() * p.size > ONE_IN_A_THOUSAND, p


@pytest.mark.parametrize(("map_shape", "block", "rate"), CASES)
def test_the_papers_rate(map_shape, block, rate):
    dropped = dropped_planes(map_shape, block, rate, exact_rate=False)
    clipped = clip(block, map_shape)
    gamma = paper_gamma(rate, map_shape, clipped)
    expected = dropped_share(gamma, map_shape, clipped)
    assert_within_standard_errors(dropped.mean(axis=(1, 2)), expected)


def test_the_paper_misses_the_rate_as_the_field_notes_say():
    gamma = paper_gamma(0.25, (14, 14), (7, 7))
    assert dropped_share(gamma, (14, 14), (7, 7)) == pytest.approx(0.209, abs=1e-3)


@each_sampler
@pytest.mark.parametrize("rate", [0.05, 0.5])
def test_number_of_anchors_in_a_plane_is_binomial(rate, draw):
    """With block 1 each dropped cell is an anchor."""
    dropped = dropped_planes((4, 5), 1, rate, **draw)
    observed = np.bincount(dropped.sum(axis=(1, 2)), minlength=21)
    assert_counts(observed, stats.binom.pmf(np.arange(21), 20, rate))


@each_sampler
@pytest.mark.parametrize("rate", [0.1, 0.6])
def test_anchors_of_a_plane_are_independent(rate, draw):
    """A map one cell longer than its block has an anchor in each of its corners."""
    dropped = dropped_planes((4, 6), (3, 5), rate, **draw)
    corners = dropped[:, [0, 0, -1, -1], [0, -1, 0, -1]]
    observed = np.bincount(corners @ [8, 4, 2, 1], minlength=16)
    drawn = np.array([bin(pattern).count("1") for pattern in range(16)])
    gamma = exact_gamma(rate, (4, 6), (3, 5))
    assert_counts(observed, gamma**drawn * (1 - gamma) ** (4 - drawn))


@each_sampler
@pytest.mark.parametrize("rate", [0.1, 0.6])
def test_planes_are_independent(rate, draw):
    """Neighbours in memory share bytes and random numbers; their masks must not."""
    dropped = dropped_planes((6,), 2, rate, **draw).mean(axis=1)
    for lag in (1, 2, 3, 7, 8, 16, draw["channels"]):
        r = np.corrcoef(dropped[:-lag], dropped[lag:])[0, 1]
        assert abs(r) * np.sqrt(len(dropped)) < 4, lag


def assert_dropped_together(a, b, expected):
    """Hold the frequency of two cells that both drop to its probability."""
    both = np.count_nonzero(a & b)
    p = stats.binomtest(both, a.size, expected).pvalue
    assert p > ONE_IN_A_THOUSAND, (both / a.size, expected)


@each_sampler
@pytest.mark.parametrize("rate", [0.1, 0.6])
def test_neighbours_drop_together_as_often_as_blocks_cover_both(rate, draw):
    """Of six places for a block of 3, one covers cell 0, two cell 1, three cell 4."""
    dropped = dropped_planes((8,), 3, rate, **draw).T
    kept = 1 - exact_gamma(rate, (8,), (3,))
    for a, b, of_a, of_b, of_either in [
        (0, 1, 1, 2, 2),
        (3, 4, 3, 3, 4),
        (1, 4, 2, 3, 5),
    ]:
        expected = 1 - kept**of_a - kept**of_b + kept**of_either
        assert_dropped_together(dropped[a], dropped[b], expected)


@each_sampler
@pytest.mark.parametrize("rate", [0.1, 0.6])
def test_channels_and_samples_drop_together_by_chance_alone(rate, draw):
    kept = 1 - exact_gamma(rate, (8,), (3,))
    expected = (1 - kept**3) ** 2
    dropped = dropped_planes((8,), 3, rate, **draw)[:, 4]
    if draw.get("per_channel", True):
        dropped = dropped.reshape(draw["batch"], draw["channels"])
    else:
        dropped = dropped[:, None]
    for samples in (1, 2, 8, 16, 31, 32, 33):
        assert_dropped_together(dropped[:-samples], dropped[samples:], expected)
    for channels in range(1, min(dropped.shape[1], 10)):
        assert_dropped_together(dropped[:, :-channels], dropped[:, channels:], expected)


@pytest.mark.parametrize("rate", [0.1, 0.6])
@pytest.mark.parametrize("dtype", sorted({"float16", "float64"} & set(DTYPES)))
def test_the_dtype_changes_no_probability(dtype, rate):
    dropped = dropped_planes((4, 6), (3, 5), rate, batch=70, dtype=dtype)
    assert_within_standard_errors(dropped.mean(axis=(1, 2)), rate)


@pytest.mark.parametrize("rate", [0.02, 0.1, 0.5])
@pytest.mark.parametrize("shape", [(1, 8, 8, 1), (1, 4, 4, 4), (1, 2, 2, 16)])
def test_number_of_anchors_in_a_call_is_binomial(shape, rate):
    """With one plane, or a few, the number of anchors varies as it should."""
    calls = 2000
    layer = layerbridge.DropBlock2D(rate, 1, seed=1, normalize="none")
    x = keras.ops.ones(shape)

    def number(_):
        return keras.ops.sum(keras.ops.cast(layer(x, training=True) == 0, "int32"))

    if BACKEND == "tensorflow":
        import tensorflow as tf

        loop = tf.function(
            lambda: tf.map_fn(number, tf.range(calls), parallel_iterations=1)
        )
        numbers = loop().numpy()
    elif BACKEND == "jax":
        import jax

        def step(state, _):
            y, state = layer.stateless_call([], state, x, training=True)
            return state, (y == 0).sum()

        state = [v.value for v in layer.non_trainable_variables]
        numbers = np.asarray(jax.lax.scan(step, state, length=calls)[1])
    else:
        numbers = [int(number(i)) for i in range(calls)]
    places = int(np.prod(shape))
    observed = np.bincount(numbers, minlength=places + 1)
    assert_counts(observed, stats.binom.pmf(np.arange(places + 1), places, rate))


def test_block_1_drops_as_dropout_does():
    ours = dropped_planes((6, 6), 1, 0.3).sum(axis=(1, 2))
    keras_dropout = keras.layers.Dropout(0.3, seed=1)
    y = train(keras_dropout, np.ones((64, 6, 6, 64), "float32"))
    theirs = (y == 0).sum(axis=(1, 2)).reshape(-1)
    table = [np.bincount(np.clip(n, 4, 18), minlength=19)[4:] for n in (ours, theirs)]
    assert stats.chi2_contingency(table).pvalue > ONE_IN_A_THOUSAND


@pytest.mark.parametrize("shape", [(2048, 3, 3, 8), (4096, 3, 3, 1)])
def test_a_block_as_large_as_the_map_drops_as_spatial_dropout_does(shape):
    x = np.ones(shape, "float32")
    layers = (
        layerbridge.DropBlock2D(0.3, 3, seed=1),
        layerbridge.SpatialDropout2D(0.3, seed=2),
        keras.layers.SpatialDropout2D(0.3, seed=3),
    )
    channels = shape[-1]
    for layer in layers:
        dropped = train(layer, x)[:, 0, 0] == 0
        observed = np.bincount(dropped.sum(axis=1), minlength=channels + 1)
        expected = stats.binom.pmf(np.arange(channels + 1), channels, 0.3)
        assert_counts(observed, expected)
