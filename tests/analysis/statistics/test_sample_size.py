"""The seeds that a claim still needs, against the definition itself."""

import math

import numpy as np
import pytest
from scipy import stats

from soundproof.analysis.statistics.sample_size import seeds_needed
from soundproof.analysis.statistics.sequential import critical_value

DIFFERENCES = np.array([0.0, 2.0, 4.0, 6.0])
SPREAD = float(np.std(DIFFERENCES, ddof=1))


def _critical(n, level, sequential):
    return critical_value(n, level) if sequential else stats.t.isf(level, n - 1)


def _needed(distance, level, *, sequential, maximum=10_000):
    return seeds_needed(len(DIFFERENCES), distance / SPREAD, level, sequential=sequential, maximum=maximum)


@pytest.mark.parametrize("sequential", [False, True])
@pytest.mark.parametrize("distance", [0.2, 0.7, 1.0, 2.0, 20.0])
def test_the_number_is_the_first_that_suffices(distance, sequential):
    """At the number given the distance reaches the critical value; at no smaller total above the present one."""
    needed = _needed(distance, 0.025, sequential=sequential)
    totals = range(len(DIFFERENCES) + 1, needed + 1)
    reached = [distance / (SPREAD / math.sqrt(n)) >= _critical(n, 0.025, sequential) for n in totals]
    assert reached == [False] * (len(totals) - 1) + [True]


def test_at_that_number_the_test_is_won_half_the_time():
    """Simulated with the same spread, the fixed test has a power of about one half."""
    needed = _needed(1.5, 0.025, sequential=False)
    draws = np.random.default_rng(2).normal(1.5, SPREAD, (20_000, needed))
    p_values = stats.ttest_1samp(draws, 0, axis=1, alternative="greater").pvalue
    assert np.mean(p_values <= 0.025) == pytest.approx(0.5, abs=0.05)


def test_looking_after_every_seed_costs_seeds():
    """The sequential test needs more seeds in the end than one whose number was fixed beforehand."""
    assert _needed(1.0, 0.025, sequential=True) > _needed(1.0, 0.025, sequential=False)


def test_more_degrees_of_freedom_need_fewer_seeds():
    """A spread that other variants helped to estimate is known better."""
    own, shared = (seeds_needed(3, 2.0, 0.01, sequential=True, more_freedom=more) for more in (0.0, 3.0))
    assert shared < own


@pytest.mark.parametrize("sequential", [False, True])
def test_the_number_is_unknown_without_distance_or_end(sequential):
    """A mean on the null or beyond it, or a number above the maximum, give none rather than a huge one."""
    for distance in (0.0, -1.0, 1e-3):
        assert _needed(distance, 0.05, sequential=sequential) is None
    assert _needed(0.5, 0.05, sequential=sequential, maximum=20) is None
