"""What an actor does: trains a few trials, side by side where they are of one shape, and leaves each in the outbox."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from typing import Any

from soundproof.trainables.sweeps.outbox.results import OutboxError
from soundproof.trainables.sweeps.workers.device import WorkerDevice
from soundproof.trainables.sweeps.workers.settings import WorkerSettings
from soundproof.trainables.sweeps.workers.watchdog import time_limit
from soundproof.trainables.sweeps.workers.worker import Worker
from soundproof.trainables.training.engine import run_epochs
from soundproof.trainables.training.steps.memory import free_cached_memory

_TIMED = 3
"""Epochs after which it is known which way takes less time."""


class Crew:
    """A worker for each trial. What goes wrong where they work together is tried again by each of them alone.

    The first epoch is trained side by side, the second too, the third one after another, and the rest in the way that
    took less time. The first is not timed: caches fill, and kernels are compiled.
    """

    def __init__(self, *, threads: int, gpu: bool) -> None:
        """See `WorkerDevice`."""
        self._device = WorkerDevice(threads=threads, gpu=gpu)
        self._workers: list[Worker] = []
        self._trained = 0
        self._seconds: dict[bool, float] = {}
        """What an epoch of one trial took side by side, and one after another."""

    def begin(self, trials: Sequence[str], place: WorkerSettings) -> None:
        """Take trials, see `Worker.begin`. Together they have as much time for an epoch as one after another."""
        self._apart = len(trials) == 1
        self._trained, self._seconds = 0, {}
        self._place = place
        self._workers = [Worker(self._device) for _ in trials]
        for worker, trial in zip(self._workers, trials, strict=True):
            worker.begin(trial, place)

    def step(self) -> dict[str, Any]:
        """One more epoch of every trial that has not ended. `trials` holds what `Worker.step` says of each.

        Raises where an earlier trial, or one of several, has left the device to this process unusable: Ray then starts
        another.
        """
        if self._trained == 0:
            self._device.check()
        going = [worker for worker in self._workers if not worker.ended]
        started = time.perf_counter()
        together = self._together()
        said = self._step_together(going) if together else {}
        if together and self._apart:  # it failed, and what it held is gone only here: others may want the memory
            self._device.check()
            free_cached_memory()
        said |= {worker.trial_id: worker.step() for worker in going if worker.trial_id not in said}
        self._trained += 1
        if 1 < self._trained <= _TIMED:
            self._seconds[together] = (time.perf_counter() - started) / len(going)
        trials = [{"trial_id": trial_id, **result} for trial_id, result in said.items()]
        done = all(worker.ended for worker in self._workers)
        return {"epoch": max(result["epoch"] for result in trials), "trials": trials, "done": done}

    def _together(self) -> bool:
        """Whether the next epoch is trained side by side."""
        if self._apart or self._trained == _TIMED - 1:
            return False
        return self._trained < _TIMED or self._seconds.get(True, 0.0) <= self._seconds.get(False, math.inf)

    def _step_together(self, going: Sequence[Worker]) -> dict[str, dict[str, Any]]:
        """What is to be said of each that could go along."""
        try:
            found = [(worker, worker.ready()) for worker in going]
            ready = [(worker, training) for worker, training in found if training is not None]
            if not ready:
                return {}
            first = ready[0][1]
            limit = self._place.epoch_seconds_limit
            seconds = None if limit is None else limit * len(ready)
            with time_limit(self._place.checkpoints, first.trial.trial_id, first.epoch + 1, seconds):
                metrics = run_epochs([training for _, training in ready])
                return {one.trial_id: one.conclude(said) for (one, _), said in zip(ready, metrics, strict=True)}
        except OutboxError:
            raise
        except Exception:  # memory, most likely: each finds out for itself, and what concerns one is its own
            self._apart = True
            for worker in going:
                worker.begin_again()
            return {}
