"""What an actor reports of its trial, in as few messages as may be."""

import time
from collections.abc import Callable
from typing import TypedDict

from soundproof.common import record


class Report(TypedDict):
    """What has happened to a trial since the last report. Plain, as Ray Tune wants it."""

    epoch: int
    """Epochs that the trial has been trained."""
    epochs: list[tuple[int, dict[str, float]]]
    """Numbers and metrics of those that have not been reported."""
    status: record.Status | None
    done: bool


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
        report = {**following, "epochs": [*report["epochs"], *following["epochs"]]}
    return report
