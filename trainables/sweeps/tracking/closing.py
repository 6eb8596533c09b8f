"""Closing a sweep's record, which a store that is away for a moment need not prevent."""

from __future__ import annotations

import time

from soundproof.search_spaces import record
from soundproof.trainables.sweeps import outages
from soundproof.trainables.sweeps.mlflow_forms import run_tags
from soundproof.trainables.sweeps.outages import TrackingError, away_message
from soundproof.trainables.sweeps.tracking.curves import at_step
from soundproof.trainables.sweeps.tracking.queries import SweepRuns
from soundproof.trainables.sweeps.tracking.summary import summarise


def close_parent(sweep: SweepRuns, *, interrupted: bool) -> None:
    """Close the parent run, with the sweep in a few numbers unless it was interrupted.

    A store that is away is waited for, and then `TrackingError` raised; after an interruption it is left alone,
    since the parent run is opened again by the next driver.
    """
    status = "KILLED" if interrupted else "FINISHED"
    gives_up = time.monotonic() + (0 if interrupted else outages.AT_END_SECONDS)
    for pause in outages.pauses():
        try:
            if not interrupted:
                _summarise(sweep)
            sweep.client.set_terminated(sweep.parent_id, status=status)
        except Exception as error:
            if not outages.is_away(error):
                raise
            if time.monotonic() + pause > gives_up:
                if interrupted:
                    return
                raise TrackingError(away_message(error)) from error
            time.sleep(pause)
        else:
            return


def _summarise(sweep: SweepRuns) -> None:
    summary = summarise(sweep.children(), sweep.heading.metric)
    tags = {} if summary.best_variant is None else {record.BEST_VARIANT: summary.best_variant}
    sweep.client.log_batch(sweep.parent_id, metrics=at_step(summary.metrics, 0), tags=run_tags(tags))
