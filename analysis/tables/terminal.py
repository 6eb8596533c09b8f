"""Tables on the terminal. What users wrote is shown as text, never read as markup.

Rows keep their names however narrow the terminal is: other columns are left out for them.
"""

from copy import copy
from dataclasses import replace
from typing import Any

from rich.console import Console, ConsoleOptions, RenderResult
from rich.table import Column as RichColumn
from rich.table import Table as RichTable
from rich.text import Text

from soundproof.analysis.tables.model import Cell, Table
from soundproof.common.terminal_text import shown

LONGEST_NAME = 40
"""Characters: what is longer is folded, and makes no column give way."""
MOST_ROWS = 100
"""Rows that a terminal shows: what is longer is read elsewhere."""

_FRAME = 3
"""Characters beside a cell: padding and a line."""


_STYLES = {
    "": "",
    "soft": "dim",
    "supported": "green",
    "contradicted": "red",
    "negligible": "cyan",
    "undecided": "yellow",
}


def terminal_table(table: Table) -> RichTable:
    """A table as Rich prints it: its first rows, and how many there are besides."""
    few = _first_rows(table.shown("terminal"))
    drawn = _NamedRows(
        few,
        title=Text(shown(few.title)),
        title_justify="left",
        caption=Text(shown(few.note)) if few.note else None,
        caption_justify="left",
        show_lines=few.ruled,
        show_header=any(column.heading for column in few.columns),
    )
    for index, column in enumerate(few.columns):
        heading = "\n".join(column.lines("terminal"))
        match column.role:
            case "name":
                drawn.add_column(heading, overflow="fold", min_width=min(LONGEST_NAME // 2, _longest(few, index)))
            case "words":
                drawn.add_column(heading, overflow="fold")
            case "number":
                drawn.add_column(heading, justify="right", no_wrap=True)
            case "word" | "trial":
                drawn.add_column(heading, no_wrap=True)
    for row in few.rows:
        drawn.add_row(*map(_text, row))
    return drawn


def _first_rows(table: Table) -> Table:
    more = len(table.rows) - MOST_ROWS
    if more <= 0:
        return table
    note = f"{table.note} The first {MOST_ROWS} rows; {more:,} more are in the report and in --json.".strip()
    return replace(table, rows=table.rows[:MOST_ROWS], note=note)


def _longest(table: Table, index: int) -> int:
    """Characters of the longest cell of a column."""
    return max((len(shown(row[index].text)) for row in table.rows), default=1)


def _text(cell: Cell) -> Text:
    spread = f" ± {cell.half}" if cell.half else f"\n{cell.interval}" if cell.interval else ""
    text = Text(shown(cell.text + spread), style=_STYLES[cell.emphasis])
    for note in cell.notes:
        text.append(f"\n{shown(note)}", style="dim")
    return text


class _NamedRows(RichTable):
    """Where there is no room for the names of the rows, spare columns go, the last one first."""

    def __init__(self, table: Table, **settings: Any) -> None:
        super().__init__(**settings)
        named = bool(table.columns) and table.columns[0].role == "name"
        self._name_width = min(LONGEST_NAME, _longest(table, 0)) if named else 0
        self._spare = {index: column.spare for index, column in enumerate(table.columns) if named and column.spare}

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """The table without what it has no room for; its caption says so."""
        left_out: list[int] = []
        for spare in reversed(self._spare):
            if self._needed(console, left_out) > options.max_width:
                left_out.append(spare)
        shown = copy(self)
        shown.columns = [replace(column, _index=index) for index, column in enumerate(self._without(left_out))]
        if left_out:
            missing = ", ".join(self._spare[index] for index in reversed(left_out))
            shown.caption = Text(f"{self.caption or ''} No room here for {missing}: a wider terminal has it.".strip())
        yield from RichTable.__rich_console__(shown, console, options)

    def _without(self, left_out: list[int]) -> list[RichColumn]:
        return [column for index, column in enumerate(self.columns) if index not in left_out]

    def _needed(self, console: Console, left_out: list[int]) -> int:
        _, *others = self._without(left_out)
        return 1 + self._name_width + _FRAME + sum(_width(console, column) + _FRAME for column in others)


def _width(console: Console, column: RichColumn) -> int:
    """What its cells need at least."""
    measured = [console.measure(cell) for cell in (column.header, *column.cells)]
    return max(width.maximum if column.no_wrap else width.minimum for width in measured)
