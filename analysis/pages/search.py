"""The page of a search."""

from pathlib import Path

from soundproof.analysis.figures.page import PageFigure
from soundproof.analysis.json_forms.search import search_json
from soundproof.analysis.notation.labels import preset_name
from soundproof.analysis.pages.environment import page_environment, write_report_pair
from soundproof.analysis.pages.links import run_pages
from soundproof.analysis.pages.search_figures import search_figures
from soundproof.analysis.prose.search import (
    HOW_TO_CONFIRM,
    choices_words,
    importance_left_out,
    search_answer,
    search_caveats,
    search_facts,
    search_reservations,
)
from soundproof.analysis.records.trials import SearchRecords
from soundproof.analysis.summaries.choices import choice_words, short_names
from soundproof.analysis.summaries.search import SearchSummary
from soundproof.analysis.tables.importance import importance_table
from soundproof.analysis.tables.search import confirmed_table, front_table, pairs_table
from soundproof.search_spaces.presets import PURPOSES

TEMPLATE = "search.html"


def write_search_report(summary: SearchSummary, records: SearchRecords, out: Path) -> Path:
    """Write report.html and report.json into the folder `out`, each whole or not at all; gives the page's path."""
    return write_report_pair(render_search_page(summary, records), search_json(summary), out)


def render_search_page(summary: SearchSummary, records: SearchRecords) -> str:
    """The report as one HTML document; its trials lead to their runs."""
    environment = page_environment()
    environment.filters["words"] = choice_words
    environment.globals["choices_words"] = choices_words
    figures: tuple[PageFigure, ...] = search_figures(summary)
    return environment.get_template(TEMPLATE).render(
        summary=summary,
        answer=search_answer(summary),
        reservations=search_reservations(summary),
        facts=search_facts(summary),
        left_out=importance_left_out(summary),
        caveats=search_caveats(summary),
        how_to_confirm=HOW_TO_CONFIRM,
        names=short_names(summary.choice_names),
        figures=figures,
        runs=run_pages(records.tracking_uri),
        confirmed=confirmed_table(summary),
        pairs=pairs_table(summary),
        front=front_table(summary),
        importance=importance_table(summary.importance),
        run_ids_by_trial={trial.trial_id: trial.run_id for trial in records.searched},
        run_ids={trial.number: trial.run_id for trial in records.searched},
        preset_purpose=PURPOSES.get(preset_name(summary.preset)),
    )
