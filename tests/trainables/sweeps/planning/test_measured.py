"""A metric that trials do not record is refused before they are trained."""

from dataclasses import replace

import pytest

from soundproof.common import record
from soundproof.common.errors import UserError
from soundproof.search_spaces import PRESETS, find_study
from soundproof.search_spaces.claims import Better, Faster, Measure, ReachesSooner
from soundproof.search_spaces.presets import plan_trial
from soundproof.search_spaces.specs import ClassSplit, Cut, GroupSplit, TaggedClips, Trial, ValuedClips
from soundproof.trainables.sweeps.planning.measured import check_claims_measured, check_measured

TAGGED = TaggedClips(cut=Cut(seconds=1.0), classes=("bark", "dog"))
VALUED = ValuedClips(cut=Cut(seconds=1.0))
BY = {
    "one class": record.ACCURACY,
    "a transcript": record.CER,
    "several labels": record.MEAN_AVERAGE_PRECISION,
    "a value": record.R2,
}


def test_the_loss_of_values_decides_nothing() -> None:
    """It is in variances of those who train, which every seed has others of."""
    with pytest.raises(UserError, match="units that are others for every seed.*mean_absolute_error"):
        check_measured(record.best(record.VALIDATION_LOSS), _trial("a value"))


def test_of_unseen_classes_nothing_but_pairs_is_measured() -> None:
    """In the study's metric as in a claim's; what training tells, and what it costs, is taken."""
    trial = replace(_trial("one class"), split=ClassSplit())
    best = record.best(record.VALIDATION_VERIFICATION_EQUAL_ERROR_RATE)
    taken = (best, record.TEST_PREFIX + record.VERIFICATION_EQUAL_ERROR_RATE, record.PARAMETERS, record.BEST_EPOCH)
    for metric in taken:
        check_measured(metric, trial)
    refused = (record.best(record.VALIDATION_ACCURACY), record.best(record.VALIDATION_LOSS), record.TEST_GAP)
    for metric in refused:
        with pytest.raises(UserError, match=f"classes that training never saw: declare .*{best}.*--objective"):
            check_measured(metric, trial)
    with pytest.raises(UserError, match="where every example has one class"):
        check_measured(best, _trial("one class"))
    stated = {"text": "It is.", "source": "here", "pairs": (("a", "b"),)}
    sooner = ReachesSooner(**stated, target=0.1)
    claims = [
        Better(**stated),
        Faster(**stated),
        replace(sooner, metric=record.VALIDATION_VERIFICATION_EQUAL_ERROR_RATE),
    ]
    check_claims_measured(claims, trial)
    by_loss = Better(**stated, measure=Measure(metric=record.best(record.VALIDATION_LOSS), margin=1.0))
    for claim in (sooner, by_loss):
        with pytest.raises(UserError, match="validation/loss is not recorded"):
            check_claims_measured([*claims, claim], trial)
        check_claims_measured([claim], _trial("one class"))


def _trial(what: str) -> Trial:
    study = find_study("asr-merge-mode" if what == "a transcript" else "speech-commands")
    preset = PRESETS[study.domain]["smoke"]
    corpus = {"several labels": TAGGED, "a value": VALUED}.get(what, preset.corpus)
    return plan_trial(preset.variant(study.variants[-1]), preset, corpus, GroupSplit(), 0).trial


@pytest.mark.parametrize("what", BY)
def test_each_kind_has_metrics_of_its_own(what: str) -> None:
    """Its own are taken, in the best epoch and on the test; so is a loss; those of the others name what there is."""
    trial = _trial(what)
    loss = [] if what == "a value" else [record.best(record.VALIDATION_LOSS)]
    for taken in (*loss, record.PARAMETERS, record.TEST_PREFIX + BY[what]):
        check_measured(taken, trial)
    for other in set(BY.values()) - {BY[what]}:
        with pytest.raises(UserError, match=f"where every example has {what}: declare .*{BY[what]}"):
            check_measured(record.best(record.VALIDATION_PREFIX + other), trial)
