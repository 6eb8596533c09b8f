"""What would decide a claim that is still undecided, were the means and spreads of its pairs to stay as they are."""

import math
from dataclasses import dataclass
from typing import Literal

from soundproof.analysis.verdicts.decisions import Decision, JudgedPair, Verdict
from soundproof.analysis.verdicts.pair_rules import FARTHEST, PairNeeds, PairTest, pair_needs


@dataclass(frozen=True, kw_only=True, slots=True)
class PairOutlook:
    """A pair that the claim waits for, and the seeds in all at which it would decide; infinite where none would."""

    pair: JudgedPair
    seeds: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Outlook:
    """Where an undecided claim is heading.

    `waiting_for` are the pairs that would decide it that way, the slowest first. `seeds` is how many it would take;
    infinite where the pairs seen so far point neither way.
    """

    heading: Verdict
    seeds: float
    waiting_for: tuple[PairOutlook, ...]

    @property
    def seeds_needed(self) -> int | None:
        """`seeds`, None where infinite."""
        return None if math.isinf(self.seeds) else round(self.seeds)


def outlook(decision: Decision, *, farthest: int = FARTHEST) -> Outlook:
    """The quickest way to decide a claim, as far as it takes at most `farthest` seeds; what it waits for."""
    ways = [
        _against(decision, "contradicted", farthest),
        _against(decision, "negligible", farthest),
        _to_support(decision, farthest),
    ]
    quickest = min(ways, key=lambda way: way.seeds)
    if math.isinf(quickest.seeds):
        pairs = (pair for group in decision.groups for pair in group if pair.verdict == "undecided")
        waiting = tuple(PairOutlook(pair=pair, seeds=math.inf) for pair in pairs)
        return Outlook(heading="undecided", seeds=math.inf, waiting_for=waiting)
    return quickest


def _needs(decision: Decision, pair: JudgedPair, farthest: int) -> PairNeeds:
    groups = len(decision.groups)
    levels = PairTest(
        support=decision.level / pair.in_group,
        contradict=decision.level / groups,
        negligible=decision.negligible_level / groups,
    )
    return pair_needs(decision.claim.rule, pair.evidence, levels, farthest=farthest)


def _to_support(decision: Decision, farthest: int) -> Outlook:
    """In every group that does not show the claim yet, the pair that would show it first."""
    waiting = []
    for group in decision.groups:
        if not any(pair.in_group * pair.test.support <= decision.level for pair in group):
            ways = [PairOutlook(pair=pair, seeds=_seeds(_needs(decision, pair, farthest).support)) for pair in group]
            waiting.append(min(ways, key=lambda way: way.seeds))
    return _outlook("supported", waiting)


def _against(decision: Decision, heading: Literal["contradicted", "negligible"], farthest: int) -> Outlook:
    """The group whose pairs would all show that first."""

    def seeds(pair: JudgedPair) -> float:
        needs = _needs(decision, pair, farthest)
        return _seeds(needs.contradict if heading == "contradicted" else needs.negligible)

    open_pairs = [[pair for pair in group if pair.verdict != heading] for group in decision.groups]
    ways = [[PairOutlook(pair=pair, seeds=seeds(pair)) for pair in group] for group in open_pairs]
    return min((_outlook(heading, awaited) for awaited in ways), key=lambda way: way.seeds)


def _outlook(heading: Verdict, waiting: list[PairOutlook]) -> Outlook:
    """`waiting` is never empty for an undecided claim, but for ties of rounding."""
    waiting = sorted(waiting, key=lambda awaited: -awaited.seeds)
    seeds = waiting[0].seeds if waiting else 0.0
    return Outlook(heading=heading, seeds=seeds, waiting_for=tuple(waiting))


def _seeds(needed: int | None) -> float:
    return math.inf if needed is None else float(needed)
