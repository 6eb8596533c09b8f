"""Writing to the tracking store beside the scheduling, in one thread, in order."""

import logging
import queue
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Self

from soundproof.common import record
from soundproof.common.digests import DamagedError
from soundproof.search_spaces.presets import PlannedTrial
from soundproof.search_spaces.studies import Variant
from soundproof.trainables.sweeps.outbox.results import count_waiting, found, remove_unfinished
from soundproof.trainables.sweeps.tracking import outages
from soundproof.trainables.sweeps.tracking.heading import NO_TAGS
from soundproof.trainables.sweeps.tracking.outages import Say, TrackingError, say_nothing

if TYPE_CHECKING:
    from soundproof.trainables.sweeps.tracking import Tracker

_log = logging.getLogger(__name__)

IN_HASTE_SECONDS = 5.0
"""How long a store that is away is waited for when the user has stopped the sweep, or it broke."""
FLUSH_SECONDS = 5.0
"""How often the curves of running trials are written."""


class WriterThread:
    """Does what is submitted in a thread of its own, in order. A subclass says what is written.

    Use as a context manager; leaving it waits for the rest. A store that is away is asked again and again; leaving
    raises `TrackingError` when it stays away. Any other error of the store is raised by the next call, or on leaving.
    """

    def __init__(self, flush: Callable[[], object], say: Say = say_nothing) -> None:
        """`flush` is done now and then, between what is submitted. `say` hears of outages, from the thread."""
        self._flush = flush
        self._say = say
        self._jobs: queue.Queue[Callable[[], object] | None] = queue.Queue()
        self._error: BaseException | None = None
        self._away: BaseException | None = None
        """Why nothing more is tried: the store has been away for too long."""
        self._answered = 0.0
        self._gives_up_after: float | None = None
        """Seconds; None while trials run, since then the store may stay away for as long as it likes."""
        self._hurry = threading.Event()
        self._thread = threading.Thread(target=self._work, name="recorder", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._jobs.put(None)  # the end, behind all that has to be written before it
        try:
            self._finish(outages.AT_END_SECONDS if kind is None else IN_HASTE_SECONDS)
        except (KeyboardInterrupt, SystemExit):  # a signal, while what is left is being written
            self._finish(IN_HASTE_SECONDS)
            raise
        self._raise_error()
        if kind is None:
            self.all_written()
            if self._away is not None:
                raise TrackingError(self.left_waiting(self._away))

    def all_written(self) -> None:
        """Nothing more comes, and nothing went wrong."""

    def left_waiting(self, error: BaseException) -> str:
        """What the user is told where the store has stayed away."""
        return outages.away_message(error)

    def _submit(self, job: Callable[[], object]) -> None:
        self._raise_error()
        self._jobs.put(job)

    def _raise_error(self) -> None:
        if self._error is not None:
            error, self._error = self._error, None
            raise error

    def _finish(self, patience_seconds: float) -> None:
        """Wait until all is written, or until the store has been away for that long."""
        self._gives_up_after = patience_seconds
        self._answered = time.monotonic()  # patience counts from here, however long the store was away before
        self._hurry.set()  # a pause between two tries is cut short
        self._thread.join()

    def _work(self) -> None:
        flushed = time.monotonic()
        while True:
            waits = flushed + FLUSH_SECONDS - time.monotonic()
            try:
                job = self._jobs.get(timeout=waits) if waits > 0 else self._flush
            except queue.Empty:
                job = self._flush
            if job is None:
                return
            if self._away is None:  # else the rest is only emptied out of the queue: it waits in the outbox
                self._do(job)
            if job == self._flush:
                flushed = time.monotonic()

    def _do(self, job: Callable[[], object]) -> None:
        """Do it again and again while the store is away; what comes later waits, so that all is written in order."""
        since: float | None = None
        told: str | None = None
        for pause in outages.pauses():
            try:
                job()
            except BaseException as error:  # handed to the thread that waits
                if not outages.may_be_written_later(error):
                    self._error = self._error or error
                    return
                if outages.state(error) != told:
                    told = outages.state(error)
                    self._tell(error, told)
                since = time.monotonic() if since is None else since
                if self._gives_up_after is not None and time.monotonic() - self._answered > self._gives_up_after:
                    self._away = error
                    return
            else:
                self._answered = time.monotonic()
                if since is not None:
                    _log.info("the tracking store is back after %.1f s", self._answered - since)
                    self._say("the tracking store is back: what waited is being written")
                return
            self._hurry.wait(pause)
            self._hurry.clear()

    def _tell(self, error: BaseException, state: str) -> None:
        """Say that the store takes nothing now, and what becomes of it."""
        _log.info("the tracking store %s: %s", state, outages.in_short(error))
        remedy = outages.what_to_do_meanwhile(error)
        self._say(
            f"the tracking store {state} ({outages.in_short(error)}): trials go on, and what is finished waits and is "
            f"written as soon as the store takes it. {remedy}".rstrip()
        )


class Recorder(WriterThread):
    """Takes events of trials; while the store is away, trials go on and their outcomes wait in the outbox."""

    def __init__(
        self, tracker: "Tracker", variants: Mapping[str, Variant], outbox: Path, originals: Mapping[str, str]
    ) -> None:
        """`originals` are the runs that hold a finished trial, by trial id."""
        super().__init__(tracker.flush, tracker.say)
        self._tracker = tracker
        self._originals = dict(originals)
        self._variants = variants
        self._outbox = outbox
        self._runs: dict[str, str] = {}
        self._lost: dict[str, str] = {}
        """Trials whose outcomes were damaged while they waited, and what is said of them, by trial id."""

    def all_written(self) -> None:
        """See `WriterThread`. Raises `DamagedError` where a trial has to be trained again."""
        remove_unfinished(self._outbox)
        if self._lost:
            said = ". ".join(self._lost.values())
            raise DamagedError(f"{said}, by the same command: give it again. All other trials are in the record")

    def left_waiting(self, error: BaseException) -> str:
        """See `WriterThread`."""
        return _left_waiting(self._tracker.uri, self._outbox, error)

    def began(self, planned: PlannedTrial, extra: Mapping[str, str] = NO_TAGS) -> None:
        """A trial starts to train, or goes on after its actor died. `extra` are more tags of its run."""
        self._submit(lambda: self._begin(planned, extra))

    def epoch(self, planned: PlannedTrial, number: int, metrics: Mapping[str, float]) -> None:
        """A trial has trained epoch `number`, the first being 1. Reported again, it is ignored."""
        self._submit(lambda: self._tracker.epoch(self._runs[planned.trial.trial_id], number, metrics))

    def finished(self, planned: PlannedTrial, twins: Sequence[PlannedTrial]) -> None:
        """A trial lies in the outbox. `twins` are variants of the study that are the same trial under another id."""
        self._submit(lambda: self._deliver(planned))
        for twin in twins:
            self.reused(twin)

    def reused(self, planned: PlannedTrial, extra: Mapping[str, str] = NO_TAGS) -> None:
        """A trial need not be trained: another study or variant has it. `extra` as in `began`."""
        self._submit(lambda: self._copy(planned, extra))

    def failed(self, planned: PlannedTrial, status: record.Status, reason: str) -> None:
        """A trial ended without an outcome."""
        self._submit(lambda: self._fail(planned, status, reason))

    def tag_parent(self, tags: Mapping[str, str]) -> None:
        """Set tags of the sweep's own run."""
        self._submit(lambda: self._tracker.tag_parent(tags))

    def _begin(self, planned: PlannedTrial, extra: Mapping[str, str]) -> None:
        run_id = self._tracker.begin(self._variants[planned.variant_id], planned.trial, extra)
        self._runs[planned.trial.trial_id] = run_id

    def _deliver(self, planned: PlannedTrial) -> None:
        trial_id = planned.trial.trial_id
        trial_result = found(self._outbox / trial_id, planned.trial, partial(self._lost.__setitem__, trial_id))
        if trial_result is None:
            self._fail(planned, "interrupted", self._lost[trial_id])
            return
        variant, run_id = self._variants[planned.variant_id], self._runs[trial_id]
        self._originals[trial_id] = self._tracker.deliver(trial_result, variant, run_id)
        del self._runs[trial_id]

    def _copy(self, planned: PlannedTrial, extra: Mapping[str, str]) -> None:
        if planned.trial.trial_id in self._lost:
            return
        if self._tracker.is_deleted(self._originals[planned.trial.trial_id]):
            return  # the user wanted none of it; the same command trains it again
        original = self._tracker.client.get_run(self._originals[planned.trial.trial_id])
        self._tracker.reuse(self._variants[planned.variant_id], planned.trial, original, extra)

    def _fail(self, planned: PlannedTrial, status: record.Status, reason: str) -> None:
        trial_id, variant = planned.trial.trial_id, self._variants[planned.variant_id]
        self._tracker.fail(self._runs[trial_id], variant, planned.trial, status, reason)
        del self._runs[trial_id]


def _left_waiting(uri: str, outbox: Path, error: BaseException) -> str:
    waiting = count_waiting(outbox)
    trials = "1 finished trial waits" if waiting == 1 else f"{waiting} finished trials wait"
    remedy = outages.as_sentence(outages.what_to_do(error))
    return (
        f"the tracking store {uri!r} could not be written for {outages.AT_END_SECONDS:.0f} s "
        f"({outages.in_short(error)}): {trials} in {outbox}, and nothing is lost. "
        f"{remedy}, and give the same command again: it delivers what waits"
    )
