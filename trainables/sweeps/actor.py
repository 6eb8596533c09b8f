"""The Ray Tune trainable: one actor trains trial after trial, keeping its imports and its features."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ray
from ray.tune import Trainable

if TYPE_CHECKING:
    from trainables.sweeps.worker import Worker

ENTRY, OUTBOX, TRIAL = "entry", "outbox", "trial"
"""Keys of a trial's configuration: cache entry of its features by their digest, the outbox, its canonical JSON."""

CHECKPOINTS, LIMITS = "checkpoints", "limits"
"""Keys that may be missing: the folder of checkpoints, and the seconds that an epoch may take."""


class TrialActor(Trainable):
    """One `step` is one epoch. Light to import: what trains is loaded in the actor's own process."""

    _worker: Worker

    def setup(self, config: dict[str, Any]) -> None:
        """Make the actor ready for its first trial."""
        from trainables.sweeps.worker import Worker  # noqa: PLC0415  # torch, in the actor alone

        cpus = ray.get_runtime_context().get_assigned_resources().get("CPU", 1)  # type: ignore[no-untyped-call]
        self._worker = Worker(threads=max(1, int(cpus)), gpu=bool(ray.get_gpu_ids()))
        self.reset_config(config)

    def reset_config(self, new_config: dict[str, Any]) -> bool:
        """Make the actor ready for its next trial."""
        self._worker.begin(
            new_config[TRIAL],
            new_config[ENTRY],
            new_config[OUTBOX],
            checkpoints=new_config.get(CHECKPOINTS),
            epoch_seconds_limit=new_config.get(LIMITS),
        )
        return True

    def step(self) -> dict[str, Any]:
        """Train one epoch."""
        return self._worker.step()

    def save_checkpoint(self, checkpoint_dir: str) -> None:
        """Nothing: the worker keeps its own, which Ray need not know about."""

    def load_checkpoint(self, checkpoint: dict[str, Any] | None) -> None:
        """See `save_checkpoint`."""
