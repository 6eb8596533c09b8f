"""What one pair of variants shows of its claim's rule: p values for and against.

d is the true mean improvement of the first variant over the second, M > 0 the margin. That d lies in a region of the
rule (`search_spaces.claims`, in margins) is shown by rejecting that it lies elsewhere:

| region | shown by rejecting |
|---|---|
| `Above(a)` | d <= aM (with `mean_above=m`: at a mean above mM) |
| `Below(b)` | d >= bM |
| `Between(a, b)` | d <= aM, and d >= bM (two one-sided tests, Schuirmann 1987) |
| `Outside(a, b)` | aM <= d <= bM |

So "equal up to the margin" contradicts a claimed improvement, whose opposite is `Below(1)`. Each p value is that of its
direction in a two-sided decision: twice the one-sided one. The two one-sided tests of `Between` need no doubling.

Pairs that were looked at once, at a number of seeds fixed beforehand, get Student's paired t test; all others the
always-valid one of `sequential`.
"""

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import assert_never

import numpy as np

from soundproof.analysis.statistics.paired_tests import t_p_value
from soundproof.analysis.statistics.sample_size import seeds_needed
from soundproof.analysis.statistics.sequential import look_p_value, sequential_p_value
from soundproof.analysis.verdicts.evidence import FIRST_LOOK, Evidence
from soundproof.search_spaces.claims import Above, Below, Between, Outside, PairRule, Region

FARTHEST = 10_000
"""Beyond this many seeds a number of seeds needed is no longer worth naming."""

_REMEMBERED = 100
"""Pairs up to which the p value of each look is remembered; of more, all looks are computed at once."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PairTest:
    """The p values at which one pair shows what is claimed, and the opposite."""

    support: float
    contradict: float


NOTHING_SHOWN = PairTest(support=1.0, contradict=1.0)


def judge_pair(rule: PairRule, evidence: Evidence) -> PairTest:
    """The p values of one pair; 1 where something stands in the way."""
    if evidence.obstacle is not None:
        return NOTHING_SHOWN
    return PairTest(support=_p_within(rule.claimed, evidence), contradict=_p_within(rule.opposite, evidence))


def one_sided(region: Region, level: float) -> float:
    """The level of each one-sided test where the p value of `judge_pair` is held against `level`."""
    return level if isinstance(region, Between) else level / 2


def _p_within(region: Region, evidence: Evidence) -> float:
    """The p value for d lying in the region."""
    margin = evidence.margin
    match region:
        case Above(margins=low, mean_above=least):
            beyond = evidence if least is None else _to_mean_above(evidence, least * margin)
            p_value = 2 * _above(beyond, low * margin)
        case Below(margins=high):
            p_value = 2 * _below(evidence, high * margin)
        case Between(low=low, high=high):
            p_value = max(_above(evidence, low * margin), _below(evidence, high * margin))
        case Outside(low=low, high=high):
            p_value = 2 * min(_above(evidence, high * margin), _below(evidence, low * margin))
        case _:
            assert_never(region)
    return min(1.0, p_value)


@dataclass(frozen=True, kw_only=True, slots=True)
class PairNeeds:
    """Seeds in all after which a pair would show what is claimed, or the opposite, if mean and spread stay as they are.

    None where its mean does not point that way.
    """

    support: int | None
    contradict: int | None


def pair_needs(
    rule: PairRule, evidence: Evidence, *, support: float, contradict: float, farthest: int = FARTHEST
) -> PairNeeds:
    """Seeds, at most `farthest`, that would bring the p values of `judge_pair` down to these two levels."""
    obstacle = evidence.obstacle
    if len(evidence.differences) < 2 or (obstacle is not None and obstacle.kind != "too few"):
        return PairNeeds(support=None, contradict=None)
    return PairNeeds(
        support=_needed(evidence, rule.claimed, support, farthest),
        contradict=_needed(evidence, rule.opposite, contradict, farthest),
    )


def _depth(region: Region, mean: float, margin: float) -> float:
    """How far within the region a mean lies: its distance to the nearest end that is tested; 0 or less outside."""
    match region:
        case Above(margins=low, mean_above=least):
            return mean - low * margin if least is None or mean > least * margin else 0.0
        case Below(margins=high):
            return high * margin - mean
        case Between(low=low, high=high):
            return min(mean - low * margin, high * margin - mean)
        case Outside(low=low, high=high):
            return max(low * margin - mean, mean - high * margin)


def _above(evidence: Evidence, null: float) -> float:
    """The p value of the hypothesis that d <= null."""
    return _p_value(evidence.differences.tobytes(), null, evidence.least_deviation, evidence.looked_once)


def _below(evidence: Evidence, null: float) -> float:
    """The p value of the hypothesis that d >= null."""
    return _p_value((-evidence.differences).tobytes(), -null, evidence.least_deviation, evidence.looked_once)


def _to_mean_above(evidence: Evidence, least: float) -> Evidence:
    """The evidence up to the last look with a mean above `least`: none of it where one look had to have that."""
    differences = evidence.differences
    means = np.cumsum(differences) / np.arange(1, len(differences) + 1)
    beyond = np.flatnonzero(means > least)
    last = int(beyond[-1]) + 1 if len(beyond) else 0
    if evidence.looked_once and last < len(differences):
        last = 0
    return replace(evidence, differences=differences[:last])


@lru_cache(maxsize=100_000)
def _p_value(differences: bytes, null: float, least_deviation: float, looked_once: bool) -> float:
    """One-sided p value of mean <= null.

    Remembered, because a study that is being extended asks again for most pairs; and the always-valid one is the least
    of all looks so far, of which only the last is new.
    """
    values = np.frombuffer(differences)
    if looked_once:
        return t_p_value(values, null, least_deviation)
    if len(values) < FIRST_LOOK:
        return 1.0
    if len(values) > _REMEMBERED:
        return sequential_p_value(values, null, least_deviation)
    before = _p_value(values[:-1].tobytes(), null, least_deviation, looked_once)
    return min(before, look_p_value(values, null, least_deviation))


def _needed(evidence: Evidence, region: Region, level: float, farthest: int) -> int | None:
    distance = _depth(region, float(np.mean(evidence.differences)), evidence.margin)
    if distance <= 0:
        return None
    spread = evidence.least_deviation
    return _cached_need(evidence.differences.tobytes(), distance, one_sided(region, level), spread, farthest)


@lru_cache(maxsize=100_000)
def _cached_need(
    differences: bytes, distance: float, level: float, least_deviation: float, farthest: int
) -> int | None:
    return seeds_needed(
        np.frombuffer(differences),
        distance,
        level,
        sequential=True,  # whoever adds seeds to a plan has looked before
        least_deviation=least_deviation,
        maximum=farthest,
    )
