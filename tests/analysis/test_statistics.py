"""Estimates over seeds, against SciPy, statsmodels, a table worked by hand, and their own symmetries."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from analysis.statistics import (
    equivalence_interval,
    improvements,
    mean_interval,
    paired_interval,
    seeds_for_half_width,
)

LOSSES = st.dictionaries(
    st.integers(0, 30), st.floats(-1e3, 1e3, allow_nan=False).map(lambda value: round(value, 3)), min_size=3, max_size=9
)


def _sides(n=6, seed=0):
    generator = np.random.default_rng(seed)
    first = generator.normal(80, 5, n)
    return first, first + generator.normal(2, 1, n)


def test_a_table_worked_by_hand():
    """Differences 1, 2, 3: mean 2, s = 1, t(0.975, 2) = 4.302653, so the half-width is 4.302653/√3."""
    estimate = paired_interval(np.array([1.0, 2.0, 3.0]))
    assert estimate.value == 2
    assert estimate.n == 3
    assert estimate.interval.high - 2 == pytest.approx(4.302653 / math.sqrt(3), rel=1e-6)
    assert 2 - estimate.interval.low == pytest.approx(4.302653 / math.sqrt(3), rel=1e-6)


@pytest.mark.parametrize("confidence", [0.9, 0.95, 1 - 0.05 / 12])
def test_the_paired_interval_is_scipys(confidence):
    """The t interval of paired differences equals the one of `scipy.stats.ttest_rel`."""
    first, second = _sides()
    expected = stats.ttest_rel(first, second).confidence_interval(confidence)
    interval = paired_interval(first - second, confidence).interval
    assert (interval.low, interval.high) == pytest.approx((expected.low, expected.high))


@pytest.mark.parametrize("margin", [1.5, 2.4, 2.8, 3.5, 6.0])
@pytest.mark.parametrize("level", [0.05, 0.05 / 4])
def test_the_equivalence_interval_agrees_with_statsmodels(margin, level):
    """The interval lies within the margin exactly when both one-sided tests of `ttost_paired` reject."""
    weightstats = pytest.importorskip("statsmodels.stats.weightstats")
    first, second = _sides()
    p_value = weightstats.ttost_paired(first, second, -margin, margin)[0]
    interval = equivalence_interval(first - second, level).interval
    assert (-margin < interval.low and interval.high < margin) == (p_value < level)


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


def test_rounded_values_never_give_an_interval_without_width():
    """Whole epochs that happen to differ equally twice are not certainty: rounding alone has a spread."""
    same = np.array([2.0, 2.0])
    assert paired_interval(same).interval.low == 2
    assert paired_interval(same, resolution=1.0).interval.low < 0


@given(LOSSES, LOSSES)
def test_swapping_the_sides_flips_the_sign(first, second):
    """The difference of b and a is minus that of a and b, with the interval mirrored."""
    forth = paired_interval(improvements(first, second, higher_is_better=False))
    back = paired_interval(improvements(second, first, higher_is_better=False))
    assert forth.n == back.n
    if forth.interval is not None:
        assert forth.value == pytest.approx(-back.value)
        assert forth.interval.low == pytest.approx(-back.interval.high)


@given(LOSSES, LOSSES, st.floats(-100, 100))
def test_what_a_seed_does_to_both_sides_cancels(first, second, shift):
    """A shift common to both sides leaves the difference and its interval as they were."""
    moved = [{seed: value + shift for seed, value in side.items()} for side in (first, second)]
    before = paired_interval(improvements(first, second, higher_is_better=False))
    after = paired_interval(improvements(*moved, higher_is_better=False))
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


def test_the_seeds_needed_are_the_first_that_suffice():
    """With s fixed, the half-width at the number given lies below the aim, and one seed earlier it does not."""
    differences = np.array([0.0, 2.0, 4.0, 6.0])
    needed = seeds_for_half_width(differences, 1.0, 0.95)
    spread = np.std(differences, ddof=1)

    def half_width(n):
        return stats.t.ppf(0.975, n - 1) * spread / math.sqrt(n)

    assert half_width(needed) < 1.0 <= half_width(needed - 1)


def test_seeds_needed_is_unknown_without_spread_or_aim():
    """One pair, or a mean on the boundary itself, gives no number rather than a huge one."""
    assert seeds_for_half_width(np.array([1.0]), 1.0, 0.95) is None
    assert seeds_for_half_width(np.array([1.0, 2.0]), 0.0, 0.95) is None
