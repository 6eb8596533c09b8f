"""What one pair of variants has to show, by the kind of claim: p values for and against.

d is the true mean improvement of the first variant over the second, M > 0 the margin. The null hypotheses tested:

| rule | for: supported by rejecting | against: contradicted by rejecting |
|---|---|---|
| better | d <= 0 | d >= M, so "equal up to the margin" contradicts a claimed improvement |
| not better | d >= M | d <= 0, at a mean above M |
| equivalent | d <= -M, and d >= M (two one-sided tests, Schuirmann 1987) | abs(d) <= M |

Each p value is that of its direction in a two-sided decision: for the first two rules, and against equivalence, twice
the one-sided one. The two one-sided tests of equivalence need no doubling.

Pairs that were looked at once, at a number of seeds fixed beforehand, get Student's paired t test; all others the
always-valid one of `sequential`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np

from soundproof.analysis.statistics.paired_tests import t_p_value
from soundproof.analysis.statistics.sample_size import seeds_needed
from soundproof.analysis.statistics.sequential import look_p_value, sequential_p_value
from soundproof.analysis.verdicts.evidence import FIRST_LOOK, Evidence
from soundproof.search_spaces.claims import Comparative, Equivalent, NotBetter

Rule = Literal["better", "not better", "equivalent"]

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


def rule_of(claim: Comparative) -> Rule:
    """What every pair of the claim has to show."""
    match claim:
        case NotBetter():
            return "not better"
        case Equivalent():
            return "equivalent"
        case _:
            return "better"


def judge_pair(rule: Rule, evidence: Evidence) -> PairTest:
    """The p values of one pair; 1 where something stands in the way."""
    if evidence.obstacle is not None:
        return NOTHING_SHOWN
    margin = evidence.margin
    match rule:
        case "better":
            support, contradict = 2 * _above(evidence, 0.0), 2 * _below(evidence, margin)
        case "not better":
            support, contradict = 2 * _below(evidence, margin), 2 * _above_beyond(evidence, margin)
        case "equivalent":
            support = max(_above(evidence, -margin), _below(evidence, margin))
            contradict = 2 * min(_above(evidence, margin), _below(evidence, -margin))
    return PairTest(support=min(1.0, support), contradict=min(1.0, contradict))


@dataclass(frozen=True, kw_only=True, slots=True)
class PairNeeds:
    """Seeds in all after which a pair would show what is claimed, or the opposite, if mean and spread stay as they are.

    None where its mean does not point that way.
    """

    support: int | None
    contradict: int | None


def pair_needs(
    rule: Rule, evidence: Evidence, *, support: float, contradict: float, farthest: int = FARTHEST
) -> PairNeeds:
    """Seeds, at most `farthest`, that would bring the p values of `judge_pair` down to these two levels."""
    obstacle = evidence.obstacle
    if len(evidence.differences) < 2 or (obstacle is not None and obstacle.kind != "too few"):
        return PairNeeds(support=None, contradict=None)
    mean, margin = float(np.mean(evidence.differences)), evidence.margin
    match rule:
        case "better":
            distances, one_sided = (mean, margin - mean), support / 2
        case "not better":
            distances, one_sided = (margin - mean, mean if mean > margin else 0.0), support / 2
        case "equivalent":
            distances, one_sided = (margin - abs(mean), abs(mean) - margin), support
    return PairNeeds(
        support=_needed(evidence, distances[0], one_sided, farthest),
        contradict=_needed(evidence, distances[1], contradict / 2, farthest),
    )


def _above(evidence: Evidence, null: float) -> float:
    """The p value of the hypothesis that d <= null."""
    return _p_value(evidence.differences.tobytes(), null, evidence.least_deviation, evidence.looked_once)


def _below(evidence: Evidence, null: float) -> float:
    """The p value of the hypothesis that d >= null."""
    return _p_value((-evidence.differences).tobytes(), -null, evidence.least_deviation, evidence.looked_once)


def _above_beyond(evidence: Evidence, margin: float) -> float:
    """The p value of the hypothesis that d <= 0, at the last look with a mean above the margin."""
    differences = evidence.differences
    means = np.cumsum(differences) / np.arange(1, len(differences) + 1)
    beyond = np.flatnonzero(means > margin)
    last = int(beyond[-1]) + 1 if len(beyond) else 0
    if evidence.looked_once and last < len(differences):
        return 1.0
    return _p_value(differences[:last].tobytes(), 0.0, evidence.least_deviation, evidence.looked_once)


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


def _needed(evidence: Evidence, distance: float, level: float, farthest: int) -> int | None:
    if distance <= 0:
        return None
    pairs = evidence.differences.tobytes()
    return _cached_need(pairs, distance, level, (evidence.least_deviation, farthest))


@lru_cache(maxsize=100_000)
def _cached_need(differences: bytes, distance: float, level: float, about: tuple[float, int]) -> int | None:
    least_deviation, farthest = about
    return seeds_needed(
        np.frombuffer(differences),
        distance,
        level,
        sequential=True,  # whoever adds seeds to a plan has looked before
        least_deviation=least_deviation,
        maximum=farthest,
    )
