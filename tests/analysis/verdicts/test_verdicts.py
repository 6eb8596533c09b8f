"""Verdicts as a report shows them: the numbers and the sentence of a claim, and what stands in its way."""

from dataclasses import replace

import numpy as np
import pytest
from letters import MARGIN, ended, record_of, records_of, study_of

from soundproof.analysis.statistics.paired_tests import wilcoxon_p_value
from soundproof.analysis.verdicts.evidence import Obstacle
from soundproof.analysis.verdicts.sentences import untested_degree
from soundproof.analysis.verdicts.verdicts import ExactVerdict, decide
from soundproof.search_spaces import STUDIES
from soundproof.search_spaces.claims import (
    BestOf,
    Better,
    Equivalent,
    Faster,
    Infeasible,
    NotBetter,
    WorstOf,
    every_pair,
)
from soundproof.search_spaces.specs import SpecError

SEEDS = np.array([0.0, 0.3, -0.2, 0.1, -0.1, 0.2])
TWO_PAIRS = Better(text="t", source="s", pairs=(("a", "b"), ("a", "c")))


def _decide(study, losses, *extra, planned_seeds=6):
    return decide(study, records_of(losses, *extra, planned_seeds=planned_seeds), MARGIN)


def _one(claim, losses, *extra, planned_seeds=6):
    (verdict,) = _decide(study_of(claim, ids="abcd"), losses, *extra, planned_seeds=planned_seeds)
    return verdict


def test_a_supported_claim_shows_its_weakest_pair():
    """All pairs hold, and the numbers are those of the one that shows it least, at the claim's confidence."""
    losses = {"a": 80 + SEEDS, "b": 90 - SEEDS, "c": 99 + SEEDS}
    verdict = _one(TWO_PAIRS, losses)
    assert (verdict.verdict, verdict.seeds_needed) == ("supported", None)
    assert (verdict.deciding.n, verdict.deciding.obstacle) == (6, None)
    assert verdict.deciding.effect == pytest.approx(10, abs=0.2)
    assert verdict.deciding.interval.confidence == pytest.approx(1 - 2 * 0.05 * 0.9 * 0.8)
    assert verdict.deciding.interval.low > 0
    assert [comparison.verdict for comparison in verdict.comparisons] == ["supported", "supported"]
    assert verdict.sentence.startswith("Holds for both pairs; in the weakest one, “level a” has a best validation loss")
    assert verdict.sentence.endswith("more than chance explains and more than the 3.0 nats that matter.")


def test_a_degree_that_was_not_tested_is_told():
    """Supported is that there is a difference at all; where it may be too small to matter, or is of words, is said."""
    claim = Better(text="Considerably better.", source="s", pairs=(("a", "b"),))
    verdict = _one(claim, {"a": 80 + SEEDS, "b": 81 + 5 * SEEDS[::-1] + 1.5})
    assert verdict.verdict == "supported"
    assert verdict.sentence.endswith("more than chance explains, though perhaps by less than the 3.0 nats that matter.")
    assert "“Considerably”" in untested_degree(claim)
    assert untested_degree(Equivalent(text="Much the same.", source="s", pairs=(("a", "b"),))) is None
    assert untested_degree(replace(claim, text="It is better with farther pools.")) is None


def test_two_seeds_have_no_interval():
    """Neither decided nor undecided claims show one; the decision is the test's, as before."""
    pair = Better(text="t", source="s", pairs=(("a", "b"),))
    undecided = _one(pair, {"a": [80.0, 81.0], "b": [84.0, 90.0]}, planned_seeds=2)
    assert (undecided.verdict, undecided.deciding.interval) == ("undecided", None)
    assert undecided.sentence.endswith("but on 2 paired seeds only, too few for an interval.")
    decided = _one(pair, {"a": [80.0, 81.0], "b": [90.0, 91.001]}, planned_seeds=2)
    assert (decided.verdict, decided.deciding.interval) == ("supported", None)
    assert "(too few seeds for an interval, 2 paired seeds)" in decided.sentence


def test_a_contradicted_claim_shows_its_counterexample():
    """One of two pairs is the wrong way round; its interval has the confidence at which it was tested.

    One of two groups, a fifth of the error for the opposite, nine tenths of that for the one look, on one side of two.
    """
    verdict = _one(TWO_PAIRS, {"a": 80 + SEEDS, "b": 90 - SEEDS, "c": 70 + SEEDS * 2})
    assert verdict.verdict == "contradicted"
    assert verdict.deciding.effect == pytest.approx(-10, abs=0.2)
    assert verdict.deciding.interval.confidence == pytest.approx(1 - 2 * 0.05 / 2 * 0.2 * 0.9)
    assert verdict.sentence.startswith("Does not hold: “level a” has a best validation loss 9.9 nats higher")
    assert "so it is the worse one" in verdict.sentence


def test_an_undecided_claim_says_what_would_decide_it():
    """The interval leaves room for either answer, and the number of seeds and the direction are told."""
    verdict = _one(Better(text="t", source="s", pairs=(("a", "b"),)), {"a": 80 + 20 * SEEDS, "b": 85 - 20 * SEEDS})
    assert (verdict.verdict, verdict.heading) == ("undecided", "supported")
    assert verdict.seeds_needed > 6
    assert verdict.deciding.interval.low < 0 < MARGIN < verdict.deciding.interval.high
    assert "leaves room for either answer" in verdict.sentence


@pytest.mark.parametrize(("preset", "foreseen"), [("smoke", False), ("smoke-2-epochs", False), ("quick", True)])
def test_more_seeds_of_a_smoke_run_are_not_advised(preset, foreseen):
    """It decides nothing, so no number of its seeds would."""
    records = records_of({"a": 80 + 20 * SEEDS, "b": 85 - 20 * SEEDS}, planned_seeds=6)
    study = study_of(Better(text="t", source="s", pairs=(("a", "b"),)), ids="ab")
    (verdict,) = decide(study, replace(records, preset=preset), MARGIN)
    assert (verdict.verdict, verdict.heading) == ("undecided", "supported")
    assert (verdict.seeds_needed is not None) == foreseen


def test_a_pair_that_is_decided_does_not_leave_room_for_either_answer():
    """It is surely better; whether by more than the margin is open, and so is the other pair."""
    noise = np.sin(np.arange(30))
    noise = (noise - noise.mean()) / noise.std(ddof=1)
    losses = {"a": 80 + np.roll(noise, 7) / 10, "b": 83 + 2.8 * noise, "c": 80.3 + 12 * noise}
    claim = Better(text="t", source="s", pairs=(("a", "b"), ("a", "c")))
    verdict = decide(study_of(claim), records_of(losses, planned_seeds=30), MARGIN)[0]
    assert [verdict.verdict, *(pair.verdict for pair in verdict.comparisons)] == ["undecided", "supported", "undecided"]
    assert verdict.comparisons[0].interval.low > 0
    assert verdict.deciding.second == "c"


def test_looking_often_makes_intervals_wider():
    """An interval about the same mean: wider where it has to hold at every look, at its own confidence."""
    losses = {"a": 80 + SEEDS, "b": 81.5 - SEEDS[::-1] * 6}
    pair = Better(text="t", source="s", pairs=(("a", "b"),))
    once, often = (_one(pair, losses, planned_seeds=planned).deciding for planned in (6, None))
    assert once.effect == pytest.approx(often.effect)
    assert often.interval.high - often.interval.low > once.interval.high - once.interval.low


def test_equivalence_is_shown_at_the_confidence_of_two_one_sided_tests():
    """One claim of two: 1 - 2·0.05/2 for the claim that is tested first."""
    study = study_of(Equivalent(text="e", source="s", pairs=(("a", "b"),)), TWO_PAIRS)
    equivalent = _decide(study, {"a": 80 + SEEDS, "b": 80 - SEEDS, "c": 81 + 30 * SEEDS})[0]
    assert equivalent.verdict == "supported"
    assert equivalent.deciding.interval.confidence == pytest.approx(1 - 2 * 0.05 / 2 * 0.9)
    assert -MARGIN < equivalent.deciding.interval.low < equivalent.deciding.interval.high < MARGIN
    assert "less than the 3.0 nats that matter" in equivalent.sentence


def test_claims_of_several_kinds_say_what_they_hold_for():
    """Pairs, others and steps are called by their names."""
    losses = {"a": 71 + SEEDS, "b": 80 - SEEDS, "c": 90 + SEEDS, "d": 70 + SEEDS[::-1]}
    sentences = [
        _one(claim, losses).sentence
        for claim in (
            BestOf(text="t", source="s", best=("a", "d"), others=("b", "c")),
            WorstOf(text="t", source="s", worst=("c",), others=("a", "b", "d")),
            Equivalent(text="t", source="s", pairs=(("a", "d"), ("d", "a"))),
            NotBetter(text="t", source="s", pairs=(("b", "a"),)),
        )
    ]
    assert sentences[0].startswith("Holds against both others; against the closest one, “level d” has")
    assert sentences[1].startswith("Holds against all 3 others; against the closest one, “level b” has")
    assert sentences[2].startswith("Holds for both pairs; in the farthest apart one, ")
    assert sentences[3].startswith("Holds: “level b” has a best validation loss 8.9 nats higher")


def test_a_claim_about_the_best_tells_who_may_be_it():
    """B is excluded; a and d cannot be told apart. Other claims have no such set."""
    losses = {"a": 70 + SEEDS, "b": 80 - SEEDS, "d": 70 + SEEDS[::-1]}
    assert _one(BestOf(text="t", source="s", best=("a",), others=("b", "d")), losses).best_set == ("a", "d")
    assert _one(TWO_PAIRS, losses).best_set is None


def test_a_decision_of_an_earlier_look_stays_and_is_told():
    """Decided after 3 pairs, with 6 more since: verdict and numbers are those of the decision, the sentence tells."""
    a, b = [80.0, 80.1, 79.9] * 3, [89.4, 90.4, 90.2, 89.5, 90.5, 88, 89, 87, 76]
    verdict = _one(Better(text="t", source="s", pairs=(("a", "b"),)), {"a": a, "b": b}, planned_seeds=None)
    (comparison,) = verdict.comparisons
    assert (verdict.verdict, verdict.deciding.n) == ("supported", 3)
    assert verdict.deciding.effect == pytest.approx(10.0)
    assert verdict.deciding.interval.low > 0
    assert (comparison.overall.n, comparison.overall.value) == (9, pytest.approx(70 / 9))
    assert "3 paired seeds; over all 9 it is 7.8 nats)" in verdict.sentence


def test_companions_stand_beside_every_comparison():
    """Signed ranks, sign flips and the probability of improvement, which do not decide."""
    losses = {"a": 80 + SEEDS[:5], "b": 90 - SEEDS[:5]}
    verdict = _one(Better(text="t", source="s", pairs=(("a", "b"),)), losses, planned_seeds=5)
    companions = verdict.comparisons[0].companions
    assert verdict.verdict == "supported"
    assert companions.wilcoxon == wilcoxon_p_value(losses["b"] - losses["a"]) == companions.least_wilcoxon == 0.0625
    assert companions.permutation == 0.0625
    assert companions.probability_of_improvement.value == 1
    assert companions.probability_of_improvement.interval.low > 0.4


def test_a_claim_about_epochs_is_judged_in_epochs():
    """`Faster` has a measure of its own: fewer epochs are better, and equal steps keep the spread of rounding."""
    claim = Faster(text="sooner", source="s", pairs=(("a", "b"),))
    trials = [ended(name, seed, 80.0, epoch=epoch) for name, epoch in (("a", 5), ("b", 9)) for seed in range(6)]
    records = [record_of(trial.variant, trial.seed, trial.status, trial.metrics) for trial in trials]
    verdict = _one(claim, {}, *records)
    assert (verdict.verdict, verdict.deciding.effect, verdict.endpoint.margin) == ("supported", 4.0, 1.0)
    assert verdict.deciding.interval.low < 4 < verdict.deciding.interval.high
    assert "reaches its best 4.0 epochs sooner" in verdict.sentence


def test_too_many_failures_are_said_and_decide_nothing():
    """5 of 8 trials of a diverged, the first looks among them: no verdict, however clear the rest."""
    losses = {"a": [80.0, None, None, None, None, None, *(80 + SEEDS[:2])], "b": 95 + np.arange(8.0)}
    verdict = _one(Better(text="t", source="s", pairs=(("a", "b"),)), losses, planned_seeds=8)
    assert (verdict.verdict, verdict.p_value, verdict.seeds_needed) == ("undecided", 1.0, None)
    assert verdict.deciding.obstacle == Obstacle(kind="failures", variant="a", count=5, total=8)
    assert verdict.sentence == (
        "Not decided: too many trials of “level a” ended without a comparable number (5 of 8), "
        "and those that survive are a selection."
    )
    assert verdict.deciding.n == 3


def test_an_infeasible_variant_leaves_its_claims_open():
    """What cannot be trained is neither better nor worse; another pair may still contradict."""
    infeasible = record_of("c", None, "infeasible")
    losses = {"a": 80 + SEEDS, "b": 90 - SEEDS}
    verdict = _one(TWO_PAIRS, losses, infeasible)
    assert verdict.verdict == "undecided"
    assert verdict.sentence == "Not decided: “level c” cannot be trained on this corpus."
    assert _one(TWO_PAIRS, {"a": 90 + SEEDS, "b": 80 - SEEDS}, infeasible).verdict == "contradicted"


@pytest.mark.parametrize(
    ("seeds", "planned", "words"),
    [
        (0, 6, "no seed of “level a” and “level b” was completed on both sides"),
        (1, None, "but on one seed only, which shows no spread. At least 3 are needed"),
        (1, 1, "but on one seed only, which shows no spread. At least 2 are needed"),
        (2, None, "but on 2 seeds only. At least 3 are needed"),
    ],
)
def test_too_few_pairs_are_said(seeds, planned, words):
    """What is missing is told in words, and as a value for JSON."""
    losses = {"a": 80 + SEEDS[:seeds], "b": 90 - SEEDS[:seeds]}
    verdict = _one(Better(text="t", source="s", pairs=(("a", "b"),)), losses, planned_seeds=planned)
    assert verdict.verdict == "undecided"
    assert words in verdict.sentence
    assert (verdict.deciding.obstacle.kind, verdict.deciding.obstacle.count) == ("too few", seeds)


def test_failures_are_missing_not_numbers():
    """A diverged trial with an absurd loss changes neither the effect nor n."""
    claim, losses = NotBetter(text="n", source="s", pairs=(("b", "a"),)), {"a": 80 + SEEDS, "b": 90 - SEEDS}
    wild = [ended("a", 6, 80.0), ended("b", 6, 1e-9, status="diverged")]
    records = [record_of(value.variant, value.seed, value.status, value.metrics) for value in wild]
    before, after = _one(claim, losses), _one(claim, losses, *records, planned_seeds=7)
    after, before = after.deciding, before.deciding
    assert (after.effect, after.n, after.interval) == (before.effect, before.n, before.interval)


@pytest.mark.parametrize("once", [True, False])
@pytest.mark.parametrize("seeds", [6, 19])
def test_variants_that_are_one_function(once, seeds):
    """Equal to the last bit on every seed: named at once, and equivalent once a rare difference would have come."""
    values = 80 + np.random.default_rng(3).normal(size=seeds)
    losses, pairs = {"a": values, "b": values}, (("a", "b"),)
    planned = seeds if once else None
    equivalent = _one(Equivalent(text="e", source="s", pairs=pairs), losses, planned_seeds=planned)
    better = _one(Better(text="b", source="s", pairs=pairs), losses, planned_seeds=planned)
    decided = ("supported", "negligible") if seeds == 19 else ("undecided", "undecided")
    assert (equivalent.verdict, better.verdict) == decided
    named = "" if seeds == 19 else "Not decided: every loss of “level a” and “level b” is the same to the last bit on 6"
    assert "one function" in equivalent.sentence
    assert named in equivalent.sentence
    assert equivalent.seeds_needed == (None if seeds == 19 else 19)
    deciding = equivalent.deciding
    assert (deciding.effect, deciding.interval.low, deciding.interval.high) == (0, 0, 0)
    assert equivalent.comparisons[0].companions.wilcoxon == 1


def test_a_seed_that_tells_one_function_from_another_takes_no_verdict_back():
    """Twenty seeds alike to the last bit, then one that differs by far: what was decided at 19 stays."""
    values = 80 + np.random.default_rng(3).normal(size=21)
    other = values + np.where(np.arange(21) == 20, 40.0, 0.0)
    claim = Equivalent(text="e", source="s", pairs=(("a", "b"),))
    before = _one(claim, {"a": values[:20], "b": other[:20]}, planned_seeds=None)
    after = _one(claim, {"a": values, "b": other}, planned_seeds=None)
    assert (before.verdict, after.verdict) == ("supported", "supported")


def test_arithmetic_takes_no_part_in_the_correction():
    """Of two claims one is about infeasibility: the other is tested at 5%."""
    study = study_of(
        Better(text="t", source="s", pairs=(("a", "b"),)), Infeasible(text="i", source="s", variants=("c",))
    )
    better, infeasible = _decide(study, {"a": 80 + SEEDS, "b": 90 - SEEDS})
    assert better.deciding.interval.confidence == pytest.approx(1 - 2 * 0.05 * 0.9 * 0.8)
    assert better.adjusted_p_value == better.p_value
    assert isinstance(infeasible, ExactVerdict)


@pytest.mark.parametrize(
    "study", STUDIES.values() if isinstance(STUDIES, dict) else STUDIES, ids=lambda study: study.id
)
@pytest.mark.parametrize("seeds", [0, 3])
def test_every_documented_study_can_be_judged(study, seeds):
    """Without records all is open; with some, every claim has a verdict and a sentence, in the order of the claims."""
    generator = np.random.default_rng(1)
    losses = {variant.id: generator.normal(80, 5, seeds) for variant in study.variants}
    verdicts = decide(study, records_of(losses), MARGIN)
    assert [verdict.claim.text for verdict in verdicts] == [claim.text for claim in study.claims]
    assert all(verdict.sentence.endswith(".") for verdict in verdicts)
    if seeds == 0:
        assert {verdict.verdict for verdict in verdicts} == {"undecided"}


def test_every_pair_of_a_claim_is_compared():
    """Three variants make three comparisons, in the order in which they are declared."""
    losses = {"a": 80 + SEEDS, "b": 80 - SEEDS, "c": 90 + SEEDS * 2}
    verdict = _one(Equivalent(text="e", source="s", pairs=every_pair("a", "b", "c")), losses)
    pairs = [(comparison.first, comparison.second) for comparison in verdict.comparisons]
    assert pairs == [("a", "b"), ("a", "c"), ("b", "c")]


def test_a_claim_about_unknown_variants_cannot_be_declared():
    """The study refuses it, so a verdict never has to."""
    with pytest.raises(SpecError, match="unknown variants"):
        study_of(Infeasible(text="i", source="s", variants=("zz",)))
