"""The Ray Tune trainable: one actor trains trial after trial, keeping its imports and its features."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import ray
from ray.tune import Trainable

from soundproof.common.digests import DamagedError
from soundproof.search_spaces.custom import load_source
from soundproof.search_spaces.specs import Trial
from soundproof.trainables.sweeps.outbox.results import OutboxError
from soundproof.trainables.sweeps.ray_tune.resources import threads_of
from soundproof.trainables.sweeps.workers.messages import WorkerSettings, reports_within
from soundproof.trainables.sweeps.workers.remote_node import OwnStorage, own_storage
from soundproof.trainables.training.checkpoints import discard_checkpoint

if TYPE_CHECKING:
    from soundproof.trainables.sweeps.workers.device import WorkerDevice
    from soundproof.trainables.sweeps.workers.global_state import SharedState
    from soundproof.trainables.sweeps.workers.worker import Worker

TRIAL, SETTINGS = "trial", "settings"
"""Keys of a configuration: canonical JSON of the trial, and the `WorkerSettings`."""

REFUSED = "refused"
"""Key of a result: why the outbox did not take the trial, or why it may not be trained further."""


class TrialActor(Trainable):
    """One `step` is an epoch, or several short ones. Light to import: what trains is loaded in the actor's process."""

    _device: "WorkerDevice"
    _worker: "Worker"
    _shared: "SharedState"
    _own: OwnStorage | None
    """Where this actor works; None in the driver's storage."""
    _trial_id: str | None = None
    _patience_seconds: float

    def setup(self, config: dict[str, Any]) -> None:
        """Make the actor ready for its first trial."""
        from soundproof.trainables.sweeps.workers.device import WorkerDevice  # noqa: PLC0415  # torch, in the actor
        from soundproof.trainables.sweeps.workers.global_state import SharedState  # noqa: PLC0415  # the same

        cpus = ray.get_runtime_context().get_assigned_resources().get("CPU", 1)  # type: ignore[no-untyped-call]
        self._device = WorkerDevice(threads=threads_of(cpus), gpu=bool(ray.get_gpu_ids()))
        self._own = own_storage(config[SETTINGS].storage_token)
        self._shared = SharedState()
        self.reset_config(config)

    def reset_config(self, new_config: dict[str, Any]) -> bool:
        """Make the actor ready for its next trial.

        Raises `SpoiledActorError` where it would not be trained as in a new actor: another one then takes it.
        """
        from soundproof.trainables.sweeps.workers.worker import Worker  # noqa: PLC0415  # torch, in the actor

        trial: str = new_config[TRIAL]
        settings: WorkerSettings = new_config[SETTINGS]
        if self._trial_id is not None:
            self._shared.check(self._trial_id, settings.custom_sources)
        if settings.custom_sources:
            for source in settings.custom_sources:
                load_source(source)
            self._shared.loaded(settings.custom_sources)
        before, self._trial_id = self._trial_id, Trial.from_json(trial).trial_id
        if (own := self._own) is not None:
            if before not in {None, self._trial_id}:
                # the driver may have stopped it, and cannot discard what lies on this node
                discard_checkpoint(own.checkpoints, before)
            entry = own.entry(settings.entry)
            settings = replace(settings, entry=entry, outbox=own.outbox, checkpoints=own.checkpoints)
        self._patience_seconds = settings.patience_seconds
        self._worker = Worker(trial, settings, self._device)
        return True

    def step(self) -> dict[str, Any]:
        """Train one epoch, or as many as patience allows.

        After its last one the trial lies in the driver's outbox when this returns.
        Where that takes nothing the result says so: another actor would fare no better, so it is no error of Ray's.
        """
        try:
            report = reports_within(self._patience_seconds, self._worker.step)
            if report["done"] and self._own is not None:
                assert self._trial_id is not None
                self._own.deliver(self._trial_id)
        except OutboxError as error:
            return _refusal(str(error))
        except DamagedError as error:
            return _refusal(
                f"{error}. It happened while trials were trained with it, of which nothing is kept: give the same "
                "command again, which makes these features again"
            )
        return dict(report)

    def cleanup(self) -> None:
        """The last call, unless the actor is killed."""
        if self._own is not None:
            self._own.close()

    def save_checkpoint(self, checkpoint_dir: str) -> None:
        """Nothing: the worker keeps its own, which Ray need not know about."""

    def load_checkpoint(self, checkpoint: dict[str, Any] | None) -> None:
        """See `save_checkpoint`."""


def _refusal(reason: str) -> dict[str, Any]:
    return {"epoch": 0, "epochs": [], "done": False, REFUSED: reason}
