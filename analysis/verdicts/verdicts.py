"""From records to verdicts: every claim of a study is supported, contradicted, negligible, or undecided.

How a verdict is made, and where it may err, is told in `docs/verdicts.md`. In short:

1. `gathering` compares two variants over the seeds that both completed, as `pair_rules` tests them by the claim's rule.
2. `decisions` joins pairs to claims and claims to a study: Berger's intersection-union within a claim (1982), Holm
   (1979) over claims. Its numbers are those of the pair that decides: the weakest for supported, the counterexample for
   contradicted and negligible, the last that is waited for while undecided.
3. Three questions are asked of the same runs. The verdict itself is about the mean of runs that train. Beside it stand
   "the typical run" (on most seeds, failures included) and "all runs" (their mean, once failures that are not rarer
   than the study's `rare_failure` had the chance to show themselves).
4. Claims of infeasibility and of size are arithmetic (`exact_claims`) and take no part in the correction.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from soundproof.analysis.notation.labels import preset_name, variant_labels
from soundproof.analysis.notation.quantities import Endpoint, Quantity
from soundproof.analysis.records.trials import Results
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
from soundproof.analysis.verdicts.evidence import Obstacle, View
from soundproof.analysis.verdicts.exact_claims import ExactVerdict, decide_exact
from soundproof.analysis.verdicts.exaggeration import exaggeration
from soundproof.analysis.verdicts.failed_runs import FailedRuns, failed_runs
from soundproof.analysis.verdicts.margins import Flip, flips
from soundproof.analysis.verdicts.outcomes import Outcomes
from soundproof.analysis.verdicts.outlook import Outlook, outlook
from soundproof.analysis.verdicts.race_sentences import race_sentence
from soundproof.analysis.verdicts.sentences import comparison_sentence
from soundproof.search_spaces.claims import BestOf, Comparative, Monotone, ReachesSooner, WorstOf, cautions
from soundproof.search_spaces.studies import Question, SpeaksFor

__all__ = ["FAMILY_ERROR", "ClaimVerdict", "ExactVerdict", "StatisticalVerdict", "Verdict", "decide", "outcomes_of"]


def questions_differ(trained: str, typical: str) -> bool:
    """Whether two verdicts on the same claim, by runs that train and by the typical run, say the opposite."""
    return {trained, typical} in ({"supported", "contradicted"}, {"negligible", "supported"})


@dataclass(frozen=True, kw_only=True, slots=True)
class StatisticalVerdict:
    """A claim about means, judged. The numbers that stand for it are those of `deciding`, one of its `comparisons`.

    `p_value` is the claim's own, `adjusted_p_value` Holm's. `seeds_needed` is a rough total, given what was seen so
    far, and `heading` where it would lead; None and "undecided" when too little was seen to tell. `best_set` are the
    ids of the variants of a claim about the best (worst) one that cannot be excluded from being it.

    The verdict is about the mean of runs that train; `typical` is the one about what most seeds show, `all_runs` the
    one about the mean of all runs, and `failed_runs` counts those of the deciding pair that did not train.

    `flips_at` are the margins at which the verdict would be another. `exaggeration` is how many times too large the
    effects of claims are on average that are decided after so few looks; None where that is little or does not apply.
    """

    claim: Comparative
    verdict: Verdict
    typical: Verdict
    all_runs: Verdict
    failed_runs: FailedRuns
    clean_seeds: int
    speaks_for: SpeaksFor
    sentence: str
    endpoint: Endpoint
    comparisons: tuple[Comparison, ...]
    deciding: Comparison
    seeds_needed: int | None
    heading: Verdict
    p_value: float
    adjusted_p_value: float
    best_set: tuple[str, ...] | None
    flips_at: tuple[Flip, ...] | None
    exaggeration: float | None

    @property
    def questions_differ(self) -> bool:
        """Whether the mean of runs that train and the typical run say the opposite."""
        return questions_differ(self.verdict, self.typical)


ClaimVerdict = StatisticalVerdict | ExactVerdict


def decide(study: Question, records: Results, margin: float) -> tuple[ClaimVerdict, ...]:
    """A verdict for each claim of the study, in its order. `margin` is that of the study's own metric, in its unit."""
    labels = variant_labels(study)
    outcomes = outcomes_of(study, records)

    def decided(view: View) -> tuple[Decision, ...]:
        return decide_claims(study, outcomes, margin, view)

    decisions = zip(decided("trained"), decided("typical"), decided("all runs"), strict=True)
    flips_at = iter(flips(study, outcomes, margin))
    foreseen = preset_name(records.preset) != "smoke"
    return tuple(
        _statistical(next(decisions), outcomes, labels, next(flips_at), foreseen=foreseen)
        if isinstance(claim, Comparative)
        else decide_exact(claim, records, labels)
        for claim in study.claims
    )


def outcomes_of(study: Question, records: Results) -> Outcomes:
    """The records, as decisions read them."""
    return Outcomes(
        records.trials,
        compared=compared_variants(study),
        planned_seeds=records.planned_seeds,
        first_seed=records.first_seed,
        rare_failure=study.rare_failure,
        speaks_for=study.speaks_for,
        paired=records.paired,
    )


def _statistical(
    views: tuple[Decision, Decision, Decision],
    outcomes: Outcomes,
    labels: Mapping[str, str],
    flips_at: tuple[Flip, ...] | None,
    *,
    foreseen: bool,
) -> StatisticalVerdict:
    """The verdict of one claim, decided on runs that trained, typical and all runs.

    `foreseen`: more seeds at the same size are worth training.
    """
    decision, typical, all_runs = views
    ahead = outlook(decision) if decision.verdict == "undecided" else None
    compared = [(pair, compare(decision, pair)) for group in decision.groups for pair in group]
    deciding = _deciding(decision, ahead)
    shown = next(comparison for pair, comparison in compared if pair is deciding)
    return StatisticalVerdict(
        claim=decision.claim,
        verdict=decision.verdict,
        typical=typical.verdict,
        all_runs=all_runs.verdict,
        failed_runs=failed_runs(outcomes, shown.variants, decision.endpoint),
        clean_seeds=outcomes.clean_seeds,
        speaks_for=outcomes.speaks_for,
        sentence=" ".join((_sentence(decision, shown, labels), *cautions(decision.claim))),
        endpoint=decision.endpoint,
        comparisons=tuple(comparison for _, comparison in compared),
        deciding=shown,
        seeds_needed=ahead.seeds_needed if ahead is not None and foreseen else None,
        heading=decision.verdict if ahead is None else ahead.heading,
        p_value=min(decision.support, decision.contradict, decision.negligible),
        adjusted_p_value=decision.adjusted,
        best_set=contenders(decision, outcomes),
        flips_at=flips_at,
        exaggeration=exaggeration(decision, shown, outcomes),
    )


def _sentence(decision: Decision, shown: Comparison, labels: Mapping[str, str]) -> str:
    if isinstance(decision.claim, ReachesSooner):
        return race_sentence(decision, shown, decision.claim, labels)
    return comparison_sentence(decision, shown, labels)


def _deciding(decision: Decision, ahead: Outlook | None) -> JudgedPair:
    """The pair whose numbers stand for the claim."""
    if ahead is not None:
        return min(ahead.waiting_for, key=lambda way: (-way.seeds, _severity(way.pair.evidence.obstacle))).pair
    if decision.verdict in ("contradicted", "negligible"):

        def p_value(pair: JudgedPair) -> float:
            return pair.test.contradict if decision.verdict == "contradicted" else pair.test.negligible

        return min((max(group, key=p_value) for group in decision.groups), key=p_value)
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
