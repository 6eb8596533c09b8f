"""What an actor is told beside its trial, in one value that travels whole from the driver."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from soundproof.trainables.sweeps.workers.remote_node import Sharing
from soundproof.trainables.training.settings import TrainingSettings


@dataclass(frozen=True, kw_only=True, slots=True)
class WorkerSettings:
    """What a worker reads and writes, and how it trains.

    Below `checkpoints` a trial leaves how far it has come, and goes on from what it finds; one with a warm start finds
    its parent's end there. There, too, an actor that ends itself because an epoch has taken longer than it may leaves
    its watchdog report.
    """

    entries: Mapping[str, str]
    """Cache entries of features by their digest."""
    outbox: Path
    checkpoints: Path
    keep_checkpoint: bool = False
    """Whether a trial leaves its end to its descendants."""
    training: TrainingSettings = TrainingSettings()  # noqa: RUF009  # frozen
    patience_seconds: float = 0.0
    """For how long an actor may train before it reports the epochs."""
    custom_source: tuple[str, str] | None = None
    """Name and text of the user's file that the trial's network is from."""
    sharing: Sharing | None = None
    """What decides whether a node works in the driver's storage; None where there is one machine."""
