"""Which trials are wanted next, while a study trains until its claims are decided."""

import numpy as np
import pytest
from letters import MARGIN, ended, outcomes_of, study_of, trials_of

from soundproof.analysis.verdicts.decisions import decide_claims
from soundproof.analysis.verdicts.until_decided import UntilDecided
from soundproof.common import record
from soundproof.common.record import EndedTrial
from soundproof.search_spaces.claims import BestOf, Better, Equivalent, Infeasible, Larger, NotBetter

AB = Better(text="ab", source="s", pairs=(("a", "b"),))
AC = Better(text="ac", source="s", pairs=(("a", "c"),))
CLEAR = {"a": [80.0, 80.2, 79.9], "b": [95.0, 95.1, 95.2]}
"""Three seeds that decide AB."""


def _next(study, trials, *, maximum_seeds=30, infeasible=(), margin=MARGIN):
    return UntilDecided(study, margin=margin, maximum_seeds=maximum_seeds).wanted(trials, infeasible)


def _simulate(study, losses, *, maximum_seeds=30, processors=1):
    """Train until nothing is wanted; gives the trials."""
    rows = {variant.id: row for row, variant in enumerate(study.variants)}
    trials: list[EndedTrial] = []
    while wanted := _next(study, trials, maximum_seeds=maximum_seeds):
        had = {(trial.variant, trial.seed) for trial in trials}
        assert had.isdisjoint(wanted)
        assert len(set(wanted)) == len(wanted)
        trials += [ended(variant, seed, losses[rows[variant]][seed]) for variant, seed in wanted[:processors]]
    return trials


def test_the_first_look_comes_seed_by_seed():
    """Compared variants first, three seeds each; the variant that no claim compares gets its three seeds after them."""
    wanted = _next(study_of(AB, ids="abc"), [])
    assert wanted[:6] == tuple((variant, seed) for seed in range(3) for variant in "ab")
    assert wanted[6:] == (("c", 0), ("c", 1), ("c", 2))


def test_a_small_budget_is_never_exceeded():
    """With two seeds at most there is no third, though nothing can be decided."""
    assert _next(study_of(AB, ids="ab"), [], maximum_seeds=2) == (("a", 0), ("b", 0), ("a", 1), ("b", 1))
    trials = trials_of({"a": [1.0, 2.0], "b": [3.0, 4.0]})
    assert _next(study_of(AB, ids="ab"), trials, maximum_seeds=2) == ()


def test_nothing_more_is_wanted_when_all_is_decided():
    """The compared variants are done; the other one still gets what the table needs."""
    study, trials = study_of(AB, ids="abc"), trials_of(CLEAR)
    schedule = UntilDecided(study, margin=MARGIN, maximum_seeds=10)
    schedule.wanted(trials, ())
    assert schedule.remark() == "1 of 1 claims decided"
    assert _next(study, trials) == (("c", 0), ("c", 1), ("c", 2))
    assert _next(study_of(AB, ids="ab"), trials) == ()


def test_only_undecided_pairs_get_more():
    """AB is decided, AC is not: b needs nothing more."""
    trials = trials_of(CLEAR | {"c": [90.0, 85.0, 97.0]})
    wanted = _next(study_of(AB, AC), trials)
    assert wanted[:2] == (("a", 3), ("c", 3))
    assert "b" not in {variant for variant, _ in wanted}


def test_the_claim_with_the_fewest_trials_to_go_comes_first_and_every_next_seed_before_the_one_after():
    """AC is nearer than AB: its seed 3, then that of AB, and only then seed 4."""
    losses = {"a": [80.0, 80.0, 80.0], "b": [84.0, 90.0, 95.0], "c": [88.0, 90.0, 93.0]}
    wanted = _next(study_of(AB, AC), trials_of(losses))
    assert wanted[:3] == (("a", 3), ("c", 3), ("b", 3))
    seeds = [seed for _, seed in wanted]
    assert seeds == sorted(seeds)


def test_of_a_claim_the_pairs_that_it_waits_for_come_first():
    """One pair is a counterexample in the making: it comes before the pair that points the other way."""
    claim = Better(text="t", source="s", pairs=(("a", "b"), ("a", "c")))
    losses = {"a": [80.0, 80.0, 80.0], "b": [84.0, 90.0, 95.0], "c": [76.0, 72.0, 69.0]}
    wanted = _next(study_of(claim), trials_of(losses))
    assert wanted[:2] == (("a", 3), ("c", 3))
    assert wanted.index(("c", 4)) < wanted.index(("b", 3))


def test_the_list_is_long_enough_for_several_processors():
    """Two trials for each variant at least, as long as the budget has them and a claim is open."""
    losses = {"a": [80.0, 80.0, 80.0], "b": [84.0, 90.0, 95.0], "c": [88.0, 90.0, 93.0]}
    study = study_of(AB, AC)
    assert len(_next(study, trials_of(losses))) >= 6
    assert len(_next(study, trials_of(losses), maximum_seeds=4)) == 3


def test_hopeless_claims_come_after_hopeful_ones_and_after_the_table():
    """AB would need hundreds of seeds: AC goes first, then the mean of d, and what is left to fill the list."""
    losses = {"a": [80.0, 80.0, 80.0], "b": [70.0, 81.0, 92.5], "c": [88.0, 90.0, 93.0]}
    wanted = _next(study_of(AB, AC, ids="abcd"), trials_of(losses))
    assert wanted[:2] == (("a", 3), ("c", 3))
    assert wanted.index(("d", 2)) < wanted.index(("b", 3))


def test_a_hopeless_claim_alone_uses_up_the_budget():
    """Idle processors help nobody: every seed is tried, and then no more."""
    generator = np.random.default_rng(0)
    losses = generator.normal(80, 30, (2, 12))
    trials = _simulate(
        study_of(NotBetter(text="n", source="s", pairs=(("a", "b"),)), ids="ab"), losses, maximum_seeds=12
    )
    assert sorted((trial.variant, trial.seed) for trial in trials) == [
        (name, seed) for name in "ab" for seed in range(12)
    ]


def test_infeasible_variants_are_never_wanted():
    """Neither told by the caller, nor found in the trials; and a claim that hangs on one is not pursued."""
    study = study_of(AC, Infeasible(text="i", source="s", variants=("b",)), ids="abc")
    assert {variant for variant, _ in _next(study, [], infeasible={"b"})} == {"a", "c"}
    trials = trials_of({"a": [80.0, 81.0, 82.0]})
    assert _next(study, trials, infeasible={"b", "c"}) == ()
    told = ended("c", 0, None, status="infeasible")
    assert _next(study, [*trials, told], infeasible={"b"}) == ()


def test_a_failure_counts_as_ended():
    """It is not tried again, and the seed after it is wanted to make up for it."""
    losses = {"a": [80.0, None, 80.0, 80.1], "b": [84.0, 90.0, 95.0, 89.0]}
    wanted = _next(study_of(AB, ids="ab"), trials_of(losses))
    assert ("a", 1) not in wanted
    assert wanted[:2] == (("a", 4), ("b", 4))


def test_a_variant_that_fails_too_often_is_given_up():
    """With 3 of at most 10 lost it can no longer be judged: more than a quarter. With 2 it can."""
    study = study_of(AB, ids="ab")
    for lost, given_up in ((2, False), (3, True)):
        losses = {"a": [None] * lost + [80.0], "b": [90.0] * (lost + 1)}
        assert (_next(study, trials_of(losses), maximum_seeds=10) == ()) is given_up


def test_a_side_that_is_behind_is_brought_up():
    """B has five seeds and a three: the next pair needs a's seed 3 alone."""
    losses = {"a": [80.0, 80.0, 80.0], "b": [84.0, 90.0, 95.0, 88.0, 89.0]}
    assert _next(study_of(AB, ids="ab"), trials_of(losses))[:3] == (("a", 3), ("a", 4), ("a", 5))


def test_variants_of_arithmetic_claims_are_trained_like_those_that_no_claim_names():
    """Their parameters are recorded by any trial; three seeds give the table a mean."""
    study = study_of(Larger(text="l", source="s", pair=("a", "b"), ratio=1.2, tolerance=0.1), ids="ab")
    assert len(_next(study, [])) == 6
    assert UntilDecided(study, margin=MARGIN, maximum_seeds=10).remark() == "0 of 0 claims decided"


@pytest.mark.parametrize("processors", [1, 5])
def test_a_simulated_study_ends_with_every_claim_decided(processors):
    """Sharp differences: decided long before the budget is used up, and the clearest variant trained least."""
    generator = np.random.default_rng(4)
    claims = (
        AB,
        BestOf(text="o", source="s", best=("a",), others=("b", "c")),
        Equivalent(text="e", source="s", pairs=(("d", "a"),)),
    )
    study = study_of(*claims, ids="abcd")
    losses = np.array([[80.0], [95.0], [78.0], [80.2]]) + generator.normal(0, 0.8, (4, 30))
    trials = _simulate(study, losses, processors=processors)
    decisions = decide_claims(study, outcomes_of(study, trials), MARGIN)
    assert [decision.verdict for decision in decisions] == ["supported", "negligible", "supported"]
    assert len(trials) < 60
    counts = {name: sum(trial.variant == name for trial in trials) for name in "abcd"}
    assert counts["b"] <= min(counts.values()) + processors


def test_a_schedule_tells_how_far_it_is():
    """The sweeps' view: wishes, the design for the record, and a remark."""
    study, trials = study_of(AB, AC), trials_of(CLEAR | {"c": [90.0, 85.0, 97.0]})
    schedule = UntilDecided(study, margin=MARGIN, maximum_seeds=30)
    assert (schedule.adaptive, schedule.design) == (True, record.UNTIL_DECIDED)
    assert schedule.remark() == "0 of 2 claims decided"
    assert schedule.wanted(trials, frozenset())
    assert schedule.remark() == "1 of 2 claims decided"
