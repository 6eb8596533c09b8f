"""The page and the JSON of a study. The page opens without a network: everything it needs is inside."""

from __future__ import annotations

import base64
import gzip
from functools import cache
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from plotly.offline import get_plotlyjs

from analysis import verdicts
from analysis.claim_figures import claim_figures
from analysis.class_figures import class_figures
from analysis.explanations import explained_trials
from analysis.labels import corpus_argument, factor_names, preset_argument, preset_name
from analysis.metrics import number, quantity
from analysis.plain import to_json
from analysis.records import StudyRecords
from analysis.sentences import obstacle_words, percent, sentence
from analysis.study_figures import study_figures
from analysis.summary import StudySummary
from analysis.transcripts import compare_transcripts
from analysis.wording import answer, method_notes
from search_spaces.errors import UserError
from search_spaces.presets import PURPOSES
from search_spaces.whole_files import write_whole

PAGE = "report.html"
DATA = "report.json"
DASH = "\N{EN DASH}"
"""Stands on the page where there is nothing."""


class ReportError(UserError):
    """The report cannot be written. The message says where, why, and what to do."""


def write_report(summary: StudySummary, records: StudyRecords, out: Path) -> Path:
    """Write report.html and report.json into the folder `out`, each whole or not at all; gives the page's path."""
    data, page = to_json(summary), render_page(summary, records)
    try:
        out.mkdir(parents=True, exist_ok=True)
        write_whole(out / DATA, data)
        write_whole(out / PAGE, page)
    except OSError as error:
        raise ReportError(f"no report can be written into {out}: {error.strerror}. Name another folder") from error
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
    environment.filters |= {
        "number": number,
        "percent": percent,
        "p_value": p_value,
        "corpus_argument": corpus_argument,
        "preset_argument": preset_argument,
        "preset_name": preset_name,
        "sentence": sentence,
        "share": share,
    }
    environment.globals |= {"quantity": quantity, "obstacle_words": obstacle_words, "dash": _or_dash}
    outcomes = verdicts.outcomes_of(summary.study, records)
    return environment.get_template(PAGE).render(
        summary=summary,
        labels={variant.id: variant.label for variant in summary.variants},
        factors=factor_names(summary.study),
        answer=answer(summary),
        figures=study_figures(summary, records, outcomes),
        claims=list(zip(summary.claims, claim_figures(summary, outcomes), strict=True)),
        seeds_fact=seeds_fact(summary),
        costs=summary.costs,
        transcripts=compare_transcripts(summary, records),
        classes=class_figures(summary, records),
        explained=explained_trials(summary, records),
        method=method_notes(summary),
        more_seeds=_more_seeds(summary),
        family_error=verdicts.FAMILY_ERROR,
        preset_purpose=PURPOSES.get(preset_name(summary.preset)),
        plotly=packed_plotly(),
    )


def seeds_fact(summary: StudySummary) -> str:
    """How many seeds there are, and whether that was fixed before any data: `6, fixed beforehand`."""
    count, planned = len(summary.seeds), summary.planned_seeds
    if planned is None:
        return f"{count}, number not fixed beforehand" if count else "none yet"
    if summary.looked_once:
        return f"{count}, fixed beforehand"
    return f"{count}, of {planned} fixed beforehand" if count < planned else f"{count}, not all have ended"


def p_value(value: float) -> str:
    """A p value to two significant digits, and never a bare zero."""
    return "below 0.0001" if value < 1e-4 else f"{value:.2g}" if value < 0.995 else "1"


def share(value: float | None) -> str:
    """A share of one as a percentage: `77.5%`."""
    return DASH if value is None else f"{100 * value:.1f}%"


def _or_dash(value: object) -> object:
    return DASH if value is None else value


def _more_seeds(summary: StudySummary) -> int | None:
    """Seeds that may decide every claim, within twice to ten times what there is; None where all are decided."""
    if all(claim.verdict != "undecided" for claim in summary.claims):
        return None
    seen = max(1, len(summary.seeds))
    wanted = max((claim.seeds_needed or 0 for claim in summary.claims), default=0)
    return max(5, 2 * seen, min(wanted, 10 * seen))


@cache
def packed_plotly() -> Markup:
    """Plotly's own script, compressed to a third and written in base64; `figures.js` unpacks it."""
    packed = gzip.compress(get_plotlyjs().encode(), compresslevel=9, mtime=0)
    return Markup(base64.b64encode(packed).decode("ascii"))  # noqa: S704  # letters and digits only
