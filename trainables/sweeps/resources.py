"""What a trial may use, and how many run at once."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Resources:
    """None leaves it to Ray: as many trials at once as there is room for, on this machine.

    A trial with an epoch that takes longer than `epoch_seconds_limit` has failed; None is patient.
    """

    max_concurrent: int | None = None
    cpus_per_trial: float = 1.0
    gpus_per_trial: float = 0.0
    address: str | None = None
    epoch_seconds_limit: float | None = None


def usual_gpu_share() -> float:
    """A quarter of a GPU where there is one: a trial of these sizes does not fill it."""
    import torch  # noqa: PLC0415  # seconds, which whoever names a share need not wait

    return 0.25 if torch.cuda.is_available() else 0.0
