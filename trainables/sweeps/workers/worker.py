"""What an actor does: trains a trial, leaves its outcome in the outbox, and takes the next, on the same features."""

from __future__ import annotations

import time
import traceback
from contextlib import suppress
from pathlib import Path
from typing import Any

from soundproof.common import record
from soundproof.search_spaces.specs import Trial, WarmStart
from soundproof.trainables.sweeps.outbox.results import OutboxError, TrialResult, found, leave
from soundproof.trainables.sweeps.workers.device import WorkerDevice
from soundproof.trainables.sweeps.workers.settings import WorkerSettings
from soundproof.trainables.sweeps.workers.watchdog import time_limit
from soundproof.trainables.training.checkpoints import discard_checkpoint, load_checkpoints, save_checkpoint
from soundproof.trainables.training.engine import Outcome, Training
from soundproof.trainables.training.steps.memory import free_cached_memory, half_of, is_out_of_memory

CHECKPOINT_SECONDS = 5.0
"""Training since the last checkpoint that is worth one: until the disk has it takes some ten milliseconds, a few
thousandths of it, and a dying actor loses at most this and an epoch."""

_Epoch = tuple[dict[str, float], Outcome | None]
"""Metrics of an epoch, and the outcome after the last."""


_OF_ANOTHER_VERSION = (KeyError, TypeError, RuntimeError)
"""What a checkpoint raises whose network was built otherwise than it would be now."""


class WarmStartError(Exception):
    """The state that a trial begins with is not there. The message says which and why that may be."""


class Worker:
    """Trains one trial at a time, epoch by epoch."""

    def __init__(self, device: WorkerDevice) -> None:
        self._device = device

    def begin(self, trial: str, place: WorkerSettings) -> None:
        """Take a trial, as canonical JSON."""
        self._trial = Trial.from_json(trial)
        self._place = place
        self._entry = place.entries[self._trial.features.digest()]
        self.begin_again()

    def begin_again(self) -> None:
        """Forget what is in memory: the trial goes on from its checkpoint, or its result is found."""
        self.ended = False
        self._micro_batch: int | None = None
        self._training: Training | None = None
        self._told = 0
        self._checkpointed = time.monotonic()
        self._parcel = found(self._place.outbox / self.trial_id, self._trial)

    @property
    def trial_id(self) -> str:
        """The trial's."""
        return self._trial.trial_id

    def step(self) -> dict[str, Any]:
        """Train one epoch. The last one leaves the outcome in the outbox before this returns.

        The first epoch of a trial that goes on from a checkpoint comes with those before it, as `history`: whoever
        hears it may not have heard them.

        What goes wrong ends this trial alone, as `failed`, with the reason in its record; except that a disk which
        takes neither the outcome nor an end that is to be kept is an `OutboxError`, and the checkpoint stays for the
        next try. A trial whose outcome is in the outbox already, left by an actor that died before it could say so, is
        not trained again.
        """
        if self._parcel is not None:
            return self._report_left(self._parcel)
        metrics, outcome = self._try_epoch()
        return self._report(metrics, outcome)

    def ready(self) -> Training | None:
        """The trial, if its next epoch may be trained in company, by whoever asks: see `conclude`."""
        if self._parcel is not None or self._micro_batch is not None:
            return None
        training = self._at_work()
        return training if training.status is None and self._micro_batch is None else None

    def conclude(self, metrics: dict[str, float]) -> dict[str, Any]:
        """The trial has been trained one more epoch: what `step` would have said of it."""
        assert self._training is not None
        outcome = None
        if self._training.status is not None:
            self._keep_end(self._training)
            outcome = self._training.finish()
        return self._report(metrics, outcome)

    def _report(self, metrics: dict[str, float], outcome: Outcome | None) -> dict[str, Any]:
        history = [] if self._training is None else self._training.history
        before = {"history": history[:-1]} if self._told == 0 and len(history) > 1 else {}
        self._told = len(history)
        if outcome is not None:
            self._training = None
            leave(self._place.outbox, self._trial, outcome, history, str(self._device.device))
            self._discard_checkpoint(outcome.status)
            self.ended = True
        else:
            self._save_checkpoint()
        status = None if outcome is None else outcome.status
        return {"epoch": len(history), "metrics": metrics, "status": status, "done": self.ended, **before}

    def _report_left(self, trial_result: TrialResult) -> dict[str, Any]:
        self._discard_checkpoint(trial_result.status)
        self.ended = True
        return {"epoch": len(trial_result.history), "metrics": {}, "status": trial_result.status, "done": True}

    def _try_epoch(self) -> _Epoch:
        """An epoch; after an out-of-memory, the first again from the last good state, in halves of batches."""
        try:
            return self._epoch()
        except OutboxError:
            raise
        except WarmStartError as error:
            return {}, _failure(str(error))
        except Exception as error:  # whatever it is, the other trials go on
            if not is_out_of_memory(error):
                return {}, _failure(_said_by(error))
        # the traceback, and the tensors that it kept alive, are gone only here
        size = self._trial.recipe.batch_size
        if self._micro_batch is not None:
            return {}, _failure(f"out of memory at batches of {size}, and again in halves of {self._micro_batch}")
        if size == 1:
            return {}, _failure("out of memory at batches of 1, which have no halves")
        self._training = None
        self._micro_batch = half_of(size)
        free_cached_memory()
        return self._try_epoch()

    def _epoch(self) -> _Epoch:
        training = self._at_work()
        with time_limit(self._place.checkpoints, self.trial_id, training.epoch + 1, self._place.epoch_seconds_limit):
            metrics = training.run_epoch() if training.status is None else training.history[-1]
            if training.status is None:
                return metrics, None
            self._keep_end(training)
            return metrics, training.finish()

    def _at_work(self) -> Training:
        if self._training is None:
            self._training = self._resumed()
            self._micro_batch = self._training.micro_batch
        return self._training

    def _resumed(self) -> Training:
        """The trial at its last checkpoint that can be used, or at its beginning. Raises `WarmStartError`."""
        training = self._built()
        for checkpoint in [] if self._folder is None else load_checkpoints(self._folder, self._trial.trial_id):
            try:
                training.restore(checkpoint)
            except _OF_ANOTHER_VERSION as error:
                if is_out_of_memory(error):
                    raise
                training = self._built()
            else:
                return training
        if self._trial.warm_start is not None:
            self._inherit(training, self._trial.warm_start)
        return training

    def _built(self) -> Training:
        return Training(
            self._trial, self._device.features(self._entry), micro_batch=self._micro_batch, norms=self._place.norms
        )

    def _inherit(self, training: Training, warm_start: WarmStart) -> None:
        """Give `training` its parent's end."""
        folder = self._place.checkpoint(warm_start.parent)
        for checkpoint in [] if folder is None else load_checkpoints(folder, warm_start.parent):
            if checkpoint.epoch == warm_start.epochs:
                try:
                    training.inherit(checkpoint)
                except _OF_ANOTHER_VERSION as error:
                    if is_out_of_memory(error):
                        raise
                    raise WarmStartError(
                        f"the final state of the parent, trial {warm_start.parent}, is that of another network: "
                        "an earlier version wrote it, or the parent was named by mistake"
                    ) from error
                return
        raise WarmStartError(
            f"the parent, trial {warm_start.parent}, left no usable state of epoch {warm_start.epochs} in {folder}: it "
            "did not train to its end, its files were removed or broken, or they lie on another machine"
        )

    def _keep_end(self, training: Training) -> None:
        """Leave the final state to descendants, before the weights of the best epoch take its place.

        Raises `OutboxError` when the disk does not take it.
        """
        if not (self._place.keep_checkpoint and self._folder is not None and training.status in record.COMPARABLE):
            return
        try:
            save_checkpoint(training.checkpoint(), self._folder)
        except OSError as error:
            raise OutboxError(
                error.errno,
                f"the final state of trial {self._trial.trial_id} could not be written to {self._folder}: "
                f"{error.strerror or error}. Free some space, and give the same command again",
            ) from error

    @property
    def _folder(self) -> Path | None:
        return self._place.checkpoint(self._trial.trial_id)

    def _save_checkpoint(self) -> None:
        if self._folder is None or time.monotonic() - self._checkpointed < CHECKPOINT_SECONDS:
            return
        assert self._training is not None
        with suppress(OSError):  # a full disk, say: the trial goes on, and has more to do again if its actor dies
            save_checkpoint(self._training.checkpoint(), self._folder)
        self._checkpointed = time.monotonic()

    def _discard_checkpoint(self, status: record.Status) -> None:
        kept = self._place.keep_checkpoint and status in record.COMPARABLE
        if self._place.checkpoints is not None and not kept:
            discard_checkpoint(self._place.checkpoints, self._trial.trial_id)


def _failure(reason: str) -> Outcome:
    status: record.Status = "failed"
    return Outcome(status=status, reason=reason[:500], metrics={}, weights=None, predictions={})


def _said_by(error: Exception) -> str:
    last = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__}: {error} (in {last.name}, line {last.lineno} of {Path(last.filename).name})"
