"""A study's report from results that were read: JSON, tables and a page, of whoever trained the runs.

What draws pages and what reads MLflow's files is loaded when it is first asked for: a verdict alone needs neither.
"""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from soundproof.analysis.prose.declared import declared_sentence
from soundproof.analysis.prose.study import answer
from soundproof.analysis.records.trials import Results
from soundproof.analysis.summaries.study import StudySummary

if TYPE_CHECKING:
    from rich.table import Table

    from soundproof.analysis.summaries.clip_chance import NewClips
    from soundproof.analysis.tables.for_papers import Markup


@dataclass(frozen=True, kw_only=True)
class StudyReport:
    """The records of a study and what they say."""

    records: Results
    summary: StudySummary

    @cached_property
    def clips(self) -> "NewClips | None":
        """What the test clips say of the pairs that decide claims: read once, when it is first asked for."""
        if not self.records.tracking_uri:
            return None  # no store holds what networks answered
        from soundproof.analysis.summaries.clip_chance import new_clips

        return new_clips(self.summary, self.records)

    def plain(self) -> dict[str, Any]:
        """The value that `report --json` prints."""
        from soundproof.analysis.json_forms.study import to_plain

        return to_plain(self.summary, self.clips)

    def json(self) -> str:
        """The same as text, without NaN."""
        from soundproof.analysis.json_forms.values import json_text

        return json_text(self.plain())

    def answer(self) -> str:
        """The answer to the study's question, in a sentence or two."""
        return answer(self.summary)

    def declared(self) -> str:
        """A sentence on whether the record shows that the claims and the margin were declared before the data."""
        return declared_sentence(self.summary.declared)

    def tables(self) -> tuple["Table", ...]:
        """The variants, what documents say of them where they do, verdicts and estimates, for the terminal."""
        from soundproof.analysis.tables.study import claims_table, documented_tables, estimates_tables, variants_table
        from soundproof.analysis.tables.terminal import terminal_table

        summary = self.summary
        tables = (variants_table(summary), *documented_tables(summary), claims_table(summary, self.clips))
        return tuple(map(terminal_table, (*tables, *estimates_tables(summary))))

    def paper(self, markup: "Markup") -> str:
        """The tables of a paper: variants with intervals, claims with verdicts."""
        from soundproof.analysis.tables.for_papers import paper_text
        from soundproof.analysis.tables.study import study_tables

        return paper_text(study_tables(self.summary), markup, self.summary.study.id)

    def write(self, out: Path) -> Path:
        """Write report.html and report.json into the folder `out`; gives the page's path."""
        from soundproof.analysis.pages.study import write_report

        return write_report(self.summary, self.records, out, self.clips)
