"""The page of a search."""

from __future__ import annotations

from pathlib import Path

from analysis.figures.page import PageFigure
from analysis.labels import preset_name
from analysis.pages import page_environment, write_report_pair
from analysis.search_choices import choice_words, short_names
from analysis.search_figures import search_figures
from analysis.search_plain import search_json
from analysis.search_summary import SearchSummary
from analysis.search_wording import (
    HOW_TO_CONFIRM,
    choices_words,
    importance_left_out,
    search_answer,
    search_caveats,
    search_facts,
)
from search_spaces.presets import PURPOSES

TEMPLATE = "search.html"


def write_search_report(summary: SearchSummary, out: Path) -> Path:
    """Write report.html and report.json into the folder `out`, each whole or not at all; gives the page's path."""
    return write_report_pair(render_search_page(summary), search_json(summary), out)


def render_search_page(summary: SearchSummary) -> str:
    """The report as one HTML document."""
    environment = page_environment()
    environment.filters["words"] = choice_words
    environment.globals["choices_words"] = choices_words
    figures: tuple[PageFigure, ...] = search_figures(summary)
    return environment.get_template(TEMPLATE).render(
        summary=summary,
        answer=search_answer(summary),
        facts=search_facts(summary),
        left_out=importance_left_out(summary),
        caveats=search_caveats(summary),
        how_to_confirm=HOW_TO_CONFIRM,
        names=short_names(summary.choice_names),
        figures=figures,
        preset_purpose=PURPOSES.get(preset_name(summary.preset)),
    )
