"""What an actor does: trains a trial, leaves its outcome in the outbox, and takes the next, on the same features."""

from __future__ import annotations

import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from search_spaces import record
from search_spaces.specs import Trial
from trainables.features import load
from trainables.sweeps.outbox import leave
from trainables.training.data import FeatureData
from trainables.training.engine import Outcome, Training


class Worker:
    """Trains one trial at a time, epoch by epoch."""

    def __init__(self, *, threads: int, gpu: bool) -> None:
        """`gpu`: whether this process may use one."""
        torch.set_num_threads(threads)
        self._device = torch.device("cuda" if gpu and torch.cuda.is_available() else "cpu")
        self._data: tuple[str, FeatureData] | None = None

    def begin(self, trial: str, entries: Mapping[str, str], outbox: str) -> None:
        """Take a trial, as canonical JSON. `entries` are the cache entries of features by their digest."""
        self._trial = Trial.from_json(trial)
        self._outbox = Path(outbox)
        self._entry = entries[self._trial.features.digest()]
        self._history: list[dict[str, float]] = []
        self._training: Training | None = None

    def step(self) -> dict[str, Any]:
        """Train one epoch. The last one leaves the outcome in the outbox before this returns.

        What goes wrong ends this trial alone, as `failed`, with the reason in its record.
        """
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

    def _features(self) -> FeatureData:
        if self._data is None or self._data[0] != self._entry:
            self._data = (self._entry, FeatureData(load(Path(self._entry)), self._device))
        return self._data[1]


def _failure(error: Exception) -> Outcome:
    last = traceback.extract_tb(error.__traceback__)[-1]
    reason = f"{type(error).__name__}: {error} (in {last.name}, line {last.lineno} of {Path(last.filename).name})"
    status: record.Status = "failed"
    return Outcome(status=status, reason=reason[:500], metrics={}, weights=None, predictions={})
