"""Pipe tables, as GitHub's Markdown has them."""

import math
from collections.abc import Callable, Iterable

from soundproof.analysis.tables.paper import PaperTable, on_one_line

Escape = Callable[[str], str]

_SPECIAL = frozenset("\\`*_[]<>|~&$^@")
"""What begins code, emphasis, links, HTML, cells, entities, mathematics or mentions in one dialect or another."""


def escape_markdown(text: str) -> str:
    """`text` as Markdown that shows it, on one line, in a cell of a table too."""
    return "".join("\\" + character if character in _SPECIAL else character for character in on_one_line(text))


def markdown_tables(tables: Iterable[PaperTable]) -> str:
    """One table after the other, each above its caption."""
    return "\n".join(
        f"{markdown_table(table, escape_markdown)}\n\nTable: {escape_markdown(table.caption)}\n" for table in tables
    )


def markdown_table(table: PaperTable, escape: Escape, room: float = math.inf) -> str:
    """The rows that fit into `room` characters, and how many do not; empty where not one of several does."""
    rules = [" ---: " if column.numeric else " :--- " for column in table.columns]
    text = f"{_row((column.heading for column in table.columns), escape)}\n|{'|'.join(rules)}|"
    for number, row in enumerate(table.rows):
        line = f"\n{_row(row, escape)}"
        left = f"\n\nand {len(table.rows) - number} more in the report"
        if len(text) + len(line) + len(left) > room:
            return text + left if number else ""
        text += line
    return text


def _row(cells: Iterable[str], escape: Escape) -> str:
    return "| " + " | ".join(map(escape, cells)) + " |"
