"""What whoever trains a trial may want of it beyond its spec."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from soundproof.common.options import Option


@dataclass(frozen=True, kw_only=True, slots=True)
class TrainingSettings:
    """Settings that travel whole, from who asks for the training to the engine. None of them changes a trial's numbers.

    What does change them belongs into a spec, and so into the trial's id. A further setting is a field here, an option
    of every command that trains, and whatever the engine does about it.
    """

    epoch_seconds: Annotated[
        float | None,
        Option(
            help="A trial with a longer epoch has failed; no limit by default.",
            minimum=1,
            maximum=1_000_000,  # more than eleven days
        ),
    ] = None
    """Seconds of wall time; the limit is that of the process which trains, see `sweeps.workers.watchdog`."""
    norms: Annotated[bool, Option(help="Also record the norms of each layer's weights and gradients, every epoch.")] = (
        False
    )
    """Whether each epoch's metrics tell of every layer how large its weights and gradients are."""
