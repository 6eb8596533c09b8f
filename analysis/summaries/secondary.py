"""What a table says of a variant beside the study's own metric: how often transcripts, or classes, are wrong."""

from dataclasses import dataclass

from soundproof.analysis.notation.quantities import Quantity, quantity
from soundproof.common import record
from soundproof.search_spaces.studies import Study

BEST_CER = record.best(record.VALIDATION_CER)
BEST_ACCURACY = record.best(record.VALIDATION_ACCURACY)


@dataclass(frozen=True, kw_only=True, slots=True)
class Secondary:
    """A further metric. `heading` is that of its column on the page, `short` in the terminal, in lines.

    One that is not `shown` is in the JSON alone.
    """

    quantity: Quantity
    heading: tuple[str, ...]
    short: tuple[str, ...]
    shown: bool = True

    @property
    def metric(self) -> str:
        """Its name in the record."""
        return self.quantity.metric


def secondary_metrics(study: Study) -> tuple[Secondary, ...]:
    """The further metrics that fit a study: what it measures itself is not among them."""
    if study.task == "transcription":
        found: tuple[Secondary, ...] = (
            _secondary(BEST_CER, ("Character", "error rate"), ("CER",)),
            _secondary(record.best(record.VALIDATION_WER), ("Word", "error rate"), ("WER",), shown=False),
        )
    else:
        found = (
            _secondary(BEST_ACCURACY, ("Validation", "accuracy"), ("valid.", "acc.")),
            _secondary(record.best(record.VALIDATION_MACRO_F1), ("Validation", "macro F1"), ("macro", "F1")),
            _secondary(record.TEST_ACCURACY, ("Test", "accuracy"), ("test", "acc.")),
        )
    return tuple(further for further in found if further.metric != study.metric)


def _secondary(metric: str, heading: tuple[str, ...], short: tuple[str, ...], *, shown: bool = True) -> Secondary:
    return Secondary(quantity=quantity(metric), heading=heading, short=short, shown=shown)
