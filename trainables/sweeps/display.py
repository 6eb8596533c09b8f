"""Progress for a person: a live line where there is a terminal, a plain line now and then where there is none."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from search_spaces import record
from search_spaces.presets import PlannedTrial
from trainables.sweeps.agenda import Forecast

_PLAIN_SECONDS = 15.0
"""How often a plain line is printed."""


@contextmanager
def terminal_progress(title: str, metric: str) -> Iterator[TerminalProgress]:
    """Draw on standard error while the block runs. `metric` is the recorded one by which trials are judged."""
    console = Console(file=sys.stderr)
    console.print(title, highlight=False, markup=False)
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as bars:
        yield TerminalProgress(console, bars, metric)


class TerminalProgress:
    """Implements `trainables.sweeps.progress.Progress`. The bar counts epochs, since these are even in time."""

    def __init__(self, console: Console, bars: Progress, metric: str) -> None:
        self._console = console
        self._bars = bars
        self._metric = metric.removeprefix(record.best(""))
        self._sign = 1 if record.higher_is_better(metric) else -1
        self._best: tuple[float, str] | None = None
        """The best value of any epoch so far, and whose it is."""
        self._bar: TaskID | None = None
        self._preparing: TaskID | None = None
        self._trials: int | None = 0
        self._epochs: int | None = 0
        self._ended = self._running = self._epochs_done = 0
        self._reused = 0
        self._remark = ""
        self._epochs_of: dict[str, int] = {}
        self._started = self._last_line = time.monotonic()

    def preparing(self, done: int, total: int) -> None:
        """See `Progress`."""
        if self._preparing is None or (done < total and self._bars.tasks[self._preparing].finished):
            self._preparing = self._bars.add_task("features", total=total)
        self._bars.update(self._preparing, completed=done, total=total)

    def planned(self, forecast: Forecast, infeasible: dict[str, str]) -> None:
        """See `Progress`."""
        for variant_id, reason in infeasible.items():
            self._say(f"{variant_id} is infeasible: {reason}")
        already = f", {forecast.finished} finished before" if forecast.finished else ""
        elsewhere = f", {forecast.reused} taken from elsewhere in the record" if forecast.reused else ""
        to_train = f"training {forecast.goal}" if forecast.trials is None else f"{forecast.trials} trials to train"
        self._say(f"{to_train}{already}{elsewhere}")
        self._trials, self._epochs = forecast.trials, forecast.epochs
        if forecast.trials != 0:
            self._bar = self._bars.add_task("epochs", total=forecast.epochs)
        self._started = self._last_line = time.monotonic()

    def reused(self, trial: PlannedTrial) -> None:
        """See `Progress`."""
        self._reused += 1

    def remark(self, text: str) -> None:
        """See `Progress`."""
        self._remark = text

    def finished(self) -> None:
        """See `Progress`."""
        remark = f", {self._remark}" if self._remark else ""
        self._say(f"{self._ended} trials trained{self._taken()}{remark}")

    def began(self, trial: PlannedTrial) -> None:
        """See `Progress`."""
        self._running += 1
        self._update()

    def epoch(self, trial: PlannedTrial, metrics: dict[str, float]) -> None:
        """See `Progress`."""
        self._epochs_done += 1
        self._epochs_of[trial.trial.trial_id] = self._epochs_of.get(trial.trial.trial_id, 0) + 1
        value = metrics.get(self._metric)
        if value is not None and (self._best is None or self._sign * value > self._sign * self._best[0]):
            self._best = value, f"{trial.variant_id} seed {trial.trial.seed}"
        self._update()

    def retried(self, trial: PlannedTrial) -> None:
        """See `Progress`."""
        self._say(f"{trial.variant_id} seed {trial.trial.seed}: its actor died, another one goes on with it")

    def ended(self, trial: PlannedTrial, status: record.Status, reason: str | None) -> None:
        """See `Progress`."""
        self._running -= 1
        self._ended += 1
        self._epochs_done += trial.trial.budget.epochs - self._epochs_of.pop(trial.trial.trial_id, 0)
        if status not in record.COMPARABLE and status != "pruned":
            self._say(f"{trial.variant_id} seed {trial.trial.seed}: {status}" + (f" ({reason})" if reason else ""))
        self._update(last=self._ended == self._trials)

    def _update(self, *, last: bool = False) -> None:
        text = self._line()
        if self._bar is not None:
            self._bars.update(self._bar, completed=self._epochs_done, description=text)
        now = time.monotonic()
        if not self._console.is_terminal and (last or now - self._last_line >= _PLAIN_SECONDS):
            self._last_line = now
            self._say(text)

    def _line(self) -> str:
        remark = f", {self._remark}" if self._remark else ""
        pace = self._pace()
        if self._trials is None:
            return (
                f"{self._ended} trials done, {self._running} running{self._taken()}{remark}{pace}{self._best_so_far()}"
            )
        done = f"{self._ended}/{self._trials} trials done, {self._running} running{remark}{pace}"
        return f"{done}, {self._time_left()} left{self._best_so_far()}"

    def _pace(self) -> str:
        if self._epochs_done == 0:
            return ""
        per_minute = 60 * self._epochs_done / max(time.monotonic() - self._started, 1e-3)
        return f", {per_minute:.0f} epochs a minute"

    def _best_so_far(self) -> str:
        """Of one run: luck is part of it, and no verdict."""
        return "" if self._best is None else f", best so far {self._best[0]:.4g} ({self._best[1]})"

    def _taken(self) -> str:
        return f", {self._reused} taken from elsewhere in the record" if self._reused else ""

    def _time_left(self) -> str:
        """Unknown until the trials that run have told two epochs each: before the first lies the start of actors."""
        if self._epochs is None or self._epochs_done < 2 * max(1, self._running):
            return "unknown time"
        seconds = (time.monotonic() - self._started) * (self._epochs - self._epochs_done) / self._epochs_done
        return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"

    def _say(self, text: str) -> None:
        self._console.print(text, highlight=False, markup=False, soft_wrap=True)
