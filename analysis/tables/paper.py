"""Tables of papers as plain text, before any markup: a column for the spread of numbers beside theirs."""

import unicodedata
from dataclasses import dataclass

from soundproof.analysis.tables.model import Cell, Column, Table


@dataclass(frozen=True, kw_only=True, slots=True)
class PaperColumn:
    """One column. Those that are `numeric` hold nothing that a user wrote, and are set flush right."""

    heading: str
    numeric: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class PaperTable:
    """A table as plain text. `name` tells it from the others of the same export."""

    name: str
    caption: str
    columns: tuple[PaperColumn, ...]
    rows: tuple[tuple[str, ...], ...]


def paper_table(table: Table) -> PaperTable:
    """What papers show of a table."""
    shown = table.shown("paper")
    return PaperTable(
        name=shown.name,
        caption=f"{shown.title}. {shown.paper_note}".rstrip(),
        columns=tuple(paper for column in shown.columns for paper in _columns(column)),
        rows=tuple(
            tuple(text for column, cell in zip(shown.columns, row, strict=True) for text in _texts(column, cell))
            for row in shown.rows
        ),
    )


def _columns(column: Column) -> list[PaperColumn]:
    heading = f"{column.heading} ({column.unit})" if column.unit else column.heading
    spread = [PaperColumn(heading=column.spread)] if column.spread else []
    return [PaperColumn(heading=heading, numeric=column.role == "number"), *spread]


def _texts(column: Column, cell: Cell) -> list[str]:
    return [cell.text, *([cell.spread] if column.spread else [])]


def on_one_line(text: str) -> str:
    """`text` with every run of white space as one blank, and what cannot be shown as the replacement character.

    A line break would end a row of a table or a comment, and a control character is allowed in neither TeX nor YAML.
    """
    shown = " ".join(text.split())
    return "".join(
        "\N{REPLACEMENT CHARACTER}" if unicodedata.category(character) in ("Cc", "Cs") else character
        for character in shown
    )
