"""Where trials are trained: what they are given, and where they leave what they made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from soundproof.trainables.training.checkpoints import checkpoint_folder


@dataclass(frozen=True, kw_only=True, slots=True)
class WorkerSettings:
    """What a worker reads and writes, and how long an epoch may take.

    Below `checkpoints` a trial leaves how far it has come, and goes on from what it finds; one with a warm start finds
    its parent's end there. There, too, an actor that ends itself because an epoch has taken longer than
    `epoch_seconds_limit` leaves its last words; without the folder there is no limit.
    """

    entries: Mapping[str, str]
    """Cache entries of features by their digest."""
    outbox: Path
    checkpoints: Path | None = None
    epoch_seconds_limit: float | None = None
    keep_checkpoint: bool = False
    """Whether a trial leaves its end to its descendants."""
    norms: bool = False
    """Whether a trial's epochs tell of every layer how large its weights and gradients are."""

    def checkpoint(self, trial_id: str) -> Path | None:
        """Where that trial's is, if anywhere."""
        return None if self.checkpoints is None else checkpoint_folder(self.checkpoints, trial_id)
