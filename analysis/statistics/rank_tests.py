"""Ranks over data sets: Friedman's test, and the difference of mean ranks from which on two rows can be told apart.

Sources: Friedman (1937), JASA 32:675; Nemenyi (1963), Distribution-free multiple comparisons; Demšar (2006), JMLR 7:1,
for both on several data sets.
"""

import math
from dataclasses import dataclass

import numpy as np
from scipy import stats

from soundproof.analysis.statistics.intervals import FloatArray

FEWEST_ROWS = 3
"""Of two, ranks say no more than signs do."""

FEWEST_BLOCKS = 5
"""Data sets from which on the statistic follows its chi-squared distribution well enough to be held against it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class RankTest:
    """Mean ranks (rows,), 1 for the best; Friedman's statistic with its p value; Nemenyi's critical difference."""

    mean_ranks: tuple[float, ...]
    statistic: float
    p_value: float
    critical_difference: float


def rank_test(values: FloatArray, *, higher_is_better: bool, level: float = 0.05) -> RankTest:
    """The test of values (rows, blocks), all finite, of at least three rows and five blocks; ties share their rank.

    The critical difference is q·√(k(k + 1) / 6N) for k rows and N blocks, q the quantile of the studentized range
    over √2.
    """
    rows, blocks = values.shape
    if rows < FEWEST_ROWS or blocks < FEWEST_BLOCKS:
        raise ValueError(f"expected {FEWEST_ROWS} rows and {FEWEST_BLOCKS} blocks at least, got {rows} and {blocks}")
    ranks = stats.rankdata(-values if higher_is_better else values, axis=0)
    if np.all(values == values[0]):  # all tied on every block: nothing tells any two apart
        statistic, p_value = 0.0, 1.0
    else:
        found = stats.friedmanchisquare(*values)
        statistic, p_value = float(found.statistic), float(found.pvalue)
    quantile = float(stats.studentized_range.ppf(1 - level, rows, math.inf)) / math.sqrt(2)
    return RankTest(
        mean_ranks=tuple(ranks.mean(axis=1).tolist()),
        statistic=statistic,
        p_value=p_value,
        critical_difference=quantile * math.sqrt(rows * (rows + 1) / (6 * blocks)),
    )
