"""What each trial cost, with totals that say what they leave out; epochs that pruning saved, counted by hand."""

from dataclasses import replace

import pytest

from soundproof.analysis.records.trials import TrialRecord
from soundproof.analysis.summaries.costs import duration, savings, trial_costs
from soundproof.common import record

VARIANTS = ("b", "a")
METRIC = record.best(record.VALIDATION_LOSS)


@pytest.fixture
def records(make):
    """Two variants of two seeds; one trial failed, one was trained for another study, one has no time."""
    made = make(losses=((10.0, None), (9.0, 8.0)), seconds=(20.0, 30.5)).records
    trials = list(made.trials)
    trials[2] = replace(trials[2], reused_from="another run")
    trials[3] = replace(trials[3], metrics={METRIC: 8.0}, device=None)
    return replace(made, trials=tuple(trials))


def test_every_trial_is_listed_with_its_end(records):
    """In the order asked for, then of seeds; what failed shows no number and says why."""
    costs = trial_costs(records, VARIANTS)
    assert [
        (trial.variant, trial.seed, trial.status, trial.value(METRIC), trial.best_epoch) for trial in costs.trials
    ] == [
        ("b", 0, "completed", 9.0, 2),
        ("b", 1, "completed", 8.0, None),
        ("a", 0, "completed", 10.0, 2),
        ("a", 1, "failed", None, None),
    ]
    assert [trial.reason for trial in costs.trials] == [None, None, None, "out of memory"]
    assert [trial.reused for trial in costs.trials] == [True, False, False, False]
    assert costs.devices == ("cpu",)


def test_totals_count_failures_and_name_what_is_missing(records):
    """A failed trial cost its time too; a reused one did not cost it here; one has no recorded time."""
    costs = trial_costs(records, VARIANTS)
    assert costs.train_seconds == pytest.approx(70.5)
    assert costs.in_short == "4 trials, 1 min 10 s"
    assert costs.in_words == (
        "4 trials, 1 min 10 s of training in all, 30 s of it for 1 trial reused from other studies; "
        "1 trial without a recorded time"
    )


def test_infeasible_variants_cost_nothing(records):
    """They are listed, and no trial was trained."""
    nothing = replace(records.trials[0], seed=None, status="infeasible", metrics={}, reason="too short")
    costs = trial_costs(replace(records, trials=(nothing,)), VARIANTS)
    assert len(costs.trials) == 1
    assert (costs.in_words, costs.train_seconds) == ("No trial was trained", None)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.04, "0.0 s"),
        (4.56, "4.6 s"),
        (9.97, "10 s"),
        (59.6, "1 min"),
        (312, "5 min 12 s"),
        (3599.7, "1 h"),
        (7384, "2 h 3 min"),
        (100_800, "1 d 4 h"),
    ],
)
def test_durations_in_their_two_largest_units(seconds, words):
    """Rounded first, so that 59.6 seconds are a minute and not 60 seconds."""
    assert duration(seconds) == words


def _of_search(name, status, seconds, *, budget=10, reused_from=None):
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
            _of_search("full", "completed", [1.0] * 10),
            _of_search("plateau", "stopped_early", [1.0] * 6),
            _of_search("pruned", "pruned", [1.0, 3.0]),
            _of_search("pruned too", "pruned", [4.0]),
            _of_search("diverged", "diverged", [1.0] * 3),
        ]
    )
    assert (found.trials, found.epochs_trained, found.epochs_in_full) == (5, 22, 50)
    assert (found.pruned, found.epochs_pruned, found.share_pruned) == (2, 17, 17 / 50)
    assert found.seconds_pruned_estimated == pytest.approx(8 * 2.0 + 9 * 4.0)


def test_what_was_not_trained_here_saves_nothing():
    """Reused and infeasible trials, and those without a recorded budget, are on neither side."""
    found = savings(
        [
            _of_search("reused", "pruned", [1.0], reused_from="elsewhere"),
            _of_search("infeasible", "infeasible", []),
            _of_search("unknown", "pruned", [1.0], budget=None),
        ]
    )
    assert (found.trials, found.epochs_in_full, found.pruned, found.share_pruned) == (0, 0, 0, None)


def test_seconds_are_estimated_only_where_there_are_any():
    """A pruned trial without a time counts its epochs, and is named as left out of the seconds."""
    untimed = _of_search("untimed", "pruned", [])
    assert savings([untimed]).seconds_pruned_estimated is None
    found = savings([untimed, _of_search("timed", "pruned", [2.0] * 5)])
    assert (found.epochs_pruned, found.seconds_pruned_estimated, found.pruned_without_time) == (
        15,
        pytest.approx(10.0),
        1,
    )
