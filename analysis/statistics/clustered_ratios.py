"""A ratio of sums over clips that come in clusters: its interval over new clusters, by a t distribution.

The clips of one speaker are alike: of 20 speakers with 50 clips each, 1,000 clips say little more than 20 speakers do.
The ratio is that of the whole test split, sum of numerators over sum of denominators: an accuracy with denominators of
1, a word error rate with numbers of words. It is the mean of the clusters' own ratios y, weighted by their shares w of
the denominators, and varies as they do:

    V = sum of w² (y - ratio)² / (1 - 2w + sum of w²)

which has no bias where clusters vary alike, however unequal their sizes. Few clusters estimate V badly; Satterthwaite's
degrees of freedom say how badly: clusters less one where all are of one size, fewer where some outweigh the others.

Sources: Bell and McCaffrey (2002), Survey Methodology 28:169, the corrected variance ("CR2") and its degrees of
freedom; Imbens and Kolesár (2016), Review of Economics and Statistics 98:701, for few clusters; Satterthwaite (1946),
Biometrics Bulletin 2:110. The working model is that of clusters which vary alike.
"""

import math
from dataclasses import dataclass

import numpy as np
from scipy import stats

from soundproof.analysis.statistics.intervals import FloatArray, IntegerArray, Interval


@dataclass(frozen=True, kw_only=True, slots=True)
class ClusteredRatio:
    """A ratio over `clips` in `clusters`. Of one cluster no error is known: `standard_error` is None then."""

    value: float
    standard_error: float | None
    degrees_of_freedom: float
    clusters: int
    clips: int

    def interval(self, confidence: float = 0.95) -> Interval | None:
        """Value ± t · standard error; None where that is not known."""
        if self.standard_error is None:
            return None
        half = float(stats.t.ppf((1 + confidence) / 2, self.degrees_of_freedom)) * self.standard_error
        return Interval(low=self.value - half, high=self.value + half, confidence=confidence)

    def p_value(self) -> float | None:
        """Two-sided p value of a ratio of 0 over all clusters that there could be; None where no error is known."""
        if self.standard_error is None:
            return None
        if self.standard_error == 0:
            return 1.0 if self.value == 0 else 0.0
        return float(2 * stats.t.sf(abs(self.value) / self.standard_error, self.degrees_of_freedom))


def clustered_ratio(
    numerators: FloatArray, denominators: FloatArray, clusters: IntegerArray, least_deviation: float = 0.0
) -> ClusteredRatio:
    """The ratio of the sums of numerators (clips,) and denominators (clips,), `clusters` (clips,) being numbers from 0.

    The clusters' own ratios are taken to deviate by at least `least_deviation`, in their unit: scores that move in
    steps can be equal by rounding alone.

    >>> found = clustered_ratio(np.array([1.0, 2.0, 3.0]), np.ones(3), np.array([0, 1, 2]))
    >>> found.value, round(found.standard_error, 4), round(found.degrees_of_freedom, 4)
    (2.0, 0.5774, 2.0)

    Raises ValueError where there is nothing to divide by.
    """
    sums, sizes = cluster_sums(numerators, denominators, clusters)
    total = float(sizes.sum())
    if total <= 0:
        raise ValueError(f"a ratio needs denominators with a positive sum, got {total}: leave out what has no length")
    value, count = float(sums.sum()) / total, len(sums)
    if count < 2 or sizes.max() == total:
        return ClusteredRatio(
            value=value, standard_error=None, degrees_of_freedom=0.0, clusters=count, clips=len(numerators)
        )
    shares = sizes / total
    square = float(shares @ shares)
    corrections = 1 - 2 * shares + square
    variance = float(np.sum(((sums - value * sizes) / total) ** 2 / corrections))
    return ClusteredRatio(
        value=value,
        standard_error=math.sqrt(max(variance, square * least_deviation**2)),
        degrees_of_freedom=_degrees_of_freedom(shares, corrections),
        clusters=count,
        clips=len(numerators),
    )


def cluster_sums(
    numerators: FloatArray, denominators: FloatArray, clusters: IntegerArray
) -> tuple[FloatArray, FloatArray]:
    """Sums of both over the clips of each cluster, (clusters,) each; numbers that no clip has are left out."""
    _, places = np.unique(clusters, return_inverse=True)
    sums, sizes = np.bincount(places, weights=numerators), np.bincount(places, weights=denominators)
    return sums.astype(np.float64), sizes.astype(np.float64)


def _degrees_of_freedom(shares: FloatArray, corrections: FloatArray) -> float:
    """2 E(V)² / Var(V) of independent normal clusters that vary alike: tr(M)² / tr(M²), where V = y'My.

    M is the sum over clusters of a u u', with a = w² / correction, and u the cluster's unit vector less all shares.
    Both traces follow from sums over clusters, so that no matrix of clusters by clusters is made.
    """
    factors = shares**2 / corrections
    square = float(shares @ shares)
    zeroth, first, second = (float(factors @ shares**power) for power in range(3))
    off_diagonal = square**2 * zeroth**2 + 2 * zeroth * second - 4 * square * zeroth * first + 2 * first**2
    diagonal = float(factors**2 @ (1 + 2 * (square - 2 * shares)))
    return square**2 / (off_diagonal + diagonal)
