"""What a report shows of an estimate: an interval of possible values alone, and none of too few seeds.

Nothing here decides: verdicts come from p values of the data as they are.
"""

from dataclasses import replace

from soundproof.analysis.notation.quantities import Quantity
from soundproof.analysis.statistics.intervals import Estimate, Interval

LEAST_SEEDS = 3
"""Two seeds have an interval, which is so wide as a rule that it only confuses."""

TOO_FEW = "too few seeds"
"""Stands where an interval would."""


def reported_mean(estimate: Estimate, measured: Quantity) -> Estimate:
    """A mean of values: an accuracy is at most 1, a loss at least 0."""
    return _reported(estimate, *measured.bounds)


def reported_difference(estimate: Estimate, measured: Quantity) -> Estimate:
    """A mean of differences: no accuracy is higher than another by more than 1."""
    low, high = measured.bounds
    return _reported(estimate, low - high, high - low)


def _reported(estimate: Estimate, least: float, most: float) -> Estimate:
    interval = estimate.interval
    if interval is None:
        return estimate
    if estimate.n < LEAST_SEEDS:
        return replace(estimate, interval=None)
    low, high = (min(max(end, least), most) for end in (interval.low, interval.high))
    return replace(estimate, interval=Interval(low=low, high=high, confidence=interval.confidence))
