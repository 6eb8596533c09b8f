"""What counts as evidence: pairs, the prefix of seeds, the way the data were looked at, and too many failures."""

import math

import pytest
from letters import LOSS, MARGIN, ended, outcomes_of, study_of, trials_of

from soundproof.analysis.notation.quantities import Endpoint, quantity
from soundproof.analysis.verdicts.evidence import Obstacle
from soundproof.analysis.verdicts.gathering import gather
from soundproof.analysis.verdicts.outcomes import Outcomes
from soundproof.common.record import BEST_EPOCH
from soundproof.search_spaces.claims import Better

YARDSTICK = Endpoint(quantity=quantity(LOSS, MARGIN), margin=MARGIN)
STUDY = study_of(Better(text="b", source="s", pairs=(("a", "b"),)))
FULL = {"a": (1.0, 2.0, 3.0, 4.0), "b": (11.0, 13.0, 15.0, 17.0)}


def _pair(trials, planned_seeds=None):
    return gather(outcomes_of(STUDY, trials, planned_seeds), ("a", "b"), YARDSTICK)


def test_differences_are_paired_by_seed_and_positive_where_the_first_is_better():
    """A lower loss is better: b minus a, seed by seed, whatever the order of the trials."""
    evidence = _pair(reversed(trials_of(FULL)))
    assert evidence.differences.tolist() == [10, 11, 12, 13]
    assert (evidence.seeds, evidence.obstacle) == (4, None)


def test_a_seed_counts_only_when_all_before_it_have_ended():
    """Seed 2 of b is still running: seed 3, though finished on both sides, does not count yet."""
    trials = [trial for trial in trials_of(FULL) if (trial.variant, trial.seed) != ("b", 2)]
    assert _pair(trials).differences.tolist() == [10, 11]
    assert _pair(trials).seeds == 2


def test_a_failed_trial_has_ended_and_gives_no_pair():
    """A diverged seed does not hold back those after it; its numbers, however wild, are not used."""
    trials = [trial for trial in trials_of(FULL) if (trial.variant, trial.seed) != ("b", 1)]
    evidence = _pair([*trials, ended("b", 1, 1e9, status="diverged")])
    assert evidence.differences.tolist() == [10, 12, 13]
    assert evidence.seeds == 4


def test_an_interrupted_trial_has_not_ended():
    """It will be run again, so nothing behind it counts."""
    trials = [trial for trial in trials_of(FULL) if (trial.variant, trial.seed) != ("b", 1)]
    assert _pair([*trials, ended("b", 1, 13.0, status="interrupted")]).differences.tolist() == [10]


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_completed_trial_without_a_number_gives_no_pair(value):
    """A missing value stays missing, whatever the status says."""
    trials = [*trials_of({"a": (1.0, value, 3.0, 4.0), "b": (11.0, 13.0, 15.0, 17.0)})]
    assert _pair(trials).differences.tolist() == [10, 12, 13]


@pytest.mark.parametrize(
    ("planned", "trials", "once"),
    [
        (4, trials_of(FULL), True),
        (None, trials_of(FULL), False),
        (5, trials_of(FULL), False),
        (3, trials_of(FULL), False),
        (4, [*trials_of(FULL), ended("c", 9, 1.0)], True),
        (4, trials_of({"a": FULL["a"], "b": (11.0, None, 15.0, 17.0)}), True),
        (4, trials_of({"a": FULL["a"], "b": FULL["b"][:3]}), False),
    ],
)
def test_looked_once_means_that_just_the_planned_seeds_have_ended(planned, trials, once):
    """Until decided, an unfinished plan, and seeds beyond it are looked at again and again; failures have ended.

    Variants that no claim speaks of do not matter.
    """
    assert _pair(trials, planned).looked_once is once


def test_an_infeasible_variant_is_not_waited_for():
    """A plan is complete without the variants that cannot be trained, and their pairs say why they are open."""
    study = study_of(Better(text="b", source="s", pairs=(("a", "b"), ("a", "c"))))
    outcomes = Outcomes(trials_of(FULL), compared=("a", "b", "c"), planned_seeds=4, infeasible={"c"})
    assert outcomes.looked_once
    assert gather(outcomes, ("a", "c"), YARDSTICK).obstacle == Obstacle(kind="infeasible", variant="c")
    told = ended("c", 0, None, status="infeasible")
    assert outcomes_of(study, [*trials_of(FULL), told], 4).infeasible == {"c"}


@pytest.mark.parametrize(("failed", "judged"), [(2, True), (4, True), (5, False)])
def test_more_than_a_quarter_of_failures_is_too_many(failed, judged):
    """4 of 8 may still be a quarter of all seeds; 5 of 8 are not, at 90%: the survivors are a selection.

    The lower ends of their exact intervals are 0.240 and 0.345.
    """
    losses = {"a": [1.0, 2.0, 4.0, 3.0, 1.0, 2.0, 4.0, 3.0], "b": [None] * failed + [9.0] * (8 - failed)}
    obstacle = _pair(trials_of(losses)).obstacle
    assert obstacle == (None if judged else Obstacle(kind="failures", variant="b", count=5, total=8))


@pytest.mark.parametrize(("planned", "seeds", "least"), [(None, 2, 3), (1, 1, 2), (2, 2, None), (None, 3, None)])
def test_too_few_pairs_depend_on_how_they_are_looked_at(planned, seeds, least):
    """One look needs two pairs, many looks begin at three."""
    trials = trials_of({name: values[:seeds] for name, values in FULL.items()})
    expected = None if least is None else Obstacle(kind="too few", variant=None, count=seeds, total=least)
    assert _pair(trials, planned).obstacle == expected


def test_epochs_are_taken_to_have_the_spread_of_rounding():
    """Whole epochs differ equally by rounding alone: the least deviation is that of two roundings to 1, √(1/6)."""
    epochs = Endpoint(quantity=quantity(BEST_EPOCH, 1.0), margin=1.0)
    evidence = gather(outcomes_of(STUDY, trials_of(FULL)), ("a", "b"), epochs)
    assert evidence.least_deviation == pytest.approx(1 / 6**0.5)
    assert _pair(trials_of(FULL)).least_deviation == 0
