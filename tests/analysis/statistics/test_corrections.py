"""Holm's correction, against statsmodels and a table worked by hand; two statements, by simulation."""

import math
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from soundproof.analysis.statistics.multiple_comparisons import NEGLIGIBLE_SHARE, holm, two_statements

multitest = pytest.importorskip("statsmodels.stats.multitest")

P_VALUES = st.lists(st.floats(0, 1), min_size=1, max_size=12).map(np.array)


def test_a_table_worked_by_hand():
    """0.01, 0.04, 0.03 become 3·0.01, then 2·0.03, then no less than that, in the order given."""
    assert holm(np.array([0.01, 0.04, 0.03])).tolist() == pytest.approx([0.03, 0.06, 0.06])


@given(P_VALUES)
def test_holm_is_that_of_statsmodels(p_values):
    """Any p values, ties, zeros and ones among them, are adjusted as `multipletests(method="holm")` does."""
    with patch("gc.collect"):  # statsmodels has it look through all that other tests have loaded, at every call
        adjusted = multitest.multipletests(p_values, method="holm")[1]
    assert holm(p_values) == pytest.approx(adjusted)


def test_no_claims_need_no_correction():
    """Nothing in, nothing out."""
    assert holm(np.array([])).shape == (0,)


@pytest.mark.parametrize("value", [math.nan, -0.1, 1.1])
def test_what_is_no_probability_is_refused(value):
    """A missing outcome must be given as 1, or it would shrink the family and with it the correction."""
    with pytest.raises(ValueError, match="give a claim without an outcome 1"):
        holm(np.array([0.5, value]))


_FEW = st.sampled_from([1e-4, 0.004, 0.01, 0.02, 0.04, 0.3])


@given(st.lists(st.tuples(_FEW, _FEW, st.booleans()), min_size=1, max_size=5))
@settings(deadline=None)
def test_two_statements_are_made_where_their_p_values_reach_their_levels(claims):
    """By adjusted p values and by levels alike; each kind by Holm's procedure, the second with a share of the error."""
    direction, negligible, may_be = (np.array(column) for column in zip(*claims, strict=True))
    negligible = np.where(may_be, negligible, 1.0)
    found = two_statements(direction, negligible, may_be, 0.05)
    assert found.direction == pytest.approx(holm(direction))
    assert ((found.direction <= 0.05) == (direction <= found.direction_levels * (1 + 1e-9))).all()
    assert ((found.negligible <= 0.05) == (may_be & (negligible <= found.negligible_levels * (1 + 1e-9)))).all()
    assert (found.negligible[~may_be] == 1).all()


def _wrong(improvement, seeds=20, studies=500):
    """The share of studies with a wrong statement about any of `improvement` (m,), margin 1, deviation 2."""
    generator = np.random.default_rng(4)
    means = improvement + generator.normal(0, 2 / np.sqrt(seeds), (studies, len(improvement)))
    scale = 2 / np.sqrt(seeds)
    wrong = 0
    for of_study in means:
        up, down = stats.norm.sf(of_study / scale), stats.norm.cdf(of_study / scale)
        less = stats.norm.cdf((of_study - 1) / scale)
        found = two_statements(
            np.minimum(1, np.minimum(up / 0.8, down / 0.2)), less, np.ones(len(less), dtype=bool), 0.05
        )
        shown, small = found.direction <= 0.05, found.negligible <= 0.05
        wrong += np.any(np.where(improvement <= 0, shown & ~small, small))
    return wrong / studies


def test_statements_of_both_kinds_are_rarely_wrong():
    """Of nothing but improvements that matter, or none at all, in 5% of studies; of both at most 1.6 times as often."""
    room = 3 * np.sqrt(0.05 * 0.95 / 500)
    assert _wrong(np.full(12, 1.0), seeds=400) < 0.05 + room
    assert _wrong(np.zeros(12)) < 0.05 + room
    assert _wrong(np.array([0.0, 0, 1, 1])) < (1 + NEGLIGIBLE_SHARE) * 0.05 + room
