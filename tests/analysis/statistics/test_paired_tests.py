"""Tests of paired differences, against SciPy and statsmodels, and by hand where they have no such test."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from soundproof.analysis.statistics.paired_tests import (
    permutation_p_value,
    prefix_t_statistics,
    probability_of_improvement,
    smallest_signed_rank_p_value,
    t_p_value,
    t_statistic,
    wilcoxon_p_value,
)

PROPERTY = settings(max_examples=60, deadline=None)
DIFFERENCES = st.lists(st.integers(-40, 40).map(lambda value: value / 8), min_size=2, max_size=10).map(np.array)


def _differences(n=8, seed=0):
    return np.random.default_rng(seed).normal(0.5, 1.0, n)


@pytest.mark.parametrize("null", [-0.5, 0.0, 0.3])
@pytest.mark.parametrize("n", [2, 3, 8, 40])
def test_the_t_test_is_scipys(n, null):
    """The statistic and the one-sided p value equal those of `scipy.stats.ttest_1samp`."""
    differences = _differences(n)
    expected = stats.ttest_1samp(differences, null, alternative="greater")
    assert t_statistic(differences, null) == pytest.approx(expected.statistic)
    assert t_p_value(differences, null) == pytest.approx(expected.pvalue)


@PROPERTY
@given(DIFFERENCES, st.floats(-2, 2), st.sampled_from([0.0, 0.3]), st.sampled_from([0.0, 1e6]))
def test_prefixes_have_the_statistics_that_they_have_alone(differences, null, least, offset):
    """After each difference, with those that are all the same among them, and far from zero."""
    moved = differences + offset
    found = prefix_t_statistics(moved, null + offset, least)
    assert math.isnan(found[0])
    alone = [t_statistic(moved[:n], null + offset, least) for n in range(2, len(moved) + 1)]
    assert found[1:] == pytest.approx(alone, rel=1e-6, abs=1e-6)


@pytest.mark.parametrize("margin", [0.5, 1.0, 2.0])
def test_two_t_tests_are_the_equivalence_test_of_statsmodels(margin):
    """The larger p value of "above -margin" and "below margin" is that of `ttost_paired`."""
    weightstats = pytest.importorskip("statsmodels.stats.weightstats")
    differences = _differences()
    expected = weightstats.ttost_paired(differences, np.zeros_like(differences), -margin, margin)[0]
    assert max(t_p_value(differences, -margin), t_p_value(-differences, -margin)) == pytest.approx(expected)


def test_a_t_test_needs_two_differences():
    """One pair, or one beside a missing value, is no evidence, and has no statistic."""
    assert t_p_value(np.array([])) == 1.0
    assert t_p_value(np.array([5.0, math.nan])) == 1.0
    with pytest.raises(ValueError, match="at least 2"):
        t_statistic(np.array([5.0, math.inf]))


def test_differences_without_spread_are_no_certainty():
    """Equal differences have no spread, not one of 1e-17 by rounding: p is 1 wherever the null lies, never 0."""
    same = np.array([0.1, 0.1, 0.1])
    assert [t_p_value(same, null=null) for null in (0.0, 0.1, 0.2)] == [1.0] * 3


def test_the_floor_on_the_spread_takes_the_place_of_a_smaller_one():
    """Three equal differences with a floor s = 0.5: t = 0.1 / (0.5/√3); a floor below the spread changes nothing."""
    assert t_statistic(np.array([0.1] * 3), least_deviation=0.5) == pytest.approx(0.1 / (0.5 / math.sqrt(3)))
    assert t_p_value(_differences(), least_deviation=0.01) == t_p_value(_differences())


@pytest.mark.parametrize("n", [2, 5, 12, 30])
def test_the_signed_rank_test_is_scipys_exact_one(n):
    """Without ties the p value equals `scipy.stats.wilcoxon(method="exact")`, and zeros count for nothing."""
    differences = _differences(n)
    expected = stats.wilcoxon(differences, method="exact").pvalue
    assert wilcoxon_p_value(differences) == pytest.approx(expected)
    assert wilcoxon_p_value(np.append(differences, [0.0, math.nan])) == pytest.approx(expected)


def test_ties_do_not_carry_the_signed_rank_test_below_what_it_can_reach():
    """Five equal wins give 2/32, where the normal approximation would claim 0.025; with mean ranks by enumeration."""
    assert wilcoxon_p_value(np.full(5, 2.0)) == smallest_signed_rank_p_value(5) == 0.0625
    # |d| = 1, 1, 3 have the ranks 1.5, 1.5, 3: the positive sum 4.5 is reached by 3 of 8 flips, its mirror by 3 others
    assert wilcoxon_p_value(np.array([1.0, -1.0, 3.0])) == 0.75


def test_the_signed_rank_test_without_data():
    """No p value with fewer than two differences; no evidence in differences that are all zero."""
    assert wilcoxon_p_value(np.array([1.0, math.nan])) is None
    assert wilcoxon_p_value(np.zeros(4)) == 1.0


@pytest.mark.parametrize("n", range(1, 12))
def test_the_smallest_signed_rank_p_value_is_reached(n):
    """When every difference is positive, and all differ, both tests reach 2^(1 - n)."""
    wins = np.arange(1.0, n + 1)
    assert permutation_p_value(wins, np.random.default_rng(0)) == smallest_signed_rank_p_value(n) == 2.0 ** (1 - n)
    if n > 1:
        assert wilcoxon_p_value(wins) == pytest.approx(smallest_signed_rank_p_value(n))


@PROPERTY
@given(DIFFERENCES)
def test_the_permutation_test_is_scipys_exact_one(differences):
    """Up to 16 pairs the p value is that of `scipy.stats.permutation_test` over all sign flips."""
    expected = stats.permutation_test(
        (differences,), np.mean, permutation_type="samples", n_resamples=math.inf, vectorized=True
    )
    assert permutation_p_value(differences, np.random.default_rng(0)) == pytest.approx(expected.pvalue)


def test_sixteen_differences_are_still_enumerated():
    """At 16 pairs, the last enumerated, the generator is not read, and SciPy's exact test agrees."""
    differences = _differences(16, seed=4) - 0.2
    expected = stats.permutation_test((differences,), np.mean, permutation_type="samples", n_resamples=math.inf)
    first, second = (permutation_p_value(differences, np.random.default_rng(seed)) for seed in range(2))
    assert first == second == pytest.approx(expected.pvalue)


def test_many_differences_are_sampled():
    """Above 16 pairs the p value lies near the t test's, repeats with its generator, and is never zero."""
    differences = _differences(40, seed=5) - 0.2
    drawn = permutation_p_value(differences, np.random.default_rng(1))
    assert drawn == permutation_p_value(differences, np.random.default_rng(1))
    assert drawn == pytest.approx(stats.ttest_1samp(differences, 0).pvalue, abs=0.01)
    assert permutation_p_value(np.ones(40), np.random.default_rng(1)) == 1 / 20_001


@pytest.mark.parametrize(("wins", "n"), [(0, 5), (3, 5), (5, 5), (7, 20), (1, 2)])
@pytest.mark.parametrize("confidence", [0.9, 0.95])
def test_the_probability_of_improvement_has_the_interval_of_statsmodels(wins, n, confidence):
    """The share of seeds won, with Clopper and Pearson's interval as `proportion_confint(method="beta")` gives it."""
    proportion = pytest.importorskip("statsmodels.stats.proportion")
    estimate = probability_of_improvement(np.where(np.arange(n) < wins, 2.0, -1.0), confidence)
    low, high = proportion.proportion_confint(wins, n, alpha=1 - confidence, method="beta")
    assert (estimate.value, estimate.n) == (wins / n, n)
    assert (estimate.interval.low, estimate.interval.high) == pytest.approx((low, high))


def test_ties_count_one_half():
    """Two wins, a loss, a tie and a missing value: (2 + 1/2) / 4."""
    assert probability_of_improvement(np.array([1.0, 2.0, -1.0, 0.0, math.nan])).value == 2.5 / 4


def test_the_probability_of_improvement_without_seeds():
    """No value of nothing, and no interval of one seed."""
    none, one = probability_of_improvement(np.array([math.nan])), probability_of_improvement(np.array([3.0]))
    assert (none.value, none.interval, none.n) == (None, None, 0)
    assert (one.value, one.interval, one.n) == (1.0, None, 1)


@PROPERTY
@given(DIFFERENCES)
def test_swapping_the_sides_mirrors_every_test(differences):
    """Two-sided p values stay, one-sided ones and the share of wins turn into their complements."""
    generator = np.random.default_rng(0)
    assert wilcoxon_p_value(differences) == pytest.approx(wilcoxon_p_value(-differences))
    assert permutation_p_value(differences, generator) == pytest.approx(permutation_p_value(-differences, generator))
    forth, back = probability_of_improvement(differences), probability_of_improvement(-differences)
    assert forth.value == pytest.approx(1 - back.value)
    assert forth.interval.low == pytest.approx(1 - back.interval.high)
    if np.ptp(differences) > 0:
        assert t_p_value(differences) == pytest.approx(1 - t_p_value(-differences))
