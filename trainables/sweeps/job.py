"""What a study's sweep and a search have in common: on what is trained, where, and what it is written to."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from soundproof.search_spaces.presets import Preset
from soundproof.search_spaces.specs import Features, Split
from soundproof.trainables.corpora.corpus import Corpus
from soundproof.trainables.features import prepare
from soundproof.trainables.sweeps.planning.provider import TrialProvider
from soundproof.trainables.sweeps.progress.protocol import Progress
from soundproof.trainables.sweeps.ray_tune.resources import Resources
from soundproof.trainables.sweeps.ray_tune.session import session
from soundproof.trainables.sweeps.storage import Storage
from soundproof.trainables.sweeps.tracking.heading import Heading
from soundproof.trainables.sweeps.tracking.writer_thread import Recorder
from soundproof.trainables.training.settings import TrainingSettings

if TYPE_CHECKING:
    from soundproof.trainables.sweeps.outbox.results import TrialResult
    from soundproof.trainables.sweeps.tracking import Tracker


@contextmanager
def closed_on_failure(opening: "Future[Tracker]") -> Iterator[None]:
    """Leave no run that seems to go on: close the record that is being opened when the block fails."""
    try:
        yield
    except BaseException:
        if opening.exception() is None:
            opening.result().end(interrupted=True)
        raise


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

    @property
    @abstractmethod
    def name(self) -> str:
        """The job in one word, safe as a file name."""

    @contextmanager
    def locked(self) -> Iterator[Executor]:
        """The storage, for this job alone, and a thread or two for what may be done while Ray starts."""
        with self.storage.exclusive(self.name), ThreadPoolExecutor(2) as beside:
            yield beside

    def ray(self) -> AbstractContextManager[None]:
        """Ray, started here or joined."""
        return session(self.address, 0 if self.resources.gpus_per_trial == 0 else None)

    def open_tracker(self, heading: Heading, complete: "Callable[[TrialResult], object] | None" = None) -> "Tracker":
        """The record under the heading; `complete` as in `Tracker`. Raises `TrackingError`."""
        from soundproof.trainables.sweeps.tracking import Tracker  # noqa: PLC0415  # MLflow loads while Ray starts

        if self.tracking_uri is not None:
            return Tracker(self.tracking_uri, heading, artifacts=None, complete=complete)
        with self.storage.opening():
            return Tracker(self.storage.tracking_uri, heading, self.storage.artifacts, complete)

    def prepare(self, features: Features, progress: Progress, stopped: Callable[[], bool] = lambda: False) -> Path:
        """The cache entry of the corpus in these features, made if it is not there; `stopped` as in `prepare`."""
        return prepare(self.corpus, features, self.storage.features, progress=progress.preparing, stopped=stopped)

    def train(
        self, provider: TrialProvider, entry_of: Callable[[Features], Path], recorder: Recorder, progress: Progress
    ) -> None:
        """Train until the provider has no more. Ray has to be there."""
        if provider.done:
            return
        from soundproof.trainables.sweeps.ray_tune.tuning import tune_trials  # noqa: PLC0415  # after Ray's environment is set

        tune_trials(
            provider,
            entry_of=entry_of,
            outbox=self.storage.outbox(self.name),
            checkpoints=self.storage.checkpoints(self.name),
            notes=self.storage.ray_results(self.name),
            resources=self.resources,
            address=self.address,
            training=self.training,
            recorder=recorder,
            progress=progress,
        )
