"""Which trial comes next: what the schedule wants, less what is finished, known from elsewhere, or running."""

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import KW_ONLY, dataclass, field

from soundproof.common import record
from soundproof.common.record import EndedTrial, HeldOut, Status
from soundproof.search_spaces.presets import PlannedTrial
from soundproof.search_spaces.specs import Trial
from soundproof.trainables.sweeps.planning.provider import Forecast, Known, TrialProvider, unknown
from soundproof.trainables.sweeps.planning.seeds import Request, Schedule


@dataclass(eq=False)
class StudyProvider(TrialProvider):
    """Hands out trials until the schedule wants no more.

    `plan` makes the trial of a request, `held_out` says what its seed keeps from training. `ended` are the trials of
    this sweep that the record holds, by request, and `known` all finished trials of the store, by trial id: what is
    requested of those is taken over at once, by `reuse`. Both grow as trials end.
    """

    schedule: Schedule
    plan: Callable[[Request], PlannedTrial]
    _: KW_ONLY
    ended: dict[Request, Known]
    known: dict[str, Known]
    infeasible: Mapping[str, str]
    reuse: Callable[[PlannedTrial], None]
    held_out: Callable[[Trial], HeldOut | None] = unknown
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

    def end(self, planned: PlannedTrial, status: Status, metrics: Mapping[str, float]) -> list[PlannedTrial]:
        """See `TrialProvider`."""
        trial_id, end = planned.trial.trial_id, Known(status=status, metrics=metrics)
        waiting = self._waiting.pop(trial_id, [])
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
            ended = [
                EndedTrial(
                    variant=variant,
                    seed=seed,
                    status=end.status,
                    metrics=end.metrics,
                    held_out=self.held_out(self.plan((variant, seed)).trial),
                )
                for (variant, seed), end in self.ended.items()
            ]
            self._requests = deque(self.schedule.wanted(ended, self.infeasible))
