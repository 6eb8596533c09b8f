"""What a sweep tells while it runs. The command line draws it; tests read it."""

from __future__ import annotations

from typing import Protocol

from search_spaces import record
from search_spaces.presets import PlannedTrial


class Progress(Protocol):
    """Hears about a sweep, always from the thread that runs it."""

    def preparing(self, done: int, total: int) -> None:
        """`done` of `total` utterances have features."""

    def planned(self, *, trials: int, epochs: int, finished: int, reused: int, infeasible: dict[str, str]) -> None:
        """`trials` remain to be trained, at most `epochs` epochs in all; `infeasible` variants have a reason each."""

    def began(self, trial: PlannedTrial) -> None:
        """A trial starts to train."""

    def epoch(self, trial: PlannedTrial, metrics: dict[str, float]) -> None:
        """A trial has trained one more epoch."""

    def ended(self, trial: PlannedTrial, status: record.Status, reason: str | None) -> None:
        """A trial has ended."""


class Silence:
    """A `Progress` that says nothing."""

    def preparing(self, done: int, total: int) -> None:
        """See `Progress`."""

    def planned(self, *, trials: int, epochs: int, finished: int, reused: int, infeasible: dict[str, str]) -> None:
        """See `Progress`."""

    def began(self, trial: PlannedTrial) -> None:
        """See `Progress`."""

    def epoch(self, trial: PlannedTrial, metrics: dict[str, float]) -> None:
        """See `Progress`."""

    def ended(self, trial: PlannedTrial, status: record.Status, reason: str | None) -> None:
        """See `Progress`."""
