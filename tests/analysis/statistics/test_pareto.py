"""The Pareto front against its definition."""

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from soundproof.analysis.statistics.pareto import pareto_front

VALUES = st.one_of(st.integers(-3, 3).map(float), st.floats(-1e6, 1e6), st.just(math.nan), st.just(math.inf))
POINTS = st.integers(1, 4).flatmap(lambda width: st.lists(st.tuples(*[VALUES] * width), min_size=1, max_size=25))


def _dominates(one, other):
    """The definition, word for word."""
    return all(a <= b for a, b in zip(one, other, strict=True)) and any(a < b for a, b in zip(one, other, strict=True))


@given(POINTS)
def test_the_front_is_what_nothing_dominates(points):
    """Point by point, against every other one; what is missing neither is on the front nor beats anything."""
    finite = [point for point in points if all(map(math.isfinite, point))]
    expected = [point in finite and not any(_dominates(other, point) for other in finite) for point in points]
    assert pareto_front(np.array(points)).tolist() == expected


@given(POINTS, st.randoms())
def test_the_order_of_points_does_not_matter(points, random):
    """A shuffle moves the answers with the points."""
    order = list(range(len(points)))
    random.shuffle(order)
    losses = np.array(points)
    assert pareto_front(losses[order]).tolist() == pareto_front(losses)[order].tolist()


def test_equal_points_share_the_front():
    """Two trials with the same numbers do not beat each other."""
    assert pareto_front(np.array([[1.0, 2.0], [1.0, 2.0], [2.0, 2.0]])).tolist() == [True, True, False]
