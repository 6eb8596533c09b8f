"""Ratios over clusters: against the textbook, against matrices, and their coverage where the truth is known."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from soundproof.analysis.statistics.clustered_ratios import clustered_ratio
from soundproof.analysis.statistics.intervals import mean_interval

STUDIES = 2000


def test_one_clip_a_cluster_is_student():
    """With clusters of one clip, the interval and the p value are those of the one-sample t test."""
    values = np.random.default_rng(1).normal(0.3, 1.0, 17)
    found = clustered_ratio(values, np.ones(17), np.arange(17))
    assert found.p_value() == pytest.approx(stats.ttest_1samp(values, 0).pvalue)
    student = mean_interval(values).interval
    assert (found.interval().low, found.interval().high) == pytest.approx((student.low, student.high))


def test_equal_clusters_are_their_means():
    """Clusters of one size are a t test of their means, however many clips they have."""
    values = np.random.default_rng(2).normal(0.1, 1.0, (6, 50))
    found = clustered_ratio(values.ravel(), np.ones(300), np.repeat(np.arange(6), 50))
    assert found.p_value() == pytest.approx(stats.ttest_1samp(values.mean(axis=1), 0).pvalue)
    assert (found.clusters, found.clips) == (6, 300)


@given(st.lists(st.floats(0.1, 9.0), min_size=2, max_size=9), st.integers(0, 2**32 - 1))
@settings(max_examples=60, deadline=None)
def test_variance_and_degrees_are_those_of_the_matrices(sizes, seed):
    """V has no bias under its model; its degrees of freedom are tr(M)² / tr(M²) of the matrix that is never made."""
    sizes = np.array(sizes)
    shares, count = sizes / sizes.sum(), len(sizes)
    rates = np.random.default_rng(seed).normal(size=count)
    found = clustered_ratio(rates * sizes, sizes, np.arange(count))
    residual = np.eye(count) - shares
    factors = shares**2 / (1 - 2 * shares + shares @ shares)
    matrix = residual.T @ np.diag(factors) @ residual
    assert found.value == pytest.approx(shares @ rates)
    assert found.standard_error == pytest.approx(np.sqrt(rates @ matrix @ rates), abs=1e-9)
    assert np.trace(matrix) == pytest.approx(shares @ shares)
    assert found.degrees_of_freedom == pytest.approx(np.trace(matrix) ** 2 / np.trace(matrix @ matrix))
    assert found.degrees_of_freedom <= (count - 1) * (1 + 1e-6)  # of a share near 1 the rounding grows


def test_the_numbers_of_clusters_do_not_matter():
    """Names of clusters may leave out numbers, and clips may come in any order."""
    generator = np.random.default_rng(3)
    values, sizes, clusters = (
        generator.normal(size=40),
        generator.integers(1, 9, 40) * 1.0,
        generator.integers(0, 5, 40),
    )
    order = generator.permutation(40)
    one = clustered_ratio(values, sizes, clusters)
    other = clustered_ratio(values[order], sizes[order], 7 * clusters[order] + 3)
    assert (one.value, one.standard_error) == pytest.approx((other.value, other.standard_error))


def test_one_cluster_shows_nothing_of_others():
    """Of one speaker there is a rate, and neither an interval nor a p value over new speakers."""
    found = clustered_ratio(np.array([1.0, 0.0]), np.ones(2), np.zeros(2, dtype=int))
    assert (found.value, found.interval(), found.p_value()) == (0.5, None, None)


def test_equal_clusters_have_the_spread_of_their_steps():
    """Six speakers with the same difference are no proof: scores in steps are equal by rounding."""
    arguments = np.full(6, 0.1), np.ones(6), np.arange(6)
    assert clustered_ratio(*arguments).p_value() == pytest.approx(0, abs=1e-9)
    found = clustered_ratio(*arguments, least_deviation=0.1)
    assert found.standard_error == pytest.approx(0.1 / np.sqrt(6))
    assert 0.05 < found.p_value() < 0.1
    assert clustered_ratio(np.zeros(6), np.ones(6), np.arange(6)).p_value() == 1.0


def test_nothing_to_divide_by_is_refused():
    """A test split without a word has no word error rate; the error says what to do."""
    with pytest.raises(ValueError, match="leave out what has no length"):
        clustered_ratio(np.zeros(2), np.zeros(2), np.arange(2))


@pytest.mark.parametrize("speakers", [6, 20])
@pytest.mark.parametrize("equal", [True, False], ids=["equal speakers", "unequal speakers"])
def test_intervals_cover_new_speakers(speakers, equal):
    """Accuracies of two networks that differ by 3 points, and by a speaker's own amount: 95% of intervals have the 3.

    Clips as clusters of their own, which is what ignoring speakers amounts to, have it in far fewer.
    """
    generator = np.random.default_rng(speakers)
    by_speaker = by_clip = 0
    for _ in range(STUDIES):
        sizes = np.full(speakers, 30) if equal else generator.integers(10, 60, speakers)
        own = 0.03 + np.repeat(generator.normal(0, 0.12, speakers), sizes)
        differences = (generator.random(sizes.sum()) < 0.5 + own) * 1.0 - (generator.random(sizes.sum()) < 0.5)
        clusters = np.repeat(np.arange(speakers), sizes)
        found = clustered_ratio(differences, np.ones(len(clusters)), clusters).interval()
        alone = clustered_ratio(differences, np.ones(len(clusters)), np.arange(len(clusters))).interval()
        by_speaker += found.low <= 0.03 <= found.high
        by_clip += alone.low <= 0.03 <= alone.high
    error = np.sqrt(0.95 * 0.05 / STUDIES)
    assert by_speaker / STUDIES >= 0.95 - 3 * error
    assert by_speaker / STUDIES <= 0.98
    assert by_clip / STUDIES < 0.9
