"""An actor that dies and one that is spoiled, each once, and a sweep in which they train at once."""

import os
import signal
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest import mock

from soundproof.common import record
from soundproof.search_spaces import PRESETS, find_study
from soundproof.search_spaces.presets import PlannedTrial
from soundproof.search_spaces.specs import GroupSplit
from soundproof.trainables.corpora.embedded.synthetic_speech import make_synthetic_speech
from soundproof.trainables.sweeps.planning.seeds import FixedSeeds
from soundproof.trainables.sweeps.progress.protocol import Progress
from soundproof.trainables.sweeps.ray_tune import tuning
from soundproof.trainables.sweeps.ray_tune.resources import Resources
from soundproof.trainables.sweeps.storage import Storage
from soundproof.trainables.sweeps.sweep import Sweep, run_sweep
from soundproof.trainables.sweeps.workers.trainable import TrialActor
from soundproof.trainables.training.engine import Outcome

METRICS = {record.VALIDATION_LOSS: 1.0, record.EPOCH_SECONDS: 0.0}
MARKS = "SOUNDPROOF_TEST_MARKS"
"""In the environment: a folder where an actor leaves what it has done."""


class AtOnce:
    """In the place of `Training`: one epoch that takes no time."""

    def __init__(self, *_: object, **__: object) -> None:
        self.history: list[dict[str, float]] = []
        self.status: record.Status | None = None
        self.micro_batch = None
        self.epoch = 0

    def run_epoch(self) -> dict[str, float]:
        """The only epoch."""
        self.epoch, self.status = 1, "completed"
        self.history.append(METRICS)
        return METRICS

    def finish(self) -> Outcome:
        """No weights, no predictions."""
        metrics = {record.best(record.VALIDATION_LOSS): 1.0}
        return Outcome(status="completed", reason=None, metrics=metrics, weights=None, predictions={})


class Unlucky(TrialActor):
    """The real actor, until it is given its second trial: the first to come there is killed, the second is spoiled."""

    def setup(self, config: dict[str, Any]) -> None:
        """See `TrialActor`."""
        from soundproof.trainables.sweeps.workers import worker  # in the actor's process alone

        worker.Training = AtOnce  # type: ignore[assignment,misc]
        super().setup(config)

    def reset_config(self, new_config: dict[str, Any]) -> bool:
        """See `TrialActor`."""
        died, spoiled = (Path(os.environ[MARKS], name) for name in ("died", "spoiled"))
        if self._trial_id is not None and not died.exists():
            died.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        elif self._trial_id is not None and not spoiled.exists():
            import torch

            spoiled.touch()
            torch.set_default_dtype(torch.float64)
        return super().reset_config(new_config)


class Noted(Progress):
    """Keeps how trials ended, which were taken up again, and which spoiled their actor, by their seeds."""

    def __init__(self) -> None:
        self.ends: list[tuple[int, record.Status, str | None]] = []
        self.retries: list[int] = []
        self.spoilers: list[tuple[int, str]] = []

    def retried(self, trial: PlannedTrial) -> None:
        """See `Progress`."""
        self.retries.append(trial.trial.seed)

    def spoiled(self, trial: PlannedTrial, changes: str) -> None:
        """See `Progress`."""
        self.spoilers.append((trial.trial.seed, changes))

    def ended(self, trial: PlannedTrial, status: record.Status, reason: str | None) -> None:
        """See `Progress`."""
        self.ends.append((trial.trial.seed, status, reason))


def run_with(actor: type[TrialActor], storage: Path, seeds: int) -> Noted:
    """A sweep of one variant in one actor at a time."""
    declared, preset = find_study("asr-merge-mode"), PRESETS["speech"]["smoke"]
    study = replace(declared, variants=declared.variants[:1], baseline=declared.variants[0].id, claims=())
    noted = Noted()
    sweep = Sweep(
        study=study,
        preset=preset,
        corpus=make_synthetic_speech(preset.corpus),
        corpus_name="synthetic-speech",
        split=GroupSplit(),
        schedule=FixedSeeds(study, seeds),
        storage=Storage(root=storage),
        resources=Resources(max_concurrent=1),
    )
    with mock.patch.object(tuning, "TrialActor", actor):
        run_sweep(sweep, noted)
    return noted
