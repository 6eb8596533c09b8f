"""Who proposes the next trial, by name.

A sampler is made anew for every proposal, its random numbers derived from the seed of the search and the number of the
trial: what it knows is the journal alone, so a search that was interrupted proposes what it would have proposed.
"""

from __future__ import annotations

import hashlib
import warnings
from typing import Literal, get_args

from optuna.samplers import BaseSampler, CmaEsSampler, GPSampler, QMCSampler, RandomSampler, TPESampler

SamplerName = Literal["tpe", "random", "grid", "quasi-random", "cma-es", "gp"]
SAMPLERS: tuple[SamplerName, ...] = get_args(SamplerName)


def make_sampler(name: SamplerName, seed: int, number: int, startup: int) -> BaseSampler:
    """The sampler for trial `number`. The first `startup` trials are drawn at random where a sampler learns.

    A grid is enumerated by whoever asks; what it leaves open is drawn at random.
    """
    drawn = _draw_seed(seed, number)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", _experimental())  # a promise about Optuna's interface, not about results
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
            case "cma-es":
                return CmaEsSampler(
                    n_startup_trials=startup,
                    independent_sampler=RandomSampler(seed=drawn),
                    warn_independent_sampling=False,
                    seed=drawn,
                )
            case "gp":
                return GPSampler(
                    n_startup_trials=startup,
                    independent_sampler=RandomSampler(seed=drawn),
                    warn_independent_sampling=False,
                    seed=drawn,
                )


def _draw_seed(seed: int, number: int) -> int:
    digest = hashlib.sha256(f"{seed}/{number}".encode()).digest()
    return int.from_bytes(digest[:4], "big")


def _experimental() -> type[Warning]:
    from optuna.exceptions import ExperimentalWarning  # noqa: PLC0415

    return ExperimentalWarning
