"""From pairs to claims to a study: p values of a claim over groups of pairs, and Holm's correction over claims.

What is decided here, and why, is written in `verdicts`. Nothing here draws, words or averages: it is the part that
also runs after every trial of a study that trains until its claims are decided.
"""

from bisect import bisect_left
from dataclasses import dataclass, replace
from typing import Literal, get_args

import numpy as np

from soundproof.analysis.notation.quantities import Endpoint, epochs_to, quantity
from soundproof.analysis.statistics.multiple_comparisons import two_statements
from soundproof.analysis.verdicts.costs import cost_test
from soundproof.analysis.verdicts.evidence import LEAST_PAIRS, Evidence, View
from soundproof.analysis.verdicts.gathering import gather
from soundproof.analysis.verdicts.outcomes import Outcomes
from soundproof.analysis.verdicts.pair_rules import PairTest, judge_pair
from soundproof.analysis.verdicts.races import race
from soundproof.search_spaces.claims import (
    Comparative,
    Contrast,
    NoLoss,
    Pair,
    ReachesSooner,
    claimed_variants,
    names_of,
)
from soundproof.search_spaces.studies import Question

Verdict = Literal["supported", "contradicted", "negligible", "undecided"]

VERDICTS: tuple[Verdict, ...] = get_args(Verdict)

FAMILY_ERROR = 0.05
"""The chance of even one wrong direction in a study; what "negligible" has of it: `two_statements`."""


@dataclass(frozen=True, kw_only=True, slots=True)
class JudgedPair:
    """A pair with its p values, and what it shows by itself at the level of its claim, one of `in_group` in a group.

    `cost` are the p values of the costs that the claim speaks of, which are in `test`, too.
    """

    evidence: Evidence
    test: PairTest
    in_group: int
    cost: PairTest | None
    verdict: Verdict


Groups = tuple[tuple[JudgedPair, ...], ...]
"""The pairs of a claim: it holds where some pair of every group shows it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Decision:
    """A statistical claim, judged.

    `support`, `contradict` and `negligible` are its p values for it, against it, and for its not mattering; `adjusted`
    is the one that is left of them after the correction for several claims; `level` and `negligible_level` are those
    at which the correction tested which way it goes, and whether it matters, or would test them next.
    """

    claim: Comparative
    endpoint: Endpoint
    groups: Groups
    support: float
    contradict: float
    negligible: float
    adjusted: float
    level: float
    negligible_level: float
    verdict: Verdict


def statistical_claims(study: Question) -> tuple[Comparative, ...]:
    """The claims that statistics decide."""
    return tuple(claim for claim in study.claims if isinstance(claim, Comparative))


def compared_variants(study: Question) -> frozenset[str]:
    """The variants that statistical claims speak of."""
    return frozenset(variant for claim in statistical_claims(study) for variant in claimed_variants(claim))


def decide_claims(study: Question, outcomes: Outcomes, margin: float, view: View = "trained") -> tuple[Decision, ...]:
    """The study's statistical claims in their order, judged together: adding one makes all of them harder to decide.

    `margin` is that of the study's own metric, in its unit; a claim with a `measure` has its own. `view` is what is
    asked of the runs.
    """
    tested = [
        _test_claim(claim, outcomes, endpoint_of(claim, study, margin), view) for claim in statistical_claims(study)
    ]
    if not tested:
        return ()
    corrected = two_statements(
        np.array([min(claim.support, claim.contradict) for claim in tested]),
        np.array([claim.negligible for claim in tested]),
        np.array([claim.claim.rule.negligible is not None for claim in tested]),
        FAMILY_ERROR,
    )
    adjusted = np.minimum(corrected.direction, corrected.negligible)
    levels = (corrected.direction_levels, corrected.negligible_levels)
    return tuple(
        _decided(replace(claim, adjusted=least, level=level, negligible_level=negligible_level))
        for claim, least, level, negligible_level in zip(
            tested, *(each.tolist() for each in (adjusted, *levels)), strict=True
        )
    )


def endpoint_of(claim: Comparative, study: Question, margin: float) -> Endpoint:
    """What the claim is measured by."""
    if isinstance(claim, ReachesSooner):
        margin = float(claim.margin)
        return Endpoint(quantity=epochs_to(quantity(claim.metric), claim.target), margin=margin)
    if claim.measure is None:
        return Endpoint(quantity=quantity(study.metric, margin), margin=margin, said=study.margin_said)
    return Endpoint(quantity=quantity(claim.measure.metric, claim.measure.margin), margin=claim.measure.margin)


def _test_claim(claim: Comparative, outcomes: Outcomes, endpoint: Endpoint, view: View) -> Decision:
    """The claim by itself, undecided so far."""
    groups = tuple(
        tuple(
            _judged(claim, _evidence(claim, outcomes, pair, endpoint, view), len(group), _cost(claim, outcomes, pair))
            for pair in group
        )
        for group in claim.groups
    )
    test = _of_claim(groups)
    return Decision(
        claim=claim,
        endpoint=endpoint,
        groups=groups,
        support=test.support,
        contradict=test.contradict,
        negligible=test.negligible,
        adjusted=1.0,
        level=FAMILY_ERROR,
        negligible_level=FAMILY_ERROR,
        verdict="undecided",
    )


def _evidence(
    claim: Comparative, outcomes: Outcomes, compared: Pair | Contrast, endpoint: Endpoint, view: View
) -> Evidence:
    """What was seen of a pair: of a race the one question that it asks, whatever the `view`."""
    if isinstance(claim, ReachesSooner):
        assert not isinstance(compared, Contrast)
        return race(outcomes, compared, claim)
    return gather(outcomes, compared, endpoint, view)


def _judged(claim: Comparative, evidence: Evidence, in_group: int, cost: PairTest | None = None) -> JudgedPair:
    test = judge_pair(claim.rule, evidence)
    if cost is not None:  # both have to hold, and either alone contradicts
        test = PairTest(
            support=max(test.support, cost.support), contradict=min(1.0, 2 * min(test.contradict, cost.contradict))
        )
    return JudgedPair(evidence=evidence, test=test, in_group=in_group, cost=cost, verdict="undecided")


def _cost(claim: Comparative, outcomes: Outcomes, compared: Pair | Contrast) -> PairTest | None:
    """What the pair shows of the costs that the claim speaks of, if it does."""
    if not isinstance(claim, NoLoss) or claim.cost is None:
        return None
    return cost_test(outcomes, *names_of(compared), claim.cost, claim.share)


def _of_claim(groups: Groups) -> PairTest:
    """The p values of a claim.

    Supported: some pair of every group shows the claim. Contradicted, or negligible: all pairs of some group show that.
    """
    return PairTest(
        support=max(min(1.0, len(group) * min(pair.test.support for pair in group)) for group in groups),
        contradict=min(1.0, len(groups) * min(max(pair.test.contradict for pair in group) for group in groups)),
        negligible=min(1.0, len(groups) * min(max(pair.test.negligible for pair in group) for group in groups)),
    )


def _decided(tested: Decision) -> Decision:
    """The claim among all that were tested, at its levels."""
    verdict = _shown(
        PairTest(support=tested.support, contradict=tested.contradict, negligible=tested.negligible), tested
    )
    if max(tested.support, tested.contradict) <= tested.level:
        verdict = _shown_first(tested)
    groups = tuple(
        tuple(replace(pair, verdict=pair_verdict(pair.test, tested, pair.in_group)) for pair in group)
        for group in tested.groups
    )
    return replace(tested, groups=groups, verdict=verdict)


def pair_verdict(test: PairTest, decision: Decision, in_group: int) -> Verdict:
    """What a pair shows at the levels of its claim, being one of `in_group` pairs in one of the claim's groups."""
    groups = len(decision.groups)
    shared = PairTest(
        support=in_group * test.support, contradict=groups * test.contradict, negligible=groups * test.negligible
    )
    return _shown(shared, decision)


def _shown(test: PairTest, decision: Decision) -> Verdict:
    """What p values show at a claim's levels. What is shown against it, or of its size, says more than its truth."""
    if test.contradict <= decision.level:
        return "contradicted"
    if test.negligible <= decision.negligible_level:
        return "negligible"
    return "supported" if test.support <= decision.level else "undecided"


def _shown_first(tested: Decision) -> Verdict:
    """Which of two opposites was shown first, where chance showed both: a verdict is never reversed."""
    most = max(len(pair.evidence.looks) for group in tested.groups for pair in group)

    def test_after(looks: int) -> PairTest:
        groups = tuple(
            tuple(
                _judged(
                    tested.claim,
                    pair.evidence.first_looks(min(looks, len(pair.evidence.looks))),
                    pair.in_group,
                    pair.cost,
                )
                for pair in group
            )
            for group in tested.groups
        )
        return _of_claim(groups)

    def is_shown(looks: int) -> bool:
        test = test_after(looks)
        return min(test.support, test.contradict) <= tested.level

    looks = range(LEAST_PAIRS, most)  # p values never rise, so what is shown stays so
    first = bisect_left(looks, True, key=is_shown)
    test = test_after(looks[first]) if first < len(looks) else tested
    return "contradicted" if test.contradict <= test.support else "supported"
