"""The page and the JSON of a study. The page opens without a network: everything it needs is inside."""

from __future__ import annotations

import json
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from plotly.offline import get_plotlyjs

from analysis import figure_data, figures, verdicts
from analysis.labels import factor_names
from analysis.metrics import number, quantity
from analysis.plain import to_json
from analysis.records import StudyRecords
from analysis.sentences import percent
from analysis.summary import StudySummary
from analysis.transcripts import compare_transcripts
from analysis.wording import answer, method_notes
from search_spaces.presets import PRESETS

PAGE = "report.html"
DATA = "report.json"


@dataclass(frozen=True, kw_only=True, slots=True)
class PageFigure:
    """A drawn figure with the words around it. `plain` is Plotly's own JSON value."""

    id: str
    title: str
    caption: str
    plain: Any


def write_report(summary: StudySummary, records: StudyRecords, out: Path) -> Path:
    """Write report.html and report.json into the folder `out`, each whole or not at all; gives the page's path."""
    out.mkdir(parents=True, exist_ok=True)
    _write_whole(out / DATA, to_json(summary))
    _write_whole(out / PAGE, render_page(summary, records))
    return out / PAGE


def render_page(summary: StudySummary, records: StudyRecords) -> str:
    """The report as one HTML document."""
    environment = Environment(
        loader=PackageLoader("analysis"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"number": number, "percent": percent}
    environment.globals |= {"quantity": quantity}
    return environment.get_template(PAGE).render(
        summary=summary,
        labels={variant.id: variant.label for variant in summary.variants},
        factors=factor_names(summary.study),
        answer=answer(summary),
        figures=page_figures(summary, records),
        transcripts=compare_transcripts(summary, records),
        method=method_notes(summary),
        more_seeds=_more_seeds(summary),
        family_error=verdicts.FAMILY_ERROR,
        preset_purpose=next((preset.purpose for preset in PRESETS.values() if preset.name == summary.preset), None),
        plotly=Markup(get_plotlyjs()),  # noqa: S704  # Plotly's own script, not a user's text
    )


def _more_seeds(summary: StudySummary) -> int:
    """A sensible next number of seeds: what would decide every claim, within twice to ten times what there is."""
    seen = max(1, len(summary.seeds))
    wanted = max((claim.seeds_needed or 0 for claim in summary.claims), default=0)
    return max(5, 2 * seen, min(wanted, 10 * seen))


def page_figures(summary: StudySummary, records: StudyRecords) -> list[PageFigure]:
    """The figures that the records have something to show for."""
    drawn = []
    difference = figure_data.differences(summary)
    if difference.rows:
        drawn.append(
            _page_figure(
                "differences",
                "Difference to the baseline",
                f"Mean improvement over “{difference.baseline}” with its 95% interval; grey dots are single seeds, "
                "each compared with the baseline's run of the same seed. To the right is better. Inside the grey "
                f"band (±{summary.measured.amount(summary.margin)}) a difference is too small to matter. "
                "These intervals stand alone; the verdicts use wider ones.",
                figures.draw_differences(difference),
            )
        )
    seeds = figure_data.seeds(summary)
    if seeds.rows:
        drawn.append(
            _page_figure(
                "seeds",
                "Every run",
                f"The {summary.measured.name} of each seed as a dot, the mean as a stroke. The baseline is grey.",
                figures.draw_seeds(seeds),
            )
        )
    curves = figure_data.curves(summary, records)
    if curves.curves:
        drawn.append(
            _page_figure(
                "curves",
                "Learning curves",
                "Validation loss by epoch: the mean over seeds, between the lowest and the highest seed, as far as "
                "all seeds went. The grey line is the baseline. The axis leaves out the fall of the first epochs.",
                figures.draw_curves(curves),
            )
        )
    return drawn


def _page_figure(figure_id: str, title: str, caption: str, drawn: figures.Figure) -> PageFigure:
    return PageFigure(id=figure_id, title=title, caption=caption, plain=json.loads(drawn.to_json()))


def _write_whole(path: Path, text: str) -> None:
    """Write beside the target and rename, so that a reader never meets half a file."""
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        temporary.chmod(0o644)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
