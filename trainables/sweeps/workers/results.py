"""What an actor says of its trials, in as few messages as may be."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

Result = dict[str, Any]
"""`epoch`, `done`, and `trials`: of each `trial_id`, `epoch`, `metrics` of that epoch, `status`, `done`, and `history`,
the metrics of the epochs right before it that have not been told; see `Worker.step`."""


def results_within(seconds: float, step: Callable[[], Result]) -> Result:
    """What `step` says when it is called for about so long, in one result; it is called once at least."""
    ends = time.monotonic() + seconds
    result, longest, began = step(), 0.0, ends - seconds
    while not result["done"]:
        now = time.monotonic()
        longest, began = max(longest, now - began), now
        if now + longest > ends:
            break
        result = joined(result, step())
    return result


def joined(before: Result, after: Result) -> Result:
    """One result that says what two in succession say."""
    said = {one["trial_id"]: one for one in before["trials"]}
    trials = said | {one["trial_id"]: _joined(said[one["trial_id"]], one) for one in after["trials"]}
    return {**after, "trials": list(trials.values())}


def _joined(before: Result, after: Result) -> Result:
    """Of one trial. An end without metrics needs no history: all of it lies in the outbox."""
    told = after.get("history", [])
    if not after["metrics"] or len(told) == after["epoch"] - 1:
        return after
    return {**after, "history": [*before.get("history", []), before["metrics"], *told]}
