"""Which trial comes next: what the schedule wants, less what is finished, known from elsewhere, or running."""

import math
from collections import deque
from collections.abc import Callable, Collection, Mapping
from dataclasses import KW_ONLY, dataclass, field

from soundproof.common import record
from soundproof.common.record import Curve, EndedTrial, HeldOut, Status
from soundproof.search_spaces.presets import PlannedTrial
from soundproof.search_spaces.specs import Trial
from soundproof.trainables.sweeps.planning.provider import Epochs, Forecast, Known, TrialProvider, unknown
from soundproof.trainables.sweeps.planning.seeds import Request, Schedule


def nothing_recorded(trial_id: str) -> Mapping[str, Curve]:
    """Where no curves are asked for, nobody reads any."""
    raise KeyError(trial_id)


@dataclass(eq=False)
class StudyProvider(TrialProvider):
    """Hands out trials until the schedule wants no more.

    `plan` makes the trial of a request, `held_out` says what its seed keeps from training. `ended` are the trials of
    this sweep that the record holds, by request, and `known` all finished trials of the store, by trial id: what is
    requested of those is taken over at once, by `reuse`. Both grow as trials end. `curves` are the metrics of every
    epoch that the schedule has to know, and `recorded` reads them of a trial that ended before, by its id.
    """

    schedule: Schedule
    plan: Callable[[Request], PlannedTrial]
    _: KW_ONLY
    ended: dict[Request, Known]
    known: dict[str, Known]
    infeasible: Mapping[str, str]
    reuse: Callable[[PlannedTrial], None]
    held_out: Callable[[Trial], HeldOut | None] = unknown
    curves: Collection[str] = ()
    recorded: Callable[[str], Mapping[str, Curve]] = nothing_recorded
    _histories: dict[str, Mapping[str, Curve]] = field(default_factory=dict, init=False)
    """By trial id, of those that ended here."""
    _waiting: dict[str, list[PlannedTrial]] = field(default_factory=dict, init=False)
    """Other variants that are the same trial as one that runs, by its id."""
    _requests: deque[Request] = field(default_factory=deque, init=False)
    _stale: bool = field(default=True, init=False)

    def forecast(self) -> Forecast:
        """Counts for the progress display."""
        if self.schedule.adaptive:
            finished = len(self.ended)
            return Forecast(trials=None, epochs=None, finished=finished, reused=0, goal="until every claim is decided")
        requests = self.schedule.wanted([], self.infeasible)
        missing = [self.plan(request).trial for request in requests if request not in self.ended]
        budgets = {trial.trial_id: trial.budget.epochs for trial in missing if trial.trial_id not in self.known}
        return Forecast(
            trials=len(budgets),
            epochs=sum(budgets.values()),
            finished=sum(request in self.ended for request in requests),
            reused=sum(trial.trial_id in self.known for trial in missing),
        )

    @property
    def remark(self) -> str:
        """How far the study has come, in a few words."""
        return self.schedule.remark()

    def end(
        self, planned: PlannedTrial, status: Status, metrics: Mapping[str, float], history: Epochs = ()
    ) -> list[PlannedTrial]:
        """See `TrialProvider`."""
        trial_id, end = planned.trial.trial_id, Known(status=status, metrics=metrics)
        waiting = self._waiting.pop(trial_id, [])
        self._histories[trial_id] = {metric: curve_of(history, metric) for metric in self.curves}
        if status in record.FINISHED:
            self.known[trial_id] = end
        for twin in (self._running.pop(trial_id), *waiting):
            self.ended[twin.variant_id, twin.trial.seed] = end
        self._stale = self.schedule.adaptive
        return waiting

    def _find(self) -> PlannedTrial | None:
        while True:
            self._refresh()
            if not self._requests:
                return None
            request = self._requests.popleft()
            if request in self.ended:
                continue
            planned = self.plan(request)
            if planned.trial.trial_id in self._running:
                waiting = self._waiting.setdefault(planned.trial.trial_id, [])
                if planned not in (self._running[planned.trial.trial_id], *waiting):
                    waiting.append(planned)
            elif planned.trial.trial_id in self.known:
                self.reuse(planned)
                self.ended[request] = self.known[planned.trial.trial_id]
                self._stale = self.schedule.adaptive
            else:
                return planned

    def _refresh(self) -> None:
        """Ask the schedule: once, and again whenever something has ended if that matters to it."""
        if self._stale:
            self._stale = False
            ended = [self._ended_trial(request, end) for request, end in self.ended.items()]
            self._requests = deque(self.schedule.wanted(ended, self.infeasible))

    def _ended_trial(self, request: Request, end: Known) -> EndedTrial:
        trial = self.plan(request).trial
        history: Mapping[str, Curve] = {}
        if self.curves:
            history = self._histories.get(trial.trial_id) or self.recorded(trial.trial_id)
        variant, seed = request
        return EndedTrial(
            variant=variant,
            seed=seed,
            status=end.status,
            metrics=end.metrics,
            held_out=self.held_out(trial),
            history=history,
        )


def curve_of(history: Epochs, metric: str) -> Curve:
    """The finite values of a metric with their epochs, the first of which is 1."""
    values = ((epoch, metrics.get(metric, math.nan)) for epoch, metrics in enumerate(history, start=1))
    return tuple((epoch, value) for epoch, value in values if math.isfinite(value))
