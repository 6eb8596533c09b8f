"""What a sweep shows while it runs. The command line draws it; tests read it."""

from soundproof.common import record
from soundproof.search_spaces.presets import PlannedTrial
from soundproof.trainables.sweeps.planning.provider import Forecast


class Progress:
    """Hears about a sweep from the thread that runs it. Where a subclass says nothing, nothing is shown."""

    def preparing(self, done: int, total: int) -> None:
        """`done` of `total` examples have features."""

    def planned(self, forecast: Forecast, infeasible: dict[str, str]) -> None:
        """What is about to be done; `infeasible` variants have a reason each."""

    def noted(self, text: str) -> None:
        """Something that whoever reads the results should know, as a sentence."""

    def began(self, trial: PlannedTrial) -> None:
        """A trial starts to train."""

    def epoch(self, trial: PlannedTrial, metrics: dict[str, float]) -> None:
        """A trial has trained one more epoch."""

    def retried(self, trial: PlannedTrial) -> None:
        """The actor of a trial has died; another one goes on with it."""

    def note(self, text: str) -> None:
        """Something that the user is to know, in a line."""

    def spoiled(self, trial: PlannedTrial, changes: str) -> None:
        """A trial has changed what its process shares with later trials, and another actor trains these."""

    def ended(self, trial: PlannedTrial, status: record.Status, reason: str | None) -> None:
        """A trial has ended."""

    def reused(self, trial: PlannedTrial) -> None:
        """A trial is taken from another study, or from another variant that is the same."""

    def remark(self, text: str) -> None:
        """How far the study has come, in a few words."""

    def notice(self, text: str) -> None:
        """What a person has to know: of the tracking store, say. From whatever thread, unlike all else."""

    def finished(self) -> None:
        """Nothing runs, and nothing more is wanted."""


class Silence(Progress):
    """Says nothing at all."""
