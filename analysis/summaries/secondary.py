"""What a table says of a variant beside the study's own metric: how often transcripts, or classes, are wrong."""

from dataclasses import dataclass

from soundproof.analysis.notation.quantities import Quantity, quantity
from soundproof.common import record
from soundproof.search_spaces.studies import Question

BEST_CER = record.best(record.VALIDATION_CER)
BEST_ACCURACY = record.best(record.VALIDATION_ACCURACY)
BEST_PRECISION = record.best(record.VALIDATION_MEAN_AVERAGE_PRECISION)
_OF_SEVERAL_LABELS = (record.MEAN_AVERAGE_PRECISION, record.MICRO_F1)


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
            Secondary(record.TEST_ACCURACY, ("Test", "accuracy"), ("test", "acc.")),
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
    }
    task = "several labels" if study.metric.endswith(_OF_SEVERAL_LABELS) else study.task or ""
    return tuple(further for further in found.get(task, ()) if further.metric != study.metric)
