"""Which variant gets another seed, while a study trains until its claims are decided.

`UntilDecided.wanted` says what is wanted now, most wanted first, from nothing but how trials have ended:

1. The first look: every compared variant gets the seeds 0, 1 and 2, seed by seed.
2. What decides: of each claim that is undecided so far, by the same decisions as in the final report, the pairs whose
   estimates point to a decision get the seeds that this would take. The next seed of every such claim comes before
   the one after, and among claims the one with the fewest trials to go comes first: decided claims also make
   Holm's correction milder for the others.
3. A mean for the table: variants that no statistical claim speaks of get three seeds.
4. What may decide: further seeds for the other open pairs, those far from a decision last.

Estimates from a few seeds are rough, so step 2 looks ahead of its next seed only as far as they go, and step 4 is
named only as far as the list is short of two trials for each variant: enough to keep several processors busy while
results are awaited, at the price of a few trials that turn out not to have been needed. A caller with one processor
takes the first of the list and pays nothing of that.

A pair gets no more seeds once it is out of reach: a variant is infeasible, or has lost so many trials that they would
be more than a quarter of all that the budget allows.

The choice depends on results, and does not spoil them: the tests of `sequential` hold whenever one stops, and a pair's
differences count in the order of seeds.
"""

import math
from collections.abc import Collection, Iterable, Sequence

from soundproof.analysis.statistics.looks import MANY_VARIANTS
from soundproof.analysis.verdicts.decisions import (
    Decision,
    JudgedPair,
    compared_variants,
    decide_claims,
    statistical_claims,
)
from soundproof.analysis.verdicts.evidence import FIRST_LOOK, MOST_MISSING
from soundproof.analysis.verdicts.outcomes import Outcomes
from soundproof.analysis.verdicts.outlook import Outlook, outlook
from soundproof.common import record
from soundproof.common.record import EndedTrial
from soundproof.search_spaces.claims import weights_of
from soundproof.search_spaces.studies import Question

SeedRequest = tuple[str, int]
"""A variant's id and a seed that it is to be trained on."""

FAR = 100
"""Claims that seem to need more seeds than this are all equally far from a decision."""

AHEAD_PER_VARIANT = 2
"""The length of list, in trials for each variant, up to which trials are named that may not be needed."""

_Work = tuple[float, list[tuple[int, SeedRequest]]]
"""Of a claim: how far it is from a decision (of two, the lower one is served first), and the trials that it asks for,
each with how far ahead it is of the next seed of its pair."""


class UntilDecided:
    """A schedule for sweeps: the trials that are wanted, and a remark on how far the study has come."""

    adaptive = True
    design = record.UNTIL_DECIDED

    def __init__(self, study: Question, *, margin: float, maximum_seeds: int, paired: bool = True) -> None:
        """`margin` is that of the study's own metric, in its unit; `maximum_seeds` what a variant gets at most.

        `paired`: trials of one seed have it in common.
        """
        self._study, self._margin, self._maximum_seeds, self._paired = study, margin, maximum_seeds, paired
        self._decisions = decide_claims(study, Outcomes((), compared=()), margin)

    def wanted(self, ended: Sequence[EndedTrial], infeasible: Collection[str]) -> Sequence[SeedRequest]:
        """What is wanted, most wanted first; empty when every claim is decided or out of reach.

        Trials that are running are not known here, and are named again until they have ended. Seeds are 0 to
        `maximum_seeds` - 1. A trial that ended in a failure counts as ended and is not named again.
        """
        outcomes = Outcomes(
            ended,
            compared=compared_variants(self._study),
            infeasible=infeasible,
            rare_failure=self._study.rare_failure,
            speaks_for=self._study.speaks_for,
            paired=self._paired,
        )
        self._decisions = decide_claims(self._study, outcomes, self._margin)
        return _wanted(self._study, outcomes, self._decisions, self._maximum_seeds)

    def remark(self) -> str:
        """`2 of 4 claims decided`, as of the last call of `wanted`."""
        decided = sum(decision.verdict != "undecided" for decision in self._decisions)
        return f"{decided} of {len(self._decisions)} claims decided"


def _wanted(
    study: Question, outcomes: Outcomes, decisions: Sequence[Decision], maximum_seeds: int
) -> tuple[SeedRequest, ...]:
    compared = compared_variants(study)
    feasible = [variant.id for variant in study.variants if variant.id not in outcomes.infeasible]
    first = range(min(_first_look(study), maximum_seeds))
    prospects = [
        (decision, outlook(decision, farthest=FAR)) for decision in decisions if decision.verdict == "undecided"
    ]
    requests = dict.fromkeys(_open([variant for variant in feasible if variant in compared], first, outcomes))
    requests |= dict.fromkeys(_in_turn(_likely(ahead, outcomes, maximum_seeds) for _, ahead in prospects))
    requests |= dict.fromkeys(_open(feasible, first, outcomes))
    short_of = AHEAD_PER_VARIANT * len(study.variants) - len(requests)
    if short_of > 0:
        unlikely = _in_turn(_unlikely(decision, ahead, outcomes, maximum_seeds) for decision, ahead in prospects)
        more = [request for request in dict.fromkeys(unlikely) if request not in requests]
        requests |= dict.fromkeys(more[:short_of])
    return tuple(requests)


def _first_look(study: Question) -> int:
    """How many seeds the first look takes: one fewer where every claim is about a contrast of many variants."""
    compared = [pair for claim in statistical_claims(study) for group in claim.groups for pair in group]
    many = bool(compared) and all(len(weights_of(pair)) >= MANY_VARIANTS for pair in compared)
    return FIRST_LOOK - many


def _open(variants: Sequence[str], seeds: range, outcomes: Outcomes) -> list[SeedRequest]:
    """Seed by seed, whatever has not ended."""
    return [(variant, seed) for seed in seeds for variant in variants if seed not in outcomes.ended(variant)]


def _likely(ahead: Outlook, outcomes: Outcomes, maximum_seeds: int) -> _Work:
    """The trials that take the claim where its estimates point; none where that lies beyond the budget."""
    awaited = ahead.waiting_for
    if any(_ended_when(way.seeds, way.pair) > maximum_seeds for way in awaited):
        return math.inf, []
    requests = [request for way in awaited for request in _missing(way.pair, way.seeds, outcomes, maximum_seeds)]
    return len({request for _, request in requests}), requests


def _unlikely(decision: Decision, ahead: Outlook, outcomes: Outcomes, maximum_seeds: int) -> _Work:
    """All that the budget has left for the pairs of a claim that show nothing yet."""
    metric = decision.endpoint.quantity.metric
    pairs = [
        pair
        for group in decision.groups
        for pair in group
        if pair.verdict == "undecided" and _in_reach(pair, metric, outcomes, maximum_seeds)
    ]
    return ahead.seeds, [request for pair in pairs for request in _missing(pair, math.inf, outcomes, maximum_seeds)]


def _ended_when(pairs: float, pair: JudgedPair) -> float:
    """How many seeds will have ended when there are so many pairs: those that gave none so far come on top."""
    return pairs + pair.evidence.seeds - len(pair.evidence.differences)


def _missing(pair: JudgedPair, pairs: float, outcomes: Outcomes, maximum_seeds: int) -> list[tuple[int, SeedRequest]]:
    """The trials until the pair has that many differences, each with how far ahead of the next seed it is."""
    start, end = pair.evidence.seeds, round(min(_ended_when(pairs, pair), maximum_seeds))
    sides = pair.evidence.variants
    return [(request[1] - start, request) for request in _open(sides, range(start, end), outcomes)]


def _in_turn(work: Iterable[_Work]) -> list[SeedRequest]:
    """The next seed of every claim before the one after; of claims, the nearest to a decision first."""
    ordered = sorted(work, key=lambda of_claim: of_claim[0])
    requests = [(ahead, rank, request) for rank, (_, asked) in enumerate(ordered) for ahead, request in asked]
    return [request for _, _, request in sorted(requests, key=lambda placed: placed[:2])]


def _in_reach(pair: JudgedPair, metric: str, outcomes: Outcomes, maximum_seeds: int) -> bool:
    """Whether enough comparable trials of both variants are possible within the budget."""
    sides = pair.evidence.variants
    if outcomes.infeasible.intersection(sides):
        return False
    lost = max(outcomes.counted(variant) - len(outcomes.values(variant, metric)) for variant in sides)
    return lost <= MOST_MISSING * maximum_seeds
