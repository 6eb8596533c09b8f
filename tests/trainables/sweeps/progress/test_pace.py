"""How fast a sweep goes, and when it ends."""

import pytest

from soundproof.trainables.sweeps.progress.pace import Pace


def test_only_what_is_recent_counts() -> None:
    """Ten slow epochs, then fast ones: the pace is that of the fast ones as soon as the slow ones are past."""
    pace = Pace()
    for epoch in range(1, 11):
        pace.report(60.0 * epoch, epoch, 1)
    assert pace.per_second(1) == pytest.approx(1 / 60)
    for epoch in range(11, 111):
        pace.report(600.0 + 0.5 * (epoch - 10), epoch, 1)
    assert pace.per_second(1) == pytest.approx(2.0)
    assert pace.seconds_left(650.0, 3, 1) == pytest.approx(1.5)
    assert pace.seconds_left(651.0, 3, 1) == pytest.approx(0.5), "time passes between two epochs"
    assert pace.seconds_left(700.0, 3, 1) == 0.0


def test_what_is_told_at_once_is_one_step() -> None:
    """Actors tell several short epochs together; their first batch took no time that is known."""
    pace = Pace()
    for batch in range(1, 4):
        for epoch in range(5):
            pace.report(10.0 * batch + 0.001 * epoch, 5 * (batch - 1) + epoch + 1, 1)
        assert pace.per_second(1) == (None if batch == 1 else pytest.approx(0.5))


def test_epochs_faster_than_the_eye_are_no_single_step() -> None:
    """A hundred in a second are a hundred a second."""
    pace = Pace()
    for epoch in range(1, 201):
        pace.report(0.01 * epoch, epoch, 2)
    assert pace.per_second(2) == pytest.approx(100, rel=0.1)
