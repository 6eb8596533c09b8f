"""A report into the record, so that MLflow's pages show what was found."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from soundproof.common import record

if TYPE_CHECKING:
    from soundproof.analysis.reports import SearchReport, StudyReport


def publish_report(report: "StudyReport | SearchReport", page: Path) -> None:
    """The page and the JSON beside it as artifacts of the study's or search's run, and the result as its description.

    A store that does not take them is no reason to withhold the report: a warning on standard error says so.
    """
    from soundproof.analysis.pages.run_notes import search_note, study_note
    from soundproof.analysis.reports import SearchReport
    from soundproof.trainables.sweeps.tracking.outages import TrackingError
    from soundproof.trainables.sweeps.tracking.parent_run import publish

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
    except TrackingError as error:
        print(f"warning: {error}", file=sys.stderr)
