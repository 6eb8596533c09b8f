"""A table for the terminal whose rows keep their names, however narrow it is: other columns are left out for them."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass, replace
from typing import Any

from rich.console import Console, ConsoleOptions, RenderResult
from rich.table import Column, Table
from rich.text import Text

LONGEST_NAME = 40
"""Characters: what is longer is folded, and makes no column give way."""
_FRAME = 3
"""Characters beside a cell: padding and a line."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Spare:
    """A column that may be left out, and what it holds in words."""

    heading: str
    words: str


class NamedRows(Table):
    """The first column has the names. Where there is no room for them, spare columns go, the last one first."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(title_justify="left", caption_justify="left", **settings)
        self._spare: list[Spare] = []
        self._name_width = 0

    def add_names(self, heading: str, names: list[str]) -> None:
        """The first column, whose cells have these names, with or without other text."""
        self._name_width = min(LONGEST_NAME, max(map(len, names), default=0))
        self.add_column(heading, overflow="fold", ratio=1, min_width=min(self._name_width, LONGEST_NAME // 2))

    def add_numbers(self, heading: str, spare_words: str = "") -> None:
        """A column of numbers; spare where there are words for what it holds."""
        if spare_words:
            self._spare.append(Spare(heading=heading, words=spare_words))
        self.add_column(heading, justify="right", no_wrap=True)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """The table without what it has no room for; its caption says so."""
        left_out: list[Spare] = []
        for spare in reversed(self._spare):
            if self._needed(console, left_out) > options.max_width:
                left_out.append(spare)
        shown = copy(self)
        shown.columns = [replace(column, _index=index) for index, column in enumerate(self._without(left_out))]
        if left_out:
            missing = ", ".join(spare.words for spare in reversed(left_out))
            shown.caption = Text(f"{self.caption or ''} No room here for {missing}: a wider terminal has it.".strip())
        yield from Table.__rich_console__(shown, console, options)

    def _without(self, left_out: list[Spare]) -> list[Column]:
        return [column for column in self.columns if column.header not in [spare.heading for spare in left_out]]

    def _needed(self, console: Console, left_out: list[Spare]) -> int:
        _, *others = self._without(left_out)
        return 1 + self._name_width + _FRAME + sum(_width(console, column) + _FRAME for column in others)


def _width(console: Console, column: Column) -> int:
    """What its cells need at least."""
    measured = [console.measure(cell) for cell in (column.header, *column.cells)]
    return max(one.maximum if column.no_wrap else one.minimum for one in measured)
