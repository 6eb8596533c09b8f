"""What would decide a claim that is still undecided, were the means and spreads of its pairs to stay as they are."""

import math
from dataclasses import dataclass

from soundproof.analysis.verdicts.decisions import Decision, JudgedPair, Verdict
from soundproof.analysis.verdicts.pair_rules import FARTHEST, PairNeeds, pair_needs


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
    """The quicker of the two ways to decide a claim, as far as it takes at most `farthest` seeds; what it waits for."""
    support, contradict = _to_support(decision, farthest), _to_contradict(decision, farthest)
    if support.seeds < contradict.seeds:
        return support
    if math.isinf(contradict.seeds):
        pairs = (pair for group in decision.groups for pair in group if pair.verdict == "undecided")
        waiting = tuple(PairOutlook(pair=pair, seeds=math.inf) for pair in pairs)
        return Outlook(heading="undecided", seeds=math.inf, waiting_for=waiting)
    return contradict


def _needs(decision: Decision, pair: JudgedPair, farthest: int) -> PairNeeds:
    support, contradict = decision.level / pair.in_group, decision.level / len(decision.groups)
    return pair_needs(decision.claim.rule, pair.evidence, support=support, contradict=contradict, farthest=farthest)


def _to_support(decision: Decision, farthest: int) -> Outlook:
    """In every group that does not show the claim yet, the pair that would show it first."""
    waiting = []
    for group in decision.groups:
        if not any(pair.in_group * pair.test.support <= decision.level for pair in group):
            ways = [PairOutlook(pair=pair, seeds=_seeds(_needs(decision, pair, farthest).support)) for pair in group]
            waiting.append(min(ways, key=lambda way: way.seeds))
    return _outlook("supported", waiting)


def _to_contradict(decision: Decision, farthest: int) -> Outlook:
    """The group whose pairs would all show the opposite first."""
    open_pairs = [[pair for pair in group if pair.verdict != "contradicted"] for group in decision.groups]
    ways = [
        [PairOutlook(pair=pair, seeds=_seeds(_needs(decision, pair, farthest).contradict)) for pair in group]
        for group in open_pairs
    ]
    return min((_outlook("contradicted", awaited) for awaited in ways), key=lambda way: way.seeds)


def _outlook(heading: Verdict, waiting: list[PairOutlook]) -> Outlook:
    """`waiting` is never empty for an undecided claim, but for ties of rounding."""
    waiting = sorted(waiting, key=lambda awaited: -awaited.seeds)
    seeds = waiting[0].seeds if waiting else 0.0
    return Outlook(heading=heading, seeds=seeds, waiting_for=tuple(waiting))


def _seeds(needed: int | None) -> float:
    return math.inf if needed is None else float(needed)
