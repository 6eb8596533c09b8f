"""What an actor is told beside its trial, in one value, and what it reports of it, in as few messages as may be."""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NotRequired, TypedDict

from soundproof.common import record
from soundproof.search_spaces.custom import CustomSource
from soundproof.trainables.training.settings import TrainingSettings


@dataclass(frozen=True, kw_only=True, slots=True)
class WorkerSettings:
    """What a worker reads and writes, and how it trains.

    Below `checkpoints` a trial leaves how far it has come, and goes on from what it finds; one with a warm start finds
    its parent's end there. There, too, an actor that ends itself because an epoch has taken longer than it may leaves
    its watchdog report.
    """

    entry: Path
    """The cache entry of the trial's features."""
    outbox: Path
    checkpoints: Path
    keep_checkpoint: bool = False
    """Whether a trial leaves its end to its descendants."""
    training: TrainingSettings = TrainingSettings()  # noqa: RUF009  # frozen
    patience_seconds: float = 0.0
    """For how long an actor may train before it reports the epochs."""
    custom_sources: tuple[CustomSource, ...] = ()
    """The user's files that parts of the trial are from."""
    storage_token: Path | None = None
    """A node that does not see this file works in a storage of its own; None where there is one machine."""


_SPOILED = re.compile(r"trial (\w+) has left its process changed: (.*)")


class SpoiledActorError(Exception):
    """An actor would train its next trial otherwise than a new one. The driver reads the text, see `spoiled`."""

    @classmethod
    def after(cls, trial_id: str, changes: str) -> "SpoiledActorError":
        """What a trial has changed."""
        return cls(f"trial {trial_id} has left its process changed: {changes}")


def spoiled(text: str) -> tuple[str, str] | None:
    """Of an error's text: which trial has changed what. None where it says nothing of the kind."""
    found = _SPOILED.search(text)
    return None if found is None else (found[1], found[2])


class Report(TypedDict):
    """What has happened to a trial since the last report. Plain, as Ray Tune wants it."""

    epoch: int
    """Epochs that the trial has been trained."""
    epochs: list[tuple[int, dict[str, float]]]
    """Numbers and metrics of those that have not been reported."""
    status: record.Status | None
    done: bool
    notes: NotRequired[list[str]]
    """What the user is to be told, in a line each."""


def reports_within(seconds: float, step: Callable[[], Report]) -> Report:
    """What `step` reports when it is called for about so long, in one report; it is called once at least."""
    ends = time.monotonic() + seconds
    report, longest, began = step(), 0.0, ends - seconds
    while not report["done"]:
        now = time.monotonic()
        longest, began = max(longest, now - began), now
        if now + longest > ends:
            break
        following = step()
        notes = [*report.get("notes", ()), *following.get("notes", ())]
        report = {**following, "epochs": [*report["epochs"], *following["epochs"]]}
        if notes:
            report["notes"] = notes
    return report
