"""Means with their standard errors after every seed, by three estimates of the spread."""

import numpy as np
import pytest
from scipy import stats

from soundproof.analysis.statistics.looks import (
    NO_COMMON_SPREAD,
    CommonSpread,
    common_spread,
    grouped_looks,
    last_interval,
    paired_looks,
    shared_looks,
)

ALIKE = CommonSpread(variance=1.0, correlation=0.0, degrees=0.0)


def _tails(looks, null=0.0):
    return looks.tails(null)


def test_paired_looks_are_students_test_after_every_seed():
    """SciPy's one-sided p value of each prefix of two differences or more; the first shows nothing."""
    differences = np.random.default_rng(1).normal(1, 2, 9)
    expected = [1.0] + [stats.ttest_1samp(differences[:n], 0.3, alternative="greater").pvalue for n in range(2, 10)]
    assert _tails(paired_looks(differences), 0.3) == pytest.approx(expected)
    interval = stats.ttest_1samp(differences, 0).confidence_interval(0.9)
    found = last_interval(paired_looks(differences), 0.9).interval
    assert (found.low, found.high) == pytest.approx((interval.low, interval.high))


def test_without_common_spread_and_correlation_shared_looks_are_welchs_test():
    """Of two variants that correlate negatively: Welch's error, and degrees half way from his to the paired test's."""
    values = np.array([[1.0, 2.0, 4.0, 3.0], [9.0, 5.0, 1.0, 2.0]])
    looks = shared_looks(values, (1.0, -1.0), NO_COMMON_SPREAD, variants=2)
    welch = stats.ttest_ind(values[0], values[1], equal_var=False)
    assert looks.means[-1] / looks.errors[-1] == pytest.approx(welch.statistic)
    assert looks.freedom[-1] == pytest.approx((welch.df + 3) / 2)


def test_variants_that_move_together_are_compared_as_pairs():
    """With a correlation near 1 the error comes near that of the differences, far below Welch's."""
    generator = np.random.default_rng(2)
    shared = generator.normal(0, 10, 12)
    values = shared + generator.normal(0, 0.1, (2, 12))
    looks = shared_looks(values, (1.0, -1.0), NO_COMMON_SPREAD, variants=2)
    paired = paired_looks(values[0] - values[1])
    assert looks.errors[-1] < 40 * paired.errors[-1] < values.std(axis=1).mean()
    assert looks.errors[-1] >= paired.errors[-1]


def test_the_common_spread_moderates_as_smyth_writes_it():
    """(d·s₀² + (n - 1)·s²) / (d + n - 1), and the degrees of both."""
    values = np.array([[1.0, 2.0, 4.0], [3.0, 2.0, 2.5]])
    common = CommonSpread(variance=5.0, correlation=0.0, degrees=1.0)
    looks = shared_looks(values, (1.0, -1.0), common, variants=8)
    moderated = (1 * 5.0 + 2 * values.var(axis=1, ddof=1)) / 3
    assert looks.errors[-1] == pytest.approx(np.sqrt(moderated.sum() / 3))


def test_the_common_spread_is_that_of_three_variants_or_more():
    """The mean variance, and the mean covariance over the mean product of deviations, of the seeds that all have."""
    values = np.random.default_rng(4).normal(size=(5, 3)) + np.array([0.0, 2.0, -1.0])
    found = common_spread(values)
    covariances = np.cov(values)
    deviations = np.sqrt(np.diag(covariances))
    off = ~np.eye(5, dtype=bool)
    assert found.variance == pytest.approx(np.diag(covariances).mean())
    assert found.correlation == pytest.approx(covariances[off].sum() / np.outer(deviations, deviations)[off].sum())
    assert common_spread(values[:2]) == NO_COMMON_SPREAD


def test_a_later_seed_changes_no_earlier_look():
    """Whatever the estimate: the looks at the first six seeds are those of six seeds alone."""
    values = np.random.default_rng(5).normal(size=(2, 9))
    groups = tuple("abcabcabc")
    for looks in (
        lambda n: paired_looks(values[0, :n]),
        lambda n: shared_looks(values[:, :n], (1.0, -1.0), ALIKE, variants=4),
        lambda n: grouped_looks(values[0, :n], groups[:n]),
    ):
        assert _tails(looks(9))[:6] == pytest.approx(_tails(looks(6)))


def test_groups_that_come_again_are_tested_by_their_means():
    """Six seeds of three speakers: Student's test of three means, with two degrees of freedom."""
    differences = np.array([1.0, 4.0, 2.0, 3.0, 5.0, 1.5])
    looks = grouped_looks(differences, tuple("abcabc"))
    of_groups = [2.0, 4.5, 1.75]
    assert looks.tails(0.0)[-1] == pytest.approx(stats.ttest_1samp(of_groups, 0, alternative="greater").pvalue)
    assert looks.freedom[-1] == 2
    folds = grouped_looks(differences, tuple("abcabc"), shared_training=1 / 3)
    assert folds.errors[-1] / looks.errors[-1] == pytest.approx(np.sqrt((1 / 3 + 1 / 3) / (1 / 3)))


@pytest.mark.parametrize("spreads", [(1, 1, 1, 1), (1, 1, 1, 5), (1, 2, 3, 6)])
def test_a_moderated_test_keeps_its_level(spreads):
    """Of 3,000 simulated studies of four variants without a difference, at 4 seeds: 5% of p values are at most 0.05."""
    draws = np.random.default_rng(6).normal(size=(3000, 4, 4)) * np.array(spreads)[:, None]
    tails = [
        shared_looks(study[:2], (1.0, -1.0), common_spread(study[:, :3]), variants=4).tails(0.0)[-1] for study in draws
    ]
    assert np.mean(np.array(tails) <= 0.05) < 0.05 + 3 * np.sqrt(0.05 * 0.95 / 3000)


def test_two_seeds_of_many_variants_have_the_degrees_of_freedom_that_welch_gives():
    """Of eight variants alike all eight, of one that outweighs the others hardly more than its own."""
    weights = (0.25,) * 4 + (-0.25,) * 4
    alike = np.tile([0.0, 1.0], (8, 1))
    assert shared_looks(alike, weights, NO_COMMON_SPREAD, variants=10**6).freedom[-1] == pytest.approx(8, rel=1e-5)
    alike[0] *= 1000
    assert shared_looks(alike, weights, NO_COMMON_SPREAD, variants=10**6).freedom[-1] == pytest.approx(1, rel=1e-4)


@pytest.mark.parametrize(
    "deviations", [(1,) * 8, (1, 1.3, 1.7, 2.2, 2.8, 3.6, 4.7, 6), (5, *(1,) * 7), (30, *(1,) * 7)]
)
def test_two_seeds_decide_as_rarely_wrong_as_they_may(deviations):
    """Of 1,500 designs of three factors without effects, two seeds each: 5% have a p value below a third of 5%.

    Nearly 7% where one variant is five times as loud as the seven others, which two seeds hardly show.
    """
    draws = np.random.default_rng(9).normal(size=(1500, 8, 2)) * np.array(deviations)[:, None]
    contrasts = [[0.25 if number >> factor & 1 else -0.25 for number in range(8)] for factor in range(3)]
    least = [
        min(shared_looks(study, weights, NO_COMMON_SPREAD, variants=8).tails(0.0)[-1] for weights in contrasts)
        for study in draws
    ]
    assert np.mean(np.array(least) <= 0.05 / 3) < 0.07 + 2 * np.sqrt(0.07 * 0.93 / 1500)


@pytest.mark.parametrize("correlation", [0.0, 0.5])
def test_a_contrast_of_many_variants_keeps_its_level_from_two_seeds_on(correlation):
    """Of 2,000 contrasts of four variants against four, at 2, 3 and 6 seeds: at most 5% of p values are below 0.05.

    Its own spread would have a degree of freedom for each seed but one; those of its variants have eight.
    """
    generator = np.random.default_rng(7)
    values = generator.normal(size=(2000, 8, 6)) * np.sqrt(1 - correlation)
    values += generator.normal(size=(2000, 1, 6)) * np.sqrt(correlation)
    weights = (0.25,) * 4 + (-0.25,) * 4
    tails = np.array([shared_looks(study, weights, NO_COMMON_SPREAD, variants=8).tails(0.0) for study in values])
    for seeds in (2, 3, 6):
        assert np.mean(tails[:, seeds - 1] <= 0.05) < 0.05 + 3 * np.sqrt(0.05 * 0.95 / 2000)


def test_a_contrast_of_many_variants_is_looked_at_a_seed_sooner():
    """Two seeds of four variants show more of a spread than three of two: the boundary's third look is theirs."""
    values = np.random.default_rng(8).normal(size=(4, 5))
    looks = shared_looks(values, (0.5, 0.5, -0.5, -0.5), NO_COMMON_SPREAD, variants=4)
    assert looks.numbers.tolist() == [2, 3, 4, 5, 6]
    assert looks.mirrored().first(3).numbers.tolist() == [2, 3, 4]
    assert np.isfinite(looks.errors[1:]).all()
