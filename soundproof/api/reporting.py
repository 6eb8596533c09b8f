"""Reports of what is recorded, and their pages: what `report` does, for Python and the command line alike."""

import html
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Generic, TypeVar

from soundproof.api.options import DEFAULT_STORAGE, parse_recorded_corpus, parse_tracking_uri
from soundproof.common import record
from soundproof.common.store_schemas import SchemaError
from soundproof.search_spaces import SearchSpace
from soundproof.search_spaces.studies import Question

if TYPE_CHECKING:
    from soundproof.analysis.reports import SearchReport
    from soundproof.analysis.study_report import StudyReport
    from soundproof.analysis.summaries.across_studies import AcrossStudies

Report_co = TypeVar("Report_co", bound="StudyReport | SearchReport", covariant=True)
Report = TypeVar("Report", bound="StudyReport | SearchReport")

_HEIGHT_PIXELS = 800
_ALLOWED = "allow-scripts allow-popups allow-popups-to-escape-sandbox"
"""Figures need scripts; links to runs open in tabs of their own, where MLflow's pages need what any page has."""


@dataclass(frozen=True, kw_only=True, repr=False)
class ReportPage(Generic[Report_co]):
    """A report that a notebook shows as its page: `report` has the records and what they say, `page` is the file."""

    report: Report_co
    page: Path

    def __repr__(self) -> str:
        """The answer, and where the page is: for a console, which shows none."""
        return f"{self.report.answer()}\n{self.page}"

    def _repr_html_(self) -> str:
        """The page in a frame of its own, where its style and scripts disturb nobody."""
        inside = html.escape(self.page.read_text(encoding="utf-8"))
        style = f"width: 100%; height: {_HEIGHT_PIXELS}px; border: 0"
        return f'<iframe srcdoc="{inside}" sandbox="{_ALLOWED}" title="report" style="{style}"></iframe>'


def publish_report(report: Report, folder: Path) -> ReportPage[Report]:
    """The page of a report in `folder`, and in the record, so that MLflow's pages show what was found.

    There the page and the JSON beside it are artifacts of the study's or search's run, and the result its description.
    A store that does not take them is no reason to withhold the report: a warning on standard error says so.
    """
    from soundproof.analysis.pages.run_notes import search_note, study_note
    from soundproof.analysis.reports import SearchReport
    from soundproof.trainables.sweeps.tracking.outages import TrackingError
    from soundproof.trainables.sweeps.tracking.parent_run import publish

    page = report.write(folder)
    tags = {record.PRESET: report.records.preset, record.CORPUS: report.records.corpus}
    if isinstance(report, SearchReport):
        tags |= {record.KIND: record.KIND_SEARCH, record.STUDY: report.records.space}
        tags[record.SEARCH] = report.records.search
        note = search_note(report.summary)
    else:
        tags |= {record.KIND: record.KIND_STUDY, record.STUDY: report.records.study}
        note = study_note(report.summary)
    try:
        publish(report.records.tracking_uri, tags, note, [page, page.with_suffix(".json")])
    except (TrackingError, SchemaError) as error:
        print(f"warning: {error}", file=sys.stderr)
    return ReportPage(report=report, page=page)


def report_study(
    study: Question,
    *,
    preset: str | None = None,
    corpus: str | None = None,
    storage: Path | str = DEFAULT_STORAGE,
    tracking_uri: str | None = None,
) -> "StudyReport":
    """Load what is recorded of a study, estimate, and decide its claims. Trains nothing.

    Arguments:
        study: The study as it is declared now, or what `decide` asked of a program.
        preset: Its name in the record, `quick` or `documented-40-epochs`; by default the one run last.
        corpus: As `run_study` takes it, or its name in the record, `esc10.groups`; by default the one run last.
        storage: The folder that `run_study` was given.
        tracking_uri: The MLflow tracking URI that `run_study` was given, if any.

    Returns:
        The records and what they say: `summary.claims` are the verdicts, `tables()` those of the terminal, and
        `write(FOLDER)` makes the page.

    Raises:
        RecordsError: Nothing is recorded of the study there.

    Examples:
        >>> report = report_study(find_study("asr-merge-mode"))
        >>> verdicts = {judged.claim.text: judged.verdict for judged in report.summary.claims}
    """
    from soundproof.analysis import reports

    uri = parse_tracking_uri(tracking_uri, Path(storage))
    return reports.report_study(study, uri, preset, parse_recorded_corpus(corpus))


def report_search(
    space: SearchSpace,
    *,
    search: str | None = None,
    preset: str | None = None,
    corpus: str | None = None,
    storage: Path | str = DEFAULT_STORAGE,
    tracking_uri: str | None = None,
) -> "SearchReport":
    """Load what is recorded of a search, estimate, and compare what was confirmed. Trains nothing.

    Arguments:
        space: The search space.
        search: Which search of the space, as MLflow names it; by default the one updated last.
        preset: As for `report_study`.
        corpus: The same.
        storage: The folder that `search_space` was given.
        tracking_uri: The MLflow tracking URI that `search_space` was given, if any.

    Returns:
        The records and what they say: `summary.confirmation.winner` is the best network on fresh seeds.

    Raises:
        RecordsError: No such search is recorded there.

    Examples:
        >>> winner = report_search(find_space("speech-recipe")).summary.confirmation.winner
    """
    from soundproof.analysis import reports

    uri = parse_tracking_uri(tracking_uri, Path(storage))
    recorded = parse_recorded_corpus(corpus)
    return reports.report_search(space.id, space.question, uri, preset, recorded, search=search)


def report_store(
    *, preset: str | None = None, storage: Path | str = DEFAULT_STORAGE, tracking_uri: str | None = None
) -> "AcrossStudies":
    """The claims of all studies that a store has at one preset, with their false discovery rate. Trains nothing.

    Arguments:
        preset: Its name in the record, `quick` or `documented-40-epochs`; by default that of the study begun last.
        storage: The folder that `run_study` was given.
        tracking_uri: The MLflow tracking URI that `run_study` was given, if any.

    Returns:
        The claims in the order of their p values, each with its verdict and its q value.

    Raises:
        RecordsError: No study is recorded there with the preset.

    Examples:
        >>> sure = [claim for claim in report_store(preset="quick").claims if claim.q_value <= 0.05]
    """
    from soundproof.analysis.summaries.across_studies import across_studies
    from soundproof.api.decided import decided_question
    from soundproof.search_spaces.finding import declared_study

    def asked(name: str) -> Question | None:
        return declared_study(name) or decided_question(name, storage)

    return across_studies(parse_tracking_uri(tracking_uri, Path(storage)), asked, preset)
