"""Rows of the CSV files that training tools log to, each as long as the header."""

import csv
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

from soundproof.analysis.sources.folder_trees import text_of_file
from soundproof.analysis.sources.found import SourceError


def first_line(path: Path) -> str:
    """The first line of a file as far as it is text, without what ends it; empty where it cannot be read."""
    try:
        with path.open(encoding="utf-8-sig", errors="replace") as file:
            return file.readline(65536).rstrip("\r\n")
    except OSError:
        return ""


def rows_of(path: Path, separator: str = ",", remedy: str = "mend the file, or leave it out") -> "LogRows":
    """The header and the rows of a file, with the lines that they stand at."""
    reader = csv.reader(StringIO(text_of_file(path), newline=""), delimiter=separator, strict=True)
    lines = _lines(path, reader)
    header = next(lines, (1, []))[1]
    if not header or len(set(header)) != len(header) or not all(header):
        raise SourceError(f"{path} should begin with the names of its columns, each once, and begins with {header}.")
    return LogRows(path, tuple(header), lines, remedy)


class LogRows:
    """The rows of one file, as cells by column."""

    def __init__(
        self, path: Path, header: tuple[str, ...], lines: Iterator[tuple[int, list[str]]], remedy: str
    ) -> None:
        self.header = header
        self._path, self._lines, self._remedy = path, lines, remedy

    def __iter__(self) -> Iterator[tuple[int, dict[str, str]]]:
        """Line and cells of each row; a source error where a row is longer or shorter than the header."""
        for line, row in self._lines:
            if len(row) != len(self.header):
                raise SourceError(
                    f"{self._path}, line {line:,}: {len(row)} cells under {len(self.header)} names"
                    f" ({', '.join(self.header)}): {self._remedy}."
                )
            yield line, dict(zip(self.header, row, strict=True))


def _lines(path: Path, reader: Any) -> Iterator[tuple[int, list[str]]]:
    """Rows that are not blank."""
    while True:
        try:
            row = next(reader, None)
        except csv.Error as error:
            raise SourceError(
                f"{path}, line {reader.line_num:,} cannot be read as a row of a CSV file: {error}."
            ) from None
        if row is None:
            return
        if row:
            yield reader.line_num, row
