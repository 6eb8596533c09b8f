"""The confusion matrices of a study that classifies, each with its words and its table: the best variant's first."""

from dataclasses import dataclass

from soundproof.analysis.figures import confusion_matrix
from soundproof.analysis.figures.page import PageFigure, page_figure
from soundproof.analysis.notation.quantities import quantity
from soundproof.analysis.records.trials import StudyRecords
from soundproof.analysis.summaries.confusion import ClassScores, Confusion, confusions
from soundproof.analysis.summaries.study import StudySummary
from soundproof.common import record


@dataclass(frozen=True, kw_only=True, slots=True)
class ClassFigures:
    """One variant: its matrix, and the scores of each class, the worst F1 first.

    `in_words` is how many predictions are right, and which classes are most often confused.
    """

    label: str
    in_words: str
    figure: PageFigure
    scores: tuple[ClassScores, ...]


def class_figures(summary: StudySummary, records: StudyRecords) -> tuple[ClassFigures, ...]:
    """Of every variant with test predictions, best first; none where the study is about transcripts."""
    return tuple(_figures(number, confusion) for number, confusion in enumerate(confusions(summary, records), start=1))


def _figures(number: int, confusion: Confusion) -> ClassFigures:
    data = confusion_matrix.matrix(confusion)
    cells = "Cells count predictions" if data.numbered else "Point at a cell for its number"
    return ClassFigures(
        label=confusion.label,
        in_words=_in_words(confusion),
        figure=page_figure(
            f"confusion-{number}",
            "",
            f"Rows are the class that a clip has, columns the one that “{confusion.label}” gave it. {cells}; the "
            "stronger the colour, the larger the share of the row. Blue is right, red is wrong.",
            confusion_matrix.draw_matrix(data),
        ),
        scores=tuple(sorted(confusion.scores, key=lambda scores: 2.0 if scores.f1 is None else scores.f1)),
    )


def _in_words(confusion: Confusion) -> str:
    measured, count = quantity(record.TEST_ACCURACY), len(confusion.seeds)
    text = (
        f"{confusion.right:,} of {confusion.total:,} test predictions are right "
        f"({measured.level(confusion.right / confusion.total)}), over {count} seed{'' if count == 1 else 's'}."
    )
    worst = [f"“{true}” for “{given}” ({number:,})" for (true, given), number in confusion.most_confused]
    return f"{text} Taken most often: {', '.join(worst)}." if worst else text
