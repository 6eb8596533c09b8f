"""A report and the page that shows it, as a notebook or a console does."""

import html
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from soundproof.analysis.reports import SearchReport, StudyReport

Report_co = TypeVar("Report_co", bound="StudyReport | SearchReport", covariant=True)

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
