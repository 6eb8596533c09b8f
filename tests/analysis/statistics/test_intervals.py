"""Estimates over seeds, against SciPy, a table worked by hand, and their own symmetries."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from soundproof.analysis.statistics.intervals import improvements, mean_interval

LOSSES = st.dictionaries(
    st.integers(0, 30), st.floats(-1e3, 1e3, allow_nan=False).map(lambda value: round(value, 3)), min_size=3, max_size=9
)


def _sides(n=6, seed=0):
    generator = np.random.default_rng(seed)
    first = generator.normal(80, 5, n)
    return first, first + generator.normal(2, 1, n)


def test_a_table_worked_by_hand():
    """Differences 1, 2, 3: mean 2, s = 1, t(0.975, 2) = 4.302653, so the half-width is 4.302653/√3."""
    estimate = mean_interval(np.array([1.0, 2.0, 3.0]))
    assert estimate.value == 2
    assert estimate.n == 3
    assert estimate.interval.high - 2 == pytest.approx(4.302653 / math.sqrt(3), rel=1e-6)
    assert 2 - estimate.interval.low == pytest.approx(4.302653 / math.sqrt(3), rel=1e-6)


@pytest.mark.parametrize("confidence", [0.9, 0.95, 1 - 0.05 / 12])
def test_the_mean_interval_is_scipys(confidence):
    """The t interval of paired differences equals the one of `scipy.stats.ttest_rel`."""
    first, second = _sides()
    expected = stats.ttest_rel(first, second).confidence_interval(confidence)
    interval = mean_interval(first - second, confidence).interval
    assert (interval.low, interval.high) == pytest.approx((expected.low, expected.high))


def test_improvements_are_aligned_by_seed_and_drop_what_is_missing():
    """Only seeds that both sides have make a pair, and a lower loss is an improvement."""
    first, second = {0: 10.0, 1: 11.0, 3: math.nan, 7: 1.0}, {1: 14.0, 0: 11.0, 3: 2.0, 9: 1.0}
    assert improvements(first, second, higher_is_better=False).tolist() == [1.0, 3.0]
    assert improvements(first, second, higher_is_better=True).tolist() == [-1.0, -3.0]


def test_too_few_values_have_no_interval():
    """One value has a mean but no spread, and no value has neither; nothing is invented."""
    one, none = mean_interval(np.array([4.0])), mean_interval(np.array([]))
    assert (one.value, one.interval, one.n) == (4.0, None, 1)
    assert (none.value, none.interval, none.n) == (None, None, 0)


def test_a_least_deviation_keeps_an_interval_from_having_no_width():
    """Whole epochs that happen to differ equally twice are not certainty: rounding alone has a spread of 0.4."""
    same = np.array([2.0, 2.0])
    assert mean_interval(same).interval.low == 2
    assert mean_interval(same, least_deviation=0.4).interval.low < 0


@given(LOSSES, LOSSES)
def test_swapping_the_sides_flips_the_sign(first, second):
    """The difference of b and a is minus that of a and b, with the interval mirrored."""
    forth = mean_interval(improvements(first, second, higher_is_better=False))
    back = mean_interval(improvements(second, first, higher_is_better=False))
    assert forth.n == back.n
    if forth.interval is not None:
        assert forth.value == pytest.approx(-back.value)
        assert forth.interval.low == pytest.approx(-back.interval.high)


@given(LOSSES, LOSSES, st.floats(-100, 100))
def test_what_a_seed_does_to_both_sides_cancels(first, second, shift):
    """A shift common to both sides leaves the difference and its interval as they were."""
    moved = [{seed: value + shift for seed, value in side.items()} for side in (first, second)]
    before = mean_interval(improvements(first, second, higher_is_better=False))
    after = mean_interval(improvements(*moved, higher_is_better=False))
    assert before.n == after.n
    if before.interval is not None:
        assert after.interval.low == pytest.approx(before.interval.low, abs=1e-6)
        assert after.interval.high == pytest.approx(before.interval.high, abs=1e-6)


@given(LOSSES, LOSSES, st.integers(31, 40), st.sampled_from([math.nan, 5.0]))
def test_a_seed_that_one_side_lacks_changes_nothing(first, second, seed, value):
    """An unpaired seed adds neither to the effect nor to n."""
    before = improvements(first, second, higher_is_better=False)
    after = improvements(first | {seed: value}, second, higher_is_better=False)
    assert before.tolist() == after.tolist()
