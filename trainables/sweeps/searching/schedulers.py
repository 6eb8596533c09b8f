"""Which trials are stopped before their last epoch, by name.

Optuna's pruners rather than Ray Tune's schedulers: their rungs lie in the journal of the search, so they outlive the
process, and the sampler learns of every stopped trial as what it is. `pbt` stops no trial; its generations are made in
`population_agenda`.
"""

from __future__ import annotations

import warnings
from typing import Literal, get_args

from optuna.exceptions import ExperimentalWarning
from optuna.pruners import BasePruner, HyperbandPruner, MedianPruner, NopPruner, SuccessiveHalvingPruner

SchedulerName = Literal["asha", "hyperband", "median", "pbt", "none"]
SCHEDULERS: tuple[SchedulerName, ...] = get_args(SchedulerName)

REDUCTION_FACTOR = 3
"""Of three trials that reach a rung, one goes on (Li et al. 2020 use 2 to 4)."""
MEDIAN_STARTUP_TRIALS = 5
"""So many trials are trained in full before a median means anything."""


def make_pruner(name: SchedulerName, epochs: int) -> BasePruner:
    """The pruner for trials of at most `epochs` epochs."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ExperimentalWarning)
        match name:
            case "asha":
                return SuccessiveHalvingPruner(min_resource=1, reduction_factor=REDUCTION_FACTOR)
            case "hyperband":
                return HyperbandPruner(min_resource=1, max_resource=epochs, reduction_factor=REDUCTION_FACTOR)
            case "median":
                return MedianPruner(n_startup_trials=MEDIAN_STARTUP_TRIALS, n_warmup_steps=1)
            case "pbt" | "none":
                return NopPruner()
