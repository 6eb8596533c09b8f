"""Who reaches a target sooner: hand-made curves, censoring on either side, and the level by simulation."""

import math
from dataclasses import replace

import numpy as np
import pytest
from letters import LOSS, MARGIN, outcomes_of, record_of, study_of

from soundproof.analysis.json_forms.study import to_plain
from soundproof.analysis.pages.study import render_page
from soundproof.analysis.records.trials import Results
from soundproof.analysis.summaries.study import summarise
from soundproof.analysis.verdicts.decisions import decide_claims
from soundproof.analysis.verdicts.evidence import Run
from soundproof.analysis.verdicts.races import arrivals, median_interval, race, race_result
from soundproof.analysis.verdicts.until_decided import UntilDecided
from soundproof.analysis.verdicts.verdicts import decide
from soundproof.common.record import VALIDATION_ACCURACY, VALIDATION_LOSS, EndedTrial
from soundproof.search_spaces.claims import ReachesSooner, curve_metrics
from soundproof.search_spaces.specs import SpecError

TARGET = 10.0
SOONER = ReachesSooner(text="a is sooner", source="s", pairs=(("a", "b"),), target=TARGET)


def curve(reached, last):
    """Losses of so many epochs, below the target from one of them on; never, where that is None."""
    return tuple((epoch, 9.0 if reached is not None and epoch >= reached else 20.0) for epoch in range(1, last + 1))


def trial(variant, seed, reached, last=20, status="completed"):
    """One trial as the sweep hands it over."""
    history = {VALIDATION_LOSS: curve(reached, last)}
    return EndedTrial(variant=variant, seed=seed, status=status, metrics={LOSS: 9.0}, history=history)


def raced(first, second, claim=SOONER, planned=None):
    """The evidence of runs on one seed each, as (epoch reached, last epoch[, status])."""
    trials = [trial("a", seed, *given) for seed, given in enumerate(first)]
    trials += [trial("b", seed, *given) for seed, given in enumerate(second)]
    study = study_of(claim, ids="ab")
    return race(outcomes_of(study, trials, planned), ("a", "b"), claim)


@pytest.mark.parametrize(
    ("first", "second", "margin", "expected"),
    [
        ((3, 20), (5, 20), 1, 1),
        ((5, 20), (3, 20), 1, -1),
        ((4, 20), (4, 20), 1, 0),
        ((3, 20), (5, 20), 3, 0),
        ((3, 20), (None, 20), 1, 1),
        ((None, 20), (3, 20), 1, -1),
        ((None, 20), (None, 20), 1, 0),
        ((None, 4), (None, 20), 1, 0),
        # the second stopped before the first arrived: it might have been sooner
        ((9, 20), (None, 6), 1, 0),
        ((6, 20), (None, 6), 1, 1),
        # it would have taken 7 epochs or more, which is 2 more than 5, and not surely 3
        ((5, 20), (None, 6), 2, 1),
        ((5, 20), (None, 6), 3, 0),
        # a diverged run never arrives, a failed one says nothing
        ((9, 20), (None, 2, "diverged"), 1, 1),
        ((None, 2, "diverged"), (None, 2, "diverged"), 1, 0),
        ((9, 20), (None, 2, "failed"), 1, 0),
    ],
)
def test_a_seed_counts_only_where_both_trained(first, second, margin, expected):
    """By hand: who arrived, who was censored and when, and what that shows."""
    claim = ReachesSooner(text="t", source="s", pairs=(("a", "b"),), target=TARGET, margin=margin)
    assert raced([first], [second], claim).differences.tolist() == [expected]


def test_the_target_of_an_accuracy_is_reached_from_below():
    """At least as good is at least as high, and the first such epoch counts, whatever comes after."""
    claim = ReachesSooner(text="t", source="s", pairs=(("a", "b"),), target=0.5, metric=VALIDATION_ACCURACY)
    curves = {"a": ((1, 0.1), (2, 0.5), (3, 0.4)), "b": ((1, 0.1), (2, 0.49), (3, 0.6))}
    trials = [
        EndedTrial(variant=name, seed=0, status="completed", metrics={}, history={VALIDATION_ACCURACY: found})
        for name, found in curves.items()
    ]
    found = race(outcomes_of(study_of(claim, ids="ab"), trials), ("a", "b"), claim)
    assert found.race.runs == ((Run(reached=2, last=3.0), Run(reached=3, last=3.0)),)


def test_runs_without_a_curve_say_nothing():
    """Neither sooner nor later, and no run among those that arrived or not."""
    bare = EndedTrial(variant="b", seed=0, status="completed", metrics={LOSS: 9.0})
    found = race(outcomes_of(study_of(SOONER, ids="ab"), [trial("a", 0, 3), bare]), ("a", "b"), SOONER)
    assert found.differences.tolist() == [0.0]
    assert race_result(found).second.runs == 0


def test_medians_count_censored_runs():
    """By hand (Kaplan and Meier): 3, 5, 8+, 8+, of four, half by 5; with 8+ thrice of five, never half."""
    runs = [Run(reached=3, last=20.0), Run(reached=5, last=20.0), Run(reached=None, last=8.0)]
    assert arrivals([*runs, runs[-1]]).median_epochs == 5
    assert arrivals([*runs, runs[-1], runs[-1]]).median_epochs is None
    # censored before the others arrive, it is at risk no more: 3, 2+, 5: S(3) = 1/2
    early = [Run(reached=3, last=20.0), Run(reached=None, last=2.0), Run(reached=5, last=20.0)]
    assert arrivals(early).median_epochs == 3
    assert arrivals([Run(reached=None, last=math.inf)] * 3 + runs[:2]).median_epochs is None
    assert arrivals([]).median_epochs is None


def test_the_interval_of_a_median_is_that_of_order_statistics():
    """Ten values at 95%: the second to the ninth (Conover 1999); three are too few."""
    found = median_interval(np.arange(1.0, 11.0), 0.95)
    assert (found.low, found.high) == (2, 9)
    assert median_interval(np.arange(3.0), 0.95) is None


def verdict_of(first, second, planned=None):
    """The decision on one seed of each side after another, as `raced` takes them."""
    trials = [trial("a", seed, *given) for seed, given in enumerate(first)]
    trials += [trial("b", seed, *given) for seed, given in enumerate(second)]
    study = study_of(SOONER, ids="ab")
    (decision,) = decide_claims(study, outcomes_of(study, trials, planned), MARGIN)
    return decision


def test_always_sooner_is_supported_and_always_later_contradicted():
    """With the sign test's own p values: 2 to the -n of n fixed seeds, and the sequential one else."""
    early, late = [(3, 20)] * 10, [(None, 20)] * 10
    fixed = verdict_of(early, late, planned=10)
    assert (fixed.verdict, fixed.support) == ("supported", pytest.approx(2**-10 / 0.9 / 0.8))
    assert verdict_of(late, early, planned=10).verdict == "contradicted"
    assert verdict_of(early, late).verdict == "supported"
    assert verdict_of(early[:3], late[:3]).verdict == "undecided"
    assert verdict_of(late, late).verdict == "undecided"


def test_more_seeds_never_undo_a_verdict():
    """Ten seeds decide, and twenty the other way do not take it back."""
    early, late = [(3, 20)], [(None, 20)]
    assert verdict_of(early * 12 + late * 20, late * 12 + early * 20).verdict == "supported"


def test_seeds_are_added_until_it_is_decided():
    """`UntilDecided` asks for both variants, and stops within two seeds of where the signs decide."""
    study, trials, seeds = study_of(SOONER, ids="ab"), [], set()
    schedule = UntilDecided(study, margin=MARGIN, maximum_seeds=30)
    while wanted := schedule.wanted(trials, ()):
        trials += [trial(name, seed, 3 if name == "a" else 8) for name, seed in wanted[:2]]
        seeds |= {seed for _, seed in wanted[:2]}
    assert schedule.remark() == "1 of 1 claims decided"
    alone = next(n for n in range(3, 30) if verdict_of([(3, 20)] * n, [(8, 20)] * n).verdict == "supported")
    assert len(seeds) <= alone + 2


def test_the_error_under_censoring_is_kept():
    """Equal hazards, a third of the runs censored at epoch 10: looked at after every seed, at most 5% are decided."""
    generator, studies, seeds, wrong = np.random.default_rng(3), 400, 30, 0
    for _ in range(studies):
        epochs = generator.geometric(0.1, (2, seeds))
        runs = [[(int(epoch) if epoch <= 10 else None, 10) for epoch in side] for side in epochs]
        wrong += verdict_of(*runs).verdict != "undecided"
    assert wrong / studies <= 0.05 + 2 * math.sqrt(0.05 * 0.95 / studies)


def test_twice_the_hazard_is_found():
    """Sooner in two of three seeds that tell: 60 seeds find it in most studies, and never the opposite."""
    generator, found = np.random.default_rng(4), []
    for _ in range(40):
        epochs = np.stack([generator.geometric(hazard, 60) for hazard in (0.3, 0.1)])
        runs = [[(int(epoch) if epoch <= 10 else None, 10) for epoch in side] for side in epochs]
        found.append(verdict_of(*runs, planned=60).verdict)
    assert set(found) <= {"supported", "undecided"}
    assert found.count("supported") >= 36


def records_of_race(first, second):
    """The same as a store gives it."""
    trials = [
        replace(record_of(name, seed, metrics={LOSS: 9.0}), history={VALIDATION_LOSS: curve(reached, last)})
        for name, side in (("a", first), ("b", second))
        for seed, (reached, last) in enumerate(side)
    ]
    return Results(
        tracking_uri="",
        study="letters",
        preset="quick",
        corpus="x",
        margin=MARGIN,
        trials=tuple(trials),
        planned_seeds=len(first),
    )


def test_the_sentence_the_json_and_the_page_say_who_arrived():
    """How often sooner, by how much where both arrive, how many arrive at all; the target in JSON."""
    first, second = [(3, 20)] * 8 + [(5, 20)] * 2, [(7, 20)] * 6 + [(None, 20)] * 4
    study, records = study_of(SOONER, ids="ab"), records_of_race(first, second)
    (verdict,) = decide(study, records, MARGIN)
    assert verdict.sentence == (
        "Holds: “level a” reaches a validation loss of 10.0 nats sooner than “level b” on 10 of 10 paired seeds, later "
        "on 0; where both reach it, on 6 seeds, it takes 4 epochs fewer in the median. It is reached by “level a” in "
        "10 of 10 runs (half of them by epoch 3), “level b” in 6 of 10 runs (half of them by epoch 7)."
    )
    summary = summarise(study, records)
    (claim,) = to_plain(summary)["claims"]
    assert (claim["metric"], claim["target"], claim["effect"], claim["n"]) == (VALIDATION_LOSS, TARGET, 4.0, 10)
    assert not claim["flips_at"]
    (comparison,) = claim["comparisons"]
    assert comparison["race"] == {
        "sooner": 10,
        "later": 0,
        "neither": 0,
        "first": {"reached": 10, "runs": 10, "median_epochs": 3.0},
        "second": {"reached": 6, "runs": 10, "median_epochs": 7.0},
    }
    page = render_page(summary, records)
    assert "on 10 of 10 paired seeds" in page
    assert "seeds on which both arrive" in page


def test_an_undecided_race_says_what_is_missing():
    """Too few seeds, and a seed that says nothing."""
    (verdict,) = decide(study_of(SOONER, ids="ab"), records_of_race([(3, 20)], [(None, 20)]), MARGIN)
    assert verdict.sentence == "Not decided: 1 paired seed where 2 are the least that can decide."
    (open_race,) = decide(
        study_of(SOONER, ids="ab"), records_of_race([(None, 20)] * 4, [(None, 20)] * 3 + [(3, 20)]), MARGIN
    )
    assert "on 0 of 4 paired seeds, later on 1, and on 3 neither is shown; on no seed do both reach it" in (
        open_race.sentence
    )


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"metric": "best/validation/loss"}, "must be one of every epoch, validation/..., got 'best/validation/loss'"),
        ({"margin": 0}, "must be at least one epoch, got 0"),
        ({"pairs": ()}, "compares pairs of two different variants"),
    ],
)
def test_races_that_cannot_be_run(given, message):
    """What has no curve, no distance, or no pair."""
    with pytest.raises(SpecError, match=message):
        ReachesSooner(**{"text": "t", "source": "s", "pairs": (("a", "b"),), "target": 1.0} | given)


def test_only_races_need_curves():
    """What the sweep has to keep of the epochs."""
    assert curve_metrics([SOONER]) == {VALIDATION_LOSS}
    assert curve_metrics(study_of().claims) == frozenset()
