"""Means over seeds, and the differences of pairs: pure functions of arrays. Every effect carries an interval and n.

A difference is oriented so that positive means: the first is better. Pairs are analysed as pairs, because a seed
gives both variants the same split, order and noise, which cancel in the difference. What is missing stays missing.

Source: Student (1908) for the t interval.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

FloatArray = NDArray[np.float64]
IntegerArray = NDArray[np.int64]


@dataclass(frozen=True, kw_only=True, slots=True)
class Interval:
    """A two-sided interval of a mean; `confidence` is its coverage, 0.95 say."""

    low: float
    high: float
    confidence: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Estimate:
    """A mean with its interval over n seeds. No value where n = 0, no interval where n < 2."""

    value: float | None
    interval: Interval | None
    n: int

    @property
    def half(self) -> float | None:
        """Half of an interval that lies evenly about the value; None of any other."""
        if self.value is None or self.interval is None:
            return None
        below, above = self.value - self.interval.low, self.interval.high - self.value
        return above if math.isclose(below, above, abs_tol=1e-12) else None


def mean_interval(values: FloatArray, confidence: float = 0.95, least_deviation: float = 0.0) -> Estimate:
    """Mean of `values` (n,) with its t interval: mean ± t(1 - (1 - confidence)/2, n - 1) · s / √n.

    s is the sample standard deviation (divisor n - 1), taken as at least `least_deviation`, in the unit of the values.
    Values that are not finite are missing.

    >>> estimate = mean_interval(np.array([1.0, 2.0, 3.0, np.nan]))
    >>> estimate.value, estimate.n, round(estimate.half, 3)
    (2.0, 3, 2.484)
    """
    present = values[np.isfinite(values)]
    n = len(present)
    if n == 0:
        return Estimate(value=None, interval=None, n=0)
    mean = float(np.mean(present))
    if n < 2:
        return Estimate(value=mean, interval=None, n=n)
    quantile = float(stats.t.ppf((1 + confidence) / 2, n - 1))
    half = quantile * max(float(np.std(present, ddof=1)), least_deviation) / math.sqrt(n)
    return Estimate(value=mean, interval=Interval(low=mean - half, high=mean + half, confidence=confidence), n=n)


def improvements(first: Mapping[int, float], second: Mapping[int, float], *, higher_is_better: bool) -> FloatArray:
    """Paired differences (n,), in the order of the seeds that both sides have; positive: the first is better.

    `first` and `second` hold a value by seed. Pairs with a value that is not finite are left out.

    >>> improvements({0: 3.0, 1: 4.0}, {0: 5.0, 1: 4.5, 2: 9.0}, higher_is_better=False)
    array([2. , 0.5])
    """
    seeds = sorted(first.keys() & second.keys())
    sign = 1.0 if higher_is_better else -1.0
    differences = np.array([sign * (first[seed] - second[seed]) for seed in seeds], dtype=np.float64)
    return differences[np.isfinite(differences)]


def finite(value: float | None) -> float | None:
    """`value` where it is a finite number, else None: NaN and infinity stand for what is missing."""
    return None if value is None or not math.isfinite(value) else value
