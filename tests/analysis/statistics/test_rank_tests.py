"""Friedman's test and Nemenyi's critical difference, against Demšar's own example."""

import numpy as np
import pytest
from scipy import stats

from soundproof.analysis.statistics.rank_tests import rank_test


@pytest.mark.parametrize(("rows", "quantile"), [(3, 2.343), (4, 2.569), (5, 2.728), (10, 3.164)])
def test_critical_differences_are_those_of_demsar(rows, quantile):
    """By the quantiles of his table 5a, at 5%."""
    values = np.random.default_rng(1).normal(size=(rows, 14))
    found = rank_test(values, higher_is_better=True)
    assert found.critical_difference == pytest.approx(quantile * np.sqrt(rows * (rows + 1) / (6 * 14)), abs=1e-3)
    reference = stats.friedmanchisquare(*values)
    assert (found.statistic, found.p_value) == (reference.statistic, reference.pvalue)
    assert rank_test(-values, higher_is_better=False) == found


def test_mean_ranks_by_hand():
    """Ties share their rank: 1.5 and 1.5 on the first data set."""
    values = np.array([[1, 3, 3, 3, 3], [1, 2, 2, 2, 2], [0, 1, 1, 1, 1]], dtype=float)
    assert rank_test(values, higher_is_better=True).mean_ranks == (1.1, 1.9, 3.0)


def test_rows_that_are_all_alike_are_no_error():
    """Nothing tells them apart."""
    found = rank_test(np.ones((3, 6)), higher_is_better=True)
    assert (found.p_value, found.mean_ranks) == (1.0, (2.0, 2.0, 2.0))


@pytest.mark.parametrize("shape", [(2, 9), (3, 4)])
def test_too_few_of_either_are_refused(shape):
    """The statistic would not follow its distribution."""
    with pytest.raises(ValueError, match="3 rows and 5 blocks"):
        rank_test(np.zeros(shape), higher_is_better=True)
