"""What hands out trials and receives how they end: the base of a study's provider, a search's and a population's."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from soundproof.common.record import Status
from soundproof.search_spaces.presets import PlannedTrial
from soundproof.search_spaces.specs import Trial

Epochs = Sequence[Mapping[str, float]]
"""The metrics of every epoch of a trial, the first to the last."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Known:
    """How a trial ended that need not be trained again."""

    status: Status
    metrics: Mapping[str, float]


def unknown(trial: Trial) -> None:
    """What a trial held out, where its corpus is not at hand."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Forecast:
    """What is to be done, before the first trial starts. `trials` and `epochs` are None where results decide.

    `goal` then says what it goes on for.
    """

    trials: int | None
    epochs: int | None
    finished: int
    reused: int
    goal: str = ""


@dataclass(eq=False)
class TrialProvider(ABC):
    """Hands out trials, each once, and receives how they end. Where a subclass says nothing, trials train to their end.

    A subclass finds the next trial and enters an end.
    """

    _running: dict[str, PlannedTrial] = field(default_factory=dict, init=False)
    """By trial id."""
    _next: PlannedTrial | None = field(default=None, init=False)

    def take(self) -> PlannedTrial | None:
        """The next trial to train, or None: for now while trials are running, for good otherwise."""
        found, self._next = self._next or self._find(), None
        if found is not None:
            self._running[found.trial.trial_id] = found
        return found

    @property
    def done(self) -> bool:
        """Whether nothing runs and nothing more is wanted."""
        if self._running:
            return False
        self._next = self._next or self._find()
        return self._next is None

    @abstractmethod
    def _find(self) -> PlannedTrial | None:
        """The next trial, or None; see `take`."""

    @abstractmethod
    def end(
        self, planned: PlannedTrial, status: Status, metrics: Mapping[str, float], history: Epochs = ()
    ) -> list[PlannedTrial]:
        """Enter how a trial has ended, with the metrics of its epochs.

        Returns the variants that are the same trial and were waiting for it.
        """

    @abstractmethod
    def forecast(self) -> Forecast:
        """Counts for the progress display."""

    @property
    def remark(self) -> str:
        """How far it has come, in a few words."""
        return ""

    def tags(self, planned: PlannedTrial) -> Mapping[str, str]:
        """What the record says of a trial beside what it says of every trial."""
        return {}

    @property
    def judges_epochs(self) -> bool:
        """Whether it may stop a trial before its end, and so has to know of every epoch before the next one begins."""
        return False

    def stops(self, planned: PlannedTrial, epoch: int, metrics: Mapping[str, float]) -> str | None:
        """Take the metrics of one more epoch: the reason to stop the trial there, or None to go on."""
        return None

    def keeps_checkpoint(self, planned: PlannedTrial) -> bool:
        """Whether others may go on from the trial's end: its final state then stays until the provider removes it."""
        return False
