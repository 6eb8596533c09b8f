"""Which trial comes next: what the schedule wants, less what is finished, known from elsewhere, or running."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from soundproof.common import record
from soundproof.common.record import EndedTrial, Status
from soundproof.search_spaces.presets import PlannedTrial
from soundproof.trainables.sweeps.planning.seeds import Schedule, Wish


@dataclass(frozen=True, kw_only=True, slots=True)
class Known:
    """How a trial ended that need not be trained again."""

    status: Status
    metrics: Mapping[str, float]


@dataclass(frozen=True, kw_only=True, slots=True)
class Forecast:
    """What is to be done, before the first trial starts. `trials` and `epochs` are None where results decide.

    `goal` then says what it goes on for.
    """

    trials: int | None
    epochs: int | None
    finished: int
    reused: int
    goal: str = ""


class TrialProvider(Protocol):
    """Hands out trials and is told how they end: `StudyProvider` for a study, `SearchProvider` for a search."""

    def take(self) -> PlannedTrial | None:
        """The next trial to train, or None: for now while trials are running, for good otherwise."""

    @property
    def done(self) -> bool:
        """Whether nothing runs and nothing more is wanted."""

    @property
    def remark(self) -> str:
        """How far it has come, in a few words."""

    def tags(self, planned: PlannedTrial) -> Mapping[str, str]:
        """What the record says of a trial beside what it says of every trial."""

    @property
    def judges_epochs(self) -> bool:
        """Whether it may stop a trial before its end, and so has to hear of every epoch before the next one begins."""

    def stops(self, planned: PlannedTrial, epoch: int, metrics: Mapping[str, float]) -> str | None:
        """Take the metrics of one more epoch: the reason to stop the trial there, or None to go on."""

    def keeps_checkpoint(self, planned: PlannedTrial) -> bool:
        """Whether others may go on from the trial's end: its final state then stays until the source removes it."""

    def end(self, planned: PlannedTrial, status: Status, metrics: Mapping[str, float]) -> list[PlannedTrial]:
        """A trial has ended. Returns the variants that are the same trial and were waiting for it."""


class StudyProvider:
    """Hands out trials until the schedule wants no more.

    `plan` makes the trial of a wish. `finished` are the trials of this sweep that the record holds, by wish, and
    `known` all finished trials of the store, by trial id: a wish for one of those is granted at once, by `reuse`.
    """

    def __init__(
        self,
        schedule: Schedule,
        plan: Callable[[Wish], PlannedTrial],
        *,
        finished: Mapping[Wish, Known],
        known: Mapping[str, Known],
        infeasible: Mapping[str, str],
        reuse: Callable[[PlannedTrial], None],
    ) -> None:
        self._schedule = schedule
        self._plan = plan
        self._known = dict(known)
        self._infeasible = infeasible
        self._reuse = reuse
        self._ended = {wish: _ended(wish, end) for wish, end in finished.items()}
        self._running: dict[str, list[PlannedTrial]] = {}
        self._wishes: deque[Wish] = deque()
        self._stale = True
        self._next: PlannedTrial | None = None

    def forecast(self) -> Forecast:
        """Counts for the progress display."""
        if self._schedule.adaptive:
            finished = len(self._ended)
            return Forecast(trials=None, epochs=None, finished=finished, reused=0, goal="until every claim is decided")
        wishes = self._schedule.wanted([], self._infeasible)
        missing = [self._plan(wish).trial for wish in wishes if wish not in self._ended]
        budgets = {trial.trial_id: trial.budget.epochs for trial in missing if trial.trial_id not in self._known}
        return Forecast(
            trials=len(budgets),
            epochs=sum(budgets.values()),
            finished=sum(wish in self._ended for wish in wishes),
            reused=sum(trial.trial_id in self._known for trial in missing),
        )

    def take(self) -> PlannedTrial | None:
        """The next trial to train, or None: for now while trials are running, for good otherwise."""
        found, self._next = self._next or self._find(), None
        if found is not None:
            self._running[found.trial.trial_id] = [found]
        return found

    @property
    def done(self) -> bool:
        """Whether nothing runs and nothing more is wanted."""
        if self._running:
            return False
        self._next = self._next or self._find()
        return self._next is None

    @property
    def remark(self) -> str:
        """How far the study has come, in a few words."""
        return self._schedule.remark()

    def tags(self, planned: PlannedTrial) -> Mapping[str, str]:
        """See `TrialProvider`: a study has no more to say."""
        return {}

    @property
    def judges_epochs(self) -> bool:
        """See `TrialProvider`."""
        return False

    def stops(self, planned: PlannedTrial, epoch: int, metrics: Mapping[str, float]) -> str | None:
        """See `TrialProvider`: the trials of a study are never stopped, so that like is compared with like."""
        return None

    def keeps_checkpoint(self, planned: PlannedTrial) -> bool:
        """See `TrialProvider`: every trial of a study begins at its beginning."""
        return False

    def end(self, planned: PlannedTrial, status: Status, metrics: Mapping[str, float]) -> list[PlannedTrial]:
        """See `TrialProvider`."""
        trial_id, end = planned.trial.trial_id, Known(status=status, metrics=metrics)
        waiting = self._running.pop(trial_id)
        if status in record.FINISHED:
            self._known[trial_id] = end
        for one in waiting:
            wish = (one.variant_id, one.trial.seed)
            self._ended[wish] = _ended(wish, end)
        self._stale = self._schedule.adaptive
        return waiting[1:]

    def _find(self) -> PlannedTrial | None:
        while True:
            self._refresh()
            if not self._wishes:
                return None
            wish = self._wishes.popleft()
            if wish in self._ended:
                continue
            planned = self._plan(wish)
            running = self._running.get(planned.trial.trial_id)
            if running is not None:
                if planned not in running:
                    running.append(planned)
            elif planned.trial.trial_id in self._known:
                self._reuse(planned)
                self._ended[wish] = _ended(wish, self._known[planned.trial.trial_id])
                self._stale = self._schedule.adaptive
            else:
                return planned

    def _refresh(self) -> None:
        """Ask the schedule: once, and again whenever something has ended if that matters to it."""
        if self._stale:
            self._stale = False
            self._wishes = deque(self._schedule.wanted(list(self._ended.values()), self._infeasible))


def _ended(wish: Wish, end: Known) -> EndedTrial:
    return EndedTrial(variant=wish[0], seed=wish[1], status=end.status, metrics=end.metrics)
