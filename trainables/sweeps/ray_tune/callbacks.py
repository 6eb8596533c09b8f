"""A sweep in Ray Tune's words: what Ray asks for (the next trial, whether to stop one), and what it tells."""

import logging
import signal
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import KW_ONLY, dataclass, field
from pathlib import Path
from typing import Any, cast

from ray import tune
from ray.tune.experiment import Trial as RayTrial
from ray.tune.schedulers import FIFOScheduler, TrialScheduler
from ray.tune.search import Searcher

from soundproof.common import record
from soundproof.search_spaces.presets import PlannedTrial
from soundproof.trainables.sweeps.outbox.results import OutboxError, found, leave_stopped
from soundproof.trainables.sweeps.planning.provider import TrialProvider
from soundproof.trainables.sweeps.progress.protocol import Progress
from soundproof.trainables.sweeps.ray_tune.ray_watch import RayWatch
from soundproof.trainables.sweeps.tracking.writer_thread import Recorder
from soundproof.trainables.sweeps.workers.messages import WorkerSettings, spoiled
from soundproof.trainables.sweeps.workers.trainable import REFUSED, SETTINGS, TRIAL
from soundproof.trainables.sweeps.workers.watchdog import watchdog_report
from soundproof.trainables.training.checkpoints import discard_checkpoint

_log = logging.getLogger(__name__)


class _NotKept:
    """Ray pickles what it is given, for a restore that is never asked for."""

    def __getstate__(self) -> dict[str, Any]:
        return {}


class Planner(_NotKept, Searcher):
    """Hands out the provider's trials. `settings` gives what an actor is told beside its trial."""

    def __init__(self, provider: TrialProvider, settings: Callable[[PlannedTrial], WorkerSettings]) -> None:
        super().__init__(metric="epoch", mode="max")
        self.provider = provider
        self._settings = settings
        self.handed_out: dict[str, PlannedTrial] = {}
        """Planned trials by the id that Ray gave them."""
        self._given_back: deque[PlannedTrial] = deque()

    def suggest(self, trial_id: str) -> dict[str, Any] | None:
        """The next configuration; None for "ask again when one has ended"; or `FINISHED`."""
        planned = self._given_back.popleft() if self._given_back else self.provider.take()
        if planned is None:  # the base class promises a dictionary, and takes a word for the end
            return cast("None", Searcher.FINISHED) if self.provider.done else None
        self.handed_out[trial_id] = planned
        return {SETTINGS: self._settings(planned), TRIAL: planned.trial.to_json()}

    def give_back(self, planned: PlannedTrial) -> None:
        """Have the next actor take up a trial whose actor has died, or whose outcome is lost."""
        self._given_back.append(planned)

    def on_trial_complete(self, trial_id: str, result: dict[str, Any] | None = None, error: bool = False) -> None:
        """Nothing: the provider gets it with all its metrics, from the outbox."""

    def save(self, checkpoint_path: str) -> None:
        """Nothing to keep: the tracking store knows what is finished."""

    def restore(self, checkpoint_path: str) -> None:
        """See `save`."""


class Stopping(_NotKept, FIFOScheduler):
    """Stops a trial where the provider says so. Ray asks this before it passes the result on to anybody."""

    def __init__(self, planner: Planner) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._planner = planner
        self.reasons: dict[str, str] = {}
        """Why a trial was stopped, by the id that Ray gave it."""

    def on_trial_result(self, tune_controller: Any, trial: RayTrial, result: dict[str, Any]) -> str:
        """Stop or go on."""
        if trial.trial_id not in self.reasons and result["epochs"] and not result["done"]:
            planned = self._planner.handed_out[trial.trial_id]
            reason = self._planner.provider.stops(planned, *result["epochs"][-1])
            if reason is not None:
                self.reasons[trial.trial_id] = reason
                _log.info("trial %s is stopped: %s", planned.trial.trial_id, reason)
                return str(TrialScheduler.STOP)
        return str(TrialScheduler.CONTINUE)


@dataclass(eq=False)
class Events(_NotKept, tune.Callback):
    """Keeps the provider, the record and the display informed."""

    planner: Planner
    stopping: Stopping
    _: KW_ONLY
    outbox: Path
    checkpoints: Path
    recorder: Recorder
    progress: Progress
    watch: RayWatch
    retries: int
    """How often a trial whose actor has died is taken up by another one."""
    refused: str | None = field(default=None, init=False)
    """Why nothing more can be kept: the sweep then stops in order, and goes on when there is space again."""
    over: bool = field(default=False, init=False)
    """Whether Ray has nothing left to train."""
    _running: dict[str, PlannedTrial] = field(default_factory=dict, init=False)
    """By trial id."""
    _received: dict[str, dict[int, dict[str, float]]] = field(default_factory=dict, init=False)
    """Metrics by epoch, of trials that run, by trial id."""
    _ended: set[str] = field(default_factory=set, init=False)
    _lost: dict[str, str] = field(default_factory=dict, init=False)
    """Trials that are trained once more, and the id that Ray gave them the first time."""
    _deaths: Counter[str] = field(default_factory=Counter, init=False)
    """Of actors, by the id of the trial that each had."""
    _spoiled: set[tuple[str, str]] = field(default_factory=set, init=False)
    """Variants that changed their process, and how, which have been named."""

    def on_experiment_end(self, trials: list[RayTrial], **info: Any) -> None:
        """All trials have ended. What Ray does after this is for a result that nobody asks for."""
        self.over = True

    def on_step_begin(self, iteration: int, trials: list[RayTrial], **info: Any) -> None:
        """Ray Tune goes round, also while there is nothing to tell: for ever, where Ray itself is dead."""
        self.watch.check()

    def on_trial_start(self, iteration: int, trials: list[RayTrial], trial: RayTrial, **info: Any) -> None:
        """A trial has got an actor, its first one or another after that died."""
        planned = self.planner.handed_out[trial.trial_id]
        trial_id = planned.trial.trial_id
        if trial_id not in self._running and trial_id not in self._ended:
            self.recorder.began(planned, self.planner.provider.tags(planned))  # may fail, and then nothing has begun
            self._running[trial_id] = planned
            self._received[trial_id] = {}
            self.progress.began(planned)

    def on_trial_result(
        self, iteration: int, trials: list[RayTrial], trial: RayTrial, result: dict[str, Any], **info: Any
    ) -> None:
        """A `Report`. An actor that took the place of one that died reports epochs again, and perhaps the end."""
        if REFUSED in result:
            self._refuse(result[REFUSED])
            return
        for note in result.get("notes", ()):
            self.progress.note(note)
        planned = self._running_of(trial)
        if planned is None:
            return
        received = self._received[planned.trial.trial_id]
        for epoch, metrics in result["epochs"]:
            if epoch not in received:
                received[epoch] = metrics
                self.recorder.epoch(planned, epoch, metrics)
                self.progress.epoch(planned, metrics)
        if result["status"] is not None:  # not `done`, which Ray sets as well where it stops a trial
            self._end(planned, trial)

    def _running_of(self, trial: RayTrial) -> PlannedTrial | None:
        """What Ray's trial trains; None where that has ended."""
        return self._running.get(self.planner.handed_out[trial.trial_id].trial.trial_id)

    def on_trial_recover(self, iteration: int, trials: list[RayTrial], trial: RayTrial, **info: Any) -> None:
        """A node was announced to go: Ray has another actor take the trial up, and that does not count."""
        self._taken_up(self._running_of(trial))

    def _taken_up(self, planned: PlannedTrial | None) -> None:
        if planned is not None:
            _log.info("the actor of trial %s has died: another takes it up", planned.trial.trial_id)
            self.progress.retried(planned)

    def on_trial_complete(self, iteration: int, trials: list[RayTrial], trial: RayTrial, **info: Any) -> None:
        """A trial was stopped, unless its result has been received."""
        reason, planned = self.stopping.reasons.get(trial.trial_id), self._running_of(trial)
        if planned is None or self._lost.get(planned.trial.trial_id) == trial.trial_id:
            return
        if reason is None or self._leave(planned, "pruned", reason):
            self._end(planned, trial)

    def on_trial_error(self, iteration: int, trials: list[RayTrial], trial: RayTrial, **info: Any) -> None:
        """An actor has died, or could not be started: another one takes the trial up, unless that was often enough."""
        self.watch.check_now()  # what dies with Ray is not the trial's fault
        self.on_trial_start(iteration, trials, trial)
        planned = self._running_of(trial)
        if planned is None:
            return
        if (found := spoiled(_error_of(trial))) is not None:
            self._replace(*found)
            self.planner.give_back(planned)
            return
        self._deaths[planned.trial.trial_id] += 1
        if self._deaths[planned.trial.trial_id] <= self.retries:
            self.planner.give_back(planned)
            self._taken_up(planned)
            return
        reason = watchdog_report(self.checkpoints, planned.trial.trial_id) or _last_line(_error_of(trial))
        _log.info("trial %s has failed, its actor having died too often: %s", planned.trial.trial_id, reason)
        if self._leave(planned, "failed", f"the actor died: {reason}"):
            self._end(planned, trial)

    def _replace(self, trial_id: str, changes: str) -> None:
        """An actor has refused its next trial because of what an earlier one did. That is no death of the next one."""
        handed_out = self.planner.handed_out.values()
        before = next(planned for planned in handed_out if planned.trial.trial_id == trial_id)
        _log.info("trial %s has changed its process, which is replaced: %s", trial_id, changes)
        if (before.variant_id, changes) not in self._spoiled:
            self._spoiled.add((before.variant_id, changes))
            self.progress.spoiled(before, changes)

    def _leave(self, planned: PlannedTrial, status: record.Status, reason: str) -> bool:
        """Put the trial into the outbox. Where it takes nothing, Ray is asked to stop, and the trial has not ended."""
        received = self._received[planned.trial.trial_id]
        epochs = [received[epoch] for epoch in sorted(received)]
        try:
            leave_stopped(self.outbox, planned.trial, status, reason, epochs)
        except OutboxError as error:
            self._refuse(str(error))
            return False
        return True

    def _refuse(self, reason: str) -> None:
        if self.refused is None:
            self.refused = reason
            _log.info("the sweep stops: %s", reason)
            # Ray Tune ends its loop in order on SIGINT, and stops its actors, as after the user's Ctrl-C
            signal.raise_signal(signal.SIGINT)

    def _end(self, planned: PlannedTrial, trial: RayTrial) -> None:
        trial_result = found(self.outbox / planned.trial.trial_id, planned.trial, self.progress.note)
        if trial_result is None:
            self._train_again(planned, trial)
            return
        del self._running[planned.trial.trial_id], self._received[planned.trial.trial_id]
        self._ended.add(planned.trial.trial_id)
        if not self.planner.provider.keeps_checkpoint(planned):
            discard_checkpoint(self.checkpoints, planned.trial.trial_id)
        ended = trial_result.status, trial_result.metrics, trial_result.history
        self.recorder.finished(planned, self.planner.provider.end(planned, *ended))
        self.progress.remark(self.planner.provider.remark)
        self.progress.ended(planned, trial_result.status, trial_result.reason)

    def _train_again(self, planned: PlannedTrial, trial: RayTrial) -> None:
        """Of a trial whose outcome is lost: it runs on for everybody but Ray, which is given it as another one."""
        trial_id = planned.trial.trial_id
        if trial_id in self._lost:
            self._refuse(
                f"two outcomes of trial {trial_id} were damaged in {self.outbox}: give the folder another disk"
            )
            return
        self._lost[trial_id] = trial.trial_id
        self.planner.give_back(planned)

    def close(self) -> bool:
        """Record whatever still runs as interrupted; true when there was any."""
        stopped = bool(self._running)
        for planned in self._running.values():
            self.recorder.failed(planned, "interrupted", "the run was stopped before the trial had ended")
            self.progress.ended(planned, "interrupted", None)
        self._running.clear()
        return stopped


def _error_of(trial: RayTrial) -> str:
    """What Ray Tune has written about the death of an actor, on this machine: it copies that to the storage later."""
    try:
        return Path(str(trial.error_file)).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def _last_line(text: str) -> str:
    lines = [line for line in text.splitlines() if line.strip()]
    return lines[-1].strip()[:300] if lines else "no reason was given"
