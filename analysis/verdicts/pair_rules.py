"""What one pair of variants shows of its claim's rule: p values for it, against it, and for its not mattering.

d is the true mean improvement of the first variant over the second, M > 0 the margin. That d lies in a region of the
rule (`search_spaces.claims`, in margins) is shown by rejecting that it lies elsewhere:

| region | shown by rejecting |
|---|---|
| `Above(a)` | d <= aM |
| `Below(b)` | d >= bM |
| `Between(a, b)` | d <= aM, and d >= bM (two one-sided tests, Schuirmann 1987) |
| `Outside(a, b)` | aM <= d <= bM |

Claimed and opposite region share a boundary, so whatever d is, at most one of the two statements is wrong, and each is
tested one-sidedly at the whole level: no chance of an error is shared out. Of a boundary at which both would be wrong
(an improvement, and a worsening, of a difference that is nothing) the opposite gets `opposite_share`, the claim the
rest. `Outside` has two ways to be wrong, and its p value is doubled.

Pairs of a number of seeds fixed beforehand are looked at once, when all have ended, with nine tenths of the level. The
last tenth, and all of it where the number was not fixed, goes to the test of `sequential`, valid at every look: what it
shows before the end stays shown. "The typical run" is judged by signs alone (`sign_test`).
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import assert_never

import numpy as np
from numpy.typing import NDArray

from soundproof.analysis.statistics.intervals import FloatArray, IntegerArray
from soundproof.analysis.statistics.looks import Looks
from soundproof.analysis.statistics.sample_size import seeds_needed
from soundproof.analysis.statistics.sequential import least_level
from soundproof.analysis.statistics.sign_test import sequential_sign_p_values, sign_p_value, sign_seeds_needed
from soundproof.analysis.verdicts.evidence import FIRST_LOOK, LEAST_PAIRS, Evidence
from soundproof.search_spaces.claims import Above, Below, Between, Outside, PairRule, Region

FARTHEST = 10_000
"""Beyond this many seeds a number of seeds needed is no longer worth naming."""

ONE_LOOK_SHARE = 0.9
"""Of the chance of an error, what the one look at a plan fixed beforehand gets; looks before its end get the rest."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PairTest:
    """The p values at which one pair shows what is claimed, the opposite, and that it does not matter."""

    support: float
    contradict: float
    negligible: float = 1.0


NOTHING_SHOWN = PairTest(support=1.0, contradict=1.0)


def judge_pair(rule: PairRule, evidence: Evidence) -> PairTest:
    """The p values of one pair, as of the last look that counts; 1 where none does."""
    shares = claim_shares(rule)
    return PairTest(
        support=min(1.0, p_within(rule.claimed, evidence) / shares[0]),
        contradict=min(1.0, p_within(rule.opposite, evidence) / shares[1]),
        negligible=1.0 if rule.negligible is None else p_within(rule.negligible, evidence),
    )


def claim_shares(rule: PairRule) -> tuple[float, float]:
    """What claim and opposite get of the chance of an error."""
    opposite = rule.opposite_share
    return (1.0, 1.0) if opposite is None else (1.0 - opposite, opposite)


def one_sided(region: Region, level: float, evidence: Evidence) -> float:
    """The level of each one-sided test where `p_within` is held against `level`, and of the looks that decide it."""
    share = ONE_LOOK_SHARE if evidence.looked_once else 1 - ONE_LOOK_SHARE if evidence.planned else 1.0
    return level * share / (2 if isinstance(region, Outside) else 1)


def p_within(region: Region, evidence: Evidence) -> float:
    """The p value for d lying in the region; 1 where nothing can be shown."""
    if evidence.alike >= _seeds_of_sameness(evidence) and _depth(region, 0.0, evidence.margin) > 0:
        return 0.0
    margin = evidence.margin
    match region:
        case Above(margins=low):
            p_value = _above(evidence, low * margin)
        case Below(margins=high):
            p_value = _below(evidence, high * margin)
        case Between(low=low, high=high):
            p_value = max(_above(evidence, low * margin), _below(evidence, high * margin))
        case Outside(low=low, high=high):
            p_value = 2 * min(_above(evidence, high * margin), _below(evidence, low * margin))
        case _:
            assert_never(region)
    return min(1.0, p_value)


def _seeds_of_sameness(evidence: Evidence) -> int:
    """The first seeds on which two variants have to agree to the last bit to be believed one function.

    As many as a rare difference needs to show itself: a bound on a gradient, say, that is reached on few seeds.
    """
    return max(evidence.clean, FIRST_LOOK)


@dataclass(frozen=True, kw_only=True, slots=True)
class PairNeeds:
    """Seeds in all after which a pair would show what is claimed, the opposite, or that it does not matter.

    If mean and spread stay as they are; None where the mean does not point that way.
    """

    support: int | None
    contradict: int | None
    negligible: int | None = None


NO_WAY = PairNeeds(support=None, contradict=None)


def pair_needs(rule: PairRule, evidence: Evidence, levels: PairTest, *, farthest: int = FARTHEST) -> PairNeeds:
    """Seeds, at most `farthest`, that would bring the p values of `judge_pair` down to those of `levels`."""
    obstacle = evidence.obstacle
    if len(evidence.differences) < 2 or (obstacle is not None and obstacle.kind != "too few"):
        return NO_WAY
    claimed, opposite = claim_shares(rule)
    return PairNeeds(
        support=_needed(evidence, rule.claimed, levels.support * claimed, farthest),
        contradict=_needed(evidence, rule.opposite, levels.contradict * opposite, farthest),
        negligible=None if rule.negligible is None else _needed(evidence, rule.negligible, levels.negligible, farthest),
    )


def _depth(region: Region, mean: float, margin: float) -> float:
    """How far within the region a mean lies: its distance to the nearest end that is tested; 0 or less outside."""
    match region:
        case Above(margins=low):
            return mean - low * margin
        case Below(margins=high):
            return high * margin - mean
        case Between(low=low, high=high):
            return min(mean - low * margin, high * margin - mean)
        case Outside(low=low, high=high):
            return max(low * margin - mean, mean - high * margin)


def _above(evidence: Evidence, null: float) -> float:
    """The p value of the hypothesis that d <= null."""
    if evidence.view == "typical":
        return _signs_above(evidence, evidence.differences, null)
    return _over_looks(evidence, evidence.looks, evidence.worst, null)


def _below(evidence: Evidence, null: float) -> float:
    """The p value of the hypothesis that d >= null."""
    if evidence.view == "typical":
        return _signs_above(evidence, -evidence.differences, -null)
    worst = None if evidence.worst is None else evidence.worst.mirrored()
    return _over_looks(evidence, evidence.looks.mirrored(), worst, -null)


def _greater(looks: Looks, worst: Looks | None, of_each: Callable[[Looks], FloatArray]) -> FloatArray:
    """What is `of_each` look by itself: the greater of two, where runs were lost."""
    found = of_each(looks)
    if worst is None:
        return found
    return np.where(np.isfinite(worst.errors), np.maximum(found, of_each(worst)), found)


def _over_looks(evidence: Evidence, looks: Looks, worst: Looks | None, null: float) -> float:
    """The p value of all looks together for "mean <= null"; `worst` are the same with lost runs as the worst seen."""

    def tails(places: IntegerArray) -> FloatArray:
        return _greater(looks.at(places), None if worst is None else worst.at(places), lambda of: of.tails(null))

    counts, allowed = evidence.looks.counts, evidence.judged & ~_too_alike(evidence, null)
    open_share = 1 - ONE_LOOK_SHARE if evidence.planned else 1.0
    p_value = 1.0
    numbers = evidence.looks.numbers
    looked = np.flatnonzero(allowed & (numbers >= FIRST_LOOK) & (counts >= LEAST_PAIRS))
    if len(looked):
        floors = _greater(looks, worst, lambda of: of.floors(null))[looked]
        p_value = least_level(numbers[looked], floors, lambda places: tails(looked[places])) / open_share
    if evidence.looked_once and len(looks) and allowed[-1]:
        p_value = min(p_value, float(tails(np.array([-1]))[0]) / ONE_LOOK_SHARE)
    return min(1.0, p_value)


def _signs_above(evidence: Evidence, differences: FloatArray, null: float) -> float:
    """The p value of "at most half of new seeds give more than `null`"."""
    open_share = 1 - ONE_LOOK_SHARE if evidence.planned else 1.0
    p_value = 1.0
    if len(differences) >= FIRST_LOOK:
        p_value = float(sequential_sign_p_values(differences, null)[-1]) / open_share
    if evidence.looked_once:
        p_value = min(p_value, sign_p_value(differences, null) / ONE_LOOK_SHARE)
    return min(1.0, p_value)


def _too_alike(evidence: Evidence, null: float) -> NDArray[np.bool_]:
    """The looks at which all differences were equal and too few for a rare failure to have shown itself.

    A metric that moves in steps, at its ceiling say, shows no spread until a run fails. So many equal differences tell
    that there is more than nothing, by the spread of rounding; not that there is less than something.
    """
    if not len(evidence.differences):
        return np.zeros(len(evidence.looks), dtype=bool)
    lowest, highest = (every.accumulate(evidence.differences) for every in (np.minimum, np.maximum))
    counts = evidence.looks.counts
    alike = (lowest == highest)[np.maximum(counts - 1, 0)] & (counts < evidence.clean)
    too_few: NDArray[np.bool_] = alike & (abs(evidence.differences[0]) <= abs(null))
    return too_few


def _signs_needed(evidence: Evidence, region: Region, level: float, farthest: int) -> int | None:
    """Seeds after which the signs would show that d is in a region which begins or ends at 0, as `Above(0)` does."""
    differences = evidence.differences if isinstance(region, Above) else -evidence.differences
    unfinished = evidence.planned and not evidence.looked_once
    return sign_seeds_needed(
        differences,
        level * (ONE_LOOK_SHARE if unfinished else 1.0),
        sequential=not unfinished,
        maximum=farthest,
    )


def _needed(evidence: Evidence, region: Region, level: float, farthest: int) -> int | None:
    if evidence.view == "typical":
        return _signs_needed(evidence, region, level, farthest)
    distance = _depth(region, float(np.mean(evidence.differences)), evidence.margin)
    if evidence.identical and distance > 0:
        return max(_seeds_of_sameness(evidence), len(evidence.differences) + 1)
    error, freedom = float(evidence.looks.errors[-1]), float(evidence.looks.freedom[-1])
    again = len(set(evidence.groups)) < len(evidence.groups)
    if distance <= 0 or not error > 0 or again:  # more seeds bring no new group, and the error hardly shrinks
        return None
    n = len(evidence.differences)
    # seeds beyond a plan are looked at as often as one likes; those of a plan that is not finished once
    unfinished = evidence.planned and not evidence.looked_once
    return seeds_needed(
        n,
        distance / (error * math.sqrt(n)),
        level * (ONE_LOOK_SHARE if unfinished else 1.0) / (2 if isinstance(region, Outside) else 1),
        sequential=not unfinished,
        more_freedom=freedom - (n - 1),
        early=evidence.looks.early,
        maximum=farthest,
    )
