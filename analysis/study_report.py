"""A study's report, from the tracking store to JSON, tables, and a page."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.table import Table

from soundproof.analysis.loading import load_study
from soundproof.analysis.metrics import curve_metric
from soundproof.analysis.plain import to_json, to_plain
from soundproof.analysis.records import StudyRecords
from soundproof.analysis.study_page import write_report
from soundproof.analysis.summary import StudySummary, summarise
from soundproof.analysis.tables import variants_table, verdicts_table
from soundproof.search_spaces.studies import Study


@dataclass(frozen=True, kw_only=True, slots=True)
class StudyReport:
    """The records of a study and what they say."""

    records: StudyRecords
    summary: StudySummary

    def plain(self) -> dict[str, Any]:
        """The value that `report --json` prints."""
        return to_plain(self.summary)

    def json(self) -> str:
        """The same as text, without NaN."""
        return to_json(self.summary)

    def tables(self) -> tuple[Table, Table]:
        """The variants and the verdicts, for the terminal."""
        return variants_table(self.summary), verdicts_table(self.summary)

    def write(self, out: Path) -> Path:
        """Write report.html and report.json into the folder `out`; gives the page's path."""
        return write_report(self.summary, self.records, out)


def report_study(study: Study, tracking_uri: str, preset: str | None = None, corpus: str | None = None) -> StudyReport:
    """Load, estimate, and decide. Raises `RecordsError` when the store holds no record of the study."""
    histories = (curve_metric(study.metric),)
    records = load_study(tracking_uri, study.id, preset, corpus, histories=histories)
    return StudyReport(records=records, summary=summarise(study, records))
