"""A report into the record, so that MLflow's pages show what was found."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from soundproof.common import record

if TYPE_CHECKING:
    from soundproof.analysis.reports import SearchReport, StudyReport


def publish_report(made: StudyReport | SearchReport, page: Path) -> None:
    """The page and the JSON beside it as artifacts of the study's or search's run, and the result as its description.

    A store that does not take them is no reason to withhold the report: it is said on standard error.
    """
    from soundproof.analysis.pages.run_notes import search_note, study_note
    from soundproof.analysis.reports import SearchReport
    from soundproof.trainables.sweeps.tracking.outages import TrackingError
    from soundproof.trainables.sweeps.tracking.publishing import publish

    tags = {record.PRESET: made.records.preset, record.CORPUS: made.records.corpus}
    if isinstance(made, SearchReport):
        tags |= {record.KIND: record.KIND_SEARCH, record.STUDY: made.records.space}
        tags[record.SEARCH] = made.records.search
        note = search_note(made.summary)
    else:
        tags |= {record.KIND: record.KIND_STUDY, record.STUDY: made.records.study}
        note = study_note(made.summary)
    try:
        publish(made.records.tracking_uri, tags, note, [page, page.with_suffix(".json")])
    except TrackingError as error:
        print(f"warning: {error}", file=sys.stderr)
