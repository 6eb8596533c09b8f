"""Whether trials record the metric that they are judged by: found out before anything is trained."""

from collections.abc import Iterable

from soundproof.common import record
from soundproof.common.errors import UserError
from soundproof.search_spaces.claims import Claim, Comparative, ReachesSooner
from soundproof.search_spaces.specs import Trial

_OF_ONE_CLASS = (record.ACCURACY, record.BALANCED_ACCURACY, record.MACRO_F1, record.EQUAL_ERROR_RATE)
_OF_SEVERAL_LABELS = (record.MEAN_AVERAGE_PRECISION, record.MACRO_F1, record.MICRO_F1, record.EQUAL_ERROR_RATE)
_OF_VALUES = (record.MEAN_ABSOLUTE_ERROR, record.ROOT_MEAN_SQUARED_ERROR, record.R2)
_OF_UNSEEN_CLASSES = (record.VERIFICATION_EQUAL_ERROR_RATE,)
_OF_TRANSCRIPTS = (record.CER, record.WER)
_EVERY = frozenset({*_OF_ONE_CLASS, *_OF_SEVERAL_LABELS, *_OF_TRANSCRIPTS, *_OF_VALUES, *_OF_UNSEEN_CLASSES})


def check_measured(metric: str, trial: Trial) -> None:
    """Raise `UserError` where `metric` is that of another kind of answer than the trial's networks give."""
    measured: tuple[str, ...] = _OF_ONE_CLASS
    what = "one class"
    if trial.task == "transcription":
        measured, what = _OF_TRANSCRIPTS, "a transcript"
    elif trial.has_several_labels:
        measured, what = _OF_SEVERAL_LABELS, "several labels"
    elif trial.has_values:
        measured, what = _OF_VALUES, "a value"
    own = record.own_metric(metric)
    if own is not None:
        known = [measure.recorded for measure in trial.recipe.metrics]
        if own not in known:
            raise UserError(
                f"the metric {metric} is not recorded: of your own the recipe has {', '.join(known) or 'none'}; add "
                "it, as Recipe(metrics=(...,))"
            )
        return
    name = metric.rpartition("/")[2]
    if trial.has_unseen_classes:
        _check_of_unseen(metric, name)
        return
    if trial.has_values and name == record.LOSS:
        raise UserError(
            f"the metric {metric} of values is in units that are others for every seed, the variances of who trains: "
            f"declare the study or space with one of {', '.join(map(_best, measured))}"
        )
    if name in _EVERY and name not in measured:
        others = ", ".join(map(_best, measured))
        loss = "" if trial.has_values else f", or {record.best(record.VALIDATION_LOSS)}"
        raise UserError(
            f"the metric {metric} is not recorded where every example has {what}: declare the study or space with one "
            f"of {others}{loss}"
        )


def check_claims_measured(claims: Iterable[Claim], trial: Trial) -> None:
    """Raise `UserError` where a claim is measured by what is not recorded of classes that training never saw."""
    if not trial.has_unseen_classes:
        return
    for claim in claims:
        if isinstance(claim, ReachesSooner):
            check_measured(claim.metric, trial)
        elif isinstance(claim, Comparative) and claim.measure is not None:
            check_measured(claim.measure.metric, trial)


def _check_of_unseen(metric: str, name: str) -> None:
    """No output of a network is right for a class that it was not trained on."""
    of_clips = (record.BEST_PREFIX, record.VALIDATION_PREFIX, record.TEST_PREFIX, record.TRAIN_GAP, record.TEST_GAP)
    if metric.startswith(of_clips) and metric != record.BEST_EPOCH and name not in _OF_UNSEEN_CLASSES:
        raise UserError(
            f"the metric {metric} is not recorded where validation and test hold classes that training never saw: "
            f"declare the study or space with {_best(record.VERIFICATION_EQUAL_ERROR_RATE)} (a search also takes it as "
            "--objective), or choose another split"
        )


def _best(name: str) -> str:
    return record.best(record.VALIDATION_PREFIX + name)
