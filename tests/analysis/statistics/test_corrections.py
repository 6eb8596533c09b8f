"""Holm's correction, against statsmodels and a table worked by hand."""

import math
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from soundproof.analysis.statistics.multiple_comparisons import holm

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
