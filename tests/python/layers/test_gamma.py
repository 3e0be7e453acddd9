"""The anchor probability: solved exactly, or the paper's."""

import keras
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from modes import BACKEND
from reference import clip, coverage, dropped_share, exact_gamma, paper_gamma

from layerbridge.masks.gamma import exact_hazard, paper_hazard

pytestmark = pytest.mark.backends

# Newton's six steps and float32's rounding; the docstring promises it.
TOLERANCE = 2e-6


@st.composite
def maps_and_blocks(draw):
    rank = draw(st.integers(1, 3))
    longest = {1: 300, 2: 40, 3: 12}[rank]
    map_shape = draw(st.tuples(*[st.integers(1, longest)] * rank))
    block = draw(st.tuples(*[st.integers(1, 15)] * rank))
    return map_shape, block


rates = st.one_of(
    st.sampled_from([0.0, 1e-6, 0.1, 0.25, 0.999999, 1.0]),
    st.floats(0, float(np.float32(0.999998)), width=32),
)


def gamma_of(solve, rate, map_shape, block):
    rate = keras.ops.convert_to_tensor(np.float32(rate))
    return -np.expm1(-np.float64(float(solve(rate, map_shape, block))))


@given(maps_and_blocks(), rates)
def test_exact_hazard_drops_the_rate(map_and_block, rate):
    map_shape, block = map_and_block
    gamma = gamma_of(exact_hazard, rate, map_shape, block)
    clipped = clip(block, map_shape)
    assert dropped_share(gamma, map_shape, clipped) == pytest.approx(
        np.float32(rate), abs=TOLERANCE, rel=0
    )
    if rate == 1:
        assert gamma == 1


@given(maps_and_blocks())
def test_exact_hazard_of_rate_0_is_none(map_and_block):
    assert gamma_of(exact_hazard, 0, *map_and_block) == 0


@pytest.mark.parametrize("rate", [0.01, 0.1, 0.5, 0.99])
@pytest.mark.parametrize(
    ("map_shape", "block"), [((14, 14), (7, 7)), ((10, 20), (5, 5)), ((9,), (4,))]
)
def test_exact_hazard_is_what_bisection_finds(map_shape, block, rate):
    gamma = gamma_of(exact_hazard, rate, map_shape, block)
    expected = exact_gamma(np.float32(rate), map_shape, block)
    assert gamma == pytest.approx(expected, rel=1e-4)


@given(maps_and_blocks(), st.floats(0, 1, width=32))
def test_paper_hazard_is_the_papers_formula(map_and_block, rate):
    map_shape, block = map_and_block
    gamma = gamma_of(paper_hazard, rate, map_shape, block)
    expected = paper_gamma(np.float32(rate), map_shape, clip(block, map_shape))
    assert gamma == pytest.approx(expected, rel=1e-5, abs=2e-7)


if BACKEND == "tensorflow":
    # The others know all lengths when they trace.

    @pytest.mark.parametrize("solve", [exact_hazard, paper_hazard])
    @given(map_and_block=maps_and_blocks(), rate=rates)
    def test_lengths_known_at_the_call_give_the_same(solve, map_and_block, rate):
        map_shape, block = map_and_block
        lengths = [keras.ops.convert_to_tensor(n, "int32") for n in map_shape]
        static, dynamic = (
            gamma_of(solve, rate, n, block) for n in (map_shape, lengths)
        )
        assert dynamic == pytest.approx(static, rel=1e-4, abs=1e-7)


def test_hazard_is_the_largest_number_where_all_drops():
    for solve in (exact_hazard, paper_hazard):
        rate = keras.ops.convert_to_tensor(np.float32(1))
        assert float(solve(rate, (7, 7), (7, 7))) == np.finfo("float32").max


def test_the_reference_counts_coverage():
    np.testing.assert_array_equal(coverage((5,), (4,)), [1, 2, 2, 2, 1])
    np.testing.assert_array_equal(coverage((2, 3), (1, 2)), [[1, 2, 1]] * 2)
