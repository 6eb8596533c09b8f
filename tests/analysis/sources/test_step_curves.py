"""Points as they were logged, made into curves."""

import math

from soundproof.analysis.sources.step_curves import curves_of


def test_a_restart_replaces_the_points_from_there_on():
    """What was trained after the checkpoint is trained again; the rest stays."""
    logged = [(0, 1.0), (1, 2.0), (2, 3.0), (1, 20.0)]
    curves, notes = curves_of("folder a", {"loss": logged})
    assert curves["loss"] == ((0, 1.0), (1, 20.0))
    assert len(notes) == 1
    assert "from 2 to 1" in notes[0]
    assert "loss" in notes[0]


def test_of_values_at_one_step_the_last_is_kept_and_the_others_are_counted():
    """A loop inside a run logs many values at step 0."""
    curves, notes = curves_of("folder a", {"acc": [(0, 1.0), (0, 2.0), (0, 3.0)]})
    assert curves["acc"] == ((0, 3.0),)
    assert "2 values of acc" in notes[0]


def test_what_is_not_finite_stays():
    """NaN is how a training says that it diverged."""
    curves, notes = curves_of("folder a", {"acc": [(0, math.nan), (1, math.inf)]})
    assert math.isnan(curves["acc"][0][1])
    assert curves["acc"][1] == (1, math.inf)
    assert notes == []
