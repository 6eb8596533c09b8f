"""Closing a sweep's record, which a store that is away for a moment need not prevent."""

from __future__ import annotations

import time

from mlflow.tracking import MlflowClient

from trainables.sweeps import outages
from trainables.sweeps.outages import TrackingError, away_message


def close_parent(client: MlflowClient, parent_id: str, *, interrupted: bool) -> None:
    """Close the parent run.

    A store that is away is waited for, and then `TrackingError` raised; after an interruption it is left alone,
    since the parent run is opened again by the next driver.
    """
    status = "KILLED" if interrupted else "FINISHED"
    gives_up = time.monotonic() + (0 if interrupted else outages.AT_END_SECONDS)
    for pause in outages.pauses():
        try:
            client.set_terminated(parent_id, status=status)
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
