"""The page of a search, with its figures: each has its title and the words that say how to read it."""

from collections.abc import Sequence
from pathlib import Path

from soundproof.analysis.figures import parallel_coordinates, pareto, search_progress, slices
from soundproof.analysis.json_forms.search import search_plain
from soundproof.analysis.json_forms.values import json_text
from soundproof.analysis.notation.labels import preset_name
from soundproof.analysis.pages.environment import PageFigure, page_environment, write_report_pair
from soundproof.analysis.pages.links import run_pages
from soundproof.analysis.prose import search as prose
from soundproof.analysis.summaries.choices import Choice, short_names, varied_choices
from soundproof.analysis.summaries.search import SearchSummary
from soundproof.analysis.tables.importance import importance_table
from soundproof.analysis.tables.search import confirmed_table, front_table, pairs_table
from soundproof.analysis.verdicts.sentences import sentence
from soundproof.search_spaces.presets import PURPOSES

TEMPLATE = "search.html"


def write_search_report(summary: SearchSummary, out: Path) -> Path:
    """Write report.html and report.json into the folder `out`, each whole or not at all; gives the page's path."""
    return write_report_pair(render_search_page(summary), json_text(search_plain(summary)), out)


def render_search_page(summary: SearchSummary) -> str:
    """The report as one HTML document; its trials lead to their runs."""
    environment = page_environment()
    environment.globals["choices_words"] = prose.choices_words
    return environment.get_template(TEMPLATE).render(
        summary=summary,
        answer=prose.search_answer(summary),
        reservations=prose.search_reservations(summary),
        facts=prose.search_facts(summary),
        left_out=prose.importance_left_out(summary),
        caveats=prose.search_caveats(summary),
        how_to_confirm=prose.HOW_TO_CONFIRM,
        names=short_names(summary.choice_names),
        figures=search_figures(summary),
        runs=run_pages(summary.records.tracking_uri),
        confirmed=confirmed_table(summary),
        pairs=pairs_table(summary),
        front=front_table(summary),
        importance=importance_table(summary.importance),
        run_ids_by_trial={trial.record.trial_id: trial.record.run_id for trial in summary.trials},
        preset_purpose=PURPOSES.get(preset_name(summary.records.preset)),
    )


def search_figures(summary: SearchSummary) -> tuple[PageFigure, ...]:
    """The figures that the records have something to show for."""
    choices = _by_importance(summary)
    figures = (_progress(summary), _pareto(summary), _parallel(summary, choices), _slices(summary, choices))
    return tuple(figure for figure in figures if figure is not None)


def _by_importance(summary: SearchSummary) -> tuple[Choice, ...]:
    """The choices that differ, those that matter most first where that is known, then those that most trials have."""
    found = varied_choices(trial.record.choices for trial in (*summary.compared, *summary.stopped))
    ranks = {
        name: rank
        for rank, factor in enumerate(summary.importance.factors)
        for name in (factor.factor, *factor.same_as)
    }
    having = {choice.name: sum(choice.name in trial.record.choices for trial in summary.compared) for choice in found}
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
    return PageFigure(
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
    return PageFigure(
        "pareto",
        "Pareto front",
        f"{sentence(first.name)} ({first.direction}) against {second.name} ({second.direction}"
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
    those = "The one trial that was stopped is" if stopped == 1 else f"The {stopped} trials that were stopped are"
    without = f" {those} drawn on demand, dotted and without an end." if stopped else ""
    return PageFigure(
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
    return PageFigure(
        "slices",
        "Choice by choice",
        f"The {summary.measured.name} of each comparable trial against one choice at a time, those that matter most "
        "first. Everything else varies too: a slope may be another choice's, and a sampler that follows its own good "
        f"numbers tries some values far more often than others.{crosses}{limited}",
        slices.draw_slices(data),
    )
