"""Which variants of a claim about the best (or worst) one cannot be excluded from being it."""

from __future__ import annotations

import math
from functools import partial

import numpy as np

from soundproof.analysis.notation.quantities import Quantity
from soundproof.analysis.statistics.multiple_comparisons import best_set
from soundproof.analysis.statistics.paired_tests import t_p_value
from soundproof.analysis.statistics.sequential import sequential_p_value
from soundproof.analysis.verdicts.decisions import FAMILY_ERROR, Decision
from soundproof.analysis.verdicts.evidence import Outcomes
from soundproof.search_spaces.claims import BestOf, Monotone, WorstOf


def contenders(decision: Decision, outcomes: Outcomes) -> tuple[str, ...] | None:
    """Ids of the variants that may be the best (for `WorstOf`: the worst) at 95%, the best mean rank first.

    Those that cannot be judged yet come last: nothing excludes them. None for a claim that speaks of no best one.
    """
    claim, measured = decision.claim, decision.endpoint.quantity
    match claim:
        case BestOf(best=named, others=others) | WorstOf(worst=named, others=others):
            variants = (*named, *others)
        case Monotone(variants=variants):
            pass
        case _:
            return None
    feasible = [variant for variant in variants if variant not in outcomes.infeasible]
    judged = [
        variant
        for variant in feasible
        if outcomes.values(variant, measured.metric) and outcomes.unfit(variant, measured.metric) is None
    ]
    higher = measured.higher_is_better != isinstance(claim, WorstOf)
    members = _members(judged, outcomes, measured, higher_is_better=higher) if judged else []
    return (*members, *(variant for variant in feasible if variant not in judged))


def _members(variants: list[str], outcomes: Outcomes, measured: Quantity, *, higher_is_better: bool) -> list[str]:
    sides = [outcomes.values(variant, measured.metric) for variant in variants]
    seeds = sorted({seed for side in sides for seed in side})
    values = np.array([[side.get(seed, math.nan) for seed in seeds] for side in sides])
    test = t_p_value if outcomes.looked_once else sequential_p_value
    least = outcomes.least_deviation(measured, variants)
    found = best_set(
        values,
        level=FAMILY_ERROR,
        higher_is_better=higher_is_better,
        p_value=partial(test, least_deviation=least),
    )
    return [variants[index] for index in sorted(found.members, key=lambda index: found.ranks[index])]
