"""Equal error rates: those of scikit-learn's curve, where misses and false alarms are the same."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import brentq
from sklearn.metrics import roc_curve

from soundproof.common import record
from soundproof.trainables.training.tasks.detection import class_table, detection_scores, equal_error_rate


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 9)), min_size=2, max_size=40))
@settings(deadline=None, max_examples=50)
def test_the_rate_is_that_of_the_curve(rows: list[tuple[bool, int]]) -> None:
    """Misses, read off the curve by straight lines at this rate of false alarms, are as many; with ties or without."""
    truth, scores = np.array([row[0] for row in rows]), np.array([row[1] / 9 for row in rows])
    truth[:2] = True, False
    false_alarms, hits, _ = roc_curve(truth, scores, drop_intermediate=False)
    lengths = false_alarms + hits  # they grow along the curve, where false alarms alone may stand still

    def excess(place: float) -> float:
        return float(np.interp(place, lengths, false_alarms) - (1 - np.interp(place, lengths, hits)))

    expected = np.interp(brentq(excess, 0, 2, xtol=1e-12), lengths, false_alarms)
    assert equal_error_rate(truth, scores) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize(
    ("scores", "rate"), [([4, 3, 2, 1], 0.0), ([1, 2, 3, 4], 1.0), ([5, 5, 5, 5], 0.5), ([4, 2, 3, 1], 0.5)]
)
def test_rates_that_can_be_counted(scores: list[int], rate: float) -> None:
    """Two that are it and two that are not: told apart, the wrong way round, not at all, and half of each."""
    assert equal_error_rate(np.array([True, True, False, False]), np.array(scores, dtype=float)) == rate


def test_a_class_that_all_have_or_none_has_no_part_in_the_mean() -> None:
    """There is nothing to tell it from; where that is so of every class there is no rate."""
    table = class_table(["dog", "dog", "cat"], ["bird", "cat", "dog"])
    assert table.tolist() == [[False, False, True], [False, False, True], [False, True, False]]
    scores = np.array([[0.9, 0.0, 0.1], [0.5, 0.3, 0.2], [0.1, 0.8, 0.1]])
    assert detection_scores(table, scores) == {record.EQUAL_ERROR_RATE: pytest.approx((0 + 1 / 3) / 2)}
    assert detection_scores(table[:2], scores[:2]) == {}
