"""Writing to the tracking store beside the scheduling, in one thread, in order."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from search_spaces import record
from search_spaces.presets import PlannedTrial
from search_spaces.studies import Variant
from trainables.sweeps.outbox import collect

if TYPE_CHECKING:
    from trainables.sweeps.tracking import Tracker

FLUSH_SECONDS = 5.0
"""How often the curves of running trials are written."""


class Recorder:
    """Takes events of trials and writes them from a thread of its own.

    Use as a context manager; leaving it waits for the rest. The first error of the store is raised by the next call,
    or on leaving.
    """

    def __init__(
        self, tracker: Tracker, variants: Mapping[str, Variant], outbox: Path, originals: Mapping[str, str]
    ) -> None:
        """`originals` are the runs that hold a finished trial, by trial id."""
        self._tracker = tracker
        self._originals = dict(originals)
        self._variants = variants
        self._outbox = outbox
        self._runs: dict[str, str] = {}
        self._jobs: queue.Queue[Callable[[], None] | None] = queue.Queue()
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._work, name="recorder", daemon=True)

    def __enter__(self) -> Recorder:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._jobs.put(None)
        self._thread.join()
        self._raise_error()

    def began(self, planned: PlannedTrial) -> None:
        """A trial starts to train."""
        self._submit(lambda: self._begin(planned))

    def epoch(self, planned: PlannedTrial, metrics: Mapping[str, float]) -> None:
        """A trial has trained one more epoch."""
        self._submit(lambda: self._tracker.epoch(self._runs[planned.trial.trial_id], metrics))

    def finished(self, planned: PlannedTrial, twins: Sequence[PlannedTrial]) -> None:
        """A trial lies in the outbox. `twins` are variants of the study that are the same trial under another id."""
        self._submit(lambda: self._deliver(planned, twins))

    def reused(self, planned: PlannedTrial) -> None:
        """A trial need not be trained: another study or variant has it."""
        self._submit(lambda: self._copy([planned]))

    def failed(self, planned: PlannedTrial, status: record.Status, reason: str) -> None:
        """A trial ended without an outcome."""
        self._submit(lambda: self._fail(planned, status, reason))

    def _begin(self, planned: PlannedTrial) -> None:
        self._runs[planned.trial.trial_id] = self._tracker.begin(self._variants[planned.variant_id], planned.trial)

    def _deliver(self, planned: PlannedTrial, twins: Sequence[PlannedTrial]) -> None:
        trial_id = planned.trial.trial_id
        run_id = self._runs.pop(trial_id, None)
        parcel = collect(self._outbox / trial_id)
        self._originals[trial_id] = self._tracker.deliver(parcel, self._variants[planned.variant_id], run_id)
        self._copy(twins)

    def _copy(self, planned: Sequence[PlannedTrial]) -> None:
        for one in planned:
            original = self._tracker.run(self._originals[one.trial.trial_id])
            self._tracker.reuse(self._variants[one.variant_id], one.trial, original)

    def _fail(self, planned: PlannedTrial, status: record.Status, reason: str) -> None:
        if planned.trial.trial_id not in self._runs:
            self._begin(planned)
        self._tracker.fail(self._runs.pop(planned.trial.trial_id), status, reason, planned.trial)

    def _submit(self, job: Callable[[], None]) -> None:
        self._raise_error()
        self._jobs.put(job)

    def _raise_error(self) -> None:
        if self._error is not None:
            error, self._error = self._error, None
            raise error

    def _work(self) -> None:
        flushed = time.monotonic()
        while True:
            waits = flushed + FLUSH_SECONDS - time.monotonic()
            try:
                job = self._jobs.get(timeout=waits) if waits > 0 else self._tracker.flush
            except queue.Empty:
                job = self._tracker.flush
            if job is None:
                return
            try:
                job()
            except BaseException as error:  # handed to the thread that waits
                self._error = self._error or error
            if job == self._tracker.flush:
                flushed = time.monotonic()
