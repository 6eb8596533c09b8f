"""Epochs that pruning saved, counted by hand."""

import pytest

from soundproof.analysis.records.trials import TrialRecord
from soundproof.analysis.summaries.costs import savings
from soundproof.common import record


def _trial(name, status, seconds, *, budget=10, reused_from=None):
    return TrialRecord(
        run_id=name,
        trial_id=name,
        variant=name,
        seed=0,
        status=status,
        reason=None,
        metrics={},
        history={record.EPOCH_SECONDS: tuple(enumerate(seconds, start=1))} if seconds else {},
        levels={},
        reused_from=reused_from,
        epochs=budget,
    )


def test_each_end_is_counted_for_what_it_is():
    """A trial that stops by itself, or breaks, trains less too; only what the scheduler stopped is called saved."""
    found = savings(
        [
            _trial("full", "completed", [1.0] * 10),
            _trial("plateau", "stopped_early", [1.0] * 6),
            _trial("pruned", "pruned", [1.0, 3.0]),
            _trial("pruned too", "pruned", [4.0]),
            _trial("diverged", "diverged", [1.0] * 3),
        ]
    )
    assert (found.trials, found.epochs_trained, found.epochs_in_full) == (5, 22, 50)
    assert (found.pruned, found.epochs_pruned, found.share_pruned) == (2, 17, 17 / 50)
    assert found.seconds_pruned_estimated == pytest.approx(8 * 2.0 + 9 * 4.0)


def test_what_was_not_trained_here_saves_nothing():
    """Reused and infeasible trials, and those without a recorded budget, are on neither side."""
    found = savings(
        [
            _trial("reused", "pruned", [1.0], reused_from="elsewhere"),
            _trial("infeasible", "infeasible", []),
            _trial("unknown", "pruned", [1.0], budget=None),
        ]
    )
    assert (found.trials, found.epochs_in_full, found.pruned, found.share_pruned) == (0, 0, 0, None)


def test_seconds_are_estimated_only_where_there_are_any():
    """A pruned trial without a time counts its epochs, and is named as left out of the seconds."""
    untimed = _trial("untimed", "pruned", [])
    assert savings([untimed]).seconds_pruned_estimated is None
    found = savings([untimed, _trial("timed", "pruned", [2.0] * 5)])
    assert (found.epochs_pruned, found.seconds_pruned_estimated, found.pruned_without_time) == (
        15,
        pytest.approx(10.0),
        1,
    )
