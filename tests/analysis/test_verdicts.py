"""Verdicts: the zones of each rule by constructed data, what a claim makes of its pairs, and simulated errors."""

from __future__ import annotations

import numpy as np
import pytest

from analysis.comparisons import ErrorLevels, Pair, better, equivalent, not_better
from analysis.records import StudyRecords, TrialRecord
from analysis.verdicts import decide
from search_spaces import find_study
from search_spaces.claims import Better, Equivalent, Infeasible, Measure, NotBetter
from search_spaces.record import BEST_EPOCH, best
from search_spaces.specs import SpecError
from search_spaces.studies import Level, Study, Variant

LEVELS = ErrorLevels(supported=0.05, contradicted=0.05)
LOSS = best("validation/loss")
MARGIN = 3.0


def _pair(mean, spread=0.1, n=5):
    """Differences of exactly that mean, nearly without spread."""
    steps = np.linspace(-spread, spread, n)
    return Pair(first="a", second="b", differences=mean + steps, margin=MARGIN)


@pytest.mark.parametrize(
    ("rule", "mean", "expected"),
    [
        (better, 5.0, "supported"),
        (better, 1.0, "contradicted"),
        (better, 0.0, "contradicted"),
        (better, -5.0, "contradicted"),
        (not_better, 5.0, "contradicted"),
        (not_better, 1.0, "supported"),
        (not_better, -5.0, "supported"),
        (equivalent, 5.0, "contradicted"),
        (equivalent, 1.0, "supported"),
        (equivalent, -1.0, "supported"),
        (equivalent, -5.0, "contradicted"),
    ],
)
def test_a_sharp_difference_falls_into_its_zone(rule, mean, expected):
    """Far from every boundary, with hardly any spread, each rule decides as its table says."""
    assert rule(_pair(mean), LEVELS).verdict == expected


@pytest.mark.parametrize("rule", [better, not_better, equivalent])
@pytest.mark.parametrize("mean", [-5.0, 0.0, 5.0])
def test_a_vague_difference_is_undecided(rule, mean):
    """A spread far beyond the margin decides nothing; above all, it never shows equivalence."""
    comparison = rule(_pair(mean, spread=60.0), LEVELS)
    assert comparison.verdict == "undecided"
    assert comparison.seeds_needed > 5


@pytest.mark.parametrize("rule", [better, not_better, equivalent])
@pytest.mark.parametrize("n", [0, 1])
def test_fewer_than_two_pairs_are_undecided(rule, n):
    """One pair has no spread: no verdict, no interval, and no guess at the seeds needed."""
    comparison = rule(_pair(50.0, n=n), LEVELS)
    assert (comparison.verdict, comparison.interval, comparison.seeds_needed) == ("undecided", None, None)


def test_an_improvement_below_the_margin_does_not_support_better():
    """A difference that is surely positive and surely negligible contradicts "better"."""
    comparison = better(_pair(1.0), LEVELS)
    assert comparison.interval.low > 0
    assert comparison.verdict == "contradicted"


@pytest.mark.parametrize("rule", [better, not_better, equivalent])
@pytest.mark.parametrize("mean", [-6.0, 0.5, 2.0, 6.0])
def test_the_seeds_needed_do_decide(rule, mean):
    """Data of the same mean and spread at that many seeds is decided, and as the heading foretells."""
    generator = np.random.default_rng(1)
    noise = generator.normal(0, 1, 5)
    noise = (noise - noise.mean()) / noise.std(ddof=1)
    now = rule(Pair(first="a", second="b", differences=mean + 9 * noise, margin=MARGIN), LEVELS)
    assert now.verdict == "undecided"
    more = generator.normal(0, 1, now.seeds_needed)
    more = (more - more.mean()) / more.std(ddof=1)
    later = rule(Pair(first="a", second="b", differences=mean + 9 * more, margin=MARGIN), LEVELS)
    assert later.verdict == now.heading


def _study(*claims, ids=("a", "b", "c")):
    model = find_study("asr-cnn-sublayer-order").variants[0]
    variants = tuple(
        Variant(
            id=name,
            levels=(Level(factor="letter", value=f"level {name}"),),
            features=model.features,
            network=model.network,
            recipe=model.recipe,
            epochs=2,
        )
        for name in ids
    )
    return Study(id="letters", question="Which?", source="here", baseline=ids[0], variants=variants, claims=claims)


def _trial(variant, seed, loss, *, status="completed", epoch=10.0):
    metrics = {} if loss is None else {LOSS: loss, BEST_EPOCH: epoch}
    return TrialRecord(
        run_id=f"{variant}{seed}",
        trial_id=f"{variant}{seed}",
        variant=variant,
        seed=seed,
        status=status,
        reason=None,
        metrics=metrics,
        history={},
        levels={},
        reused_from=None,
    )


def _records(losses, extra=()):
    trials = [_trial(name, seed, loss) for name, values in losses.items() for seed, loss in enumerate(values)]
    return StudyRecords(
        tracking_uri="", study="letters", preset="quick", corpus="x", margin=MARGIN, trials=(*trials, *extra)
    )


SEEDS = np.array([0.0, 0.3, -0.2, 0.1, -0.1, 0.2])


def test_a_claim_over_pairs_is_supported_by_its_weakest():
    """All pairs hold, and the numbers shown are those of the smallest improvement."""
    study = _study(Better(text="a", source="s", pairs=(("a", "b"), ("a", "c"))))
    records = _records({"a": 80 + SEEDS, "b": 90 - SEEDS, "c": 99 + SEEDS * 2})
    (verdict,) = decide(study, records, MARGIN)
    assert verdict.verdict == "supported"
    assert verdict.effect == pytest.approx(10, abs=0.2)
    assert verdict.n == 6
    assert [comparison.verdict for comparison in verdict.comparisons] == ["supported", "supported"]
    assert "level a" in verdict.sentence
    assert "nats" in verdict.sentence


def test_one_counterexample_contradicts():
    """A claim says that all its pairs hold, so one pair that surely does not decides, with its own numbers."""
    study = _study(Better(text="a", source="s", pairs=(("a", "b"), ("a", "c"))))
    records = _records({"a": 80 + SEEDS, "b": 90 - SEEDS, "c": 70 + SEEDS * 2})
    (verdict,) = decide(study, records, MARGIN)
    assert verdict.verdict == "contradicted"
    assert verdict.effect == pytest.approx(-10, abs=0.2)
    assert verdict.interval.confidence == pytest.approx(1 - 0.05 / 2)


def test_equivalence_compares_every_two_variants():
    """Three variants make three pairs; two of them far apart contradict."""
    study = _study(Equivalent(text="e", source="s", variants=("a", "b", "c")))
    alike = _records({"a": 80 + SEEDS, "b": 80 - SEEDS, "c": 80.5 + SEEDS})
    apart = _records({"a": 80 + SEEDS, "b": 80 - SEEDS, "c": 90 + SEEDS * 2})
    assert decide(study, alike, MARGIN)[0].verdict == "supported"
    verdict = decide(study, apart, MARGIN)[0]
    assert verdict.verdict == "contradicted"
    assert len(verdict.comparisons) == 3


def test_confidence_rises_with_the_number_of_claims():
    """With four statistical claims each interval has the confidence 1 - 0.05/4; infeasibility does not count."""
    claims = [Better(text=str(i), source="s", pairs=(("a", "b"),)) for i in range(4)]
    study = _study(*claims, Infeasible(text="i", source="s", variants=("c",)))
    verdicts = decide(study, _records({"a": 80 + SEEDS, "b": 90 - SEEDS}), MARGIN)
    assert verdicts[0].interval.confidence == pytest.approx(1 - 0.05 / 4)


def test_failures_are_missing_not_numbers():
    """A diverged trial with an absurd loss changes neither the effect nor n."""
    study = _study(NotBetter(text="n", source="s", pairs=(("b", "a"),)))
    losses = {"a": 80 + SEEDS, "b": 90 - SEEDS}
    wild = [_trial("a", 9, 1e9), _trial("b", 9, 1e-9, status="diverged")]
    assert decide(study, _records(losses), MARGIN) == decide(study, _records(losses, wild), MARGIN)


def test_a_measure_of_its_own_replaces_metric_and_margin():
    """A claim about epochs is judged in epochs, with its own margin."""
    measure = Measure(metric=BEST_EPOCH, margin=1.0)
    study = _study(Better(text="sooner", source="s", pairs=(("a", "b"),), measure=measure))
    trials = [_trial(name, seed, 80.0, epoch=epoch) for name, epoch in (("a", 5), ("b", 9)) for seed in range(5)]
    (verdict,) = decide(study, _records({}, trials), MARGIN)
    assert (verdict.verdict, verdict.effect, verdict.margin) == ("supported", 4.0, 1.0)
    assert "4.0 epochs sooner" in verdict.sentence


@pytest.mark.parametrize(
    ("extra", "expected"),
    [
        ((), "undecided"),
        ((_trial("c", None, None, status="infeasible"),), "supported"),
        ((_trial("c", 0, 80.0),), "contradicted"),
        ((_trial("c", 0, None, status="failed"),), "undecided"),
    ],
)
def test_infeasibility_is_read_off_the_statuses(extra, expected):
    """Found infeasible supports, trained contradicts, and a crash says nothing."""
    study = _study(Infeasible(text="i", source="s", variants=("c",)))
    (verdict,) = decide(study, _records({}, extra), MARGIN)
    assert verdict.verdict == expected
    assert (verdict.effect, verdict.interval, verdict.seeds_needed) == (None, None, None)


def test_without_records_everything_is_undecided():
    """A study that was never run has an answer to no claim, and no sentence fails to be written."""
    for study_id in ("asr-cnn-sublayer-order", "asr-merge-mode", "asr-dilation"):
        verdicts = decide(find_study(study_id), _records({}), MARGIN)
        assert {verdict.verdict for verdict in verdicts} == {"undecided"}


def test_a_claim_about_unknown_variants_cannot_be_declared():
    """The study refuses it, so a verdict never has to."""
    with pytest.raises(SpecError, match="unknown variants"):
        _study(Infeasible(text="i", source="s", variants=("zz",)))


@pytest.mark.parametrize(
    ("rule", "truth", "wrong"),
    [
        (better, 0.0, "supported"),
        (better, MARGIN, "contradicted"),
        (not_better, MARGIN, "supported"),
        (not_better, 0.0, "contradicted"),
        (equivalent, MARGIN, "supported"),
        (equivalent, MARGIN, "contradicted"),
    ],
)
def test_false_verdicts_stay_below_their_level(rule, truth, wrong):
    """At the worst case of each hypothesis, 2,000 simulated studies give the false verdict in at most 5%, and noise."""
    generator = np.random.default_rng(7)
    differences = generator.normal(truth, 2.0, size=(2000, 6))
    verdicts = [
        rule(Pair(first="a", second="b", differences=row, margin=MARGIN), LEVELS).verdict for row in differences
    ]
    assert verdicts.count(wrong) / len(verdicts) < 0.065
