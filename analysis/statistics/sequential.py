"""A paired t test that may be looked at after every seed, stopped at any time, and continued later.

The boundary and its theory are in `sequential_boundary`. The null is one-sided and composite, "mean <= null": a shift
moves every t statistic of a sequence the same way, so below the null crossings are rarer than at it, and the boundary
for the null itself suffices. Between the levels of its grid log p is linear in log α, and the same line is read both
ways: the p value is at most α exactly where the critical value of α was reached.

Sources of the interval: Jennison and Turnbull (1989), JRSS B 51:305, repeated confidence intervals; Darling and Robbins
(1967), PNAS 58:66, confidence sequences.
"""

import math
from functools import lru_cache

import numpy as np
from scipy import special, stats

from soundproof.analysis.statistics.intervals import Estimate, FloatArray, IntegerArray, Interval
from soundproof.analysis.statistics.paired_tests import prefix_moments, prefix_t_statistics, t_statistic
from soundproof.analysis.statistics.sequential_boundary import (
    FIRST_LOOK,
    LAST_EXACT,
    LEVELS,
    boundary_tails,
    log_boundary,
    spent,
)

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


@lru_cache(maxsize=1000)
def _critical_values(last: int, level: float) -> FloatArray:
    """`critical_value` at every look from the third to the last, (looks,)."""
    if last <= LAST_EXACT:
        return np.array([critical_value(n, level) for n in range(FIRST_LOOK, last + 1)])
    late = np.arange(LAST_EXACT + 1, last + 1)
    if level < LEVELS[0]:
        logs = math.log(level) + np.log([spent(n) - spent(n - 1) for n in late.tolist()])
    else:
        above = int(np.clip(np.searchsorted(_LOG_LEVELS, math.log(level)), 1, len(LEVELS) - 1))
        boundary = log_boundary(last)[late - FIRST_LOOK, above - 1 : above + 1]
        share = (math.log(level) - _LOG_LEVELS[above - 1]) / (_LOG_LEVELS[above] - _LOG_LEVELS[above - 1])
        logs = boundary[:, 0] + share * (boundary[:, 1] - boundary[:, 0])
    values: FloatArray = np.concatenate([_critical_values(LAST_EXACT, level), stats.t.isf(np.exp(logs), late - 1)])
    return values


def sequential_p_value(differences: FloatArray, null: float = 0.0, least_deviation: float = 0.0) -> float:
    """Always-valid one-sided p value of "mean <= null" for differences (n,) in the order in which they came.

    The smallest level whose boundary was crossed after any of the first 3, 4, ..., n differences. It never rises as
    seeds are added, and under the null P(p <= α at any time) <= α. 1 with fewer than three differences, and in place
    of values above 0.5. Missing values, s and `least_deviation` are treated as in `t_statistic`.
    """
    present = differences[np.isfinite(differences)]
    if len(present) < FIRST_LOOK:
        return 1.0
    looks = np.arange(FIRST_LOOK, len(present) + 1)
    statistics = prefix_t_statistics(present, null, least_deviation)[FIRST_LOOK - 1 :]
    tails = special.stdtr(looks - 1, -statistics)
    return float(_levels(looks, tails).min())


def _levels(looks: IntegerArray, tails: FloatArray) -> FloatArray:
    """What `look_p_value` gives where the one-sided p values of the looks' t statistics are `tails`, (looks,)."""
    boundary, every = log_boundary(int(looks[-1])), np.arange(len(looks))
    with np.errstate(divide="ignore"):
        logs = np.log(tails)
    below = np.clip((boundary <= logs[:, None]).sum(axis=1) - 1, 0, len(LEVELS) - 2)
    low, high = boundary[every, below], boundary[every, below + 1]
    with np.errstate(invalid="ignore"):
        between = np.exp(_LOG_LEVELS[below] + (logs - low) / (high - low) * np.diff(_LOG_LEVELS)[below])
    spending = np.array([spent(n) - spent(n - 1) for n in looks.tolist()])
    first = np.minimum(LEVELS[0], tails / spending)
    levels: FloatArray = np.select([logs > boundary[:, -1], logs < boundary[:, 0]], [1.0, first], between)
    return levels


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
    means, deviations = (moments[FIRST_LOOK - 1 :] for moments in prefix_moments(present))
    critical = _critical_values(n, (1 - confidence) / 2)
    halves = critical * np.maximum(deviations, least_deviation) / np.sqrt(np.arange(FIRST_LOOK, n + 1))
    lows, highs = means - halves, means + halves
    low, high = lows.max(), highs.min()
    if low > high:
        low, high = lows[-1], highs[-1]
    interval = Interval(low=float(low), high=float(high), confidence=confidence)
    return Estimate(value=float(np.mean(present)), interval=interval, n=n)
