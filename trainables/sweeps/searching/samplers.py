"""Who proposes the next trial, by name.

A sampler is made anew for every proposal, its random numbers derived from the seed of the search and the number of the
trial: what it knows is the journal alone, so a search that was interrupted proposes what it would have proposed.
"""

import hashlib
import warnings
from typing import Literal, get_args

from optuna.exceptions import ExperimentalWarning
from optuna.pruners import BasePruner, HyperbandPruner, MedianPruner, NopPruner, SuccessiveHalvingPruner
from optuna.samplers import BaseSampler, CmaEsSampler, GPSampler, QMCSampler, RandomSampler, TPESampler

from soundproof.common.errors import UserError
from soundproof.search_spaces.choices.listing import ALWAYS
from soundproof.search_spaces.spaces import SearchSpace

SamplerName = Literal["tpe", "random", "grid", "quasi-random", "cma-es", "gp"]
SAMPLERS: tuple[SamplerName, ...] = get_args(SamplerName)


_CMA_ES_DIMENSIONS = 2
"""A covariance needs so many."""


def check_sampler(name: SamplerName, space: SearchSpace) -> None:
    """Raise `UserError` where the sampler cannot search the space. Call it before anything is begun."""
    match name:
        case "grid" if space.count() is None:
            endless = [
                found for found in space.parameters() if found.kind == "real" and "in steps of" not in found.range
            ]
            named = ", ".join(f"{parameter.name} ({parameter.range})" for parameter in endless)
            raise UserError(
                f"grid needs a step for every number, and in {space.id} these have none: {named}. "
                "Declare steps, or use --sampler quasi-random"
            )
        case "cma-es":
            always = [found for found in space.parameters() if found.condition == ALWAYS]
            numbers = [parameter.name for parameter in always if parameter.kind != "category"]
            if len(numbers) < _CMA_ES_DIMENSIONS:
                raise UserError(
                    f"cma-es needs at least {_CMA_ES_DIMENSIONS} numbers that every network of the space has, and "
                    f"{space.id} has {', '.join(numbers) or 'none'}: all else would be drawn at random. "
                    "Use --sampler tpe"
                )


def make_sampler(name: SamplerName, seed: int, number: int, startup: int) -> BaseSampler:
    """The sampler for trial `number`. The first `startup` trials are drawn at random where a sampler learns.

    A grid is enumerated by whoever asks; what it leaves open is drawn at random.
    """
    drawn = _draw_seed(seed, number)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ExperimentalWarning)  # a promise about Optuna's interface, not about results
        match name:
            case "tpe":
                return TPESampler(
                    multivariate=True, group=True, constant_liar=True, n_startup_trials=startup, seed=drawn
                )
            case "random" | "grid":
                return RandomSampler(seed=drawn)
            case "quasi-random":  # the sequence has to be the same for all trials
                return QMCSampler(
                    scramble=True,
                    seed=_draw_seed(seed, 0),
                    independent_sampler=RandomSampler(seed=drawn),
                    warn_asynchronous_seeding=False,
                    warn_independent_sampling=False,
                )
            case "cma-es" | "gp":
                learner = CmaEsSampler if name == "cma-es" else GPSampler
                return learner(
                    n_startup_trials=startup,
                    independent_sampler=RandomSampler(seed=drawn),
                    warn_independent_sampling=False,
                    seed=drawn,
                )


def _draw_seed(seed: int, number: int) -> int:
    digest = hashlib.sha256(f"{seed}/{number}".encode()).digest()
    return int.from_bytes(digest[:4], "big")


FIRST_DRAWS: tuple[Literal["random", "quasi-random"], ...] = ("random", "quasi-random")
"""Samplers that can propose a first generation: those that need no results."""


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
