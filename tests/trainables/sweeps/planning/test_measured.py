"""A metric that trials do not record is refused before they are trained."""

import pytest

from soundproof.common import record
from soundproof.common.errors import UserError
from soundproof.search_spaces import PRESETS, find_study
from soundproof.search_spaces.presets import plan_trial
from soundproof.search_spaces.specs import Cut, GroupSplit, TaggedClips, Trial, ValuedClips
from soundproof.trainables.sweeps.planning.measured import check_measured

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
