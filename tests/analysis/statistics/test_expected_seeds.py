"""Seeds expected of a known truth, against the power that statsmodels computes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.power import TTestPower

from soundproof.analysis.statistics.expected_seeds import expected_seeds, power


@pytest.mark.parametrize(
    ("effect", "level", "n"), [(1.0, 0.025, 10), (0.3, 0.01, 60), (2.0, 0.0125, 5), (0.1, 0.05, 400)]
)
def test_power_is_that_of_the_noncentral_t(effect, level, n):
    """Johnson and Welch's approximation is within two points of the exact power of a one-sided t test."""
    exact = TTestPower().power(effect, n, level, alternative="larger")
    assert power(n, [effect], level, n - 1) == pytest.approx(exact, abs=0.02)


@pytest.mark.parametrize(("effect", "level", "chance"), [(1.0, 0.025, 0.8), (0.5, 0.0125, 0.5), (0.075, 0.045, 0.5)])
def test_seeds_are_those_of_a_power_analysis(effect, level, chance):
    """At most one seed in fifty away from what statsmodels solves for."""
    exact = TTestPower().solve_power(effect, None, level, chance, alternative="larger")
    found = expected_seeds([effect], level, chance=chance, freedom=lambda n: n - 1, sequential=False, maximum=1_000_000)
    assert found == pytest.approx(exact, rel=0.02, abs=1)


def test_two_ends_take_more_than_the_nearer_one():
    """In the middle of an interval the test may miss on either side: each gets half of the chance to miss."""
    one, both = (
        expected_seeds(ends, 0.05, chance=0.5, freedom=lambda n: n - 1, sequential=False, maximum=1_000_000)
        for ends in ([0.1], [0.1, 0.1])
    )
    by_half = expected_seeds([0.1], 0.05, chance=0.75, freedom=lambda n: n - 1, sequential=False, maximum=1_000_000)
    assert one < both == by_half


def test_what_is_out_of_bounds_has_no_number():
    """A mean outside of the region is never shown to be inside; nor is one shown with fewer seeds than it takes."""
    asked = {"chance": 0.5, "freedom": lambda n: n - 1, "sequential": False}
    assert expected_seeds([0.0, 2.0], 0.05, maximum=1_000_000, **asked) is None
    needed = expected_seeds([0.1], 0.05, maximum=1_000_000, **asked)
    assert expected_seeds([0.1], 0.05, maximum=needed - 1, **asked) is None
    assert expected_seeds([0.1], 0.05, maximum=needed, **asked) == needed


@given(effect=st.floats(0.05, 5), level=st.floats(0.001, 0.05), chance=st.floats(0.3, 0.9))
def test_looking_often_takes_no_fewer(effect, level, chance):
    """The test that is valid at every look needs at least the seeds of the one that looks once, of 3 or more."""
    once, often = (
        expected_seeds(
            [effect], level, chance=chance, freedom=lambda n: n - 1, sequential=sequential, maximum=1_000_000
        )
        for sequential in (False, True)
    )
    assert 3 <= once <= often
