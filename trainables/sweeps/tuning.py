"""Ray Tune over planned trials: reused actors, no files per result, every event passed on."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import ray
from ray import tune
from ray.tune.experiment import Trial as RayTrial

from search_spaces.presets import PlannedTrial
from trainables.sweeps.actor import ENTRY, OUTBOX, TrialActor
from trainables.sweeps.agenda import Agenda
from trainables.sweeps.outbox import collect
from trainables.sweeps.planner import Planner
from trainables.sweeps.progress import Progress
from trainables.sweeps.recorder import Recorder
from trainables.sweeps.resources import Resources

_MORE_THAN_ANY_STUDY = 1_000_000
"""Ray Tune wants a number of trials. The agenda says when there are no more."""


def tune_trials(
    agenda: Agenda,
    *,
    entries: Mapping[str, Path],
    outbox: Path,
    notes: Path,
    resources: Resources,
    recorder: Recorder,
    progress: Progress,
) -> None:
    """Train what the agenda hands out. Returns when it has no more and each trial has ended, however.

    Raises KeyboardInterrupt when the user stops it.
    """
    folders = {digest: str(entry.resolve()) for digest, entry in entries.items()}
    settings = {ENTRY: folders, OUTBOX: str(outbox.resolve())}
    planner = Planner(agenda, settings)
    events = _Events(planner, agenda, outbox, recorder, progress)
    tuner = tune.Tuner(
        tune.with_resources(TrialActor, {"cpu": resources.cpus_per_trial, "gpu": resources.gpus_per_trial}),
        tune_config=tune.TuneConfig(
            search_alg=planner,
            num_samples=_MORE_THAN_ANY_STUDY,
            max_concurrent_trials=_slots(resources),
            reuse_actors=True,
        ),
        run_config=tune.RunConfig(
            name="tune",
            storage_path=str(notes.resolve()),
            callbacks=[events],
            verbose=0,
            failure_config=tune.FailureConfig(max_failures=0),
            checkpoint_config=tune.CheckpointConfig(checkpoint_frequency=0, checkpoint_at_end=False),
        ),
    )
    try:
        tuner.fit()
    finally:
        stopped = events.close()
    if stopped:  # Ray takes the user's first Ctrl-C for a wish to end in order, and returns as if all were done
        raise KeyboardInterrupt


class _Events(tune.Callback):
    """Translates Ray's events into those of the sweep."""

    def __init__(self, planner: Planner, agenda: Agenda, outbox: Path, recorder: Recorder, progress: Progress) -> None:
        self._planner = planner
        self._agenda = agenda
        self._outbox = outbox
        self._recorder = recorder
        self._progress = progress
        self._running: dict[str, PlannedTrial] = {}

    def __getstate__(self) -> dict[str, Any]:
        """Ray pickles what it is given, for a restore that is never asked for."""
        return {}

    def on_trial_start(self, iteration: int, trials: list[RayTrial], trial: RayTrial, **info: Any) -> None:
        """A trial has got an actor."""
        planned = self._planner.handed_out[trial.trial_id]
        self._running[trial.trial_id] = planned
        self._recorder.began(planned)
        self._progress.began(planned)

    def on_trial_result(
        self, iteration: int, trials: list[RayTrial], trial: RayTrial, result: dict[str, Any], **info: Any
    ) -> None:
        """A trial has reported an epoch."""
        planned = self._planner.handed_out[trial.trial_id]
        if result.get("metrics"):
            self._recorder.epoch(planned, result["metrics"])
            self._progress.epoch(planned, result["metrics"])

    def on_trial_complete(self, iteration: int, trials: list[RayTrial], trial: RayTrial, **info: Any) -> None:
        """A trial has left its outcome in the outbox."""
        planned = self._running.pop(trial.trial_id)
        parcel = collect(self._outbox / planned.trial.trial_id)
        self._recorder.finished(planned, self._agenda.end(planned, parcel.status, parcel.metrics))
        self._progress.remark(self._agenda.remark)
        self._progress.ended(planned, parcel.status, parcel.reason)

    def on_trial_error(self, iteration: int, trials: list[RayTrial], trial: RayTrial, **info: Any) -> None:
        """An actor has died, or could not be started."""
        planned = self._running.pop(trial.trial_id, self._planner.handed_out[trial.trial_id])
        reason = f"the actor died: {_last_line(trial)}"
        for one in (planned, *self._agenda.end(planned, "failed", {})):  # its twins have ended with it
            self._recorder.failed(one, "failed", reason)
        self._progress.remark(self._agenda.remark)
        self._progress.ended(planned, "failed", reason)

    def close(self) -> bool:
        """Record whatever still runs as interrupted; true when there was any."""
        stopped = bool(self._running)
        for planned in self._running.values():
            self._recorder.failed(planned, "interrupted", "the run was stopped before the trial had ended")
            self._progress.ended(planned, "interrupted", None)
        self._running.clear()
        return stopped


def _slots(resources: Resources) -> int:
    """How many trials run at once.

    Ray Tune has to be told: left alone it starts the actors of a searcher one by one, and while trials are shorter
    than an actor's start, the first actor takes them all.
    """
    if resources.max_concurrent is not None:
        return resources.max_concurrent
    there = ray.cluster_resources()  # type: ignore[no-untyped-call]
    wanted = {"CPU": resources.cpus_per_trial, "GPU": resources.gpus_per_trial}
    room = [there.get(name, 0) / share for name, share in wanted.items() if share]
    return max(1, int(min(room, default=1)))


def _last_line(trial: RayTrial) -> str:
    lines = [line for line in str(trial.get_error() or "").splitlines() if line.strip()]
    return lines[-1].strip()[:300] if lines else "no reason was given"
