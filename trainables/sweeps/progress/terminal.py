"""Progress for a person: two live rows where there is a terminal, a plain line now and then where there is none."""

import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from rich.console import Console, RenderableType
from rich.progress import BarColumn, Progress, ProgressColumn, Task, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Column
from rich.text import Text

from soundproof.common import record
from soundproof.common.counting import counted
from soundproof.common.streams import styled
from soundproof.search_spaces.presets import PlannedTrial
from soundproof.trainables.sweeps.planning.provider import Forecast
from soundproof.trainables.sweeps.progress import protocol
from soundproof.trainables.sweeps.progress.consoles import TextConsole
from soundproof.trainables.sweeps.progress.pace import Pace

_PLAIN_SECONDS = 15.0
"""How often a plain line is printed."""
_MINUTE_SECONDS = 60
_LONG_SECONDS = 120
"""From that on, minutes say enough."""


@contextmanager
def terminal_progress(
    title: str, metric: str, level: Callable[[float], str] = "{:.4g}".format
) -> "Iterator[TerminalProgress]":
    """Draw on standard error while the block runs.

    `metric` is the recorded one by which trials are judged, and `level` writes a value of it.
    """
    console = TextConsole(file=styled(sys.stderr))
    console.print(title, highlight=False, markup=False)
    with LiveRows(console) as rows:
        yield TerminalProgress(console, rows, metric, level)


class TerminalProgress(protocol.Progress):
    """Draws two rows, or prints lines. The bar counts epochs, since these are even in time."""

    def __init__(self, console: Console, rows: "LiveRows", metric: str, level: Callable[[float], str]) -> None:
        self._console = console
        self._rows = rows
        self._metric = metric.removeprefix(record.best(""))
        self._level = level
        self._sign = 1 if record.higher_is_better(metric) else -1
        self._best: Best | None = None
        self._bar = self._add_bar("starting\N{HORIZONTAL ELLIPSIS}", total=None)
        self._preparing: TaskID | None = None
        self._trials: int | None = 0
        self._epochs: int | None = 0
        self._ended = self._running = self._reused = self._epochs_done = self._epochs_trained = 0
        self._failed = 0
        self._remark = ""
        self._epochs_of: dict[str, int] = {}
        self._pace = Pace()
        self._last_line = time.monotonic()

    def preparing(self, done: int, total: int) -> None:
        """See `Progress`."""
        if self._preparing is None or (done < total and self._rows.tasks[self._preparing].finished):
            self._hide_preparing()
            self._preparing = self._add_bar("features", total=total)
        self._rows.update(self._preparing, completed=done, total=total, counts=f"{done:,}/{total:,}")

    def planned(self, forecast: Forecast, infeasible: dict[str, str]) -> None:
        """See `Progress`."""
        for variant_id, reason in infeasible.items():
            self._say(f"{variant_id} is infeasible: {reason}")
        already = f", {forecast.finished} finished before" if forecast.finished else ""
        elsewhere = f", {forecast.reused} taken from elsewhere in the record" if forecast.reused else ""
        to_train = (
            f"training {forecast.goal}" if forecast.trials is None else f"{counted(forecast.trials, 'trial')} to train"
        )
        self._say(f"{to_train}{already}{elsewhere}")
        self._trials, self._epochs = forecast.trials, forecast.epochs
        self._hide_preparing()
        if forecast.trials == 0:
            self._rows.update(self._bar, visible=False)
        self._rows.words = self._words
        self._last_line = time.monotonic()

    def reused(self, trial: PlannedTrial) -> None:
        """See `Progress`."""
        self._reused += 1

    def remark(self, text: str) -> None:
        """See `Progress`."""
        self._remark = text

    def notice(self, text: str) -> None:
        """See `Progress`."""
        self._say(text)

    def finished(self) -> None:
        """See `Progress`."""
        self._rows.words = lambda _: ""
        trained = f"{counted(self._ended - self._failed, 'trial')} trained"
        failed = f"{self._failed} failed" if self._failed else ""
        self._say(_listed(trained, failed, self._taken(), self._remark))

    def noted(self, text: str) -> None:
        """See `Progress`."""
        self._say(text)

    def began(self, trial: PlannedTrial) -> None:
        """See `Progress`."""
        self._running += 1
        self._update()

    def epoch(self, trial: PlannedTrial, metrics: dict[str, float]) -> None:
        """See `Progress`."""
        self._epochs_done += 1
        self._epochs_trained += 1
        self._epochs_of[trial.trial.trial_id] = self._epochs_of.get(trial.trial.trial_id, 0) + 1
        if self._pace.begun or len(self._epochs_of) >= self._running:  # before, actors start
            self._pace.report(time.monotonic(), self._epochs_trained, self._at_once())
        value = metrics.get(self._metric)
        if value is not None and (self._best is None or self._sign * value > self._sign * self._best.value):
            self._best = Best(value=value, level=self._level(value), variant_id=trial.variant_id, seed=trial.trial.seed)
        self._update()

    def retried(self, trial: PlannedTrial) -> None:
        """See `Progress`."""
        self._say(f"{trial.variant_id} seed {trial.trial.seed}: its actor died, another one goes on with it")

    def note(self, text: str) -> None:
        """See `Progress`."""
        self._say(text)

    def spoiled(self, trial: PlannedTrial, changes: str) -> None:
        """See `Progress`."""
        self._say(
            f"{trial.variant_id} seed {trial.trial.seed} changed its process for the trials after it ({changes}): "
            "they train in another one, and only the variant itself trains with the change"
        )

    def ended(self, trial: PlannedTrial, status: record.Status, reason: str | None) -> None:
        """See `Progress`."""
        self._running -= 1
        self._ended += 1
        self._failed += status == "failed"
        self._epochs_done += trial.trial.budget.epochs - self._epochs_of.pop(trial.trial.trial_id, 0)
        if status not in record.COMPARABLE and status != "pruned":
            self._say(f"{trial.variant_id} seed {trial.trial.seed}: {status}" + (f" ({reason})" if reason else ""))
        self._update(last=self._ended == self._trials)

    def _add_bar(self, description: str, total: int | None) -> TaskID:
        return self._rows.add_task(description, total=total, counts="", left=lambda: "")

    def _hide_preparing(self) -> None:
        if self._preparing is not None:
            self._rows.update(self._preparing, visible=False)

    def _update(self, *, last: bool = False) -> None:
        if self._epochs_trained or self._ended:
            self._rows.update(
                self._bar,
                description="",
                total=self._epochs,
                completed=self._epochs_done,
                counts=f"{self._trials_done()}, {self._epochs_counted()}",
                left=self._time_left,
            )
        now = time.monotonic()
        if not self._console.is_terminal and (last or now - self._last_line >= _PLAIN_SECONDS):
            self._last_line = now
            self._say(self._line())

    def _trials_done(self) -> str:
        """Of how many, where results do not decide that."""
        trials = counted(self._ended if self._trials is None else self._trials, "trial")
        return trials if self._trials is None else f"{self._ended}/{trials}"

    def _epochs_counted(self) -> str:
        epochs = counted(self._epochs_done if self._epochs is None else self._epochs, "epoch")
        return epochs if self._epochs is None else f"{self._epochs_done:,}/{epochs}"

    def _words(self, width: int) -> str:
        """What the plain line says beside the bar's own, in at most `width` characters."""
        if not self._epochs_trained:
            return ""
        wanted = _listed(f"{self._running} running", self._remark)
        return row_of_words(self._best, wanted, (self._epochs_in_time(), self._taken()), width)

    def _line(self) -> str:
        done, taken = f"{self._trials_done()} done", self._taken() if self._trials is None else ""
        going = (f"{self._running} running", taken, self._remark, self._epochs_in_time(), self._time_left())
        return _listed(done, *going, "" if self._best is None else self._best.words())

    def _epochs_in_time(self) -> str:
        per_second = self._pace.per_second(self._at_once())
        if per_second is None:
            return ""
        per_minute = round(per_second * _MINUTE_SECONDS)
        if per_minute > 1:
            return f"{counted(per_minute, 'epoch')} a minute"
        return f"{counted(round(per_second * _MINUTE_SECONDS**2), 'epoch')} an hour"

    def _taken(self) -> str:
        return f"{self._reused} taken from elsewhere in the record" if self._reused else ""

    def _at_once(self) -> int:
        return max(1, self._running)

    def _time_left(self) -> str:
        if self._epochs is None:
            return ""
        seconds = self._pace.seconds_left(time.monotonic(), self._epochs - self._epochs_done, self._at_once())
        if seconds is None:
            return "unknown time left"
        return f"{seconds:.0f} s left" if seconds < _LONG_SECONDS else f"{seconds / _MINUTE_SECONDS:.0f} min left"

    def _say(self, text: str) -> None:
        self._console.print(text, highlight=False, markup=False, soft_wrap=True)


_LEAST_NAME = 8
"""Characters of a variant's id that are shown however narrow it is."""


class LiveRows(Progress):
    """Tasks have the fields `counts`, a text, and `left`, a function that says how much time is left."""

    def __init__(self, console: Console) -> None:
        self._drawn_on = console  # rich asks for renderables before it keeps its own
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
        words = self.words(self._drawn_on.width)
        if words:
            yield Text(words, no_wrap=True, overflow="ellipsis")


class _TimeLeft(ProgressColumn):
    """It passes between two epochs as well."""

    def render(self, task: Task) -> Text:
        """See `rich.progress.ProgressColumn`."""
        return Text(task.fields["left"]())


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


def row_of_words(best: Best | None, wanted: str, spare: Sequence[str], width: int) -> str:
    """The best, what is `wanted` beside it, and of the `spare` parts those that leave the id whole."""
    whole, further = "" if best is None else best.words(), wanted
    for part in spare:
        if len(_listed(whole, further, part)) <= width:
            further = _listed(further, part)
    return further if best is None else f"{best.words(width - len(further) - len(', '))}, {further}"


def _listed(*parts: str) -> str:
    return ", ".join(part for part in parts if part)


def shortened(name: str, width: int) -> str:
    """`name` in at most `width` characters: what is too much is left out of its middle."""
    if len(name) <= width:
        return name
    behind = (width - 1) // 2
    return f"{name[: width - 1 - behind]}\N{HORIZONTAL ELLIPSIS}{name[len(name) - behind :]}"
