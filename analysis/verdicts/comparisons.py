"""One pair of variants as a report shows it: effect, interval, verdict, and companions that do not decide."""

from bisect import bisect_left
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from soundproof.analysis.notation.bounds import reported_difference
from soundproof.analysis.statistics import paired_tests
from soundproof.analysis.statistics.intervals import Estimate, Interval
from soundproof.analysis.statistics.looks import last_interval
from soundproof.analysis.statistics.sequential import sequential_interval
from soundproof.analysis.verdicts.decisions import Decision, JudgedPair, Verdict, pair_verdict
from soundproof.analysis.verdicts.evidence import FIRST_LOOK, Evidence, Obstacle
from soundproof.analysis.verdicts.held_out import HeldOutGroups, held_out_groups
from soundproof.analysis.verdicts.pair_rules import claim_shares, judge_pair, one_sided
from soundproof.analysis.verdicts.races import RaceResult, epochs_saved, median_interval, race_result

PERMUTATION_SEED = 20_261_121
"""A constant, so that the same records give the same report."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Companions:
    """Other views of the same differences. None of them decides.

    `wilcoxon` and `permutation` are two-sided p values, without correction for looks or claims; `least_wilcoxon` is the
    smallest that so many pairs can give. `probability_of_improvement` is that of the first variant being better on
    a new seed, with its 95% interval.
    """

    wilcoxon: float | None
    least_wilcoxon: float | None
    permutation: float | None
    probability_of_improvement: Estimate


@dataclass(frozen=True, kw_only=True, slots=True)
class Comparison:
    """One pair of variants or contrast of several, judged at the level of its claim; `by_seed` are its differences.

    `effect` is the mean improvement of the first over the second, over `n` pairs. `support`, `contradict` and
    `negligible` are p values of the pair alone. `obstacle` is what keeps it from being decided, whatever its numbers;
    `identical`: the two are one function, to the last bit of every loss. Where pairs were looked at one after the
    other, what decided stands: effect, interval and n are then those of the look that did, and `overall` is the mean
    over all pairs, where more have come since.
    `compared` are all differences that are looked at. `groups` are what seeds held out, where that differs.

    Of a `race` the effect is the median of the epochs saved where both arrived, `by_seed` are those, and all is over
    all seeds: what is decided is who is sooner, and stands.
    """

    first: str
    second: str
    variants: tuple[str, ...]
    by_seed: tuple[tuple[int, float], ...]
    effect: float | None
    interval: Interval | None
    n: int
    verdict: Verdict
    support: float
    contradict: float
    negligible: float
    obstacle: Obstacle | None
    identical: bool
    overall: Estimate | None
    groups: HeldOutGroups | None
    compared: tuple[float, ...]
    race: RaceResult | None = None
    paired: bool = True

    @property
    def companions(self) -> Companions:
        """The views that do not decide, computed when they are first shown: thousands of flips take their time."""
        return _companions(self.compared)


def compare(decision: Decision, pair: JudgedPair) -> Comparison:
    """The pair, as it stands in its claim."""
    if pair.evidence.race is not None:
        return _compare_race(decision, pair)
    evidence, then = pair.evidence, _when_decided(decision, pair)
    measured = decision.endpoint.quantity
    estimate = reported_difference(interval_of(then, _confidence(decision, pair, pair.verdict)), measured)
    overall = interval_of(evidence, _confidence(decision, pair, "undecided"))
    grown = len(then.differences) < len(evidence.differences)
    return Comparison(
        first=evidence.first,
        second=evidence.second,
        variants=evidence.variants,
        by_seed=tuple(zip(evidence.with_difference, evidence.differences.tolist(), strict=True)),
        effect=estimate.value,
        interval=estimate.interval,
        n=estimate.n,
        verdict=pair.verdict,
        support=pair.test.support,
        contradict=pair.test.contradict,
        negligible=pair.test.negligible,
        obstacle=evidence.obstacle,
        identical=evidence.identical,
        overall=reported_difference(overall, measured) if grown else None,
        groups=held_out_groups(evidence),
        compared=tuple(evidence.differences.tolist()),
        paired=evidence.paired,
    )


def _compare_race(decision: Decision, pair: JudgedPair) -> Comparison:
    evidence = pair.evidence
    saved = epochs_saved(evidence)
    epochs = np.array([value for _, value in saved])
    return Comparison(
        first=evidence.first,
        second=evidence.second,
        variants=evidence.variants,
        by_seed=saved,
        effect=float(np.median(epochs)) if saved else None,
        interval=median_interval(epochs, _confidence(decision, pair, pair.verdict)),
        n=len(evidence.differences),
        verdict=pair.verdict,
        support=pair.test.support,
        contradict=pair.test.contradict,
        negligible=pair.test.negligible,
        obstacle=evidence.obstacle,
        identical=False,
        overall=None,
        groups=None,
        compared=tuple(evidence.differences.tolist()),
        race=race_result(evidence),
    )


def interval_of(evidence: Evidence, confidence: float) -> Estimate:
    """The mean difference with the interval that belongs to the way it was looked at."""
    if evidence.looked_once:
        return last_interval(evidence.looks, confidence)
    return sequential_interval(evidence.looks, confidence)


@lru_cache(maxsize=1000)
def _companions(compared: tuple[float, ...]) -> Companions:
    differences, n = np.array(compared), len(compared)
    generator = np.random.default_rng(PERMUTATION_SEED)
    return Companions(
        wilcoxon=paired_tests.wilcoxon_p_value(differences) if n else None,
        least_wilcoxon=paired_tests.smallest_signed_rank_p_value(n) if n else None,
        permutation=paired_tests.permutation_p_value(differences, generator) if n else None,
        probability_of_improvement=paired_tests.probability_of_improvement(differences),
    )


def _when_decided(decision: Decision, pair: JudgedPair) -> Evidence:
    """The evidence as it was when the pair was decided; all of it where it was looked at once, or is undecided."""
    evidence = pair.evidence
    if evidence.looked_once or pair.verdict == "undecided":
        return evidence

    def decided(looks: int) -> bool:
        test = judge_pair(decision.claim.rule, evidence.first_looks(looks))
        return pair_verdict(test, decision, pair.in_group) == pair.verdict

    # p values never rise, so what is decided stays so, but where costs, which are not looked at here, had a say
    looks = range(FIRST_LOOK - evidence.looks.early, len(evidence.looks))
    if decided(len(evidence.looks)):
        first = bisect_left(looks, True, key=decided)
    else:
        first = next((place for place, number in enumerate(looks) if decided(number)), len(looks))
    return evidence.first_looks(looks[first]) if first < len(looks) else evidence


def _confidence(decision: Decision, pair: JudgedPair, verdict: Verdict) -> float:
    """Of the interval that lies clear of the boundary exactly when the pair is decided.

    Undecided pairs get the one that leaves room for any answer.
    """
    rule, evidence = decision.claim.rule, pair.evidence
    claimed, opposite = claim_shares(rule)
    levels: dict[Verdict, float] = {
        "supported": one_sided(rule.claimed, decision.level / pair.in_group * claimed, evidence),
        "contradicted": one_sided(rule.opposite, decision.level / len(decision.groups) * opposite, evidence),
    }
    if rule.negligible is not None:
        levels["negligible"] = one_sided(rule.negligible, decision.negligible_level / len(decision.groups), evidence)
    return 1 - 2 * (min(levels.values()) if verdict == "undecided" else levels[verdict])
