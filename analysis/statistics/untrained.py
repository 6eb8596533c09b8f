"""Runs that did not train: values far beyond what seeds of their variant do to it, on the worse side.

Some networks stay on the plateau of their first loss on some seeds. Such runs are another population: a mean over both
tells of neither, and no test of few seeds can know how often the rare kind comes.

A run has to stand out of two scales. One comes from the first seeds of all variants: the median of the gaps between the
best and the second best of each variant's `FIRST_STAGE` values, which one failure among the three does not touch. The
other is the deviation of the variant's own runs before it that did train. A later seed never changes what an earlier
one was called.

Measured on 3,000 simulated studies of six variants and 20 seeds: of normal values a run was called so in 0.7% of
studies, where one was five times as noisy as the others in 7%; of exponential ones, whose long tail looks like
failures, in 33%. Of failures in 15% of a variant's seeds, seventeen deviations away, 82% were called so.
"""

import math
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from soundproof.analysis.statistics.intervals import FloatArray
from soundproof.analysis.statistics.looks import FIRST_STAGE
from soundproof.analysis.statistics.paired_tests import prefix_moments

GAP = 10.0
"""Deviations, by the first seeds of all variants, beyond its variant's median from which on a run did not train."""

OWN_GAP = 6.0
"""Deviations of its variant's own earlier runs beyond their mean that it has to lie as well."""

OWN_SPACINGS = 3.0
"""How many times farther than the best from the middle one the worst of a variant's first runs has to lie as well."""

FEWEST_VARIANTS = 5
"""Of fewer, the first seeds have no scale but their own."""

_NORMAL_GAP = 0.72
"""The median distance of the best from the middle of three standard normal values, of several triples."""


def untrained(values: FloatArray, least_gap: float, *, higher_is_better: bool) -> NDArray[np.bool_]:
    """Which of values (variants, seeds) are of runs that did not train; NaN, for what is missing, is not.

    A run has to be worse by more than `least_gap`, too, the smallest difference that matters. None is so called before
    its variant has its first seeds, and none of those with fewer than five variants: their scale would be its own.
    """
    losses = -values if higher_is_better else values
    stage = losses[:, :FIRST_STAGE]
    found = np.zeros(values.shape, dtype=bool)
    whole = np.isfinite(stage).all(axis=1)
    if stage.shape[1] < FIRST_STAGE or not whole.any():
        return found
    ordered = np.sort(stage[whole], axis=1)
    beyond = max(GAP * float(np.median(ordered[:, 1] - ordered[:, 0])) / _NORMAL_GAP, least_gap)
    medians, best = np.median(stage, axis=1), stage.min(axis=1)
    for variant in np.flatnonzero(whole):
        if np.sum(whole) >= FEWEST_VARIANTS:
            own = OWN_SPACINGS * (medians[variant] - best[variant])
            found[variant, :FIRST_STAGE] = stage[variant] - medians[variant] > max(beyond, own)
        limit = float(medians[variant]) + beyond
        trained = [
            loss for loss, apart in zip(stage[variant].tolist(), found[variant].tolist(), strict=False) if not apart
        ]
        later = losses[variant, FIRST_STAGE:]
        if not np.any(later > limit):
            continue
        if np.any(later > np.maximum(limit, _own_limits(later.tobytes(), tuple(trained)))):
            found[variant, FIRST_STAGE:] = _later(later.tolist(), trained, limit)
    return found


@lru_cache(maxsize=32)
def _own_limits(later: bytes, trained: tuple[float, ...]) -> FloatArray:
    """The limit that a variant's own runs set for each of its `later` losses (n,), as long as none lies beyond it.

    As bytes, so that it is known again where the same losses are asked about with another `limit`.
    """
    losses = np.frombuffer(later)
    finite = np.isfinite(losses)
    means, deviations = prefix_moments(np.concatenate([trained, losses[finite]]))
    before = len(trained) - 1 + np.cumsum(finite) - finite
    limits: FloatArray = means[before] + OWN_GAP * deviations[before]
    return limits


def _later(losses: list[float], trained: list[float], limit: float) -> list[bool]:
    """Which of a variant's later losses lie beyond `limit`, and beyond those of the runs before that did train.

    Mean and sum of squares are kept by Welford's recurrence (1962, Technometrics 4:419).
    """
    found, count, mean, squares = [], 0, 0.0, 0.0
    for number, loss in enumerate([*trained, *losses]):
        apart = False
        if number >= len(trained):
            own = mean + OWN_GAP * math.sqrt(squares / max(count - 1, 1))
            apart = loss > max(limit, own)
            found.append(apart)
        if not apart and math.isfinite(loss):
            count += 1
            change = loss - mean
            mean += change / count
            squares += change * (loss - mean)
    return found


def clean_seeds_needed(share: float, chance: float = 0.05) -> int:
    """Seeds n without a failure at which a share of `share` would have shown one: (1 - share)ⁿ <= chance.

    >>> clean_seeds_needed(0.15), clean_seeds_needed(0.26)
    (19, 10)
    """
    return int(np.ceil(np.log(chance) / np.log1p(-share)))


def unseen_share(seeds: int, chance: float = 0.05) -> float:
    """The share of failures that so many seeds without one leave open, at `chance`: 1 - chance^(1/seeds).

    >>> round(unseen_share(10), 2)
    0.26
    """
    return 1.0 - chance ** (1 / seeds) if seeds else 1.0
