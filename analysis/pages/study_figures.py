"""The figures of a whole study, each with its title and the words that say how to read it."""

from soundproof.analysis.figures import cost, curves, differences, ranks, runs
from soundproof.analysis.figures.page import PageFigure, page_figure
from soundproof.analysis.notation.quantities import Quantity
from soundproof.analysis.records.trials import StudyRecords
from soundproof.analysis.summaries.study import StudySummary
from soundproof.analysis.verdicts.evidence import Outcomes
from soundproof.analysis.verdicts.sentences import sentence


def study_figures(summary: StudySummary, records: StudyRecords, outcomes: Outcomes) -> tuple[PageFigure, ...]:
    """The figures of the whole study that the records have something to show for."""
    figures = (
        _differences(summary),
        _ranks(summary, outcomes),
        _costs(summary),
        _runs(summary),
        _curves(summary, records),
    )
    return tuple(figure for figure in figures if figure is not None)


def _differences(summary: StudySummary) -> PageFigure | None:
    data = differences.baseline_differences(summary)
    if not data.rows:
        return None
    interval = " with its 95% interval" if data.confidences else ""
    alone = " These intervals stand alone; the verdicts use wider ones." if data.confidences else ""
    return page_figure(
        "differences",
        "Difference to the baseline",
        f"Mean improvement over “{summary.baseline.label}”{interval}; grey dots are single seeds, "
        "each compared with the baseline's run of the same seed. To the right is better. Inside the grey "
        f"band (±{summary.measured.amount(summary.margin)}) a difference is too small to matter.{alone}"
        f"{differences.CLIPPED if data.clipped else ''}",
        differences.draw_differences(data),
    )


def _ranks(summary: StudySummary, outcomes: Outcomes) -> PageFigure | None:
    labels = {variant.id: variant.label for variant in summary.variants}
    data = ranks.ranks([variant.id for variant in summary.variants], outcomes, summary.measured, labels)
    if data is None:
        return None
    return page_figure(
        "ranks",
        "Which variants can be told apart",
        ranks_caption(data, summary.measured, "best"),
        ranks.draw_ranks(data),
    )


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
    return page_figure(
        "cost",
        "Cost against quality",
        _costs_caption(data, summary.measured),
        cost.draw_costs(data),
        key=data.key,
    )


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
    data = runs.runs(summary)
    if not data.rows:
        return None
    return page_figure(
        "seeds",
        "Every run",
        f"The {summary.measured.name} of each seed as a dot, the mean as a stroke. The baseline is grey.",
        runs.draw_runs(data),
    )


def _curves(summary: StudySummary, records: StudyRecords) -> PageFigure | None:
    data = curves.curves(summary, records)
    if not data.curves:
        return None
    return page_figure(
        "curves",
        "Learning curves",
        f"{sentence(data.name)} by epoch: the mean over seeds, between the lowest and the highest "
        "seed, as far as all seeds went. The grey line is the baseline. The axis leaves out the "
        f"{'rise' if data.rising else 'fall'} of the first epochs.",
        curves.draw_curves(data),
    )
