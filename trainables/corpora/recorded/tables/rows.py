"""Rows of a table of recordings, and what is wrong with them: told once for all rows that have it."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, NamedTuple

from soundproof.trainables.corpora.recorded.folder_listing import printable

_MOST_NUMBERS = 5
"""Of the rows with one problem: so many are named."""

_MOST_VALUES = 3

Unit = Literal["line", "entry", "row"]
_PLURALS = {"line": "lines", "entry": "entries", "row": "rows"}


class Problem(NamedTuple):
    """What was expected, what was given instead, and what to do about it; the last two may be empty."""

    rule: str
    got: str = ""
    remedy: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One recording of a table: its number, counted from 1, its fields, and what is wrong with them.

    `written` means that numbers are text, as in CSV. `spoken` means that its text is of a source that writes as people
    do, with capitals and punctuation. `elsewhere` are further places of the audio, where it is not where it says.
    """

    file: Path
    number: int
    unit: Unit = "line"
    fields: dict[str, Any] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    written: bool = False
    spoken: bool = False
    elsewhere: tuple[str, ...] = ()

    @property
    def place(self) -> str:
        """File and number."""
        return f"{self.file}:{self.number}" if self.unit == "line" else f"{self.file}: {self.unit} {self.number}"


def told_once(rows: Iterable[Row]) -> list[str]:
    """A sentence for each problem, with the rows that have it and their number."""
    found: dict[tuple[str, str], list[tuple[Row, str]]] = {}
    for row in rows:
        for problem in row.problems:
            found.setdefault((problem.rule, problem.remedy), []).append((row, problem.got))
    sentences = []
    for (rule, remedy), concerned in found.items():
        values = [value for value in dict.fromkeys(value for _, value in concerned) if value]
        more = ["and others"] if len(values) > _MOST_VALUES else []
        got = f", got {', '.join([*values[:_MOST_VALUES], *more])}" if values else ""
        where = _places(list(dict.fromkeys((row.file, row.unit, row.number) for row, _ in concerned)))
        sentences.append(f"{where}: {rule}{got}{f': {remedy}' if remedy else ''}")
    return sentences


def _places(rows: Sequence[tuple[Path, Unit, int]]) -> str:
    """`list.jsonl:3`, or `list.jsonl: lines 1, 2, 3, 4, 5 and 495 more (500)`."""
    if len(rows) == 1:
        file, unit, number = rows[0]
        return Row(file=file, unit=unit, number=number).place
    files: dict[tuple[Path, Unit], list[int]] = {}
    for file, unit, number in rows:
        files.setdefault((file, unit), []).append(number)
    return "; ".join(f"{file}: {_numbers(unit, numbers)}" for (file, unit), numbers in files.items())


def _numbers(unit: Unit, numbers: Sequence[int]) -> str:
    if len(numbers) == 1:
        return f"{unit} {numbers[0]}"
    named = ", ".join(map(str, numbers[:_MOST_NUMBERS]))
    more = len(numbers) - _MOST_NUMBERS
    return f"{_PLURALS[unit]} {named}{f' and {more} more' if more > 0 else ''} ({len(numbers)})"


def shown(value: Any) -> str:
    """The value as JSON, printable anywhere, shortened."""
    written = json.dumps(value, ensure_ascii=False, default=str).encode("utf-8", "backslashreplace").decode("utf-8")
    written = printable(written)
    return written if len(written) <= 60 else f"{written[:57]}..."
