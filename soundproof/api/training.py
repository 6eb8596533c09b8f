"""Training with progress while it runs, an end in order when the user stops it, and errors that say how to go on."""

import os
from contextlib import nullcontext
from functools import partial
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from soundproof.api.options import SessionOptions
    from soundproof.trainables.sweeps.progress.protocol import Progress


class StoppedError(Exception):
    """The user has stopped the training. All that is finished has been written."""


def train(
    title: str,
    run: "Callable[[Progress], None]",
    metric: str,
    options: "SessionOptions",
    margin: float | None = None,
) -> None:
    """Let `run` train what is not finished yet.

    Progress is drawn on standard error unless the user wants it quiet; `metric` is what trials are judged by, written
    as a report does that has the `margin`. Raises `StoppedError` after Ctrl-C, and `TrackingError` where the tracking
    store went away while nothing waited for it.
    """
    from soundproof.trainables.sweeps.interrupts import two_step_interrupts
    from soundproof.trainables.sweeps.progress.protocol import Silence
    from soundproof.trainables.sweeps.progress.terminal import terminal_progress
    from soundproof.trainables.sweeps.ray_tune.session import VERBOSE

    if options.verbose:
        os.environ[VERBOSE] = "1"
    level = partial(_level, metric, margin)
    drawn = nullcontext(Silence()) if options.quiet else terminal_progress(title, metric, level)
    try:
        with two_step_interrupts(), drawn as progress:
            run(progress)
            return
    except KeyboardInterrupt:
        pass  # raised here, the error would keep all that was at work, and semaphores with it, until the process ends
    except Exception as error:
        _raise_as_outage(error)
        raise
    raise StoppedError


def _level(metric: str, margin: float | None, value: float) -> str:
    """A value with its unit."""
    from soundproof.analysis.notation.quantities import quantity

    return quantity(metric, margin).level(value)


def _raise_as_outage(error: Exception) -> None:
    """Raise `TrackingError` if the store was away: between opening the record and training, nobody asks it twice."""
    from mlflow.exceptions import MlflowException
    from requests.exceptions import RequestException

    from soundproof.trainables.sweeps.tracking.outages import TrackingError, away_message, is_away

    if isinstance(error, MlflowException | RequestException) and is_away(error):  # uploads of artifacts raise both
        raise TrackingError(away_message(error)) from error
