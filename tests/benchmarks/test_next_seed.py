"""Rules for the next seed: what they are compared by."""

import numpy as np
import pytest

from benchmarks import scenarios
from benchmarks.next_seed import EVERY, GIVES_UP, HINDSIGHT, TODAY, courses, partly_hopeless, ratio, studies_of


def test_what_the_first_look_decides_costs_the_first_look_by_every_rule() -> None:
    """Two variants 20 deviations apart: three seeds each, whoever chooses."""
    (simulated,) = studies_of(scenarios.shapes(20.0)[1], 1)
    found = courses(simulated, processors=2)
    assert set(found) == set(EVERY)
    assert {course.trials for course in found.values()} == {2 * 3}


def test_hindsight_needs_no_more_trials_than_any_rule() -> None:
    """Of two claims about three variants, 1.5 deviations apart, where rules differ in when they see enough."""
    (simulated,) = studies_of(
        next(shape for shape in scenarios.shapes(1.5) if shape.name == "asr-raw-audio-dilation"), 1
    )
    found = courses(simulated, processors=1)
    assert not any(course.wrong for course in found.values())
    assert found[HINDSIGHT].trials <= min(course.trials for course in found.values())
    assert found[TODAY].trials > 3 * 3


def test_whoever_gives_up_trains_less_for_what_cannot_be_decided() -> None:
    """Two of four claims ask for a difference where there is none, with a margin that nothing is below."""
    (simulated,) = studies_of(partly_hopeless(), 1)
    found = courses(simulated, 12, (TODAY, GIVES_UP))
    assert found[TODAY].decided == found[GIVES_UP].decided == 0.5
    assert found[GIVES_UP].trials < found[TODAY].trials


def test_the_ratio_of_paired_strata_is_that_of_weighted_sums() -> None:
    """Half of everything is half of it, without any error; and an error where studies differ."""
    old = [np.array([10.0, 20.0]), np.array([4.0, 6.0])]
    assert ratio([row / 2 for row in old], old, [3, 1]) == (0.5, 0.0)
    found, error = ratio([np.array([10.0, 30.0]), old[1]], old, [3, 1])
    assert found == pytest.approx((3 * 20 + 5) / (3 * 15 + 5))
    assert error > 0
