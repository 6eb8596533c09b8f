"""Tables in the markup of papers: LaTeX or Markdown."""

from collections.abc import Iterable
from typing import Literal

from soundproof.analysis.tables.latex import latex_tables
from soundproof.analysis.tables.markdown import markdown_tables
from soundproof.analysis.tables.model import Table
from soundproof.analysis.tables.paper import paper_table

Markup = Literal["latex", "markdown"]


def paper_text(tables: Iterable[Table], markup: Markup, place: str) -> str:
    """Tables one below the other; `place` begins their labels."""
    papers = [paper_table(table) for table in tables]
    return latex_tables(papers, place) if markup == "latex" else markdown_tables(papers)
