"""How much values vary from seed to seed, over all variants of a study, and how far variants vary together."""

from dataclasses import dataclass

import numpy as np

from soundproof.analysis.statistics.intervals import FloatArray


@dataclass(frozen=True, kw_only=True, slots=True)
class Spread:
    """The standard deviation of one variant over seeds, and the mean correlation of two variants over the same seeds.

    `variants` and `values` are how many they were taken from. `groups` are those that seeds take turns with (speakers,
    folds), 0 where none has come twice yet, so that there may be more; None where seeds do not. `folds`: they are folds
    of a cross-validation, which share what they train on.
    """

    deviation: float
    correlation: float
    variants: int
    values: int
    groups: int | None = None
    folds: bool = False

    @property
    def of_difference(self) -> float:
        """The standard deviation of the difference of two variants on one seed."""
        return float(self.deviation * np.sqrt(2 * (1 - self.correlation)))


def spread_of(values: FloatArray, fewest: int = 3) -> Spread | None:
    """The spread of values (variants, seeds), NaN for what is missing; of variants with `fewest` values or more.

    The variance is the mean one, weighted by degrees of freedom. The correlation is that of the seeds which all of
    these variants have: mean covariance over mean product of deviations, and 0 where there are fewer than `fewest`.
    None where no variant has so many values, or all are equal.
    """
    counts = np.isfinite(values).sum(axis=1)
    measured = values[counts >= fewest]
    if not len(measured):
        return None
    degrees = counts[counts >= fewest] - 1
    variance = float(np.average(np.nanvar(measured, axis=1, ddof=1), weights=degrees))
    if variance <= 0:
        return None
    complete = measured[:, np.isfinite(measured).all(axis=0)]
    correlation = _mean_correlation(complete) if complete.shape[1] >= fewest else 0.0
    return Spread(
        deviation=float(np.sqrt(variance)),
        correlation=correlation,
        variants=len(measured),
        values=int(counts[counts >= fewest].sum()),
    )


def _mean_correlation(values: FloatArray) -> float:
    """Of two rows or more: the sum of their covariances over the sum of products of their deviations."""
    covariances = np.atleast_2d(np.cov(values))
    deviations = np.sqrt(np.diag(covariances))
    products = float(deviations.sum() ** 2 - np.sum(deviations**2))
    shared = float(covariances.sum() - np.trace(covariances))
    return float(np.clip(shared / products, -1.0, 0.999)) if products > 0 else 0.0
