"""The best variants and the groups that cannot be told apart: by hand, by simulation, and by symmetry."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from soundproof.analysis.statistics.multiple_comparisons import best_set, indistinguishable_groups, mean_ranks
from soundproof.analysis.statistics.paired_tests import t_p_value

PROPERTY = settings(max_examples=60, deadline=None)
TABLES = arrays(np.float64, st.tuples(st.integers(1, 5), st.integers(2, 6)), elements=st.integers(0, 9).map(float))
NOISE = np.random.default_rng(7).normal(0, 1, (4, 8))
SEEDS = np.linspace(0, 20, 8)


def _table(*means):
    return np.array(means)[:, None] + SEEDS + NOISE[: len(means)]


def test_pairs_decide_although_the_seeds_differ_more_than_the_rows():
    """Two rows near the top stay, two far below are excluded by a row that beats them."""
    table = _table(10.0, 10.2, 4.0, 2.0)
    best = best_set(table, level=0.05, higher_is_better=True)
    assert best.members == (0, 1)
    for row in (2, 3):
        assert min(t_p_value(table[rival] - table[row]) for rival in best.members) <= 0.05 / 3


def test_the_level_is_divided_by_the_number_of_rivals():
    """A p value of 0.03 excludes one of two rows at 0.05, and none of three."""
    rivals = {2: (0,), 3: (0, 1, 2)}
    for rows, members in rivals.items():
        table = np.array([[2.0, 2.0], [1.0, 1.0], [2.0, 2.0]])[:rows]
        best = best_set(table, level=0.05, higher_is_better=True, p_value=lambda d: 0.03 if d[0] > 0 else 1.0)
        assert best.members == members


def test_a_row_without_enough_values_is_never_excluded():
    """A variant with one seed, or none, may still be the best; it has a rank if it has a value."""
    table = _table(10.0, 0.0, -50.0, -50.0)
    table[2, 1:] = math.nan
    table[3] = math.nan
    best = best_set(table, level=0.05, higher_is_better=True)
    assert best.members == (0, 2, 3)
    assert best.ranks == pytest.approx((1.0, 2.0, 3.0, math.nan), nan_ok=True)


def test_the_best_row_is_excluded_no_more_often_than_the_level():
    """Of five rows that are equally good, a given one is excluded in at most 20% of 2,000 studies, and not never."""
    generator = np.random.default_rng(3)
    excluded = 0
    for _ in range(2000):
        table = generator.normal(0, 1, (5, 6))
        excluded += 0 not in best_set(table, level=0.2, higher_is_better=True, p_value=_quick_p_value).members
    assert 0.08 < excluded / 2000 <= 0.2


def _quick_p_value(differences):
    """The t test of six differences at 0.2 / 4, by its critical value alone."""
    statistic = differences.mean() / differences.std(ddof=1) * math.sqrt(6)
    return 0.0 if statistic >= 2.0150 else 1.0


@PROPERTY
@given(TABLES)
def test_ranks_of_a_full_table_are_the_ordinary_mean_ranks(table):
    """With no value missing they equal the mean of SciPy's ranks over the seeds."""
    expected = stats.rankdata(-table, axis=0).mean(axis=1)
    assert mean_ranks(table, higher_is_better=True) == pytest.approx(expected)


def test_ranks_compare_only_common_seeds():
    """Row 1 beats row 0 on the seed they share, whatever row 0 has on a seed of its own."""
    table = np.array([[1.0, 99.0], [2.0, math.nan]])
    assert mean_ranks(table, higher_is_better=True) == (2.0, 1.0)
    assert mean_ranks(np.array([[1.0, math.nan], [math.nan, 2.0]]), higher_is_better=True) == (1.5, 1.5)


@PROPERTY
@given(TABLES)
def test_the_direction_only_flips_the_sign(table):
    """Lower-is-better on the negated table is the same question."""
    up = best_set(table, level=0.1, higher_is_better=True)
    down = best_set(-table, level=0.1, higher_is_better=False)
    assert up == down
    assert indistinguishable_groups(table, 0.1, higher_is_better=True) == indistinguishable_groups(
        -table, 0.1, higher_is_better=False
    )


@PROPERTY
@given(TABLES)
def test_a_full_table_always_has_a_best_row(table):
    """The row with the highest mean beats all others or is not beaten, and every other row is beaten."""
    best = best_set(table, level=0.1, higher_is_better=True)
    assert int(np.argmax(table.mean(axis=1))) in best.members
    for row in set(range(len(table))) - set(best.members):
        others = [t_p_value(table[rival] - table[row]) for rival in range(len(table)) if rival != row]
        assert min(others) <= 0.1 / (len(table) - 1)


def test_groups_overlap_along_the_ranks():
    """With a = b and b = c, but a better than c: two bars that share b; a row far off stands alone."""

    def p_value(differences):
        return 0.001 if np.mean(differences) > 1.5 else 0.5

    table = np.array([[3.0, 3.0], [9.0, 9.0], [2.0, 2.0], [1.0, 1.0]])
    groups = indistinguishable_groups(table, 0.05, higher_is_better=True, p_value=p_value)
    assert groups == ((1,), (0, 2), (2, 3))


def test_groups_are_corrected_by_holm_over_all_pairs():
    """With one-sided p = 0.005 in one of three pairs, 2·3·0.005 = 0.03 separates at 0.05 and not at 0.02."""

    def p_value(differences):
        return 0.005 if np.mean(differences) > 1.5 else 0.5

    table = np.array([[3.0, 3.0], [2.0, 2.0], [1.0, 1.0]])
    assert indistinguishable_groups(table, 0.05, higher_is_better=True, p_value=p_value) == ((0, 1), (1, 2))
    assert indistinguishable_groups(table, 0.02, higher_is_better=True, p_value=p_value) == ((0, 1, 2),)


@PROPERTY
@given(TABLES)
def test_every_row_is_in_a_group_and_no_group_in_another(table):
    """The groups cover the rows, and each is maximal."""
    groups = [set(group) for group in indistinguishable_groups(table, 0.1, higher_is_better=True)]
    assert set().union(*groups) == set(range(len(table)))
    assert not any(a < b for a in groups for b in groups)


def test_a_row_without_values_is_in_no_group():
    """A variant that failed on every seed cannot be placed along the ranks."""
    table = np.array([[1.0, 2.0, 3.0], [math.nan] * 3, [1.1, 1.9, 3.0]])
    groups = indistinguishable_groups(table, 0.05, higher_is_better=True)
    assert [sorted(group) for group in groups] == [[0, 2]]
