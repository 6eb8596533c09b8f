"""What a layout has in common with others: audio files below a folder as rows, and what was not taken."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from soundproof.trainables.corpora.corpus import CorpusError, Remark
from soundproof.trainables.corpora.recorded.folder_listing import files_below, is_audio, printable, require_folder
from soundproof.trainables.corpora.recorded.tables.fields import settle
from soundproof.trainables.corpora.recorded.tables.reading import Table
from soundproof.trainables.corpora.recorded.tables.rows import Row

Told = Callable[[Path], dict[str, Any] | None]
"""What a layout says of a file; None where it says nothing."""


def table_of(folder: Path, expected: str, told: Told, *, spoken: bool = False) -> Table:
    """A row for each audio file below `folder` that the layout tells something of; the others are counted."""
    files = [file for file in files_below(require_folder(folder, expected)) if is_audio(file)]
    rows: list[Row] = []
    untold: list[Path] = []
    for file in files:
        fields = told(file)
        if fields is None:
            untold.append(file)
            continue
        rows.append(row_of(folder, len(rows) + 1, {"audio": str(file), **fields}, spoken=spoken))
    if not rows:
        raise CorpusError(f"{folder}: expected {expected}, got none: give the folder that holds them")
    return Table(place=str(folder), rows=rows, remarks=tuple(not_taken(folder, untold, "the layout has no such name")))


def row_of(file: Path, number: int, fields: dict[str, Any], *, spoken: bool = False) -> Row:
    """A row with these fields, settled."""
    row = Row(file=file, number=number, fields=fields, spoken=spoken)
    settle(row, {"audio"}, "it as its source does")
    return row


def not_taken(folder: Path, files: Sequence[Path], reason: str) -> Iterator[Remark]:
    """A remark on files that are not taken, by ending, with one of them."""
    counts = Counter(file.suffix.lower() for file in files)
    for ending, number in sorted(counts.items()):
        first = next(file for file in files if file.suffix.lower() == ending)
        name = printable(first.relative_to(folder).as_posix())
        yield Remark(kind="not taken", text=f"{number} files {ending} are not taken: {reason}, as {name}")
