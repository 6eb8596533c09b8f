"""A search's report, from the tracking store to JSON, tables, and a page."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.table import Table

from soundproof.analysis.records import SearchRecords
from soundproof.analysis.search_loading import load_search
from soundproof.analysis.search_page import write_search_report
from soundproof.analysis.search_plain import search_json, search_plain
from soundproof.analysis.search_summary import SearchSummary, summarise_search
from soundproof.analysis.search_tables import search_tables


@dataclass(frozen=True, kw_only=True, slots=True)
class SearchReport:
    """The records of a search and what they say."""

    records: SearchRecords
    summary: SearchSummary

    def plain(self) -> dict[str, Any]:
        """The value that `report --json` prints."""
        return search_plain(self.summary)

    def json(self) -> str:
        """The same as text, without NaN."""
        return search_json(self.summary)

    def tables(self) -> tuple[Table, ...]:
        """What was confirmed, what was done, and which choices matter, for the terminal."""
        return search_tables(self.summary)

    def write(self, out: Path) -> Path:
        """Write report.html and report.json into the folder `out`; gives the page's path."""
        return write_search_report(self.summary, self.records, out)


def report_search(
    space_id: str,
    question: str,
    tracking_uri: str,
    preset: str | None = None,
    corpus: str | None = None,
    *,
    search: str | None = None,
) -> SearchReport:
    """Load, estimate, and compare; of several searches, the one updated last. Raises `RecordsError` where none is."""
    records = load_search(tracking_uri, space_id, preset, corpus, search)
    return SearchReport(records=records, summary=summarise_search(question, records))
