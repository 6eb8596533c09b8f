"""The record in MLflow: a parent run per sweep, a child run per trial. Only the driver writes here.

A child run is opened when its trial starts and closed when the trial is in the outbox; it counts as finished once
MLflow says that it has ended. Whatever a dead driver left open is removed by the next one, which then delivers or
trains it again.

Everything here may be called again after the store did not answer: a run is created once, and what is written a second
time is what was written the first time.
"""

from soundproof.trainables.sweeps.tracking.tracker import Tracker

__all__ = ["Tracker"]
