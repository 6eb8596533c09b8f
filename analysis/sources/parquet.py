"""Tables in Parquet. Types are the file's own, so nothing is guessed; null is an empty cell, NaN is not."""

import ast
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from soundproof.analysis.sources.cells import text_of
from soundproof.analysis.sources.found import Found, FoundRun, SourceError
from soundproof.analysis.sources.json_rows import RowsRead
from soundproof.analysis.sources.without_collection import without_collection

if TYPE_CHECKING:
    import pyarrow

_ENDINGS = (".parquet", ".pq")
_MAGIC = b"PAR1"
_INDEX = "__index_level_"


def recognises(path: Path) -> bool:
    """Whether this is a file of Parquet, by its name or its first bytes."""
    if not path.is_file():
        return False
    if path.suffix.lower() in _ENDINGS:
        return True
    with path.open("rb") as file:
        return file.read(len(_MAGIC)) == _MAGIC


def read(path: Path) -> Found:
    """The runs of a table, one a row, levels of an index included; headings of two levels are joined by `/`.

    NaN that pandas wrote is null in the file, and so an empty cell.
    """
    table = _table(path)
    headings = [_heading(name) for name in table.column_names]
    repeated = [heading for heading, count in Counter(headings).items() if count > 1]
    if repeated:
        raise SourceError(
            f"{path}: expected columns of unlike names, found several called {', '.join(repeated)}. Rename all but one."
        )
    if not table.num_rows:
        raise SourceError(f"{path} has columns and no row: expected one row for each run.")
    columns = dict(zip(headings, table.columns, strict=True))
    with without_collection():
        if any(_is_nested(column.type) for column in columns.values()):
            return _with_nested(path, columns, _bookkeeping(columns))
        return _flat(path, columns)


def _table(path: Path) -> "pyarrow.Table":
    """The whole file, whatever the folders above it are called."""
    import pyarrow
    from pyarrow.parquet import ParquetFile

    try:
        with ParquetFile(path) as file:
            return file.read()
    except (pyarrow.ArrowException, OSError, UnicodeDecodeError) as error:  # the last of names that are no text
        reason = str(error).splitlines()[0]
        raise SourceError(f"{path} cannot be read as Parquet: {reason} Write or copy it again.") from None


def _heading(name: str) -> str:
    """A heading as text; pandas writes the tuple of a heading of several levels: `('acc', 'mean')` is acc/mean.

    >>> _heading("('acc', 'mean')"), _heading("('arm', '')"), _heading("acc (mean)")
    ('acc/mean', 'arm', 'acc (mean)')
    """
    if not (name.startswith("(") and name.endswith(")")):
        return name
    try:
        levels = ast.literal_eval(name)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return name
    if not isinstance(levels, tuple) or not any(str(level) for level in levels):
        return name
    return "/".join(str(level) for level in levels if str(level))


def _is_nested(kind: "pyarrow.DataType") -> bool:
    """Whether cells of this type hold lists or objects."""
    import pyarrow

    return bool(pyarrow.types.is_nested(kind))


def _texts(column: "pyarrow.ChunkedArray") -> list[str | None]:
    """The cells of a column as text; single precision has as many digits as it takes to tell its numbers apart."""
    import pyarrow

    if pyarrow.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if pyarrow.types.is_float16(column.type) or pyarrow.types.is_float32(column.type):
        values = column.to_numpy()
        return [
            str(value) if valid else None for value, valid in zip(values, column.is_valid().to_pylist(), strict=True)
        ]
    if pyarrow.types.is_timestamp(column.type):
        column = column.cast(pyarrow.string())  # nanoseconds are more than Python's own times hold
    if pyarrow.types.is_duration(column.type):
        column = column.cast(pyarrow.int64())
    printed: Callable[[Any], str | None] = text_of
    if pyarrow.types.is_float64(column.type) or pyarrow.types.is_integer(column.type):
        printed = repr  # what `text_of` gives for them, in less time
    return [None if value is None else printed(value) for value in column.to_pylist()]


def _flat(path: Path, columns: "dict[str, pyarrow.ChunkedArray]") -> Found:
    """A table whose cells are single values."""
    texts = [_texts(column) for column in columns.values()]
    name = path.name
    runs = []
    for at, row in enumerate(zip(*texts, strict=True), start=1):
        cells = dict(zip(columns, row, strict=True))
        if None in row:
            cells = {heading: cell for heading, cell in cells.items() if cell is not None}
        runs.append(FoundRun(where=f"row {at} of {name}", cells=cells))
    return Found(name=str(path), kind="Parquet", columns=tuple(columns), runs=tuple(runs), hints=_bookkeeping(columns))


def _with_nested(path: Path, columns: "dict[str, pyarrow.ChunkedArray]", hints: dict[str, str]) -> Found:
    """A table with lists or objects in some cells, which are read as those of JSON are."""
    rows = RowsRead(name=str(path), kind="Parquet")
    values: list[list[Any]] = [
        column.to_pylist() if _is_nested(column.type) else list(_texts(column)) for column in columns.values()
    ]
    for at, row in enumerate(zip(*values, strict=True), start=1):
        rows.add(f"row {at} of {path.name}", dict(zip(columns, row, strict=True)))
    return rows.found(hints)


def _bookkeeping(columns: "dict[str, pyarrow.ChunkedArray]") -> dict[str, str]:
    """An index without a name that holds whole numbers is the place of a row and no setting."""
    import pyarrow

    return {
        heading: "bookkeeping"
        for heading, column in columns.items()
        if heading.startswith(_INDEX) and pyarrow.types.is_integer(column.type)
    }
