"""What each trial cost: one entry for each, and totals that say what they leave out."""

from dataclasses import replace

import pytest

from soundproof.analysis.summaries.costs import duration, trial_costs
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
