"""Pipe tables, as GitHub's Markdown has them."""

from __future__ import annotations

from collections.abc import Iterable

from soundproof.analysis.exports.paper_tables import PaperTable
from soundproof.analysis.exports.plain_text import on_one_line

_SPECIAL = frozenset("\\`*_[]<>|~&$^@")
"""What begins code, emphasis, links, HTML, cells, entities, mathematics or mentions in one dialect or another."""


def escape_markdown(text: str) -> str:
    """`text` as Markdown that shows it, on one line, in a cell of a table too."""
    return "".join("\\" + character if character in _SPECIAL else character for character in on_one_line(text))


def markdown_tables(tables: Iterable[PaperTable]) -> str:
    """One table after the other, each above its caption."""
    return "\n".join(_table(table) for table in tables)


def _table(table: PaperTable) -> str:
    lines = [
        _row(column.heading for column in table.columns),
        "|" + "|".join(" ---: " if column.numeric else " --- " for column in table.columns) + "|",
        *(_row(row) for row in table.rows),
        "",
        f"Table: {escape_markdown(table.caption)}",
    ]
    return "\n".join(lines) + "\n"


def _row(cells: Iterable[str]) -> str:
    return "| " + " | ".join(escape_markdown(cell) for cell in cells) + " |"
