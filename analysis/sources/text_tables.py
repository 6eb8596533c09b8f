"""A table as lines of text: headings, and rows with as many cells; every cell is text, and stays it.

Nothing is inferred from a column: a type guessed from its first rows changes numbers in its last ones, and makes `nan`
(it diverged) the same as an empty cell (it was not measured).
"""

import csv
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from soundproof.analysis.sources.cells import number
from soundproof.analysis.sources.found import FoundRun, SourceError
from soundproof.common.counting import counted

SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs"}
NAMED_LINES = 20
"""How many lines a note names before it counts the rest."""

Cells = dict[str, str]
"""What a row holds, by heading, without white space around it; what is empty is not there."""


@dataclass(frozen=True, kw_only=True, slots=True)
class TextTable:
    """Headings, the cells of each row, and the line of the file where each row begins."""

    name: str
    separator: str
    headings: tuple[str, ...]
    rows: Sequence[Cells]
    lines: Sequence[int]
    notes: tuple[str, ...] = ()
    hints: Mapping[str, str] = field(default_factory=dict)

    def numbered(self) -> Iterator[tuple[int, Cells]]:
        """Each row after its line."""
        return zip(self.lines, self.rows, strict=True)

    def where(self, line: int) -> str:
        """A row's place for people: `line 7 of results.csv`."""
        return f"line {line} of {self.name}"


def separator_of(text: str) -> str:
    """Which of comma, semicolon and tab the first line that is not blank has most of, outside of quotes."""
    heading_line = re.sub(r'"[^"\n]*"', "", text.lstrip("\r\n").split("\n", 1)[0])
    return max(SEPARATORS, key=heading_line.count)


def rows_of(text: str, separator: str, name: str) -> Iterator[tuple[int, list[str]]]:
    """Each row that is not blank, after the line where it begins. Quotes have to be closed, and to end their cell."""
    if "\n" not in text:
        text = text.replace("\r", "\n")
    reader = csv.reader((f"{line}\n" for line in text.split("\n")), delimiter=separator, strict=True)
    begins = 1
    try:
        for row in reader:
            if row:
                yield begins, [*map(str.strip, row)]
            begins = reader.line_num + 1
    except csv.Error as error:
        raise SourceError(
            f"{name}, line {begins}: expected cells separated by {SEPARATORS[separator]}, and text in double quotes "
            f"where it holds one of them; found a row that cannot be read ({error}). Close the quotes, or double those "
            "inside of a cell."
        ) from None


def read_table(text: str, separator: str, name: str) -> TextTable:
    """The table that a text holds."""
    rows = rows_of(text, separator, name)
    _, headings = next(rows)
    return table_of(name, separator, headings, rows)


def table_of(
    name: str, separator: str, headings: Sequence[str], numbered: Iterable[tuple[int, Sequence[str]]]
) -> TextTable:
    """Rows after their lines as a table. One with more or fewer cells than there are headings is an error."""
    columns = _distinct(name, headings)
    rows: list[Cells] = []
    lines: list[int] = []
    empty: list[int] = []
    for line, row in numbered:
        if len(row) != len(columns):
            if not any(row) and len(row) == 1:  # nothing but white space
                continue
            raise wrong_count(name, line, row, headings)
        cells = dict(zip(columns, row, strict=True))
        if "" in row:
            cells = {heading: cell for heading, cell in cells.items() if cell}
        if cells:
            rows.append(cells)
            lines.append(line)
        else:
            empty.append(line)
    if not rows:
        raise SourceError(f"{name} has headings and no row below them: expected one row for each run.")
    notes = [] if separator == "," else [f"Cells of {name} are separated by {SEPARATORS[separator]}."]
    if empty:
        notes.append(f"Rows of {name} without any cell are left out: {named_lines(empty)}.")
    notes += _decimal_commas(separator, rows)
    table = TextTable(
        name=name, separator=separator, headings=columns, rows=rows, lines=lines, notes=tuple(notes), hints={}
    )
    return table if all(headings) else _without_headings(table, headings)


def wrong_count(name: str, line: int, row: Sequence[str], headings: Sequence[str]) -> SourceError:
    """What is said of a row whose cells do not stand below the headings."""
    advice = "Mend this line; cells with a separator inside need double quotes."
    if len(row) == len(headings) + 1 and not row[-1]:
        advice = "It ends in a separator: remove that at the end of the rows, or give the column a heading."
    elif headings[0].startswith("#"):
        advice = f"The first line, {headings[0]!r}, was read as the headings: if it is a comment, remove it."
    count = counted(len(row), "cell")
    return SourceError(
        f"{name}, line {line}: found {count}, expected {len(headings)}, one below each heading. {advice}"
    )


def _distinct(name: str, headings: Sequence[str]) -> tuple[str, ...]:
    """Headings that tell columns apart; a column without one is called by its place until it is known what it holds."""
    repeated = [heading for heading, count in Counter(headings).items() if heading and count > 1]
    if repeated:
        raise SourceError(
            f"{name}: expected a heading of its own for each column, found more than one column called "
            f"{', '.join(map(repr, repeated))}. Rename or remove all but one."
        )
    numeric = all(number(heading) is not None for heading in headings)
    if numeric and not all(map(str.isdigit, headings)):
        raise SourceError(
            f"{name}: expected headings in the first line, found numbers: {', '.join(headings)}. Write headings above."
        )
    return tuple(heading or _place(at) for at, heading in enumerate(headings))


def _place(at: int) -> str:
    """What a column without heading is called: `column 3`."""
    return f"column {at + 1}"


def _without_headings(table: TextTable, headings: Sequence[str]) -> TextTable:
    """The table where headings are empty: the first may be, above an index of pandas; others above no cells alone."""
    nameless = [_place(at) for at, heading in enumerate(headings) if not heading]
    filled = [column for column in nameless if any(column in row for row in table.rows)]
    further = [column for column in filled if column != _place(0)]
    if further:
        raise SourceError(f"{table.name}: {further[0]} has cells and no heading. Give it one.")
    notes, hints = list(table.notes), {}
    if filled:
        notes.append(f"The first column of {table.name} has no heading, as pandas writes an index: {filled[0]} here.")
        if [row.get(filled[0]) for row in table.rows] == [str(count) for count in range(len(table.rows))]:
            hints[filled[0]] = "bookkeeping"
    if len(filled) < len(nameless):
        notes.append(f"Columns of {table.name} without heading and cells are left out.")
    columns = tuple(heading for heading in table.headings if heading not in nameless or heading in filled)
    return replace(table, headings=columns, notes=tuple(notes), hints=hints)


def _decimal_commas(separator: str, rows: Sequence[Cells]) -> list[str]:
    """A sentence where columns hold numbers with a decimal comma: these are text here, which a reader has to know."""
    if separator == ",":
        return []
    comma = re.compile(r"[+-]?\d*,\d+([eE][+-]?\d+)?")
    found = [
        heading
        for heading, cell in rows[0].items()
        if comma.fullmatch(cell) and all(heading not in row or comma.fullmatch(row[heading]) for row in rows)
    ]
    if not found:
        return []
    return [f"Numbers with a decimal comma are text here, in {', '.join(found)}: write them with a point."]


def named_lines(lines: Sequence[int]) -> str:
    """`line 7`, `lines 7, 9`, `lines 1, 2, ... and 80 more`."""
    shown = ", ".join(map(str, lines[:NAMED_LINES]))
    further = f" and {len(lines) - NAMED_LINES:,} more" if len(lines) > NAMED_LINES else ""
    return f"line{'s' if len(lines) > 1 else ''} {shown}{further}"


def runs_of(table: TextTable, state: str | None = None) -> tuple[FoundRun, ...]:
    """A run for each row; `state` is the heading of the column that says how it ended."""
    if state is None:
        return tuple(FoundRun(where=table.where(line), cells=cells) for line, cells in table.numbered())
    return tuple(
        FoundRun(where=table.where(line), cells=cells, state=cells.get(state)) for line, cells in table.numbered()
    )
