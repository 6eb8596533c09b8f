"""The page and the JSON of a search. The page opens without a network: everything it needs is inside."""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from analysis.figures.page import PageFigure
from analysis.labels import preset_name
from analysis.metrics import number
from analysis.report import DASH, DATA, PAGE, ReportError, p_value, packed_plotly
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
from analysis.sentences import sentence
from search_spaces.presets import PURPOSES
from search_spaces.whole_files import write_whole

TEMPLATE = "search.html"


def write_search_report(summary: SearchSummary, out: Path) -> Path:
    """Write report.html and report.json into the folder `out`, each whole or not at all; gives the page's path."""
    data, page = search_json(summary), render_search_page(summary)
    try:
        out.mkdir(parents=True, exist_ok=True)
        write_whole(out / DATA, data)
        write_whole(out / PAGE, page)
    except OSError as error:
        raise ReportError(f"no report can be written into {out}: {error.strerror}. Name another folder") from error
    return out / PAGE


def render_search_page(summary: SearchSummary) -> str:
    """The report as one HTML document."""
    environment = Environment(
        loader=PackageLoader("analysis"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "number": number,
        "p_value": p_value,
        "preset_name": preset_name,
        "sentence": sentence,
        "words": choice_words,
    }
    environment.globals |= {"dash": DASH, "choices_words": choices_words}
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
        plotly=packed_plotly(),
    )
