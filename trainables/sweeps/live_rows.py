"""Two rows at the foot of a terminal: a bar for what is counted, and words below it, made for the width there is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.progress import BarColumn, Progress, ProgressColumn, Task, TextColumn, TimeElapsedColumn
from rich.table import Column
from rich.text import Text

_LEAST_NAME = 8
"""Characters of a variant's id that are shown however narrow it is."""


class LiveRows(Progress):
    """Tasks have the fields `counts`, a text, and `left`, a function that says how much time is left."""

    def __init__(self, console: Console) -> None:
        self.words: Callable[[int], str] = lambda _: ""
        """The row of words for a width."""
        columns = (
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=None),
            TextColumn("{task.fields[counts]}", markup=False),
            TimeElapsedColumn(table_column=Column(no_wrap=True)),
            _TimeLeft(table_column=Column(no_wrap=True)),
        )
        super().__init__(*columns, console=console, disable=not console.is_terminal, expand=True)

    def get_renderables(self) -> Iterable[RenderableType]:
        """See `rich.progress.Progress`."""
        yield from super().get_renderables()
        yield _Words(self.words)


class _TimeLeft(ProgressColumn):
    """It passes between two epochs as well."""

    def render(self, task: Task) -> Text:
        """See `rich.progress.ProgressColumn`."""
        return Text(task.fields["left"]())


@dataclass(frozen=True, slots=True)
class _Words:
    made_for: Callable[[int], str]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        words = self.made_for(options.max_width)
        if words:
            yield Text(words, no_wrap=True, overflow="ellipsis")


@dataclass(frozen=True, kw_only=True, slots=True)
class Best:
    """The best value of any epoch so far, and whose it is. Luck is part of it: it is no verdict."""

    value: float
    level: str
    """`value` as a report writes it."""
    variant_id: str
    seed: int

    def words(self, room: int | None = None) -> str:
        """In at most `room` characters where possible: the id is shortened for it."""
        before, after = f"best so far {self.level} (", f" seed {self.seed})"
        if room is None:
            return before + self.variant_id + after
        return before + shortened(self.variant_id, max(_LEAST_NAME, room - len(before + after))) + after


def row_of_words(best: Best | None, wanted: Sequence[str], spare: Sequence[str], width: int) -> str:
    """The best, what is `wanted` beside it, and of the `spare` parts those that leave the id whole."""
    whole = [] if best is None else [best.words()]
    further = list(wanted)
    for part in spare:
        if len(", ".join([*whole, *further, part])) <= width:
            further.append(part)
    if best is None:
        return ", ".join(further)
    behind = ", ".join(["", *further])
    return best.words(width - len(behind)) + behind


def shortened(name: str, width: int) -> str:
    """`name` in at most `width` characters: what is too much is left out of its middle."""
    if len(name) <= width:
        return name
    behind = (width - 1) // 2
    return f"{name[: width - 1 - behind]}\N{HORIZONTAL ELLIPSIS}{name[len(name) - behind :]}"
