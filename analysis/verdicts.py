"""From records to verdicts: every claim of a study is supported, contradicted, or undecided.

How a verdict is made:

1. Two variants are compared over the seeds that both completed, as pairs. A trial that failed in any way is
   missing; it is never a number.
2. The difference gets a t interval. Its confidence is not 95% but higher, so that the chance of even one false
   verdict in the whole study stays below 5%: with k statistical claims (all but those of infeasibility), each claim
   may use up 0.05/k.
3. A claim over several pairs says that all of them hold. It is supported when every pair is (an intersection-union
   test, Berger 1982, which needs no further correction), so each interval has the confidence 1 - 0.05/k. It is
   contradicted as soon as one of its m pairs is, and since there are m chances of that, with an interval of
   confidence 1 - 0.05/(k·m).
4. "Makes no difference" is claimed by two one-sided tests at 0.05/k each, never by a missing significance.
5. The rules of one pair are in `comparisons`. The numbers of a claim are those of the pair that decides: the weakest
   for supported, the clearest counterexample for contradicted, the least certain for undecided.
6. A claim of infeasibility is arithmetic: supported when each of its variants was found infeasible, contradicted
   when one of them was trained.

The 5% hold for a number of seeds fixed beforehand. Adding seeds until a verdict falls (optional stopping) raises the
chance of a false one, as every look at the data does.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from analysis import comparisons
from analysis.comparisons import Comparison, ErrorLevels, Pair, Rule, Verdict
from analysis.labels import variant_labels
from analysis.metrics import Yardstick, quantity
from analysis.records import StudyRecords
from analysis.sentences import comparison_sentence, infeasible_sentence
from analysis.statistics import Interval, improvements
from search_spaces.claims import Better, Claim, Equivalent, Infeasible, NotBetter
from search_spaces.studies import Study

FAMILY_ERROR = 0.05
"""The chance of even one false verdict in a study."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ClaimVerdict:
    """A claim, judged. `effect`, `interval` and `n` are those of the comparison that decides.

    `kind` is the class of the claim. `seeds_needed` is a rough total, given what was seen so far; None when the
    claim is decided, or when too little was seen to tell. `metric` and `margin` are None for infeasibility.
    """

    text: str
    source: str
    kind: str
    verdict: Verdict
    effect: float | None
    interval: Interval | None
    n: int
    sentence: str
    comparisons: tuple[Comparison, ...]
    seeds_needed: int | None
    metric: str | None
    margin: float | None


def decide(study: Study, records: StudyRecords, margin: float) -> tuple[ClaimVerdict, ...]:
    """A verdict for each claim of the study, in its order. `margin` is that of the study's own metric."""
    statistical = sum(not isinstance(claim, Infeasible) for claim in study.claims)
    labels = variant_labels(study)
    return tuple(
        _decide_infeasible(claim, records, labels)
        if isinstance(claim, Infeasible)
        else _decide_statistical(claim, records, _yardstick(claim, study, margin), FAMILY_ERROR / statistical, labels)
        for claim in study.claims
    )


def _decide_statistical(
    claim: Better | NotBetter | Equivalent,
    records: StudyRecords,
    yardstick: Yardstick,
    level: float,
    labels: Mapping[str, str],
) -> ClaimVerdict:
    pairs = _pairs(claim)
    levels = ErrorLevels(supported=level, contradicted=level / len(pairs))
    rule = _rule(claim)
    judged = tuple(rule(_pair(records, first, second, yardstick), levels) for first, second in pairs)
    deciding = _deciding(judged)
    return ClaimVerdict(
        text=claim.text,
        source=claim.source,
        kind=type(claim).__name__,
        verdict=deciding.verdict,
        effect=deciding.effect,
        interval=deciding.interval,
        n=deciding.n,
        sentence=comparison_sentence(claim, judged, deciding, yardstick, labels),
        comparisons=judged,
        seeds_needed=_seeds_needed(judged) if deciding.verdict == "undecided" else None,
        metric=yardstick.quantity.metric,
        margin=yardstick.margin,
    )


def _decide_infeasible(claim: Infeasible, records: StudyRecords, labels: Mapping[str, str]) -> ClaimVerdict:
    trained = [variant for variant in claim.variants if records.comparable(variant)]
    infeasible = [variant for variant in claim.variants if "infeasible" in records.statuses(variant)]
    verdict: Verdict = "undecided"
    if trained:
        verdict = "contradicted"
    elif len(infeasible) == len(claim.variants):
        verdict = "supported"
    return ClaimVerdict(
        text=claim.text,
        source=claim.source,
        kind=type(claim).__name__,
        verdict=verdict,
        effect=None,
        interval=None,
        n=len(trained) if trained else len(infeasible),
        sentence=infeasible_sentence(claim.variants, trained, infeasible, labels),
        comparisons=(),
        seeds_needed=None,
        metric=None,
        margin=None,
    )


def _yardstick(claim: Better | NotBetter | Equivalent, study: Study, margin: float) -> Yardstick:
    if claim.measure is None:
        return Yardstick(quantity=quantity(study.metric, margin), margin=margin)
    return Yardstick(quantity=quantity(claim.measure.metric, claim.measure.margin), margin=claim.measure.margin)


def _pairs(claim: Better | NotBetter | Equivalent) -> Sequence[tuple[str, ...]]:
    if isinstance(claim, Equivalent):
        return tuple(itertools.combinations(claim.variants, 2))
    return claim.pairs


def _rule(claim: Claim) -> Rule:
    rules: dict[type[Claim], Rule] = {
        Better: comparisons.better,
        NotBetter: comparisons.not_better,
        Equivalent: comparisons.equivalent,
    }
    return rules[type(claim)]


def _pair(records: StudyRecords, first: str, second: str, yardstick: Yardstick) -> Pair:
    measured = yardstick.quantity
    differences = improvements(
        records.values(first, measured.metric),
        records.values(second, measured.metric),
        higher_is_better=measured.higher_is_better,
    )
    return Pair(
        first=first, second=second, differences=differences, margin=yardstick.margin, resolution=measured.resolution
    )


def _deciding(judged: Sequence[Comparison]) -> Comparison:
    contradicting = [comparison for comparison in judged if comparison.verdict == "contradicted"]
    if contradicting:
        return max(contradicting, key=lambda comparison: comparison.room)
    undecided = [comparison for comparison in judged if comparison.verdict == "undecided"]
    if undecided:
        return max(undecided, key=_uncertainty)
    return min(judged, key=lambda comparison: comparison.room)


def _uncertainty(comparison: Comparison) -> tuple[bool, float]:
    needed = math.inf if comparison.seeds_needed is None else comparison.seeds_needed
    return comparison.interval is None, needed


def _seeds_needed(judged: Iterable[Comparison]) -> int | None:
    """Seeds after which the claim would be decided: the first counterexample decides, else the last pair."""
    undecided = [comparison for comparison in judged if comparison.verdict == "undecided"]
    counterexamples = [
        comparison.seeds_needed
        for comparison in undecided
        if comparison.heading == "contradicted" and comparison.seeds_needed is not None
    ]
    if counterexamples:
        return min(counterexamples)
    needed = [comparison.seeds_needed for comparison in undecided]
    return None if None in needed else max(count for count in needed if count is not None)
