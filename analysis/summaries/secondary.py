"""What a table says of a variant beside the study's own metric: how often transcripts, or classes, are wrong."""

from dataclasses import dataclass

from soundproof.analysis.notation.quantities import Quantity, quantity
from soundproof.common import record
from soundproof.search_spaces.studies import Question

BEST_CER = record.best(record.VALIDATION_CER)
BEST_ACCURACY = record.best(record.VALIDATION_ACCURACY)
BEST_PRECISION = record.best(record.VALIDATION_MEAN_AVERAGE_PRECISION)
BEST_ABSOLUTE_ERROR = record.best(record.VALIDATION_MEAN_ABSOLUTE_ERROR)
BEST_SQUARED_ERROR = record.best(record.VALIDATION_ROOT_MEAN_SQUARED_ERROR)
BEST_R2 = record.best(record.VALIDATION_R2)
_R2 = "R\N{SUPERSCRIPT TWO}"
_BY_METRIC = {
    record.MEAN_AVERAGE_PRECISION: "several labels",
    record.MICRO_F1: "several labels",
    record.MEAN_ABSOLUTE_ERROR: "values",
    record.ROOT_MEAN_SQUARED_ERROR: "values",
    record.R2: "values",
    record.VERIFICATION_EQUAL_ERROR_RATE: "unseen classes",
}
"""What a study is about whose metric says it; another one's networks tell classes apart, or transcribe."""


@dataclass(frozen=True, slots=True)
class Secondary:
    """A further metric. `heading` is that of its column on the page, `short` in the terminal, in lines.

    One that is not `shown` is in the JSON alone.
    """

    metric: str
    heading: tuple[str, ...]
    short: tuple[str, ...]
    shown: bool = True

    @property
    def quantity(self) -> Quantity:
        """How it is written."""
        return quantity(self.metric)


def secondary_metrics(study: Question) -> tuple[Secondary, ...]:
    """The further metrics that fit a study: what it measures itself is not among them."""
    detecting = study.metric.endswith(record.EQUAL_ERROR_RATE)
    found = {
        "transcription": (
            Secondary(BEST_CER, ("Character", "error rate"), ("CER",)),
            Secondary(record.best(record.VALIDATION_WER), ("Word", "error rate"), ("WER",), shown=False),
        ),
        "classification": (
            Secondary(BEST_ACCURACY, ("Validation", "accuracy"), ("valid.", "acc.")),
            Secondary(record.best(record.VALIDATION_MACRO_F1), ("Validation", "macro F1"), ("macro", "F1")),
            Secondary(
                record.best(record.VALIDATION_BALANCED_ACCURACY),
                ("Validation", "balanced accuracy"),
                ("bal.", "acc."),
                shown=False,
            ),
            Secondary(
                record.best(record.VALIDATION_EQUAL_ERROR_RATE),
                ("Validation", "equal error rate"),
                ("valid.", "EER"),
                shown=detecting,
            ),
            Secondary(record.TEST_ACCURACY, ("Test", "accuracy"), ("test", "acc.")),
            Secondary(
                record.TEST_PREFIX + record.EQUAL_ERROR_RATE,
                ("Test", "equal error rate"),
                ("test", "EER"),
                shown=detecting,
            ),
        ),
        "several labels": (
            Secondary(BEST_PRECISION, ("Validation", "mean average precision"), ("valid.", "mAP")),
            Secondary(record.best(record.VALIDATION_MACRO_F1), ("Validation", "macro F1"), ("macro", "F1")),
            Secondary(
                record.best(record.VALIDATION_MICRO_F1), ("Validation", "micro F1"), ("micro", "F1"), shown=False
            ),
            Secondary(
                record.TEST_PREFIX + record.MEAN_AVERAGE_PRECISION, ("Test", "mean average precision"), ("test", "mAP")
            ),
        ),
        "values": (
            Secondary(BEST_ABSOLUTE_ERROR, ("Validation", "mean absolute error"), ("valid.", "MAE")),
            Secondary(BEST_SQUARED_ERROR, ("Validation", "root mean squared error"), ("valid.", "RMSE")),
            Secondary(BEST_R2, ("Validation", _R2), ("valid.", _R2)),
            Secondary(
                record.TEST_PREFIX + record.MEAN_ABSOLUTE_ERROR, ("Test", "mean absolute error"), ("test", "MAE")
            ),
            Secondary(record.TEST_PREFIX + record.R2, ("Test", _R2), ("test", _R2)),
        ),
    }
    found["unseen classes"] = (
        Secondary(
            record.best(record.VALIDATION_VERIFICATION_EQUAL_ERROR_RATE),
            ("Validation", "equal error rate"),
            ("valid.", "EER"),
        ),
        Secondary(
            record.TEST_PREFIX + record.VERIFICATION_EQUAL_ERROR_RATE, ("Test", "equal error rate"), ("test", "EER")
        ),
    )
    task = _BY_METRIC.get(study.metric.rpartition("/")[2], study.task or "")
    return tuple(further for further in found.get(task, ()) if further.metric != study.metric)
