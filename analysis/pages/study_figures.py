"""The figures of a whole study, each with its title and the words that say how to read it.

Of a study that classifies there are the confusion matrices too, the best variant's first.
"""

from dataclasses import dataclass

from soundproof.analysis.figures import confusion_matrix, cost, curves, differences, ranks, runs
from soundproof.analysis.notation.quantities import Quantity, quantity
from soundproof.analysis.pages.environment import PageFigure
from soundproof.analysis.records.trials import Results
from soundproof.analysis.summaries.confusion import Confusion, DocumentedClasses, confusions, documented_classes
from soundproof.analysis.summaries.study import StudySummary
from soundproof.analysis.verdicts.outcomes import Outcomes
from soundproof.analysis.verdicts.sentences import sentence
from soundproof.common import record
from soundproof.common.counting import counted


def study_figures(summary: StudySummary, records: Results, outcomes: Outcomes) -> tuple[PageFigure, ...]:
    """The figures of the whole study that the records have something to show for."""
    whole = (_differences(summary), _ranks(summary, outcomes), _costs(summary), _runs(summary))
    figures = (*whole, _curves(summary, records))
    return tuple(figure for figure in figures if figure is not None)


def _differences(summary: StudySummary) -> PageFigure | None:
    data = differences.baseline_differences(summary)
    if not data.rows:
        return None
    interval = " with its 95% interval" if data.confidences else ""
    band = differences.band_words(summary.endpoint)
    alone = " These intervals stand alone; the verdicts use wider ones." if data.confidences else ""
    return PageFigure(
        "differences",
        "Difference to the baseline",
        f"Mean improvement over “{summary.baseline.label}”{interval}; grey dots are single seeds, "
        f"each compared with the baseline's run of the same seed. To the right is better.{band}{alone}"
        f"{differences.CLIPPED if data.clipped else ''}",
        differences.draw_differences(data),
    )


def _ranks(summary: StudySummary, outcomes: Outcomes) -> PageFigure | None:
    labels = summary.labels
    data = ranks.ranks(list(labels), outcomes, summary.measured, labels)
    if data is None:
        return None
    caption = ranks_caption(data, summary.measured, "best")
    return PageFigure("ranks", "Which variants can be told apart", caption, ranks.draw_ranks(data))


def ranks_caption(data: ranks.Ranks, measured: Quantity, extreme: str) -> str:
    """How to read a diagram of ranks; `extreme` is what the filled points may be."""
    bars = (
        "A bar joins variants of which no two can be told apart (paired tests of all pairs, Holm's correction, 5%)."
        if data.joined
        else "All can be told apart (paired tests of all pairs, Holm's correction, 5%), so no bar joins any."
    )
    return (
        f"Mean rank by {measured.name} over at most {data.seeds} seeds, best on the left. {bars} Filled blue points "
        f"cannot be excluded as the {extreme} at 95%. A study with few seeds leaves most joined: that is no evidence "
        "of equality."
    )


def _costs(summary: StudySummary) -> PageFigure | None:
    data = cost.costs(summary)
    if not data.points:
        return None
    caption = _costs_caption(data, summary.measured)
    return PageFigure("cost", "Cost against quality", caption, cost.draw_costs(data), key=data.key)


def _costs_caption(data: cost.Costs, measured: Quantity) -> str:
    logarithmic = " (logarithmic)" if data.logarithmic else ""
    interval = " with its 95% interval" if any(point.interval for point in data.points) else ""
    if data.clock:
        return (
            f"Median training seconds of a trial{logarithmic}, from the quickest to the slowest seed, and mean "
            f"{measured.name}{interval}. Clocks are noisy: the seconds are those of the machines that happened to "
            "train, and of what else ran on them, so no variant is called efficient by them."
        )
    return (
        f"Parameters{logarithmic} and mean {measured.name}{interval}; larger points have more parameters. Blue and "
        "joined: no other variant is as small and as good, by the means, which chance has a part in. The list has the "
        "median training seconds too."
    )


def _runs(summary: StudySummary) -> PageFigure | None:
    if not summary.measured_variants:
        return None
    return PageFigure(
        "seeds",
        "Every run",
        f"The {summary.measured.name} of each seed as a dot, the mean as a stroke. The baseline is grey.",
        runs.draw_runs(summary),
    )


def _curves(summary: StudySummary, records: Results) -> PageFigure | None:
    data = curves.curves(summary, records)
    if not data.curves:
        return None
    dashed = " The dashed line is that of training." if any(curve.training for curve in data.curves) else ""
    return PageFigure(
        "curves",
        "Learning curves",
        f"{sentence(data.measured.name)} by epoch: the mean over seeds, between the lowest and the highest "
        f"seed, as far as all seeds went.{dashed} The grey line is the baseline. The axis leaves out the "
        f"{'rise' if data.measured.higher_is_better else 'fall'} of the first epochs."
        f"{f' The dotted grey line: {curves.DOCUMENTED}.' if any(curve.documented for curve in data.curves) else ''}",
        curves.draw_curves(data),
    )


@dataclass(frozen=True, slots=True)
class ClassView:
    """How one variant tells classes apart, and what a document says of that: each with its matrix, if there is one."""

    confusion: Confusion
    figure: PageFigure
    documented: tuple[tuple[DocumentedClasses, PageFigure | None], ...]


def class_figures(summary: StudySummary, records: Results) -> list[ClassView]:
    """Of every variant with test predictions, best first; none where the study is about transcripts."""
    documented = {variant.id: documented_classes(variant.documented) for variant in summary.variants}
    views = []
    for number, confusion in enumerate(confusions(summary, records), start=1):
        name = f"confusion-{number}"
        beside = [
            (classes, None if classes.confusion is None else _matrix(f"{name}-documented", classes.confusion))
            for classes in documented[confusion.variant]
        ]
        views.append(ClassView(confusion, _matrix(name, confusion), tuple(beside)))
    return views


def _matrix(name: str, confusion: Confusion) -> PageFigure:
    numbered = confusion_matrix.is_numbered(confusion)
    return PageFigure(
        name,
        "",
        f"Rows are the class that a clip has, columns the one that “{confusion.label}” gave it. "
        f"{'Cells count predictions' if numbered else 'Point at a cell for its number'}; the stronger the colour, the "
        "larger the share of the row. Blue is right, red is wrong.",
        confusion_matrix.draw_matrix(confusion),
    )


def confusion_words(confusion: Confusion) -> str:
    """How many predictions are right, and which classes are most often confused."""
    measured = quantity(record.TEST_ACCURACY)
    text = (
        f"{confusion.right:,} of {confusion.total:,} test predictions are right "
        f"({measured.level(confusion.right / confusion.total)}), over {counted(len(confusion.seeds), 'seed')}."
    )
    worst = [f"“{true}” for “{given}” ({number:,})" for (true, given), number in confusion.most_confused]
    return f"{text} Taken most often: {', '.join(worst)}." if worst else text
