"""The sign test, against the binomial distribution and simulated truth."""

import math

import numpy as np
import pytest
from scipy import integrate, stats

from soundproof.analysis.statistics.sign_test import sequential_sign_p_values, sign_p_value, sign_seeds_needed


def test_one_look_is_the_binomial_test():
    """SciPy's exact test of as many signs; differences at the null and missing ones say nothing."""
    differences = np.array([1.0, 2.0, -0.5, 3.0, 0.0, math.nan, 4.0])
    assert sign_p_value(differences) == pytest.approx(stats.binomtest(4, 5, alternative="greater").pvalue)
    assert sign_p_value(np.array([0.0, 0.0])) == 1.0


def test_the_mixture_is_its_integral():
    """One over the mean of the likelihood ratios over θ between 1/2 and 1, integrated numerically; never rising."""
    differences = np.array([1.0, 1.0, -1.0, 1.0, 1.0, 1.0])

    def ratio(share, above, below):
        return 2 * (2 * share) ** above * (2 * (1 - share)) ** below

    evidence = [
        integrate.quad(ratio, 0.5, 1, args=(int(np.sum(differences[:n] > 0)), int(np.sum(differences[:n] < 0))))[0]
        for n in range(1, 7)
    ]
    expected = 1 / np.maximum.accumulate(np.maximum(evidence, 1.0))
    assert sequential_sign_p_values(differences) == pytest.approx(expected)


@pytest.mark.parametrize("share", [0.5, 0.3])
def test_looking_at_every_seed_keeps_the_level(share):
    """Of 2,000 sequences of 40 signs, at most 5% ever show p <= 0.05 where at most half of them are positive."""
    draws = np.where(np.random.default_rng(3).uniform(size=(2000, 40)) < share, 1.0, -1.0)
    assert np.mean([sequential_sign_p_values(row)[-1] <= 0.05 for row in draws]) <= 0.05


def test_endless_differences_count_as_signs():
    """A run that was lost is worse than any number, by no amount that could be named."""
    assert sign_p_value(np.array([math.inf, 1.0, 2.0, -math.inf])) == sign_p_value(np.array([1.0, 1.0, 1.0, -1.0]))


@pytest.mark.parametrize("sequential", [True, False])
def test_so_many_seeds_as_are_needed_do_decide(sequential):
    """Three of four above: with as many as named the test comes down to the level, and not with four fewer."""
    block, level = np.array([1.0, 1.0, -1.0, 1.0]), 0.02
    needed = sign_seeds_needed(block, level, sequential=sequential, maximum=1000)

    def p_value(n):
        differences = np.tile(block, -(-n // 4))
        return sequential_sign_p_values(differences)[-1] if sequential else sign_p_value(differences)

    assert p_value(needed + 4) <= level < p_value(needed - 8)
    assert sign_seeds_needed(block, level, sequential=sequential, maximum=needed - 1) is None
    assert sign_seeds_needed(-block, level, sequential=sequential, maximum=1000) is None
