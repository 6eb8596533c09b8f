"""What MLflow shows as the description of a study's or a search's run: the question, the answer, and the evidence."""

from __future__ import annotations

from collections.abc import Iterable

from soundproof.analysis.exports.paper_tables import PaperTable, search_paper_tables, study_paper_tables
from soundproof.analysis.pages.environment import PAGE
from soundproof.analysis.prose.search import search_answer, search_reservations
from soundproof.analysis.prose.study import answer
from soundproof.analysis.summaries.search import SearchSummary
from soundproof.analysis.summaries.study import StudySummary
from soundproof.common.markdown import as_markdown
from soundproof.common.program import USUAL

LONGEST_NOTE = 8000
"""Characters that MLflow keeps of a tag."""


def study_note(summary: StudySummary) -> str:
    """Markdown of at most `LONGEST_NOTE` characters."""
    claims = [table for table in study_paper_tables(summary) if table.name == "claims"]
    return _note(summary.study.question, answer(summary), claims, f"report {summary.study.id}")


def search_note(summary: SearchSummary) -> str:
    """Markdown of at most `LONGEST_NOTE` characters."""
    said = f"{search_answer(summary)} {search_reservations(summary)}"
    confirmed = [table for table in search_paper_tables(summary) if table.name == "confirmed" and table.rows]
    return _note(summary.question, said, confirmed, f"report {summary.space} --search {summary.search}")


def _note(question: str, said: str, tables: Iterable[PaperTable], command: str) -> str:
    end = f"\n\nThe whole report is the artifact {PAGE} of this run; `{USUAL} {command}` makes it again.\n"
    start = f"**{as_markdown(question)}**\n\n{as_markdown(said)}"
    for table in tables:
        start += _table(table, LONGEST_NOTE - len(start) - len(end))
    return start + end


def _table(table: PaperTable, room: int) -> str:
    """The rows that fit into `room` characters, and how many do not."""
    heads = [as_markdown(column.heading) for column in table.columns]
    rules = ["---:" if column.numeric else ":---" for column in table.columns]
    text = f"\n\n{_row(heads)}\n{_row(rules)}"
    for number, row in enumerate(table.rows):
        line = f"\n{_row(as_markdown(cell) for cell in row)}"
        left = f"\n\nand {len(table.rows) - number} more in the report"
        if len(text) + len(line) + len(left) > room:
            return text + left if number else ""
        text += line
    return text


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"
