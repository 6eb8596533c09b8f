"""A fault in a set of runs, as a reader meets it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from soundproof.analysis.judging.runs import JudgedRun, Levels

MOST_ROWS = 5
FEWEST_EQUAL = 3
"""Runs of an arm from which on equal results tell that seeds change nothing."""

Arms = Mapping[Levels, Sequence[JudgedRun]]
"""Runs by what they repeat."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Fault:
    """Something that a reader has to know: of what `kind`, in words, and the rows that it is about.

    `alarm`: it may make verdicts wrong. Otherwise it is a remark. `dropped` are runs that count for nothing because of
    it. `ask` is what has to be answered before anything can be judged, with the options that do; None where nothing is.
    """

    kind: str
    words: str
    where: tuple[str, ...]
    alarm: bool
    dropped: tuple[JudgedRun, ...] = ()
    ask: str | None = None

    @property
    def sentence(self) -> str:
        """The words with the first rows."""
        rows = "; ".join(self.where[:MOST_ROWS]) + (
            f" and {len(self.where) - MOST_ROWS} more" if len(self.where) > MOST_ROWS else ""
        )
        return f"{self.words} ({rows})." if rows else f"{self.words}."
