"""Which trial comes next: what the schedule wants, less what is finished, known from elsewhere, or running."""

from collections import deque
from collections.abc import Callable, Mapping

from soundproof.common import record
from soundproof.common.record import EndedTrial, Status
from soundproof.search_spaces.presets import PlannedTrial
from soundproof.trainables.sweeps.planning.provider import Forecast, Known, TrialProvider
from soundproof.trainables.sweeps.planning.seeds import Request, Schedule


class StudyProvider(TrialProvider):
    """Hands out trials until the schedule wants no more.

    `plan` makes the trial of a request. `finished` are the trials of this sweep that the record holds, by request, and
    `known` all finished trials of the store, by trial id: what is requested of those is taken over at once, by `reuse`.
    """

    def __init__(
        self,
        schedule: Schedule,
        plan: Callable[[Request], PlannedTrial],
        *,
        finished: Mapping[Request, Known],
        known: Mapping[str, Known],
        infeasible: Mapping[str, str],
        reuse: Callable[[PlannedTrial], None],
    ) -> None:
        super().__init__()
        self._schedule = schedule
        self._plan = plan
        self._known = dict(known)
        self._infeasible = infeasible
        self._reuse = reuse
        self._ended = {request: _ended(request, end) for request, end in finished.items()}
        self._waiting: dict[str, list[PlannedTrial]] = {}
        """Other variants that are the same trial as one that runs, by its id."""
        self._requests: deque[Request] = deque()
        self._stale = True

    def forecast(self) -> Forecast:
        """Counts for the progress display."""
        if self._schedule.adaptive:
            finished = len(self._ended)
            return Forecast(trials=None, epochs=None, finished=finished, reused=0, goal="until every claim is decided")
        requests = self._schedule.wanted([], self._infeasible)
        missing = [self._plan(request).trial for request in requests if request not in self._ended]
        budgets = {trial.trial_id: trial.budget.epochs for trial in missing if trial.trial_id not in self._known}
        return Forecast(
            trials=len(budgets),
            epochs=sum(budgets.values()),
            finished=sum(request in self._ended for request in requests),
            reused=sum(trial.trial_id in self._known for trial in missing),
        )

    @property
    def remark(self) -> str:
        """How far the study has come, in a few words."""
        return self._schedule.remark()

    def end(self, planned: PlannedTrial, status: Status, metrics: Mapping[str, float]) -> list[PlannedTrial]:
        """See `TrialProvider`."""
        trial_id, end = planned.trial.trial_id, Known(status=status, metrics=metrics)
        waiting = self._waiting.pop(trial_id, [])
        if status in record.FINISHED:
            self._known[trial_id] = end
        for twin in (self._running.pop(trial_id), *waiting):
            request = (twin.variant_id, twin.trial.seed)
            self._ended[request] = _ended(request, end)
        self._stale = self._schedule.adaptive
        return waiting

    def _find(self) -> PlannedTrial | None:
        while True:
            self._refresh()
            if not self._requests:
                return None
            request = self._requests.popleft()
            if request in self._ended:
                continue
            planned = self._plan(request)
            if planned.trial.trial_id in self._running:
                waiting = self._waiting.setdefault(planned.trial.trial_id, [])
                if planned not in (self._running[planned.trial.trial_id], *waiting):
                    waiting.append(planned)
            elif planned.trial.trial_id in self._known:
                self._reuse(planned)
                self._ended[request] = _ended(request, self._known[planned.trial.trial_id])
                self._stale = self._schedule.adaptive
            else:
                return planned

    def _refresh(self) -> None:
        """Ask the schedule: once, and again whenever something has ended if that matters to it."""
        if self._stale:
            self._stale = False
            self._requests = deque(self._schedule.wanted(list(self._ended.values()), self._infeasible))


def _ended(request: Request, end: Known) -> EndedTrial:
    return EndedTrial(variant=request[0], seed=request[1], status=end.status, metrics=end.metrics)
