"""What an actor does with a trial: trains it, and leaves its outcome in the outbox."""

import logging
import time
import traceback
from pathlib import Path

from soundproof.common import record
from soundproof.common.digests import DamagedError
from soundproof.search_spaces.specs import Trial, WarmStart
from soundproof.trainables.sweeps.outbox.results import OutboxError, found, leave
from soundproof.trainables.sweeps.workers.device import WorkerDevice
from soundproof.trainables.sweeps.workers.messages import Report, WorkerSettings
from soundproof.trainables.sweeps.workers.watchdog import time_limit
from soundproof.trainables.training.checkpoints import (
    checkpoint_folder,
    discard_checkpoint,
    load_checkpoints,
    save_checkpoint,
)
from soundproof.trainables.training.data.batches import examples_at_once
from soundproof.trainables.training.engine import Outcome, Training
from soundproof.trainables.training.steps.out_of_memory import free_cached_memory, half_of, is_out_of_memory

_log = logging.getLogger(__name__)

CHECKPOINT_SECONDS = 5.0
"""Training since the last checkpoint that is worth one: until the disk has it takes some ten milliseconds, a few
thousandths of it, and a dying actor loses at most this and an epoch."""

_OF_ANOTHER_VERSION = (KeyError, TypeError, RuntimeError)
"""What a checkpoint raises whose network was built otherwise than it would be now."""


class WarmStartError(Exception):
    """The state that a trial begins with is not there. The message says which and why that may be."""


class Worker:
    """Trains one trial, epoch by epoch."""

    def __init__(self, trial: str, settings: WorkerSettings, device: WorkerDevice) -> None:
        """`trial` is canonical JSON. The network is built by the first step, which knows what to do when that fails."""
        self._trial = Trial.from_json(trial)
        self._settings = settings
        self._folder = checkpoint_folder(settings.checkpoints, self._trial.trial_id)
        self._device = device
        self._training: Training | None = None
        self._micro_batch: int | None = None
        self._reported = 0
        self._checkpointed = time.monotonic()
        # an actor may have died between leaving a result and reporting it
        self._notes: list[str] = []
        self._left = found(settings.outbox / self._trial.trial_id, self._trial, self._notes.append)

    def step(self) -> Report:
        """Train one epoch. The last one leaves the outcome in the outbox before this returns.

        The first epoch of a trial that goes on from a checkpoint is reported with those before it: the driver may not
        have received them.

        What goes wrong ends this trial alone, as `failed`, with the reason in its record; except that a disk which
        takes neither the outcome nor an end that is to be kept is an `OutboxError`, and the checkpoint stays for the
        next try. A trial whose outcome is in the outbox already is not trained again. Raises what the device says where
        a trial before this one has left it unusable to the process: in another process this one can be trained. Raises
        `DamagedError` where the features are not what was written, or have not been since the last checkpoint.
        """
        report = self._step()
        if self._notes:
            report["notes"], self._notes = self._notes, []
        return report

    def _step(self) -> Report:
        if self._left is not None:
            _log.info("trial %s was finished by an actor that died before it reported it", self._trial.trial_id)
            self._discard_checkpoint(self._left.status)
            return Report(epoch=len(self._left.history), epochs=[], status=self._left.status, done=True)
        if self._reported == 0:
            self._device.check()
        outcome = self._try_epoch()
        history = [] if self._training is None else self._training.history
        epochs = list(enumerate(history, start=1))[self._reported :]
        self._reported = max(self._reported, len(history))
        if outcome is None:
            self._save_checkpoint()
            return Report(epoch=len(history), epochs=epochs, status=None, done=False)
        self._training = None
        self._device.check_features()
        device, threads = str(self._device.device), self._device.threads
        leave(self._settings.outbox, self._trial, outcome, history, device, threads=threads)
        self._discard_checkpoint(outcome.status)
        return Report(epoch=len(history), epochs=epochs, status=outcome.status, done=True)

    def _try_epoch(self) -> Outcome | None:
        """Train an epoch; the first out-of-memory is answered by halves of batches, from the last good state.

        Returns the outcome after the last epoch, or after what cannot be mended.
        """
        try:
            return self._epoch()
        except (OutboxError, DamagedError):
            raise
        except WarmStartError as error:
            return _failure(str(error))
        except Exception as error:  # whatever it is, the other trials go on
            if not is_out_of_memory(error):
                return _failure(_in_words(error))
        # here, not in the handler: an error's traceback keeps frames alive, and they the tensors of the failed batch
        size = self._whole_batch()
        if self._micro_batch is not None:
            return _failure(f"out of memory at batches of {size}, and again in halves of {self._micro_batch}")
        if size == 1:
            return _failure("out of memory at batches of 1, which have no halves")
        self._training = None
        self._micro_batch = half_of(size)
        _log.warning("trial %s: out of memory at batches of %d, going on in halves", self._trial.trial_id, size)
        free_cached_memory()
        return self._try_epoch()

    def _whole_batch(self) -> int:
        """The examples of a batch, as far as that is known: those that hold so many frames have to be seen."""
        recipe, training = self._trial.recipe, self._training
        if training is None:
            return recipe.batch_size
        return examples_at_once(recipe, training.data.store.lengths, training.partitions.train)

    def _epoch(self) -> Outcome | None:
        if self._training is None:
            self._training = self._resumed()
            self._micro_batch = self._training.micro_batch
        training, limit = self._training, self._settings.training.epoch_seconds
        with time_limit(self._settings.checkpoints, self._trial.trial_id, training.epoch + 1, limit):
            if training.status is None:
                training.run_epoch()
            if training.status is None:
                return None
            self._device.check_features()
            self._keep_end(training)
            return training.finish()

    def _resumed(self) -> Training:
        """The trial at its last checkpoint that can be used, or at its beginning. Raises `WarmStartError`."""
        training = self._built()
        for checkpoint in load_checkpoints(self._folder, self._trial.trial_id, self._passed_over):
            try:
                training.restore(checkpoint)
            except _OF_ANOTHER_VERSION as error:
                if is_out_of_memory(error):  # torch raises RuntimeError for both, and halves may fit
                    raise
                _log.warning("%s, epoch %d: checkpoint of another version passed over", self._folder, checkpoint.epoch)
                training = self._built()  # a restore that broke off has changed some of the weights
            else:
                _log.info("trial %s goes on from its checkpoint of epoch %d", checkpoint.trial_id, checkpoint.epoch)
                return training
        if self._trial.warm_start is not None:
            self._start_warm(training, self._trial.warm_start)
        return training

    def _passed_over(self, fault: str) -> None:
        _log.warning("%s", fault)
        self._notes.append(f"{fault}: the trial goes on from an earlier checkpoint, or begins again")

    def _built(self) -> Training:
        features = self._device.features(self._settings.entry)
        return Training(self._trial, features, self._settings.training, micro_batch=self._micro_batch)

    def _start_warm(self, training: Training, warm_start: WarmStart) -> None:
        """Give `training` its parent's end."""
        folder = checkpoint_folder(self._settings.checkpoints, warm_start.parent)
        for checkpoint in load_checkpoints(folder, warm_start.parent):
            if checkpoint.epoch == warm_start.epochs:
                try:
                    training.start_warm(checkpoint)
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
        if not (self._settings.keep_checkpoint and training.status in record.COMPARABLE):
            return
        try:
            save_checkpoint(training.checkpoint(), self._folder)
        except OSError as error:
            raise OutboxError(
                error.errno,
                f"the final state of trial {self._trial.trial_id} could not be written to {self._folder}: "
                f"{error.strerror or error}. Free some space, and give the same command again",
            ) from error

    def _save_checkpoint(self) -> None:
        if time.monotonic() - self._checkpointed < CHECKPOINT_SECONDS:
            return
        assert self._training is not None
        self._device.check_features()
        try:
            save_checkpoint(self._training.checkpoint(), self._folder)
        except OSError as error:  # a full disk, say: the trial goes on, and has more to do again if its actor dies
            _log.warning("no checkpoint of trial %s could be written: %s", self._trial.trial_id, error)
        self._checkpointed = time.monotonic()

    def _discard_checkpoint(self, status: record.Status) -> None:
        if not (self._settings.keep_checkpoint and status in record.COMPARABLE):
            discard_checkpoint(self._settings.checkpoints, self._trial.trial_id)


def _failure(reason: str) -> Outcome:
    _log.warning("a trial has failed: %s", reason)
    return Outcome(status="failed", reason=reason[:500], metrics={}, weights=None, predictions={})


def _in_words(error: Exception) -> str:
    last = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__}: {error} (in {last.name}, line {last.lineno} of {Path(last.filename).name})"
