"""Tests of paired differences: pure functions of an array (n,), one difference per seed, positive: the first is better.

Values that are not finite are missing and dropped. The t test decides verdicts; the signed-rank and the sign-flip test
need no normal distribution and stand beside it as a check.

Sources: Student (1908); Wilcoxon (1945), Biometrics Bulletin 1:80; Fisher (1935), The Design of Experiments, 21, for
sign flips; Phipson and Smyth (2010), Stat. Appl. Genet. Mol. Biol. 9:39, for the +1; Clopper and Pearson (1934),
Biometrika 26:404; Agarwal et al. (2021), NeurIPS, for the probability of improvement.
"""

import math

import numpy as np
from numpy.typing import NDArray
from scipy import special, stats

from soundproof.analysis.statistics.intervals import Estimate, FloatArray, Interval

MOST_ENUMERATED = 16
DRAWS = 20_000
_DRAWN_AT_ONCE = 1000
_LOOKED_UP_AT_ONCE = 512
"""Bytes of flips that are looked up together: their sums, 1 MiB, stay in a processor's cache."""


def t_statistic(differences: FloatArray, null: float = 0.0, least_deviation: float = 0.0) -> float:
    """(mean - null) / (s / √n) of differences (n,), n at least 2; s is taken as at least `least_deviation`.

    Differences that are all the same have no spread, and show nothing: minus infinity.
    """
    present = differences[np.isfinite(differences)]
    if len(present) < 2:
        raise ValueError(f"a t statistic needs at least 2 differences, got {len(present)}")
    same = bool(np.all(present == present[0]))  # rounding would give such values a spread of about 1e-17
    distance = float(present[0] if same else np.mean(present)) - null
    deviation = max(0.0 if same else float(np.std(present, ddof=1)), least_deviation)
    if deviation == 0:
        return -math.inf
    return distance / deviation * math.sqrt(len(present))


def prefix_moments(differences: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Means and standard deviations after each of the differences (n,), all finite; the first deviation is NaN.

    By Welford's recurrence (1962, Technometrics 4:419), which loses no digits to a distant mean. Differences that are
    all the same have a deviation of 0, not one of 1e-17 by rounding.
    """
    values = differences.tolist()
    same = next((n for n, value in enumerate(values) if value != values[0]), len(values))
    mean, squares = values[0] if values else 0.0, 0.0
    means, summed = [mean] * same, [squares] * same
    for n, value in enumerate(values[same:], start=same + 1):
        change = value - mean
        mean += change / n
        squares += change * (value - mean)
        means.append(mean)
        summed.append(squares)
    with np.errstate(invalid="ignore"):
        deviations: FloatArray = np.sqrt(np.array(summed) / np.arange(len(values)))
    return np.array(means, dtype=np.float64), deviations


def prefix_t_statistics(differences: FloatArray, null: float = 0.0, least_deviation: float = 0.0) -> FloatArray:
    """`t_statistic` after each of the differences (n,), all finite: (n,), NaN for the first."""
    means, deviations = prefix_moments(differences)
    distances, deviations = means - null, np.maximum(deviations, least_deviation)
    with np.errstate(divide="ignore", invalid="ignore"):
        statistics: FloatArray = distances / deviations * np.sqrt(np.arange(1, len(differences) + 1))
    return np.where(deviations == 0, -np.inf, statistics)


def t_p_value(differences: FloatArray, null: float = 0.0, least_deviation: float = 0.0) -> float:
    """One-sided p value of "mean <= null" against "mean > null": the paired t test with n - 1 degrees of freedom.

    1 with fewer than two differences, and without any spread where there is no `least_deviation`.

    >>> round(t_p_value(np.array([1.0, 2.0, 3.0])), 4)
    0.0371
    """
    n = int(np.isfinite(differences).sum())
    return 1.0 if n < 2 else float(special.stdtr(n - 1, -t_statistic(differences, null, least_deviation)))


def wilcoxon_p_value(differences: FloatArray) -> float | None:
    """Two-sided signed-rank p value of symmetry about 0; None with fewer than two differences.

    Zeros are dropped, as Wilcoxon did. Exact up to 50 differences of distinct sizes; with ties, which share their mean
    rank, exact up to 16. Beyond, the normal approximation.
    """
    present = differences[np.isfinite(differences)]
    if len(present) < 2:
        return None
    moved = present[present != 0]
    if len(moved) == 0:
        return 1.0
    ranks: FloatArray = stats.rankdata(np.abs(moved))
    if len(np.unique(ranks)) < len(ranks) <= MOST_ENUMERATED:
        return _enumerated(np.copysign(ranks, moved))
    return float(stats.wilcoxon(moved, method="auto").pvalue)


def permutation_p_value(differences: FloatArray, generator: np.random.Generator) -> float:
    """Two-sided p value of symmetry about 0: the share of sign flips whose mean lies as far from 0 as the one seen.

    Every flip of up to 16 differences, 2ⁿ of them; of more, 20,000 flips drawn, p = (1 + as far) / (1 + drawn).
    """
    present = differences[np.isfinite(differences)]
    if len(present) <= MOST_ENUMERATED:
        return _enumerated(present)
    as_far = 0
    flipped = _sums_of_eights(present)
    for _ in range(DRAWS // _DRAWN_AT_ONCE):
        drawn = generator.integers(0, 256, size=(_DRAWN_AT_ONCE, len(flipped)), dtype=np.uint8)
        as_far += _as_far(_looked_up(flipped, drawn), present)
    return (1 + as_far) / (1 + DRAWS)


def _sums_of_eights(values: FloatArray) -> FloatArray:
    """What each of the 256 ways to flip eight neighbours of the values (n,) adds up to, (n / 8, 256)."""
    ways = np.unpackbits(np.arange(256, dtype=np.uint8)[:, None], axis=1)
    eights = np.zeros((-(-len(values) // 8), 8))
    eights.ravel()[: len(values)] = values
    sums: FloatArray = eights @ ways.T.astype(np.float64)
    return sums


def _looked_up(sums: FloatArray, drawn: NDArray[np.uint8]) -> FloatArray:
    """The sums (flips,) of the values that each row of `drawn` (flips, n / 8) flips, a bit a value."""
    found = np.zeros(len(drawn))
    for first in range(0, len(sums), _LOOKED_UP_AT_ONCE):
        part = sums[first : first + _LOOKED_UP_AT_ONCE]
        places = drawn[:, first : first + len(part)] + 256 * np.arange(len(part))
        found += part.ravel().take(places).sum(axis=1)
    return found


def smallest_signed_rank_p_value(n: int) -> float:
    """2^(1 - n): all n differences agree in sign, one of 2ⁿ flips and its mirror image. Five seeds reach 0.0625."""
    return min(1.0, 2.0 ** (1 - n))


def probability_of_improvement(differences: FloatArray, confidence: float = 0.95) -> Estimate:
    """Share of the seeds on which the first is better, a tie counting one half; the paired form of rliable's.

    The interval is Clopper and Pearson's, which covers at least as often as it says at every n: the quantiles of
    Beta(k, n - k + 1) and Beta(k + 1, n - k) for k of n seeds. With ties k may be a half, which varies less than a win
    or a loss would.
    """
    present = differences[np.isfinite(differences)]
    n = len(present)
    if n == 0:
        return Estimate(value=None, interval=None, n=0)
    wins = float(np.sum(present > 0) + np.sum(present == 0) / 2)
    if n < 2:
        return Estimate(value=wins / n, interval=None, n=n)
    tail = (1 - confidence) / 2
    low = float(stats.beta.ppf(tail, wins, n - wins + 1)) if wins > 0 else 0.0
    high = float(stats.beta.isf(tail, wins + 1, n - wins)) if wins < n else 1.0
    return Estimate(value=wins / n, interval=Interval(low=low, high=high, confidence=confidence), n=n)


def _enumerated(values: FloatArray) -> float:
    if len(values) == 0:
        return 1.0
    halves: int = 2 ** (len(values) - 1)  # the first sign stays: its flips mirror the others and lie as far
    flipped = np.arange(halves)[:, None] >> np.arange(len(values))[::-1] & 1
    return _as_far(flipped.astype(np.float64) @ values, values) / halves


def _as_far(flipped: FloatArray, values: FloatArray) -> int:
    """How many flips move the sum of the values (n,) as far from 0 as it is, or farther.

    `flipped` (flips,) is what the values add up to that each of them flips.
    """
    slack = 1e-12 * float(np.sum(np.abs(values)))  # equal sums in another order differ by rounding
    total = float(np.sum(values))
    sums = total - 2 * flipped
    return int(np.sum(np.abs(sums) >= abs(total) - slack))
