"""Which variants of a claim about the best (or worst) one cannot be excluded from being it."""

from collections.abc import Sequence
from functools import partial

from soundproof.analysis.notation.quantities import Quantity
from soundproof.analysis.statistics.multiple_comparisons import PValue, best_set
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
    judged = outcomes.judged(feasible, measured.metric)
    higher = measured.higher_is_better != isinstance(claim, WorstOf)
    members = _members(judged, outcomes, measured, higher_is_better=higher) if judged else []
    return (*members, *(variant for variant in feasible if variant not in judged))


def one_sided_test(outcomes: Outcomes, measured: Quantity, variants: Sequence[str]) -> PValue:
    """The test of "mean <= 0" that fits how `outcomes` were looked at, for paired differences (n,) of the variants."""
    test = t_p_value if outcomes.looked_once else sequential_p_value
    return partial(test, least_deviation=outcomes.least_deviation(measured, variants))


def _members(variants: list[str], outcomes: Outcomes, measured: Quantity, *, higher_is_better: bool) -> list[str]:
    found = best_set(
        outcomes.matrix(variants, measured.metric),
        level=FAMILY_ERROR,
        higher_is_better=higher_is_better,
        p_value=one_sided_test(outcomes, measured, variants),
    )
    return [variants[index] for index in sorted(found.members, key=lambda index: found.ranks[index])]
