"""What whoever trains a trial may want of it beyond its spec."""

from dataclasses import dataclass
from typing import Annotated

from soundproof.common.option_fields import Option

_MOST_EPOCH_SECONDS = 1_000_000
"""More than eleven days."""


@dataclass(frozen=True, kw_only=True, slots=True)
class TrainingSettings:
    """Settings that travel whole, from whoever asks for a training to the engine. None changes a trial's numbers.

    What does change them belongs into a spec, and so into the trial's id. A further setting is a field here, which
    makes it an option of every command that trains, and whatever the engine does about it.
    """

    epoch_seconds: Annotated[
        float | None,
        Option(
            help="A trial with a longer epoch has failed; no limit by default.", minimum=1, maximum=_MOST_EPOCH_SECONDS
        ),
    ] = None
    """Of wall time. The process that trains ends itself then, see `sweeps.workers.watchdog`."""
    norms: Annotated[
        bool,
        Option(help="Also record the norms of each layer's weights and gradients, every epoch."),
    ] = False
    """Whether an epoch's metrics have them; what is finished is not trained again for it."""
