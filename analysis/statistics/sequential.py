"""A paired t test that may be looked at after every seed, stopped at any time, and continued later.

The boundary and its theory are in `sequential_boundary`. The null is one-sided and composite, "mean <= null": a shift
moves every t statistic of a sequence the same way, so below the null crossings are rarer than at it, and the boundary
for the null itself suffices. Between the levels of its grid log p is linear in log α, and the same line is read both
ways: the p value is at most α exactly where the critical value of α was reached.

Sources of the interval: Jennison and Turnbull (1989), JRSS B 51:305, repeated confidence intervals; Darling and Robbins
(1967), PNAS 58:66, confidence sequences.
"""

import math
from bisect import bisect_left
from collections.abc import Callable
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy import special

from soundproof.analysis.statistics.intervals import Estimate, FloatArray, IntegerArray, Interval
from soundproof.analysis.statistics.looks import Looks
from soundproof.analysis.statistics.paired_tests import prefix_t_statistics
from soundproof.analysis.statistics.sequential_boundary import (
    FIRST_LOOK,
    LAST_EXACT,
    LEVELS,
    boundary_tails,
    log_boundary,
    log_boundary_at,
    spent,
    table_end,
)

__all__ = [
    "LAST_EXACT",
    "critical_value",
    "nominal_tail",
    "sequential_interval",
    "sequential_levels",
    "sequential_p_value",
    "spent",
    "t_quantile",
]

_LOG_LEVELS = np.log(LEVELS)

_FEW = 256
"""Looks that are all computed at once."""

_ROUNDING = 1e-6
"""By what a bound may be off in relation to itself, many times what rounding does."""


def critical_value(n: int, level: float) -> float:
    """The t statistic from which the look at n pairs rejects; infinite for n < 3.

    `level` is the one-sided error over all looks together, at most 0.5. Below 1e-6 Bonferroni's bound stands in.
    """
    return t_quantile(nominal_tail(n, level), n - 1)


def t_quantile(tail: float, freedom: float) -> float:
    """The value that a t statistic exceeds with probability `tail`; infinite for 0.

    Of `scipy.special`, since `stats.t.isf`, which calls it, takes a hundred times as long for one number.
    """
    return -float(special.stdtrit(freedom, tail)) if tail > 0 else math.inf


@lru_cache(maxsize=100_000)
def nominal_tail(n: int, level: float) -> float:
    """The one-sided p value of the look at n pairs by itself from which on it rejects at `level`; 0 for n < 3."""
    if not 0 < level <= LEVELS[-1]:
        raise ValueError(f"level must lie between 0 and {LEVELS[-1]}, got {level}: it is a one-sided error probability")
    if n < FIRST_LOOK:
        return 0.0
    if level < LEVELS[0]:
        return level * (spent(n) - spent(n - 1))
    return math.exp(float(np.interp(math.log(level), _LOG_LEVELS, np.log(boundary_tails(n)))))


def nominal_tails(looks: IntegerArray, level: float) -> FloatArray:
    """`nominal_tail` of each of the looks (looks,), 3 or more, to the last bit."""
    if not LEVELS[0] <= level <= LEVELS[-1]:
        return np.array([nominal_tail(n, level) for n in looks.tolist()])
    log_level, last = math.log(level), int(looks.max())
    below = int(np.searchsorted(_LOG_LEVELS, log_level, side="right")) - 1
    between = low = log_boundary_at(below, last)
    if log_level > _LOG_LEVELS[below]:  # as numpy.interp computes it
        slopes = (log_boundary_at(below + 1, last) - low) / (_LOG_LEVELS[below + 1] - _LOG_LEVELS[below])
        between = slopes * (log_level - _LOG_LEVELS[below]) + low
    return np.array([math.exp(log) for log in between[looks - FIRST_LOOK].tolist()])


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
    return float(sequential_levels(looks, tails).min())


@lru_cache(maxsize=4)
def _spending(last: int) -> FloatArray:
    """What each look from the third to the last spends of the level, (looks,)."""
    return np.array([spent(n) - spent(n - 1) for n in range(FIRST_LOOK, last + 1)])


def sequential_levels(looks: IntegerArray, tails: FloatArray) -> FloatArray:
    """What each look adds to an always-valid p value, (looks,): the smallest of them is that.

    `tails` (looks,) are the one-sided p values of each by itself, after `looks` pairs, 3 or more, in rising order.
    """
    every = np.arange(len(looks))
    boundary = log_boundary(looks)
    with np.errstate(divide="ignore"):
        logs = np.log(tails)
    below = np.clip((boundary <= logs[:, None]).sum(axis=1) - 1, 0, len(LEVELS) - 2)
    low, high = boundary[every, below], boundary[every, below + 1]
    with np.errstate(invalid="ignore"):
        between = np.exp(_LOG_LEVELS[below] + (logs - low) / (high - low) * np.diff(_LOG_LEVELS)[below])
    first = np.minimum(LEVELS[0], tails / _spending(table_end(int(looks[-1])))[looks - FIRST_LOOK])
    levels: FloatArray = np.select([logs > boundary[:, -1], logs < boundary[:, 0]], [1.0, first], between)
    return levels


def least_level(looks: IntegerArray, floors: FloatArray, tails: Callable[[IntegerArray], FloatArray]) -> float:
    """The smallest of `sequential_levels`, asked of as few looks as are needed to know it.

    `floors` (looks,) are what the p value of each look by itself cannot lie below, and `tails` gives those values for
    looks by place. Of thousands of looks few can be the one that shows most, and a p value costs far more than a floor.
    """
    last = int(looks[-1])
    with np.errstate(divide="ignore"):
        logs = np.log(floors)

    def may_reach(level: int) -> NDArray[np.bool_]:
        reached: NDArray[np.bool_] = logs <= log_boundary_at(level, last)[looks - FIRST_LOOK]
        return reached

    if not may_reach(len(LEVELS) - 1).any():
        return 1.0
    if len(looks) <= _FEW:
        return float(sequential_levels(looks, tails(np.arange(len(looks)))).min())
    first = bisect_left(range(len(LEVELS)), True, key=lambda level: bool(may_reach(level).any()))
    best = np.array([int(np.argmin(logs - log_boundary_at(first, last)[looks - FIRST_LOOK]))])
    least = float(sequential_levels(looks[best], tails(best))[0])
    # one level more, for what rounding does
    left = np.flatnonzero(may_reach(min(int(np.searchsorted(LEVELS, least)) + 1, len(LEVELS) - 1)))
    left = left[sequential_levels(looks[left], floors[left]) <= least * (1 + _ROUNDING)]
    return min(least, float(sequential_levels(looks[left], tails(left)).min())) if len(left) else least


def sequential_interval(looks: Looks, confidence: float) -> Estimate:
    """The mean of the last look with an interval that may be looked at after every seed; no interval where n < 3.

    What the intervals mean_m ± t·error_m after m = 3, ..., n pairs have in common, t the quantile of each look's own
    degrees of freedom at the boundary of (1 - confidence) / 2. `confidence` is the probability, at least, that they all
    cover the true mean, so that their intersection does too, and a null once excluded stays excluded, as in
    `sequential_p_value`. Where they have nothing in common, which is as improbable, the last one stands alone.
    """
    count = int(looks.counts[-1]) if len(looks) else 0
    if count == 0:
        return Estimate(value=None, interval=None, n=0)
    value = float(looks.means[-1])
    usable = np.flatnonzero((looks.numbers >= FIRST_LOOK) & (looks.errors >= 0))
    if not len(usable):
        return Estimate(value=value, interval=None, n=count)
    level = (1 - confidence) / 2
    seen = looks.at(usable)
    tails = nominal_tails(seen.numbers, level)
    low, high = _highest_low(seen, tails), -_highest_low(seen.mirrored(), tails)
    if low > high:
        half = float(_halves(seen, tails, np.array([-1]))[0])
        low, high = float(seen.means[-1]) - half, float(seen.means[-1]) + half
    return Estimate(value=value, interval=Interval(low=low, high=high, confidence=confidence), n=count)


def _halves(looks: Looks, tails: FloatArray, places: IntegerArray) -> FloatArray:
    """Half of the interval of each look by itself, of some of them."""
    halves: FloatArray = -special.stdtrit(looks.freedom[places], tails[places]) * looks.errors[places]
    return halves


def _highest_low(looks: Looks, tails: FloatArray) -> float:
    """The highest lower end, asked of as few looks as are needed: none is narrower than that of a known spread."""
    left = np.arange(len(looks))
    if len(looks) > _FEW and np.all(looks.freedom >= 1):
        limits = looks.means + special.ndtri(tails) * looks.errors
        best = np.array([int(np.argmax(limits))])
        least = float((looks.means[best] - _halves(looks, tails, best))[0])
        left = np.flatnonzero(limits >= least - _ROUNDING * (np.abs(limits) + np.abs(looks.means)))
    return float((looks.means[left] - _halves(looks, tails, left)).max())
