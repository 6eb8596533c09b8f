"""What MLflow shows as the description of a study's or a search's run: the question, the answer, and the evidence."""

from collections.abc import Iterable

from soundproof.analysis.pages.environment import PAGE
from soundproof.analysis.prose.search import search_answer, search_reservations
from soundproof.analysis.prose.study import answer
from soundproof.analysis.summaries.search import SearchSummary
from soundproof.analysis.summaries.study import StudySummary
from soundproof.analysis.tables.markdown import markdown_table
from soundproof.analysis.tables.model import Table
from soundproof.analysis.tables.paper import paper_table
from soundproof.analysis.tables.search import confirmed_table
from soundproof.analysis.tables.study import claims_table
from soundproof.common.markdown import as_markdown
from soundproof.common.program import USUAL

LONGEST_NOTE = 8000
"""Characters that MLflow keeps of a tag."""


def study_note(summary: StudySummary) -> str:
    """Markdown of at most `LONGEST_NOTE` characters."""
    tables = [claims_table(summary)] if summary.claims else []
    return _note(summary.study.question, answer(summary), tables, f"report {summary.study.id}")


def search_note(summary: SearchSummary) -> str:
    """Markdown of at most `LONGEST_NOTE` characters."""
    found = f"{search_answer(summary)} {search_reservations(summary)}"
    tables = [confirmed_table(summary)] if summary.confirmation.variants else []
    return _note(summary.question, found, tables, f"report {summary.records.space} --search {summary.records.search}")


def _note(question: str, found: str, tables: Iterable[Table], command: str) -> str:
    end = f"\n\nThe whole report is the artifact {PAGE} of this run; `{USUAL} {command}` makes it again.\n"
    start = f"**{as_markdown(question)}**\n\n{as_markdown(found)}"
    for table in tables:
        rows = markdown_table(paper_table(table), as_markdown, LONGEST_NOTE - len(start) - len(end) - 2)
        start += f"\n\n{rows}" if rows else ""
    return start + end
