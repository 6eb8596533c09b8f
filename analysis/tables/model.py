"""A table before any markup: columns, and cells with what is read, what is sorted by, and what stands out."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, Self

from soundproof.analysis.notation.bounds import TOO_FEW
from soundproof.analysis.notation.quantities import Quantity, number
from soundproof.analysis.statistics.intervals import Estimate
from soundproof.analysis.verdicts.sentences import sentence

Output = Literal["terminal", "page", "paper"]
Role = Literal["name", "words", "word", "number", "trial"]
"""What a column holds: the names of the rows, words, one word a row, numbers, or ids of trials."""
Emphasis = Literal["", "soft", "supported", "contradicted", "negligible", "undecided"]

NOTHING = "\N{EN DASH}"
"""Stands where there is no number."""
EVERYWHERE: tuple[Output, ...] = ("terminal", "page", "paper")


@dataclass(frozen=True, kw_only=True, slots=True)
class Column:
    """One column, on the `outputs` that show it.

    `heading` is what it is called; `narrow` the same in short lines for the terminal, `full` for the page. The unit
    follows either. A terminal without room leaves out the column if it has `spare` words for what it holds. `spread`
    heads a column of its own in papers for the spread of its cells.
    """

    heading: str
    role: Role = "number"
    unit: str = ""
    narrow: str = ""
    full: str = ""
    spare: str = ""
    spread: str = ""
    outputs: tuple[Output, ...] = EVERYWHERE

    def lines(self, output: Output) -> list[str]:
        """The heading on the terminal or the page, line by line."""
        heading = (self.narrow if output == "terminal" else self.full or sentence(self.heading)) or self.heading
        return [*heading.split("\n"), *([f"({self.unit})"] if self.unit else [])]


@dataclass(frozen=True, kw_only=True, slots=True)
class Cell:
    """One cell: its text, and notes below it, of which `details` are for the page alone.

    `value` is what the page sorts by where the text itself is not. Of a mean, `interval` has both ends in words, and
    `half` is half of an interval that lies evenly about it.
    """

    text: str = NOTHING
    value: float | None = None
    interval: str = ""
    half: str = ""
    notes: tuple[str, ...] = ()
    details: tuple[str, ...] = ()
    emphasis: Emphasis = ""

    @classmethod
    def mean(cls, estimate: Estimate | None, measured: Quantity) -> Self:
        """A mean with its interval."""
        if estimate is None or estimate.value is None:
            return cls()
        half = "" if estimate.half is None else measured.number(estimate.half)
        ends = TOO_FEW if estimate.interval is None else measured.ends(estimate.interval)
        return cls(text=measured.number(estimate.value), value=estimate.value, interval=ends, half=half)

    @classmethod
    def difference(cls, estimate: Estimate, measured: Quantity) -> Self:
        """A mean difference with both ends of its interval: one for many looks does not lie evenly about its mean."""
        if estimate.value is None:
            return cls()
        return replace(cls.mean(estimate, measured), text=measured.signed(estimate.value), half="")

    @classmethod
    def number(cls, value: float | None, measured: Quantity | None = None, *, emphasis: Emphasis = "") -> Self:
        """A number in the digits of a quantity, or of numbers in general."""
        if value is None:
            return cls()
        return cls(text=number(value) if measured is None else measured.number(value), value=value, emphasis=emphasis)

    @classmethod
    def count(cls, value: int | None) -> Self:
        """A whole number."""
        return cls() if value is None else cls(text=f"{value:,}", value=value)

    @property
    def spread(self) -> str:
        """What papers show beside a number: half of the interval, else both of its ends."""
        return self.half or (self.interval if self.interval not in ("", TOO_FEW) else NOTHING)


@dataclass(frozen=True, kw_only=True, slots=True)
class Table:
    """A table of any output. `name` tells it from the others; `note` is read below it, in papers `paper_note`."""

    name: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: str = ""
    paper_note: str = ""
    ruled: bool = False

    def shown(self, output: Output) -> "Table":
        """The table with the columns that an output shows."""
        kept = [index for index, column in enumerate(self.columns) if output in column.outputs]
        rows = tuple(tuple(row[index] for index in kept) for row in self.rows)
        return replace(self, columns=tuple(self.columns[index] for index in kept), rows=rows)


def columns(*headings: str, role: Role = "number", outputs: Sequence[Output] = EVERYWHERE) -> tuple[Column, ...]:
    """Columns of the same kind."""
    return tuple(Column(heading=heading, role=role, outputs=tuple(outputs)) for heading in headings)
