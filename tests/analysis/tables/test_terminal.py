"""Tables on the terminal: what is too long is cut, and says so."""

from io import StringIO

from rich.console import Console

from soundproof.analysis.tables.model import Cell, Table, columns
from soundproof.analysis.tables.terminal import MOST_ROWS, terminal_table


def _printed(rows):
    cells = tuple((Cell(text=f"variant {number}"), Cell(text=str(number))) for number in range(rows))
    table = Table(
        name="all", title="All", columns=(*columns("variant", role="name"), *columns("n")), rows=cells, note="Of all."
    )
    console = Console(width=120, file=StringIO())
    console.print(terminal_table(table))
    return console.file.getvalue()


def test_the_first_rows_of_a_long_table_are_printed_and_the_rest_is_counted():
    """A table of a thousand variants is read on its page; one of a hundred is whole."""
    long, whole = _printed(MOST_ROWS + 1_234), _printed(MOST_ROWS)
    assert f"variant {MOST_ROWS - 1} " in long
    assert f"variant {MOST_ROWS} " not in long
    said = " ".join(long.split())
    assert f"Of all. The first {MOST_ROWS} rows; 1,234 more are in the report and in --json." in said
    assert "more are in" not in whole
    assert f"variant {MOST_ROWS - 1} " in whole
