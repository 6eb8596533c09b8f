"""From records to verdicts: every claim of a study is supported, contradicted, or undecided.

How a verdict is made:

1. Two variants are compared over the seeds that both completed, as pairs. A trial that failed in any way is missing; it
   is never a number. A variant that lost more than a quarter of its seeds is not judged at all: those that survive
   are a selection.
2. Each pair gets a p value for what the claim says and one for its opposite, as the claim's `rule` states them; the
   tests are in `pair_rules`. All refer to the margin, which was declared before the data. "Makes no difference" takes
   two one-sided tests (Schuirmann 1987), never a missing significance, and "equal up to the margin" contradicts a
   claimed improvement.
3. A claim holds when in every group some pair shows it (`Claim.groups`). The p value for that is the greatest over
   groups (intersection-union, Berger 1982) of the smallest in a group times the group's size (Bonferroni). A claim
   is contradicted when in one group every pair shows the opposite: the smallest over groups, times their number, of
   the greatest in a group.
4. The smaller of the two is the claim's p value. Holm's procedure (1979) over all statistical claims of the study keeps
   the chance of even one false verdict below 5%. A claim that it rejects is decided: contradicted where that p value
   is significant at the claim's level, supported otherwise. That Holm's procedure also keeps wrong directions below
   5% is proved for independent tests (Shaffer 1980, Finner 1999); for the shared baselines of real studies it was
   checked by simulation (`benchmarks/calibration.py`).
5. Where the number of seeds was fixed before any data, and just these have ended, the data are looked at once, by
   Student's paired t test. In every other case (until decided; a plan that is not finished; seeds added later) they
   may have been looked at after any trial, and the test is the always-valid one of `sequential`, over pairs in the
   order of seeds, as far as every seed has ended on both sides. An interim verdict and the final one of a fixed plan
   each keep their 5%, not the two together.
6. The numbers of a claim are those of the pair that decides: the weakest for supported, the counterexample for
   contradicted, the last that is waited for while undecided. Its interval has the confidence at which it was tested.
7. Claims of infeasibility and of size are arithmetic (`exact_claims`) and take no part in the correction.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from soundproof.analysis.notation.labels import preset_name, variant_labels
from soundproof.analysis.notation.quantities import Endpoint, Quantity
from soundproof.analysis.records.trials import StudyRecords
from soundproof.analysis.statistics.multiple_comparisons import PValue, best_set
from soundproof.analysis.statistics.paired_tests import t_p_value
from soundproof.analysis.statistics.sequential import sequential_p_value
from soundproof.analysis.verdicts.comparisons import Comparison, compare
from soundproof.analysis.verdicts.decisions import (
    FAMILY_ERROR,
    Decision,
    JudgedPair,
    Verdict,
    compared_variants,
    decide_claims,
)
from soundproof.analysis.verdicts.evidence import Obstacle, Outcomes
from soundproof.analysis.verdicts.exact_claims import ExactVerdict, decide_exact
from soundproof.analysis.verdicts.outlook import Outlook, outlook
from soundproof.analysis.verdicts.sentences import comparison_sentence
from soundproof.search_spaces.claims import BestOf, Comparative, Monotone, WorstOf
from soundproof.search_spaces.studies import Study

__all__ = ["FAMILY_ERROR", "ClaimVerdict", "ExactVerdict", "StatisticalVerdict", "Verdict", "decide", "outcomes_of"]


@dataclass(frozen=True, kw_only=True, slots=True)
class StatisticalVerdict:
    """A claim about means, judged. The numbers that stand for it are those of `deciding`, one of its `comparisons`.

    `p_value` is the claim's own, `adjusted_p_value` Holm's. `seeds_needed` is a rough total, given what was seen so
    far, and `heading` where it would lead; None and "undecided" when too little was seen to tell. `best_set` are the
    ids of the variants of a claim about the best (worst) one that cannot be excluded from being it.
    """

    claim: Comparative
    verdict: Verdict
    sentence: str
    endpoint: Endpoint
    comparisons: tuple[Comparison, ...]
    deciding: Comparison
    seeds_needed: int | None
    heading: Verdict
    p_value: float
    adjusted_p_value: float
    best_set: tuple[str, ...] | None


ClaimVerdict = StatisticalVerdict | ExactVerdict


def decide(study: Study, records: StudyRecords, margin: float) -> tuple[ClaimVerdict, ...]:
    """A verdict for each claim of the study, in its order. `margin` is that of the study's own metric, in its unit."""
    labels = variant_labels(study)
    outcomes = outcomes_of(study, records)
    decisions = iter(decide_claims(study, outcomes, margin))
    foreseen = preset_name(records.preset) != "smoke"
    return tuple(
        _statistical(next(decisions), outcomes, labels, foreseen=foreseen)
        if isinstance(claim, Comparative)
        else decide_exact(claim, records, labels)
        for claim in study.claims
    )


def outcomes_of(study: Study, records: StudyRecords) -> Outcomes:
    """The records, as decisions read them."""
    return Outcomes(records.trials, compared=compared_variants(study), planned_seeds=records.planned_seeds)


def _statistical(
    decision: Decision, outcomes: Outcomes, labels: Mapping[str, str], *, foreseen: bool
) -> StatisticalVerdict:
    """The verdict of one claim; `foreseen` where more seeds at the same size are worth training."""
    ahead = outlook(decision) if decision.verdict == "undecided" else None
    shown = compare(decision, _deciding(decision, ahead))
    return StatisticalVerdict(
        claim=decision.claim,
        verdict=decision.verdict,
        sentence=comparison_sentence(decision, shown, labels),
        endpoint=decision.endpoint,
        comparisons=tuple(compare(decision, pair) for group in decision.groups for pair in group),
        deciding=shown,
        seeds_needed=ahead.seeds_needed if ahead is not None and foreseen else None,
        heading=decision.verdict if ahead is None else ahead.heading,
        p_value=min(decision.support, decision.contradict),
        adjusted_p_value=decision.adjusted,
        best_set=contenders(decision, outcomes),
    )


def _deciding(decision: Decision, ahead: Outlook | None) -> JudgedPair:
    """The pair whose numbers stand for the claim."""
    if ahead is not None:
        return min(ahead.waiting_for, key=lambda way: (-way.seeds, _severity(way.pair.evidence.obstacle))).pair
    if decision.verdict == "contradicted":
        weakest = [max(group, key=lambda pair: pair.test.contradict) for group in decision.groups]
        return min(weakest, key=lambda pair: pair.test.contradict)
    strongest = [min(group, key=lambda pair: pair.test.support) for group in decision.groups]
    return max(strongest, key=lambda pair: pair.in_group * pair.test.support)


def _severity(obstacle: Obstacle | None) -> float:
    """The order in which obstacles are named, the worst first; of too few pairs, the fewest."""
    if obstacle is None:
        return math.inf
    return {"infeasible": -2.0, "failures": -1.0, "too few": float(obstacle.count)}[obstacle.kind]


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
    members: list[str] = []
    if judged:
        found = best_set(
            outcomes.matrix(judged, measured.metric),
            level=FAMILY_ERROR,
            higher_is_better=measured.higher_is_better != isinstance(claim, WorstOf),
            p_value=one_sided_test(outcomes, measured, judged),
        )
        members = [judged[index] for index in sorted(found.members, key=lambda index: found.ranks[index])]
    return (*members, *(variant for variant in feasible if variant not in judged))


def one_sided_test(outcomes: Outcomes, measured: Quantity, variants: Sequence[str]) -> PValue:
    """The test of "mean <= 0" that fits how `outcomes` were looked at, for paired differences (n,) of the variants."""
    test = t_p_value if outcomes.looked_once else sequential_p_value
    return partial(test, least_deviation=outcomes.least_deviation(measured, variants))
