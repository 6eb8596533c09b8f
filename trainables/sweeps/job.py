"""What a study's sweep and a search have in common: on what is trained, where, and what it is written to."""

import json
import logging
from abc import ABC, abstractmethod
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

from soundproof.common import record
from soundproof.common.counting import counted
from soundproof.common.library_caches import settle_library_caches
from soundproof.common.record import HeldOut
from soundproof.search_spaces.presets import PlannedTrial, Preset, plan_trial
from soundproof.search_spaces.specs import Alphabet, Features, Split, Trial
from soundproof.search_spaces.studies import Variant
from soundproof.trainables.corpora.corpus import Corpus
from soundproof.trainables.features import prepare
from soundproof.trainables.sweeps.outbox.results import TrialResult, waiting
from soundproof.trainables.sweeps.progress.protocol import Progress
from soundproof.trainables.sweeps.ray_tune.ray_watch import RayWatch
from soundproof.trainables.sweeps.ray_tune.resources import Resources
from soundproof.trainables.sweeps.ray_tune.session import session
from soundproof.trainables.sweeps.storage import Storage
from soundproof.trainables.sweeps.tracking.heading import Heading
from soundproof.trainables.sweeps.tracking.outages import Say
from soundproof.trainables.training.data.alphabets import Alphabets
from soundproof.trainables.training.data.held_out import held_out
from soundproof.trainables.training.settings import TrainingSettings

if TYPE_CHECKING:
    from soundproof.trainables.sweeps.tracking import Tracker

_log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True, slots=True)
class Opened:
    """A storage that a job has for itself, and what is done beside the main thread."""

    beside: Executor
    """A thread or two."""
    tracker: "Future[Tracker]"
    failed: Event
    """Set when the block fails, for those threads, which nothing interrupts."""
    known: bool
    """Whether the job has had this storage before."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Job(ABC):
    """Trials at one preset on one corpus, in one storage, written to its own tracking store or to another."""

    preset: Preset
    corpus: Corpus
    corpus_name: str
    split: Split
    storage: Storage
    resources: Resources
    tracking_uri: str | None = None
    address: str | None = None
    """Of the Ray cluster to join; None starts Ray on this machine."""
    training: TrainingSettings = TrainingSettings()  # noqa: RUF009  # frozen
    alphabets: Alphabets | None = None
    """What transcripts are spelled with; None is the documented alphabet."""

    @property
    @abstractmethod
    def name(self) -> str:
        """The job in one word, safe as a file name."""

    @contextmanager
    def opened(self, open_tracker: "Callable[[Callable[[], bool]], Tracker]") -> Iterator[Opened]:
        """The storage for this job alone, and the record, which is opened while Ray starts.

        `open_tracker` is given what says whether to wait no longer for somebody else's record. No run is left that
        seems to go on: the record is closed when the block fails.
        """
        known, failed = self.storage.knows(self.name), Event()
        with self.storage.exclusive(self.name), ThreadPoolExecutor(2) as beside:
            settle_library_caches(self.storage.library_caches)  # before anything starts that inherits it
            opening = beside.submit(open_tracker, failed.is_set)
            try:
                yield Opened(beside=beside, tracker=opening, failed=failed, known=known)
            except BaseException:
                failed.set()
                if opening.exception() is None:
                    opening.result().end(interrupted=True)
                raise

    @contextmanager
    def ray(self, *, at_once: bool) -> Iterator[Callable[[], RayWatch]]:
        """What starts Ray here, or joins it, until the block ends, and gives what watches over it.

        To call it twice starts nothing twice.

        `at_once` where there will be trials: Ray's start is mostly waiting, and the rest is done meanwhile. A job that
        has had its storage before may have nothing left to train, and then does without Ray.
        """
        with ExitStack() as stack:

            @cache
            def start() -> RayWatch:
                return stack.enter_context(session(self.address, 0 if self.resources.gpus_per_trial == 0 else None))

            if at_once:
                start()
            yield start

    def held_out(self) -> Callable[[Trial], HeldOut | None]:
        """What the seed of a trial keeps from training: to be asked again and again, examples are split once a seed."""
        known: dict[tuple[Hashable, ...], HeldOut | None] = {}

        def find(trial: Trial) -> HeldOut | None:
            key = trial.split, trial.seed, trial.task, trial.recipe.validate_on
            if key not in known:
                known[key] = held_out(self.corpus.examples, trial)
            return known[key]

        return find

    def open_tracker(
        self,
        heading: Heading,
        say: Say,
        stopped: Callable[[], bool],
        complete: Callable[[TrialResult], object] | None = None,
    ) -> "Tracker":
        """The record under the heading; the rest as in `Tracker`. Raises `TrackingError`."""
        from soundproof.trainables.sweeps.tracking import Tracker  # noqa: PLC0415  # MLflow loads while Ray starts

        uri = self.storage.tracking_uri if self.tracking_uri is None else self.tracking_uri
        artifacts = self.storage.artifacts if self.tracking_uri is None else None
        return Tracker(uri, heading, artifacts, complete, self.held_out(), say=say, stopped=stopped)

    def corpus_tags(self) -> dict[str, str]:
        """Tags of the parent run that say what has to be known of the corpus, where anything has to be."""
        sentences = [remark.text for remark in self.corpus.remarks]
        if self.corpus.skipped:
            sentences.append(f"{counted(len(self.corpus.skipped), 'broken recording')} of the corpus left out")
        while len(text := json.dumps(sentences)) > record.LONGEST_TAG:
            sentences.pop()
        return {record.CORPUS_REMARKS: text} if sentences else {}

    def prepare(
        self,
        features: Features,
        speeds: Sequence[float],
        progress: Progress,
        stopped: Callable[[], bool] = lambda: False,
    ) -> Path:
        """The cache entry of the corpus in these features, made if it is not there; the rest as in `prepare`."""
        return prepare(
            self.corpus, features, self.storage.features, speeds=speeds, progress=progress.preparing, stopped=stopped
        )

    def plan(self, variant: Variant, seed: int) -> PlannedTrial:
        """The trial of a declared variant."""
        sized, alphabet = self.preset.variant(variant), self.alphabet(variant, seed)
        return plan_trial(sized, self.preset, self.corpus.spec, self.split, seed, alphabet=alphabet)

    def alphabet(self, variant: Variant, seed: int) -> Alphabet | None:
        """What a trial of the variant spells with; None is the documented alphabet."""
        return None if self.alphabets is None else self.alphabets.of(variant.split or self.split, seed)

    def deliver_waiting(
        self, tracker: "Tracker", asked_for: Callable[[Trial], tuple[Variant, Mapping[str, str]] | None]
    ) -> None:
        """Write what had ended when an earlier driver died.

        `asked_for` gives the variant of a trial and more tags of its run; None for a trial of another declaration,
        which waits for that.
        """
        trial_results = waiting(self.storage.outbox(self.name))
        done = tracker.runs.finished_here() if trial_results else {}
        for trial_result in trial_results:
            found, trial_id = asked_for(trial_result.trial), trial_result.trial.trial_id
            if found is None:
                continue
            variant, tags = found
            if (variant.id, trial_id) in done:
                trial_result.discard()
            else:
                _log.info("trial %s, finished under an earlier driver, is delivered", trial_id)
                tracker.deliver(trial_result, variant, run_id=None, extra=tags)
