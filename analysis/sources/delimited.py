"""Cells between separators, CSV and TSV: plain tables, and those of programs that are known by their headings."""

from pathlib import Path

from soundproof.analysis.sources import cross_validation, proposals, wandb_tables
from soundproof.analysis.sources.cells import number
from soundproof.analysis.sources.decoding import decoded
from soundproof.analysis.sources.found import Found, SourceError
from soundproof.analysis.sources.text_tables import (
    TextTable,
    rows_of,
    runs_of,
    separator_of,
    table_of,
)
from soundproof.analysis.sources.without_collection import without_collection

_ENDINGS = (".csv", ".tsv")
_BEGINNING = 1 << 16
"""Bytes that are looked at to tell whose file it is."""


def recognises(path: Path) -> bool:
    """Whether this is a file of separated cells, and not the log of one training that Keras writes."""
    return path.suffix.lower() in _ENDINGS and path.is_file() and not _log_of_keras(path)


def read(path: Path) -> Found:
    """The runs of a table, one a row; a table of cross-validation has one for each candidate and split.

    Columns are separated by tabs in `.tsv`; elsewhere by what the headings have most of: commas, semicolons or tabs.
    """
    text = decoded(path)
    separator = "\t" if path.suffix.lower() == ".tsv" else separator_of(text)
    rows = rows_of(text, separator, path.name)
    _, headings = next(rows)
    if wandb_tables.is_chart(headings):
        raise wandb_tables.chart_error(path)
    with without_collection():
        if separator == "\t" and proposals.fits(headings):
            return proposals.found(proposals.read_loosely(text, path.name), str(path))
        table = table_of(path.name, separator, headings, rows)
        if wandb_tables.fits(headings):
            return wandb_tables.found(table, str(path))
        if cross_validation.fits(headings):
            return cross_validation.found(table, str(path))
        if proposals.fits(headings):
            return proposals.found(table, str(path))
        return _plain(table, str(path))


def _plain(table: TextTable, name: str) -> Found:
    """A table that no program is known by."""
    return Found(
        name=name,
        kind="TSV" if table.separator == "\t" else "CSV",
        columns=table.headings,
        runs=runs_of(table),
        notes=table.notes,
        hints=table.hints,
    )


def _log_of_keras(path: Path) -> bool:
    """Whether the first column counts epochs from 0 and the others hold numbers: one training, and no table of runs."""
    with path.open("rb") as file:
        lines = file.read(_BEGINNING).decode("utf-8-sig", errors="replace").split("\n")[:2]
    if len(lines) < 2 or not lines[0].lstrip('"').startswith("epoch"):
        return False
    text = "\n".join(lines)
    try:
        (_, headings), (_, row) = rows_of(text, separator_of(text), path.name)
    except (SourceError, ValueError):  # what is broken is said where it is read
        return False
    measured = all(cell in ("", "NA") or number(cell) is not None for cell in row)
    return headings[0] == "epoch" and number(row[0]) == 0 and measured and "seed" not in headings
