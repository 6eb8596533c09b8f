"""The sequential test: p values, critical values and intervals agree with each other, and decide as they should."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from soundproof.analysis.statistics.looks import paired_looks
from soundproof.analysis.statistics.paired_tests import t_p_value, t_statistic
from soundproof.analysis.statistics.sequential import (
    critical_value,
    sequential_interval,
    sequential_levels,
    sequential_p_value,
    spent,
)

PROPERTY = settings(max_examples=60, deadline=None)
SEQUENCES = st.lists(st.integers(-30, 60).map(lambda value: value / 8), min_size=3, max_size=14).map(np.array)
LEVELS = st.floats(-16, math.log(0.5)).map(math.exp)


def test_the_first_look_is_a_t_test_at_what_it_may_spend():
    """At three pairs the boundary is the t quantile of α·f(3) with two degrees of freedom, and there is none before."""
    assert critical_value(3, 0.05) == pytest.approx(stats.t.isf(0.05 * spent(3), 2), rel=1e-3)
    assert critical_value(2, 0.05) == math.inf
    assert sequential_p_value(np.array([1.0, 1.1])) == 1.0
    differences = np.array([1.0, 1.1, 1.2])
    assert sequential_p_value(differences) == pytest.approx(t_p_value(differences) / spent(3), rel=2e-3)


@PROPERTY
@given(SEQUENCES, LEVELS)
def test_the_p_value_says_which_boundaries_were_crossed(differences, level):
    """It is at most a level exactly when some look's t statistic had reached the critical value of that level."""
    looks = range(3, len(differences) + 1)
    statistics = {n: t_statistic(differences[:n], 0.5) for n in looks}
    p_value = sequential_p_value(differences, 0.5)
    if abs(math.log(max(p_value, 1e-300) / level)) > 1e-6:
        assert (p_value <= level) == any(statistics[n] >= critical_value(n, level) for n in looks)


@PROPERTY
@given(SEQUENCES, st.floats(-5, 5))
def test_the_p_value_never_rises_as_seeds_are_added(differences, added):
    """Neither another seed nor a seed without a value can take a crossing back; it stays above the t test's p value."""
    before = sequential_p_value(differences)
    assert sequential_p_value(np.append(differences, added)) <= before
    assert sequential_p_value(np.append(differences, math.nan)) == before
    assert before >= min(t_p_value(differences[:n]) for n in range(3, len(differences) + 1))


@PROPERTY
@given(SEQUENCES)
def test_the_p_value_is_the_smallest_of_its_looks(differences):
    """What was reached before and what the last look alone reaches make the p value, so it can be kept up to date."""
    looks = paired_looks(differences)
    levels = sequential_levels(looks.counts[2:], looks.tails(0.5)[2:])
    assert sequential_p_value(differences, 0.5) == pytest.approx(levels.min(), rel=1e-9)
    assert sequential_p_value(differences[:-1], 0.5) == pytest.approx(min([1.0, *levels[:-1]]), rel=1e-9)


@PROPERTY
@given(SEQUENCES, st.sampled_from([0.25, 4.0, 1024.0]))
def test_the_p_value_does_not_depend_on_the_unit(differences, unit):
    """Percent or shares, the evidence is the same; and it falls as the null moves away below."""
    assert sequential_p_value(differences * unit, 0.5 * unit) == pytest.approx(sequential_p_value(differences, 0.5))
    assert sequential_p_value(differences, -1.0) <= sequential_p_value(differences, 0.0)


@pytest.mark.parametrize(("mean", "limit"), [(0.0, 0.05), (-0.3, 0.02)])
def test_looking_after_every_seed_keeps_the_level(mean, limit):
    """Of 3,000 sequences of 25 pairs, at the null at most 5% ever show p <= 0.05, and below the null far fewer."""
    draws = np.random.default_rng(23).normal(mean, 2.0, (3000, 25))
    critical = np.array([critical_value(n, 0.05) for n in range(3, 26)])
    n = np.arange(3, 26)
    means = np.cumsum(draws, axis=1)[:, 2:] / n
    deviations = np.sqrt((np.cumsum(draws**2, axis=1)[:, 2:] - n * means**2) / (n - 1))
    crossed = (means / deviations * np.sqrt(n) >= critical).any(axis=1)
    assert crossed.mean() <= limit
    assert [sequential_p_value(row) <= 0.05 for row in draws[:40]] == crossed[:40].tolist()


def test_an_effect_of_one_standard_deviation_is_decided_early():
    """By 30 pairs at levels 0.025 and 0.00625, as documented beside the spending: 99% and 95%, in 12 and 16 pairs."""
    draws = np.random.default_rng(29).normal(1.0, 1.0, (4000, 30))
    n = np.arange(3, 31)
    means = np.cumsum(draws, axis=1)[:, 2:] / n
    statistics = means / np.sqrt((np.cumsum(draws**2, axis=1)[:, 2:] / n - means**2) / (n - 1))
    for level, share, pairs in ((0.025, 0.98, 12.5), (0.00625, 0.94, 16.7)):
        crossed = statistics >= [critical_value(m, level) for m in n]
        assert crossed.any(axis=1).mean() > share
        assert np.where(crossed.any(axis=1), crossed.argmax(axis=1) + 3, 30).mean() < pairs


def test_differences_without_spread():
    """Equal differences are no evidence, however many, unless a least deviation gives them a spread."""
    same = np.array([0.1, 0.1, 0.1, 0.1])
    assert sequential_p_value(same) == 1.0
    assert sequential_p_value(same, null=0.1) == 1.0
    assert 0.0 < sequential_p_value(same, least_deviation=0.05) < 1.0


def test_the_interval_is_the_test_turned_round():
    """Zero lies below the interval exactly when the t statistic exceeds the critical value of half the error."""
    differences = np.array([0.8, 1.4, 0.5])
    for confidence in (0.5, 0.8, 0.95, 0.99, 0.999):
        interval = sequential_interval(paired_looks(differences), confidence).interval
        assert (interval.low > 0) == (t_statistic(differences) > critical_value(3, (1 - confidence) / 2))
        assert interval.low + interval.high == pytest.approx(2 * differences.mean())
        assert interval.confidence == confidence
    floored = sequential_interval(paired_looks(differences, 2.0), 0.95).interval
    assert floored.high - differences.mean() == pytest.approx(critical_value(3, 0.025) * 2.0 / math.sqrt(3))


def test_the_interval_keeps_what_it_has_excluded():
    """Zero lies outside exactly when the sequential p value says so, however later differences turn out."""
    generator = np.random.default_rng(5)
    for _ in range(200):
        differences = generator.normal(0.9, 1.0, 12)
        interval = sequential_interval(paired_looks(differences), 0.9).interval
        earlier = sequential_interval(paired_looks(differences[:8]), 0.9).interval
        p_value = sequential_p_value(differences)
        if abs(p_value - 0.05) > 1e-3:
            assert (interval.low > 0) == (p_value < 0.05)
        if max(earlier.low, interval.low) < min(earlier.high, interval.high):
            assert interval.low >= earlier.low
            assert interval.high <= earlier.high


@pytest.mark.parametrize("confidence", [0.5, 0.95, 1 - 2e-6, 1 - 1e-9])
def test_the_interval_of_many_pairs_is_that_of_every_look(confidence):
    """What the intervals of the looks have in common, each by its own critical value, with and beyond exact ones."""
    differences = np.random.default_rng(6).normal(0.2, 1.0, 150)
    halves = [
        critical_value(n, (1 - confidence) / 2) * differences[:n].std(ddof=1) / math.sqrt(n) for n in range(3, 151)
    ]
    means = [differences[:n].mean() for n in range(3, 151)]
    interval = sequential_interval(paired_looks(differences), confidence).interval
    assert interval.low == pytest.approx(max(mean - half for mean, half in zip(means, halves, strict=True)))
    assert interval.high == pytest.approx(min(mean + half for mean, half in zip(means, halves, strict=True)))


def test_too_few_differences_have_a_mean_but_no_interval():
    """The interval begins with the third pair; none has none."""
    two, none = (sequential_interval(paired_looks(np.array(values)), 0.95) for values in ([1.0, 2.0], []))
    assert (two.value, two.interval, two.n) == (1.5, None, 2)
    assert (none.value, none.interval, none.n) == (None, None, 0)


@pytest.mark.parametrize("level", [0.0, 0.6, math.nan])
def test_a_level_without_a_boundary_is_refused(level):
    """One-sided levels above one half make no test."""
    with pytest.raises(ValueError, match="level must lie between"):
        critical_value(5, level)


@pytest.mark.parametrize("n", [3, 4, 12, 60, 100, 101, 1000])
def test_critical_values_fall_with_the_level_across_all_its_ranges(n):
    """From Bonferroni's range below 1e-6 into the grid and up to one half, without a step the wrong way."""
    values = [critical_value(n, level) for level in np.geomspace(1e-9, 0.5, 200)]
    assert np.all(np.diff(values) < 0)
