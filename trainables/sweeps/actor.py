"""The Ray Tune trainable: one actor trains trial after trial, keeping its imports and its features."""

from __future__ import annotations

import traceback
from pathlib import Path
from typing import Any

import ray
import torch
from ray.tune import Trainable

from search_spaces import record
from search_spaces.specs import Trial
from trainables.features import load
from trainables.sweeps.outbox import leave
from trainables.sweeps.planner import TRIAL
from trainables.training.data import SpeechData
from trainables.training.engine import Outcome, Training

ENTRY, OUTBOX = "entry", "outbox"
"""Keys of a trial's configuration: cache entry of its features by their digest, and the outbox."""


class TrialActor(Trainable):
    """One `step` is one epoch. The last one leaves the outcome in the outbox before it is reported."""

    def setup(self, config: dict[str, Any]) -> None:
        """Make the actor ready for its first trial."""
        self._data: tuple[str, SpeechData] | None = None
        self._device = torch.device("cuda") if torch.cuda.is_available() and ray.get_gpu_ids() else torch.device("cpu")
        cpus = ray.get_runtime_context().get_assigned_resources().get("CPU", 1)  # type: ignore[no-untyped-call]
        torch.set_num_threads(max(1, int(cpus)))
        self._begin(config)

    def reset_config(self, new_config: dict[str, Any]) -> bool:
        """Make the actor ready for its next trial."""
        self._begin(new_config)
        return True

    def _begin(self, config: dict[str, Any]) -> None:
        self._trial = Trial.from_json(config[TRIAL])
        self._outbox = Path(config[OUTBOX])
        self._entry = str(config[ENTRY][self._trial.features.digest()])
        self._history: list[dict[str, float]] = []
        self._training: Training | None = None

    def step(self) -> dict[str, Any]:
        """Train one epoch. What goes wrong ends this trial alone, as `failed`, with the reason in its record."""
        try:
            if self._training is None:
                self._training = Training(self._trial, self._features())
            metrics = self._training.run_epoch()
            self._history.append(metrics)
            outcome = None if self._training.status is None else self._training.finish()
        except Exception as error:  # whatever it is, the other trials go on
            metrics, outcome = {}, _failure(error)
        if outcome is not None:
            self._training = None
            leave(self._outbox, self._trial, outcome, self._history, str(self._device))
        status = None if outcome is None else outcome.status
        return {"epoch": len(self._history), "metrics": metrics, "status": status, "done": outcome is not None}

    def _features(self) -> SpeechData:
        if self._data is None or self._data[0] != self._entry:
            self._data = (self._entry, SpeechData(load(Path(self._entry)), self._device))
        return self._data[1]

    def save_checkpoint(self, checkpoint_dir: str) -> None:
        """Nothing: an interrupted trial starts again."""

    def load_checkpoint(self, checkpoint: dict[str, Any] | None) -> None:
        """See `save_checkpoint`."""


def _failure(error: Exception) -> Outcome:
    last = traceback.extract_tb(error.__traceback__)[-1]
    reason = f"{type(error).__name__}: {error} (in {last.name}, line {last.lineno} of {Path(last.filename).name})"
    status: record.Status = "failed"
    return Outcome(status=status, reason=reason[:500], metrics={}, weights=None, predictions={})
