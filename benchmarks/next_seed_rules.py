"""Rules that say which open pair of a study gets its next seed, as `benchmarks.next_seed` compares them."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special

from benchmarks.scenarios import MAXIMUM_SEEDS
from soundproof.analysis.statistics.sequential import nominal_tail
from soundproof.analysis.verdicts.decisions import Decision, JudgedPair
from soundproof.analysis.verdicts.evidence import FIRST_LOOK
from soundproof.analysis.verdicts.outcomes import Outcomes
from soundproof.analysis.verdicts.outlook import outlook
from soundproof.analysis.verdicts.until_decided import SeedRequest
from soundproof.search_spaces.claims import claimed_variants


@dataclass(frozen=True, kw_only=True, slots=True)
class OpenPair:
    """A pair that is open, of a claim that is; what has ended, and how many open pairs each variant is in."""

    decision: Decision
    pair: JudgedPair
    outcomes: Outcomes
    shared: Mapping[str, int]
    generator: np.random.Generator

    @property
    def seeds(self) -> int:
        """Seeds that the pair has."""
        return self.pair.evidence.seeds

    @property
    def estimates(self) -> tuple[float, float, float]:
        """Mean, deviation of one seed, and degrees of freedom."""
        looks = self.pair.evidence.looks
        return float(looks.means[-1]), float(looks.errors[-1]) * math.sqrt(self.seeds), float(looks.freedom[-1])

    def missing(self) -> list[SeedRequest]:
        """The trials that give it its next seed."""
        names = self.pair.evidence.variants
        return [(name, self.seeds) for name in names if self.seeds not in self.outcomes.ended(name)]

    def seeds_to(self, mean: float, deviation: float) -> float:
        """Further seeds until this mean and deviation decide the pair, roughly, by the normal distribution."""
        level, groups = self.decision.level, len(self.decision.groups)
        ways = (
            (mean, 0.8 * level),
            (-mean, 0.2 * level / groups),
            (self.pair.evidence.margin - mean, self.decision.negligible_level / groups),
        )
        needed = [
            (special.ndtri(nominal_tail(max(self.seeds, FIRST_LOOK), of_way)) * deviation / distance) ** 2
            for distance, of_way in ways
            if distance > 0
        ]
        return max(1.0, float(min(needed)) - self.seeds)


Rule = Callable[[OpenPair], float]
"""The open pair with the lowest score gets its next seed first."""


def in_turn(of: OpenPair) -> float:
    """Whoever has the fewest seeds."""
    return of.seeds


def quickest_pair(of: OpenPair) -> float:
    """The most hopeful: whichever takes the fewest further seeds, should estimates hold."""
    mean, deviation, _ = of.estimates
    return of.seeds_to(mean, deviation)


def claim_by_claim(of: OpenPair) -> float:
    """The claim with the fewest further seeds to go gets all of them before the next one."""
    waiting = outlook(of.decision, farthest=MAXIMUM_SEEDS).waiting_for
    to_go = sum(max(0.0, way.seeds - way.pair.evidence.seeds) for way in waiting)
    awaited = any(way.pair is of.pair for way in waiting)
    return to_go + (0.0 if awaited else MAXIMUM_SEEDS * len(claimed_variants(of.decision.claim)))


def nearest_boundary(of: OpenPair) -> float:
    """Greedy: the claim whose smallest p value is nearest to its level, of that the pair which is farthest from it."""
    decision = of.decision
    ways = (
        (decision.support, decision.level),
        (decision.contradict, decision.level),
        (decision.negligible, decision.negligible_level),
    )
    nearest = min(math.log(p_value / level) for p_value, level in ways if p_value > 0)
    return nearest - 0.001 * of.pair.test.support


def sampled_effects(of: OpenPair) -> float:
    """Thompson's way: the quickest pair, of effects and spreads drawn from what is known of them."""
    mean, deviation, freedom = of.estimates
    drawn = deviation * math.sqrt(freedom / of.generator.chisquare(freedom))
    return of.seeds_to(of.generator.normal(mean, drawn / math.sqrt(of.seeds)), drawn)


def steepest(of: OpenPair) -> float:
    """By how much the logarithm of the pair's smallest p value falls a trial, should estimates hold."""
    mean, deviation, freedom = of.estimates
    distance = max(abs(mean), of.pair.evidence.margin - mean) / deviation
    logs = [math.log(special.stdtr(freedom + more, -distance * math.sqrt(of.seeds + more))) for more in (0, 1)]
    return (logs[1] - logs[0]) / max(1, len(of.missing()))


def most_shared(of: OpenPair) -> float:
    """In turn, of equals what most open pairs wait for: the baselines, which unpaired designs give more seeds."""
    return of.seeds - max(of.shared[name] for name in of.pair.evidence.variants) / 1000


RULES: Mapping[str, Rule] = {
    "in turn": in_turn,
    "quickest pair first": quickest_pair,
    "claim by claim": claim_by_claim,
    "nearest to the boundary": nearest_boundary,
    "sampled effects": sampled_effects,
    "steepest p value": steepest,
    "most shared first": most_shared,
}


def variants_alive(outcomes: Outcomes, decisions: Sequence[Decision]) -> set[str]:
    """The variants of undecided claims of which an optimist believes that the budget will decide them.

    Every open pair may lie at the better end of its 90% interval, in either direction.
    """
    alive: set[str] = set()
    for decision in decisions:
        pairs = [pair for group in decision.groups for pair in group if pair.verdict == "undecided"]
        if decision.verdict == "undecided" and all(_may_decide(decision, pair, outcomes) for pair in pairs):
            alive |= {name for pair in pairs for name in pair.evidence.variants}
    return alive


def _may_decide(decision: Decision, pair: JudgedPair, outcomes: Outcomes) -> bool:
    of = OpenPair(decision=decision, pair=pair, outcomes=outcomes, shared={}, generator=np.random.default_rng(0))
    mean, deviation, freedom = of.estimates
    half = -float(special.stdtrit(freedom, 0.05)) * deviation / math.sqrt(of.seeds)
    return min(of.seeds_to(mean + end, deviation) for end in (-half, half)) <= MAXIMUM_SEEDS - of.seeds


def wanted(
    rule: Rule, outcomes: Outcomes, decisions: Sequence[Decision], generator: np.random.Generator
) -> list[SeedRequest]:
    """The next seed of every open pair, in the order of the rule; empty when none is open within the budget."""
    pairs = [
        (decision, pair)
        for decision in decisions
        if decision.verdict == "undecided"
        for group in decision.groups
        for pair in group
        if pair.verdict == "undecided" and pair.evidence.seeds < MAXIMUM_SEEDS
    ]
    names = [name for _, pair in pairs for name in pair.evidence.variants]
    shared = {name: names.count(name) for name in names}
    asked = [
        OpenPair(decision=decision, pair=pair, outcomes=outcomes, shared=shared, generator=generator)
        for decision, pair in pairs
    ]
    scores = [rule(each) for each in asked]
    ranked = sorted(range(len(asked)), key=scores.__getitem__)
    return list(dict.fromkeys(request for index in ranked for request in asked[index].missing()))
