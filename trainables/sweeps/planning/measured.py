"""Whether trials record the metric that they are judged by: found out before anything is trained."""

from soundproof.common import record
from soundproof.common.errors import UserError
from soundproof.search_spaces.specs import Trial

_OF_ONE_CLASS = (record.ACCURACY, record.BALANCED_ACCURACY, record.MACRO_F1)
_OF_SEVERAL_LABELS = (record.MEAN_AVERAGE_PRECISION, record.MACRO_F1, record.MICRO_F1)
_OF_TRANSCRIPTS = (record.CER, record.WER)
_EVERY = frozenset({*_OF_ONE_CLASS, *_OF_SEVERAL_LABELS, *_OF_TRANSCRIPTS})


def check_measured(metric: str, trial: Trial) -> None:
    """Raise `UserError` where `metric` is that of another kind of answer than the trial's networks give."""
    measured: tuple[str, ...] = _OF_ONE_CLASS
    what = "one class"
    if trial.task == "transcription":
        measured, what = _OF_TRANSCRIPTS, "a transcript"
    elif trial.has_several_labels:
        measured, what = _OF_SEVERAL_LABELS, "several labels"
    name = metric.rpartition("/")[2]
    if name in _EVERY and name not in measured:
        others = ", ".join(record.best(record.VALIDATION_PREFIX + known) for known in measured)
        raise UserError(
            f"the metric {metric} is not recorded where every example has {what}: declare the study or space with one "
            f"of {others}, or {record.best(record.VALIDATION_LOSS)}"
        )
