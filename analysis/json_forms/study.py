"""The summary as JSON values: what `report --json` prints and `report.json` holds. A missing value is null.

Numbers are those of the record: an accuracy of 0.775 stays one, whatever the page makes of it.
"""

from __future__ import annotations

import json
import math
from typing import Any

from soundproof.analysis.statistics.intervals import Estimate, Interval
from soundproof.analysis.summaries.costs import TrialCost
from soundproof.analysis.summaries.secondary import BEST_CER, transcribes
from soundproof.analysis.summaries.study import StudySummary, VariantSummary
from soundproof.analysis.verdicts.comparisons import Comparison
from soundproof.analysis.verdicts.evidence import Obstacle
from soundproof.analysis.verdicts.verdicts import ClaimVerdict


def to_plain(summary: StudySummary) -> dict[str, Any]:
    """The summary as dictionaries, lists, and JSON scalars; variants in the order of the study."""
    by_id = {variant.id: variant for variant in summary.variants}
    return {
        "study": summary.study.id,
        "question": summary.study.question,
        "preset": summary.preset,
        "corpus": summary.corpus,
        "metric": summary.measured.metric,
        "unit": summary.measured.recorded_unit,
        "margin": _finite(summary.margin),
        "baseline": summary.study.baseline,
        "seeds": list(summary.seeds),
        "planned_seeds": summary.planned_seeds,
        "looked_once": summary.looked_once,
        "variants": [
            _variant(by_id[variant.id], speech=transcribes(summary.study)) for variant in summary.study.variants
        ],
        "claims": [_claim(claim) for claim in summary.claims],
        "train_seconds": _finite(summary.costs.train_seconds),
        "trials": [_trial(trial) for trial in summary.costs.trials],
    }


def to_json(summary: StudySummary) -> str:
    """The same as text. Never holds NaN or Infinity, which are not JSON."""
    return json.dumps(to_plain(summary), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _variant(variant: VariantSummary, *, speech: bool) -> dict[str, Any]:
    return {
        "id": variant.id,
        "levels": dict(variant.levels),
        "n": variant.estimate.n,
        "mean": _finite(variant.estimate.value),
        "interval": _interval(variant.estimate.interval),
        "statuses": dict(variant.statuses),
        "difference": None if variant.difference is None else _estimate(variant.difference),
        "metrics": {metric: _finite(mean) for metric, mean in variant.metrics.items()},
        "parameters": variant.parameters,
        "train_seconds": _finite(variant.train_seconds),
        "reused": variant.reused,
    } | ({"best_cer": _finite(variant.metrics.get(BEST_CER))} if speech else {})


def _claim(claim: ClaimVerdict) -> dict[str, Any]:
    return {
        "text": claim.text,
        "verdict": claim.verdict,
        "effect": _finite(claim.effect),
        "interval": _interval(claim.interval),
        "n": claim.n,
        "seeds_needed": claim.seeds_needed,
        "heading": claim.heading,
        "obstacle": _obstacle(claim.obstacle),
        "confidence": None if claim.interval is None else claim.interval.confidence,
        "p_value": claim.p_value,
        "adjusted_p_value": claim.adjusted_p_value,
        "kind": claim.kind,
        "source": claim.source,
        "sentence": claim.sentence,
        "metric": claim.metric,
        "margin": _finite(claim.margin),
        "best_set": None if claim.best_set is None else list(claim.best_set),
        "deciding": None if claim.deciding is None else [claim.deciding.first, claim.deciding.second],
        "comparisons": [_comparison(comparison) for comparison in claim.comparisons],
    }


def _trial(trial: TrialCost) -> dict[str, Any]:
    return {
        "variant": trial.variant,
        "seed": trial.seed,
        "trial_id": trial.trial_id or None,
        "status": trial.status,
        "reason": trial.reason,
        "value": _finite(trial.value),
        "best_epoch": trial.best_epoch,
        "train_seconds": _finite(trial.train_seconds),
        "device": trial.device,
        "reused": trial.reused,
    }


def _comparison(comparison: Comparison) -> dict[str, Any]:
    companions = comparison.companions
    improvement = companions.probability_of_improvement
    return {
        "first": comparison.first,
        "second": comparison.second,
        "effect": _finite(comparison.effect),
        "interval": _interval(comparison.interval),
        "n": comparison.n,
        "verdict": comparison.verdict,
        "p_support": comparison.support,
        "p_contradict": comparison.contradict,
        "obstacle": _obstacle(comparison.obstacle),
        "overall": None if comparison.overall is None else _estimate(comparison.overall),
        "wilcoxon_p": companions.wilcoxon,
        "least_wilcoxon_p": companions.least_wilcoxon,
        "permutation_p": companions.permutation,
        "probability_of_improvement": {
            "value": _finite(improvement.value),
            "interval": _interval(improvement.interval),
        },
    }


def _obstacle(obstacle: Obstacle | None) -> dict[str, Any] | None:
    if obstacle is None:
        return None
    return {"kind": obstacle.kind, "variant": obstacle.variant, "count": obstacle.count, "total": obstacle.total}


def _estimate(estimate: Estimate) -> dict[str, Any]:
    return {"effect": _finite(estimate.value), "interval": _interval(estimate.interval), "n": estimate.n}


def _interval(interval: Interval | None) -> list[float | None] | None:
    return None if interval is None else [_finite(interval.low), _finite(interval.high)]


def _finite(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else value
