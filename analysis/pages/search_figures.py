"""The figures of a search, each with its title and the words that say how to read it."""

from collections.abc import Sequence

from soundproof.analysis.figures import parallel_coordinates, pareto, search_progress, slices
from soundproof.analysis.figures.page import PageFigure, page_figure
from soundproof.analysis.notation.quantities import Quantity
from soundproof.analysis.summaries.choices import Choice, varied_choices
from soundproof.analysis.summaries.search import SearchSummary
from soundproof.analysis.verdicts.sentences import sentence


def search_figures(summary: SearchSummary) -> tuple[PageFigure, ...]:
    """The figures that the records have something to show for."""
    choices = _by_importance(summary)
    figures = (
        _progress(summary),
        _pareto(summary),
        _parallel(summary, choices),
        _slices(summary, choices),
    )
    return tuple(figure for figure in figures if figure is not None)


def _by_importance(summary: SearchSummary) -> tuple[Choice, ...]:
    """The choices that differ, those that matter most first where that is known, then those that most trials have."""
    found = varied_choices((*summary.compared, *summary.stopped))
    ranks = {
        name: rank
        for rank, factor in enumerate(summary.importance.factors)
        for name in (factor.factor, *factor.same_as)
    }
    having = {choice.name: sum(choice.name in trial.choices for trial in summary.compared) for choice in found}
    return tuple(sorted(found, key=lambda choice: (ranks.get(choice.name, len(ranks)), -having[choice.name])))


def _progress(summary: SearchSummary) -> PageFigure | None:
    data = search_progress.search_progress(summary)
    if data is None:
        return None
    confirmed = (
        "The blue line is the mean of the best confirmed variant over fresh seeds"
        + (", in its 95% interval." if data.interval is not None else ".")
        if data.confirmed is not None
        else "Nothing is confirmed yet."
    )
    return page_figure(
        "progress",
        "Progress of the search",
        f"Each comparable trial's {summary.measured.name} as a grey dot, in the order in which they were proposed. The "
        "dotted steps are the search's own best so far: optimistic, since it is picked for its luck too. " + confirmed,
        search_progress.draw_search_progress(data),
    )


def _pareto(summary: SearchSummary) -> PageFigure | None:
    data = pareto.pareto(summary)
    if data is None:
        return None
    first, second = summary.objectives
    return page_figure(
        "pareto",
        "Pareto front",
        f"{sentence(first.name)} ({_direction(first)}) against {second.name} ({_direction(second)}"
        f"{', logarithmic' if data.logarithmic else ''}), as the search saw them: optimistic. Blue and joined: no "
        "other trial is better in one without being worse in the other. Grey trials are dominated.",
        pareto.draw_pareto(data),
    )


def _parallel(summary: SearchSummary, choices: Sequence[Choice]) -> PageFigure | None:
    data = parallel_coordinates.parallel_coordinates(summary, choices)
    if data is None:
        return None
    drawn = len(data.axes) - 1
    limited = f" The {drawn} of {len(choices)} choices that matter most are shown." if drawn < len(choices) else ""
    limited += f" The worst {data.left_out} trials are not drawn." if data.left_out else ""
    stopped = sum(line.goodness is None for line in data.lines)
    without = f" {_stopped(stopped)} drawn on demand, dotted and without an end." if stopped else ""
    return page_figure(
        "parallel",
        "From choices to results",
        f"A line for each comparable trial, from choice to choice to its {summary.measured.name} on the right, the "
        "better the higher; blue is best and orange worst, by rank. Where a trial does not have a choice, its line "
        f"passes below the axis.{without}{limited}",
        parallel_coordinates.draw_parallel_coordinates(data),
    )


def _slices(summary: SearchSummary, choices: Sequence[Choice]) -> PageFigure | None:
    data = slices.slices(summary, choices)
    if data is None:
        return None
    crosses = (
        " Grey crosses at the edge are trials that were stopped: they have no value, only the epoch they came to."
        if summary.stopped
        else ""
    )
    limited = f" {data.left_out} further choices are not shown." if data.left_out else ""
    return page_figure(
        "slices",
        "Choice by choice",
        f"The {summary.measured.name} of each comparable trial against one choice at a time, those that matter most "
        "first. Everything else varies too: a slope may be another choice's, and a sampler that follows its own good "
        f"numbers tries some values far more often than others.{crosses}{limited}",
        slices.draw_slices(data),
    )


def _stopped(count: int) -> str:
    return "The one trial that was stopped is" if count == 1 else f"The {count} trials that were stopped are"


def _direction(measured: Quantity) -> str:
    return "higher is better" if measured.higher_is_better else "lower is better"
