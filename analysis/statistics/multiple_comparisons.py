"""Holm's correction of p values; which variants cannot be excluded as the best, and which cannot be told apart.

Values have the shape (variants, seeds), NaN for what is missing, and are compared pair by pair on the seeds that both
rows have. A p value is a function of differences (n,) that tests "mean <= 0" against "mean > 0".

Sources: Holm (1979), Scandinavian Journal of Statistics 6:65; Hsu (1984), Annals of Statistics 12:1136, multiple
comparisons with the best; Demšar (2006), JMLR 7:1, mean ranks and the diagram of groups; Benavoli, Corani and Mangili
(2016), JMLR 17:5, for testing pairs rather than ranks.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from soundproof.analysis.statistics.intervals import FloatArray
from soundproof.analysis.statistics.paired_tests import t_p_value

PValue = Callable[[FloatArray], float]


@dataclass(frozen=True, kw_only=True, slots=True)
class BestSet:
    """The rows that may be the best; the mean rank of every row, 1 for the best, NaN for a row without values."""

    members: tuple[int, ...]
    ranks: tuple[float, ...]


def best_set(values: FloatArray, *, level: float, higher_is_better: bool, p_value: PValue = t_p_value) -> BestSet:
    """Exclude each row that another beats in the paired one-sided test at level / (rows - 1).

    Of the truly best row every such test is a true null, and there are rows - 1 of them, so it is excluded with a
    probability of at most `level`: Hsu's comparison with the best in Bonferroni's form, which needs neither equal
    variances nor complete seeds. A row with fewer than two values cannot be excluded, and counts among the rows.
    """
    oriented, rows = _oriented(values, higher_is_better), len(values)
    means = [float(np.mean(row[np.isfinite(row)])) if np.isfinite(row).any() else -math.inf for row in oriented]
    best_first = sorted(range(rows), key=lambda row: -means[row])  # what excludes a row is soon found
    threshold = level / max(rows - 1, 1)
    members = tuple(
        row
        for row in range(rows)
        if not any(_wins(oriented[other] - oriented[row], p_value) <= threshold for other in best_first if other != row)
    )
    return BestSet(members=members, ranks=mean_ranks(values, higher_is_better=higher_is_better))


def mean_ranks(values: FloatArray, *, higher_is_better: bool) -> tuple[float, ...]:
    """Mean rank of each row over the seeds, 1 for the best, ties sharing theirs; NaN for a row without values.

    Rank = 1 + the sum over the other rows of the share of common seeds on which the other is better, a tie counting
    one half. With every value present these are the ordinary mean ranks; with some missing, like is still compared
    with like. Two rows without a common seed count as tied.

    >>> mean_ranks(np.array([[1.0, 1.0], [2.0, 3.0], [2.0, 2.0]]), higher_is_better=False)
    (1.0, 2.75, 2.25)
    """
    oriented = _oriented(values, higher_is_better)
    present = [row for row in range(len(values)) if np.isfinite(oriented[row]).any()]
    ranks = np.full(len(values), np.nan)
    for row in present:
        ranks[row] = 1 + sum(_share_won(oriented[other] - oriented[row]) for other in present if other != row)
    return tuple(float(rank) for rank in ranks)


def indistinguishable_groups(
    values: FloatArray, level: float, *, higher_is_better: bool, p_value: PValue = t_p_value
) -> tuple[tuple[int, ...], ...]:
    """The bars of a critical-difference diagram: runs of rows, by mean rank, of which no two can be told apart.

    Two rows are told apart where the two-sided p value of their pair, twice the smaller one-sided, is at most `level`
    after Holm's correction over all pairs. A run is as long as it can be, best row first; a row unlike its neighbours
    stands alone. Rows without values are in no group.
    """
    ranks = np.array(mean_ranks(values, higher_is_better=higher_is_better))
    order = [int(row) for row in np.argsort(ranks, kind="stable") if np.isfinite(ranks[row])]
    wins = _win_p_values(_oriented(values, higher_is_better), p_value)
    pairs = list(combinations(order, 2))
    adjusted = holm(np.array([min(1.0, 2 * min(wins[i, j], wins[j, i])) for i, j in pairs]))
    apart = {pair for pair, p in zip(pairs, adjusted, strict=True) if p <= level}
    groups: list[tuple[int, ...]] = []
    last = 0
    for start in range(len(order)):
        end = start + 1
        while end < len(order) and not any((row, order[end]) in apart for row in order[start:end]):
            end += 1
        if end > last:
            groups.append(tuple(order[start:end]))
            last = end
    return tuple(groups)


def _oriented(values: FloatArray, higher_is_better: bool) -> FloatArray:
    """`values` with its sign set so that more is better, and what is not finite as NaN."""
    present: FloatArray = np.where(np.isfinite(values), values, np.nan)
    return present if higher_is_better else -present


def _win_p_values(oriented: FloatArray, p_value: PValue) -> FloatArray:
    """(rows, rows): at [i, j] the one-sided p value that row i is better than row j; 1 where fewer than two pairs."""
    wins = np.ones((len(oriented), len(oriented)))
    for i, j in combinations(range(len(oriented)), 2):
        differences = oriented[i] - oriented[j]
        wins[i, j], wins[j, i] = _wins(differences, p_value), _wins(-differences, p_value)
    return wins


def _wins(differences: FloatArray, p_value: PValue) -> float:
    """The one-sided p value that a row is better than another; 1 where fewer than two pairs."""
    present = differences[np.isfinite(differences)]
    return p_value(present) if len(present) >= 2 else 1.0


def _share_won(differences: FloatArray) -> float:
    present = differences[np.isfinite(differences)]
    return float(np.mean((np.sign(present) + 1) / 2)) if len(present) else 0.5


def holm(p_values: FloatArray) -> FloatArray:
    """Adjusted p values (m,), in the order given: reject those at most α and the family-wise error is at most α.

    Sorted upwards, p(i) becomes the largest of (m - j + 1) · p(j) over j <= i, at most 1. Valid however the tests
    depend on each other. A claim that was tested without an outcome counts: give it the p value 1.

    >>> holm(np.array([0.01, 0.04, 0.03]))
    array([0.03, 0.06, 0.06])

    Raises ValueError for what is no probability. Source: Holm (1979), Scandinavian Journal of Statistics 6:65.
    """
    given = np.asarray(p_values, dtype=np.float64)
    if not np.all((given >= 0) & (given <= 1)):
        raise ValueError(f"p values must lie between 0 and 1, got {given.tolist()}: give a claim without an outcome 1")
    order = np.argsort(given)
    factors = np.arange(len(given), 0, -1)
    adjusted = np.empty_like(given)
    adjusted[order] = np.minimum(np.maximum.accumulate(factors * given[order]), 1.0)
    return adjusted


NEGLIGIBLE_SHARE = 0.6
"""Of the error, what "less than matters" gets while the direction of another claim is open."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class TwoStatements:
    """Adjusted p values and levels (m,) of m claims, for which way each goes and for its being less than matters.

    A statement is made where its adjusted p value is at most the error, which is where its p value is at most its
    level. Where it is not made, the level is the one that it would be tested at next.
    """

    direction: FloatArray
    negligible: FloatArray
    direction_levels: FloatArray
    negligible_levels: FloatArray


def two_statements(
    direction: FloatArray, negligible: FloatArray, may_be_negligible: NDArray[np.bool_], error: float
) -> TwoStatements:
    """Holm's procedure for claims of which two statements can be made: which way, and that it is less than matters.

    `direction` and `negligible` are p values (m,). One family for both would not do: an improvement that is rightly
    shown hands its share of the error on, though it may still be called less than matters. With twelve improvements
    that are just as large as matters one in seven studies would so err. So each kind of statement has Holm's procedure
    to itself. Where all claims are of one kind (no improvements, or improvements that matter) just one of the two can
    err, and the error is that of Holm's procedure; in a study of both kinds it is at most 1 + `NEGLIGIBLE_SHARE` times
    as much. (Closed testing, which would keep it at 1, costs a third of the power: docs/decisions/verdicts.md.)

    Sources: Holm (1979), Scandinavian Journal of Statistics 6:65; that wrong directions are held, too, where tests are
    independent: Shaffer (1980), Annals of Statistics 8:1342.
    """
    adjusted = holm(direction)
    among = np.ones(len(direction))
    among[may_be_negligible] = holm(negligible[may_be_negligible])
    others = [float(np.delete(adjusted, claim).max(initial=0.0)) for claim in range(len(direction))]
    less = np.minimum(np.minimum(among / NEGLIGIBLE_SHARE, 1.0), np.maximum(others, among))
    share = np.where(np.array(others) <= error, 1.0, NEGLIGIBLE_SHARE)
    levels = np.full(len(direction), error)
    levels[may_be_negligible] = [
        holm_levels(negligible[may_be_negligible], error * part)[place]
        for place, part in enumerate(share[may_be_negligible].tolist())
    ]
    return TwoStatements(
        direction=adjusted,
        negligible=np.where(may_be_negligible, less, 1.0),
        direction_levels=holm_levels(direction, error),
        negligible_levels=levels,
    )


def holm_levels(p_values: FloatArray, error: float) -> FloatArray:
    """The levels (m,) at which Holm's procedure tests each: `error` over the number of those not rejected before.

    Those that are not rejected all get the level of the first of them: it is the one at which the next would fall.
    """
    count, rejected = len(p_values), int(np.sum(holm(p_values) <= error))
    ranks = np.empty(count, dtype=np.int64)
    ranks[np.argsort(p_values, kind="stable")] = np.arange(count)
    levels: FloatArray = error / (count - np.minimum(np.minimum(ranks, rejected), count - 1))
    return levels
