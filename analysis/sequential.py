"""A paired t test that may be looked at after every seed, stopped at any time, and continued later.

The boundary and its theory are in `sequential_boundary`. The null is one-sided and composite, "mean <= null": a shift
moves every t statistic of a sequence the same way, so below the null crossings are rarer than at it, and the boundary
for the null itself suffices. Between the levels of its grid log p is linear in log α, and the same line is read both
ways: the p value is at most α exactly where the critical value of α was reached.

Sources of the interval: Jennison and Turnbull (1989), JRSS B 51:305, repeated confidence intervals; Darling and Robbins
(1967), PNAS 58:66, confidence sequences.
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from scipy import special, stats

from analysis.paired_tests import t_statistic
from analysis.sequential_boundary import FIRST_LOOK, LAST_EXACT, LEVELS, boundary_tails, spent
from analysis.statistics import Estimate, FloatArray, Interval

__all__ = ["LAST_EXACT", "critical_value", "look_p_value", "sequential_interval", "sequential_p_value", "spent"]

_LOG_LEVELS = np.log(LEVELS)


@lru_cache(maxsize=100_000)
def critical_value(n: int, level: float) -> float:
    """The t statistic from which the look at n pairs rejects; infinite for n < 3.

    `level` is the one-sided error over all looks together, at most 0.5. Below 1e-6 Bonferroni's bound stands in.
    """
    if not 0 < level <= LEVELS[-1]:
        raise ValueError(f"level must lie between 0 and {LEVELS[-1]}, got {level}: it is a one-sided error probability")
    if n < FIRST_LOOK:
        return math.inf
    if level < LEVELS[0]:
        tail = level * (spent(n) - spent(n - 1))
    else:
        tail = math.exp(float(np.interp(math.log(level), _LOG_LEVELS, np.log(boundary_tails(n)))))
    return float(stats.t.isf(tail, n - 1))


def sequential_p_value(differences: FloatArray, null: float = 0.0, least_deviation: float = 0.0) -> float:
    """Always-valid one-sided p value of "mean <= null" for differences (n,) in the order in which they came.

    The smallest level whose boundary was crossed after any of the first 3, 4, ..., n differences. It never rises as
    seeds are added, and under the null P(p <= α at any time) <= α. 1 with fewer than three differences, and in place
    of values above 0.5. Missing values, s and `least_deviation` are treated as in `t_statistic`.
    """
    present = differences[np.isfinite(differences)]
    looks = range(FIRST_LOOK, len(present) + 1)
    return min((look_p_value(present[:n], null, least_deviation) for n in looks), default=1.0)


def look_p_value(differences: FloatArray, null: float = 0.0, least_deviation: float = 0.0) -> float:
    """What the last look alone, at all of the differences (n,), n at least 3, adds to `sequential_p_value`.

    Not always-valid by itself: it is the level whose critical value at n pairs is their t statistic.
    """
    n = len(differences)
    statistic = t_statistic(differences, null, least_deviation)
    tail, tails = float(special.stdtr(n - 1, -statistic)), boundary_tails(n)
    if tail > tails[-1]:
        return 1.0
    if tail < tails[0]:
        return min(float(LEVELS[0]), tail / (spent(n) - spent(n - 1)))
    return math.exp(float(np.interp(math.log(tail), np.log(tails), _LOG_LEVELS)))


def sequential_interval(differences: FloatArray, confidence: float, least_deviation: float = 0.0) -> Estimate:
    """Mean of differences (n,) with an interval that may be looked at after every seed; no interval where n < 3.

    What the intervals mean_m ± critical_value(m, (1 - confidence) / 2)·s_m/√m after m = 3, ..., n pairs have in common.
    `confidence` is the probability, at least, that they all cover the true mean, so that their intersection does too,
    and a null once excluded stays excluded, as in `sequential_p_value`. Where they have nothing in common, which is as
    improbable, the last one stands alone.
    """
    present = differences[np.isfinite(differences)]
    n = len(present)
    if n < FIRST_LOOK:
        return Estimate(value=float(np.mean(present)) if n else None, interval=None, n=n)
    looks = [_look_interval(present[:m], confidence, least_deviation) for m in range(FIRST_LOOK, n + 1)]
    low, high = max(low for low, _ in looks), min(high for _, high in looks)
    if low > high:
        low, high = looks[-1]
    return Estimate(value=float(np.mean(present)), interval=Interval(low=low, high=high, confidence=confidence), n=n)


def _look_interval(differences: FloatArray, confidence: float, least_deviation: float) -> tuple[float, float]:
    n, mean = len(differences), float(np.mean(differences))
    deviation = max(float(np.std(differences, ddof=1)), least_deviation)
    half = critical_value(n, (1 - confidence) / 2) * deviation / math.sqrt(n)
    return mean - half, mean + half
