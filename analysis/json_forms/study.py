"""The summary as JSON values: what `report --json` prints and `report.json` holds. A missing value is null.

Numbers are those of the record: an accuracy of 0.775 stays one, whatever the page makes of it.
"""

from dataclasses import asdict
from typing import Any, assert_never

from soundproof.analysis.json_forms.new_clips import clip_chance_plain, new_clips_plain
from soundproof.analysis.json_forms.values import declared_plain, effect_plain, interval_plain
from soundproof.analysis.records.trials import TrialRecord
from soundproof.analysis.statistics.intervals import finite
from soundproof.analysis.summaries.clip_chance import NewClips
from soundproof.analysis.summaries.secondary import BEST_CER
from soundproof.analysis.summaries.study import EstimatedEffect, StudySummary, VariantSummary
from soundproof.analysis.summaries.without_listening import WithoutListening
from soundproof.analysis.verdicts.comparisons import Comparison
from soundproof.analysis.verdicts.evidence import Obstacle
from soundproof.analysis.verdicts.held_out import HeldOutGroups
from soundproof.analysis.verdicts.verdicts import ClaimVerdict, ExactVerdict, StatisticalVerdict
from soundproof.common import record
from soundproof.search_spaces.claims import ConfoundedEffect, Larger, ReachesSooner

CLAIM_KEYS = (
    *("text", "verdict", "effect", "interval", "n", "seeds_needed", "heading", "obstacle", "confidence", "p_value"),
    *("adjusted_p_value", "kind", "source", "sentence", "metric", "margin", "best_set", "deciding", "comparisons"),
    *("typical", "all_runs", "clean_seeds", "unseen_share_of_failures", "failed_runs", "failed_runs_p_value"),
    *("speaks_for", "groups", "new_clips"),
    *("flips_at", "exaggeration", "confounded_with", "target"),
)
"""What is said of a claim, in this order."""


def to_plain(summary: StudySummary, clips: NewClips | None = None) -> dict[str, Any]:
    """The summary as dictionaries, lists, and JSON scalars; variants in the order of the study.

    `clips` is what the test split says of the pairs that decide claims.
    """
    by_id = {variant.id: variant for variant in summary.variants}
    return {
        "study": summary.study.id,
        "question": summary.study.question,
        "preset": summary.preset,
        "corpus": summary.corpus,
        "metric": summary.measured.metric,
        "unit": summary.measured.recorded_unit,
        "margin": finite(summary.margin) if summary.endpoint.said else None,
        "baseline": summary.study.baseline,
        "seeds": list(summary.seeds),
        "planned_seeds": summary.planned_seeds,
        "looked_once": summary.looked_once,
        "declared": declared_plain(summary.declared),
        "corpus_remarks": list(summary.corpus_remarks),
        "variants": [
            _variant(by_id[variant.id], speech=summary.study.task == "transcription")
            for variant in summary.study.variants
        ],
        "claims": [
            _claim(judged) | {"new_clips": clip_chance_plain(None if clips is None else clips.of(judged))}
            for judged in summary.claims
        ],
        "estimates": [_estimate(effect) for effect in summary.estimates],
        "without_listening": _without_listening(summary.without_listening),
        "new_clips": new_clips_plain(clips),
        "train_seconds": finite(summary.costs.train_seconds),
        "trials": [_trial(trial, summary.study.metric) for trial in summary.costs.trials],
    }


def _without_listening(found: WithoutListening | None) -> dict[str, Any] | None:
    if found is None:
        return None
    told = {"answer": found.answer, "metric": found.measured.metric, "value": finite(found.value)}
    return told | {"no_better": list(found.no_better)}


def _variant(variant: VariantSummary, *, speech: bool) -> dict[str, Any]:
    more: dict[str, Any] = {"best_cer": finite(variant.metrics.get(BEST_CER))} if speech else {}
    if variant.documented is not None:
        more["documented"] = variant.documented.to_plain()
    return {
        "id": variant.id,
        "levels": dict(variant.levels),
        "n": variant.estimate.n,
        "mean": finite(variant.estimate.value),
        "interval": interval_plain(variant.estimate.interval),
        "statuses": dict(variant.statuses),
        "difference": None if variant.difference is None else effect_plain(variant.difference),
        "metrics": {metric: finite(mean) for metric, mean in variant.metrics.items()},
        "parameters": variant.parameters,
        "train_seconds": finite(variant.train_seconds),
        "reused": variant.reused,
    } | more


def _claim(judged: ClaimVerdict) -> dict[str, Any]:
    """One form for verdicts of both types: what arithmetic does not have is null."""
    form: dict[str, Any] = dict.fromkeys(CLAIM_KEYS) | {
        "text": judged.claim.text,
        "verdict": judged.verdict,
        "heading": judged.verdict,
        "kind": type(judged.claim).__name__,
        "source": judged.claim.source,
        "sentence": judged.sentence,
        "comparisons": [],
    }
    if isinstance(judged.claim, ConfoundedEffect):
        form["confounded_with"] = list(judged.claim.confounded_with)
    match judged:
        case StatisticalVerdict(claim=ReachesSooner(metric=metric, target=target)):
            return form | _statistics(judged) | {"metric": metric, "target": target}
        case StatisticalVerdict():
            return form | _statistics(judged)
        case ExactVerdict(claim=Larger(tolerance=tolerance), ratio=ratio, n=n):
            return form | {"effect": finite(ratio), "n": n, "metric": record.PARAMETERS, "margin": finite(tolerance)}
        case ExactVerdict(n=n):
            return form | {"n": n}
        case _:
            assert_never(judged)


def _estimate(effect: EstimatedEffect) -> dict[str, Any]:
    declared = effect.declared
    return {"text": declared.text, "confounded_with": list(declared.confounded_with)} | effect_plain(effect.estimate)


def _statistics(judged: StatisticalVerdict) -> dict[str, Any]:
    deciding = judged.deciding
    return {
        "effect": finite(deciding.effect),
        "interval": interval_plain(deciding.interval),
        "n": deciding.n,
        "seeds_needed": judged.seeds_needed,
        "heading": judged.heading,
        "obstacle": _obstacle(deciding.obstacle),
        "confidence": None if deciding.interval is None else deciding.interval.confidence,
        "p_value": judged.p_value,
        "adjusted_p_value": judged.adjusted_p_value,
        "metric": judged.endpoint.quantity.metric,
        "margin": finite(judged.endpoint.margin) if judged.endpoint.said else None,
        "best_set": None if judged.best_set is None else list(judged.best_set),
        "typical": judged.typical,
        "all_runs": judged.all_runs,
        "clean_seeds": judged.clean_seeds,
        "unseen_share_of_failures": judged.failed_runs.unseen,
        "failed_runs": [
            {
                "variant": share.variant,
                "lost": share.lost,
                "untrained": share.untrained,
                "seeds": share.seeds,
                "interval": interval_plain(share.interval),
            }
            for share in judged.failed_runs.shares
        ],
        "failed_runs_p_value": judged.failed_runs.p_value,
        "speaks_for": None if judged.deciding.groups is None else judged.speaks_for,
        "groups": None if judged.deciding.groups is None else _groups(judged.deciding.groups),
        "deciding": [deciding.first, deciding.second],
        "comparisons": [_comparison(comparison) for comparison in judged.comparisons],
        "flips_at": None
        if judged.flips_at is None
        else [
            {"margin": finite(flip.margin), "verdict_below": flip.below, "verdict_above": flip.above}
            for flip in judged.flips_at
        ],
        "exaggeration": judged.exaggeration,
    }


def _groups(groups: HeldOutGroups) -> dict[str, Any]:
    views = {"new_groups": groups.new, "these_groups": groups.these, "over_seeds": groups.seeds}
    return {
        "groups": [
            {"group": group, "seeds": groups.seeds_of[group], "effect": finite(mean)}
            for group, mean in groups.means.items()
        ]
    } | {
        name: {
            "effect": finite(view.estimate.value),
            "interval": interval_plain(view.estimate.interval),
            "p_value": view.p_value,
            "degrees_of_freedom": finite(view.freedom),
        }
        for name, view in views.items()
    }


def _trial(trial: TrialRecord, metric: str) -> dict[str, Any]:
    return {
        "variant": trial.variant,
        "seed": trial.seed,
        "trial_id": trial.trial_id or None,
        "status": trial.status,
        "reason": trial.reason,
        "value": trial.value(metric),
        "best_epoch": trial.best_epoch,
        "train_seconds": trial.train_seconds,
        "device": trial.device,
        "reused": trial.reused,
    }


def _comparison(comparison: Comparison) -> dict[str, Any]:
    companions = comparison.companions
    improvement = companions.probability_of_improvement
    return {
        "first": comparison.first,
        "second": comparison.second,
        "effect": finite(comparison.effect),
        "interval": interval_plain(comparison.interval),
        "n": comparison.n,
        "verdict": comparison.verdict,
        "p_support": comparison.support,
        "p_contradict": comparison.contradict,
        "p_negligible": comparison.negligible,
        "obstacle": _obstacle(comparison.obstacle),
        "race": None if comparison.race is None else asdict(comparison.race),
        "overall": None if comparison.overall is None else effect_plain(comparison.overall),
        "wilcoxon_p": companions.wilcoxon,
        "least_wilcoxon_p": companions.least_wilcoxon,
        "permutation_p": companions.permutation,
        "probability_of_improvement": {
            "value": finite(improvement.value),
            "interval": interval_plain(improvement.interval),
        },
    }


def _obstacle(obstacle: Obstacle | None) -> dict[str, Any] | None:
    return None if obstacle is None else asdict(obstacle)
