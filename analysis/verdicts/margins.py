"""At which margins a verdict would have been another: the same trials, decided again.

Whatever else a margin does to a verdict it does here, too: claims are decided together, so another margin may change
what Holm's procedure asks of the others, and it is part of what tells runs that did not train.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise
from typing import cast

import numpy as np

from soundproof.analysis.verdicts.decisions import Verdict, decide_claims
from soundproof.analysis.verdicts.outcomes import Outcomes
from soundproof.search_spaces.claims import Claim, Comparative, Measure, ReachesSooner
from soundproof.search_spaces.studies import Question

FACTOR = 16.0
"""Margins from the declared one divided by this to the declared one times this are looked at."""

MOST_CLAIMS = 200
"""Of a study whose verdicts are looked at with other margins: all claims are decided anew at each."""

STEPS = 12
"""Margins tried on either side, evenly in their logarithm; a verdict that comes and goes between two is not seen."""

HALVINGS = 9
"""Of the step in which a verdict changes: the place is then known to a relative 0.05%."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Flip:
    """A margin, in the unit of the claim's metric, with the verdicts at margins just below and just above it."""

    margin: float
    below: Verdict
    above: Verdict


def flips(study: Question, outcomes: Outcomes, margin: float) -> tuple[tuple[Flip, ...] | None, ...]:
    """For each statistical claim the margins at which its verdict changes, the smallest first; None: not looked at.

    For claims that are measured by the study's own metric its margin is changed; for one with a measure of its own,
    the margin of that measure alone. Who reaches a target sooner hangs on no margin of a mean, and has none; nor does a
    study in which nobody said a margin.
    """
    claims = [(place, claim) for place, claim in enumerate(study.claims) if isinstance(claim, Comparative)]
    if len(claims) > MOST_CLAIMS:
        return (None,) * len(claims)
    own = _own_margin(study, outcomes)
    by_study = study.margin_said and any(claim.measure is None for _, claim in claims)
    of_study = _scan(own, margin, len(claims)) if by_study else ((),) * len(claims)
    return tuple(
        ()
        if isinstance(claim, ReachesSooner)
        else of_study[index]
        if claim.measure is None
        else _of_measure(study, outcomes, margin, place, claim.measure)[index]
        for index, (place, claim) in enumerate(claims)
    )


_Decide = Callable[[float], tuple[Verdict, ...]]
"""The verdicts at a margin, in the order of the claims."""


def _own_margin(study: Question, outcomes: Outcomes) -> _Decide:
    return lambda margin: tuple(decision.verdict for decision in decide_claims(study, outcomes, margin))


def _of_measure(
    study: Question, outcomes: Outcomes, margin: float, place: int, measure: Measure
) -> tuple[tuple[Flip, ...], ...]:
    def decide(of_measure: float) -> tuple[Verdict, ...]:
        claim = study.claims[place]
        assert isinstance(claim, Comparative)
        changed = cast(Claim, replace(claim, measure=replace(measure, margin=of_measure)))
        claims = (*study.claims[:place], changed, *study.claims[place + 1 :])
        return _own_margin(replace(study, claims=claims), outcomes)(margin)

    return _scan(decide, measure.margin, len(decide(measure.margin)))


def _scan(decide: _Decide, margin: float, claims: int) -> tuple[tuple[Flip, ...], ...]:
    decide = cache(decide)  # claims often change in one step, and are then tried at the same margins
    margins = [margin * float(factor) for factor in np.geomspace(1 / FACTOR, FACTOR, 2 * STEPS + 1)]
    tried = [(tried, decide(tried)) for tried in margins]
    found: list[list[Flip]] = [[] for _ in range(claims)]
    for lower, upper in pairwise(tried):
        for claim in range(claims):
            if lower[1][claim] != upper[1][claim]:
                found[claim].append(_between(decide, claim, lower, upper))
    return tuple(map(tuple, found))


_Tried = tuple[float, tuple[Verdict, ...]]


def _between(decide: _Decide, claim: int, lower: _Tried, upper: _Tried) -> Flip:
    """Where in a step the verdict of one claim changes, by bisection."""
    for _ in range(HALVINGS):
        middle = math.sqrt(lower[0] * upper[0])
        verdicts = decide(middle)
        if verdicts[claim] == lower[1][claim]:
            lower = middle, verdicts
        else:
            upper = middle, verdicts
    return Flip(margin=math.sqrt(lower[0] * upper[0]), below=lower[1][claim], above=upper[1][claim])
