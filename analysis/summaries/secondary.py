"""What a table says of a variant beside the study's own metric: how often transcripts, or classes, are wrong."""

from dataclasses import dataclass

from soundproof.analysis.notation.quantities import Quantity, quantity
from soundproof.common import record
from soundproof.search_spaces.studies import Question

BEST_CER = record.best(record.VALIDATION_CER)
BEST_ACCURACY = record.best(record.VALIDATION_ACCURACY)


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
    }
    return tuple(further for further in found.get(study.task or "", ()) if further.metric != study.metric)
