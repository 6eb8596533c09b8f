"""Tables with a sign between their cells: commas, tabs, semicolons or bars, with a line of names above."""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from soundproof.trainables.corpora.corpus import CorpusError
from soundproof.trainables.corpora.recorded.folder_listing import printable
from soundproof.trainables.corpora.recorded.tables.columns import FIELDS, NAMINGS
from soundproof.trainables.corpora.recorded.tables.rows import Problem, Row

_SIGNS = ",\t;|"
_LJSPEECH = re.compile(r"[^|,\t\s]+\|[^|]*(\|[^|]*)?")
_LJSPEECH_NAMES = ("id", "transcription", "normalised")
_UNQUOTED = {"client_id", "sentence"}
"""Common Voice writes quotation marks as they are spoken."""

_NAMES = {*FIELDS, *(name for naming in NAMINGS for names in naming.fields.values() for name in names)}


def is_delimited(content: bytes) -> bool:
    """Whether the first line has cells."""
    return any(sign.encode() in content.split(b"\n", 1)[0] for sign in _SIGNS)


def delimited_rows(path: Path, text: str) -> list[Row]:
    """The rows below the line of names. LJSpeech's table has none, and bars between its cells."""
    first = text.split("\n", 1)[0].rstrip("\r")
    if _LJSPEECH.fullmatch(first) and not _NAMES & set(first.split("|")):
        return list(_ljspeech_rows(path, text))
    sign = max(_SIGNS, key=first.count)
    bare = set(first.split(sign)) >= _UNQUOTED
    reader = csv.reader(
        io.StringIO(text, newline=""),
        delimiter=sign,
        quoting=csv.QUOTE_NONE if bare else csv.QUOTE_MINIMAL,
        strict=True,
    )
    rows, begins = [], 1
    try:
        names = [name.strip() for name in next(reader, [])]
        _check_names(path, names)
        begins = reader.line_num + 1
        for cells in reader:
            if any(cells):
                rows.append(_row(path, begins, names, cells))
            begins = reader.line_num + 1
    except csv.Error as error:
        raise CorpusError(f"{path}:{begins}: must be a table of cells ({error}): correct it") from error
    return rows


def _check_names(path: Path, names: Sequence[str]) -> None:
    twice = sorted({name for name in names[1:] if not name or names.count(name) > 1})
    if twice:
        raise CorpusError(f"{path}:1: names must differ, got {', '.join(map(repr, twice))} twice or empty: rename them")
    if names and not _NAMES & set(names) and any(re.search(r"\.\w{2,4}$", name) for name in names):
        raise CorpusError(
            f"{path}:1: expected the names of the columns, such as audio,label,speaker, got "
            f"{printable(', '.join(names))[:80]}: put a line of names above"
        )


def _row(path: Path, number: int, names: Sequence[str], cells: Sequence[str]) -> Row:
    """A cell that is empty says nothing; a first column without a name holds the numbers that pandas gives its rows."""
    if len(cells) != len(names):
        problem = Problem(f"must have {len(names)} cells, as the line of names has", str(len(cells)), "correct it")
        return Row(file=path, number=number, problems=[problem], written=True)
    fields = {name: cell or None for name, cell in zip(names, cells, strict=True) if name not in ("", "Unnamed: 0")}
    return Row(file=path, number=number, fields=fields, written=True)


def _ljspeech_rows(path: Path, text: str) -> Iterator[Row]:
    for number, line in enumerate(text.split("\n"), start=1):
        cells = line.rstrip("\r").split("|")
        if not any(cells):
            continue
        fields = dict(zip(_LJSPEECH_NAMES, [*cells[:2], cells[-1]], strict=True))
        problems = [] if len(cells) in (2, 3) else [Problem("must be id|text|normalised text", f"{len(cells)} cells")]
        yield Row(file=path, number=number, fields={} if problems else fields, problems=problems, written=True)
