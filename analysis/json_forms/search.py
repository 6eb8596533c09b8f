"""A search's summary as JSON values: what `report --json` prints and `report.json` holds. A missing value is null.

Numbers are those of the record: an accuracy of 0.775 stays one, whatever the page makes of it.
"""

from dataclasses import asdict
from typing import Any

from soundproof.analysis.json_forms.values import declared_plain, importance_plain, mean_plain
from soundproof.analysis.statistics.intervals import finite
from soundproof.analysis.summaries.confirmation import Confirmed, ConfirmedPair
from soundproof.analysis.summaries.search import SearchSummary, SearchTrial


def search_plain(summary: SearchSummary) -> dict[str, Any]:
    """The summary as dictionaries, lists, and JSON scalars. `winner` is null until fresh seeds show one."""
    winner, test = summary.confirmation.winner, summary.confirmation.test_measured
    test_metric = None if test is None else test.metric
    return {
        "space": summary.records.space,
        "question": summary.question,
        "search": summary.records.search,
        "preset": summary.records.preset,
        "corpus": summary.records.corpus,
        "metric": summary.measured.metric,
        "unit": summary.measured.recorded_unit,
        "higher_is_better": summary.measured.higher_is_better,
        "margin": finite(summary.records.margin),
        "objectives": [measured.metric for measured in summary.objectives],
        "sampler": summary.records.sampler,
        "scheduler": summary.records.scheduler,
        "asked": summary.records.asked,
        "statuses": dict(summary.statuses),
        "rejected": dict(summary.records.rejected),
        "savings": asdict(summary.savings),
        "winner": None if winner is None else winner.variant,
        "confirmed": [_variant(variant, test_metric) for variant in summary.confirmation.variants],
        "declared": declared_plain(summary.records.declared),
        "corpus_remarks": list(summary.records.corpus_remarks),
        "comparisons": [_pair(pair) for pair in summary.confirmation.pairs],
        "importance": importance_plain(summary.importance),
        "front": [trial.record.trial_id for trial in summary.front],
        "trials": [_trial(trial, summary) for trial in summary.trials],
    }


def _variant(confirmed: Confirmed, test_metric: str | None) -> dict[str, Any]:
    return {
        "variant": confirmed.variant,
        "trial_id": confirmed.trial_id or None,
        "number": confirmed.number,
        "choices": dict(confirmed.choices),
        **mean_plain(confirmed.estimate),
        "seeds": sorted(confirmed.values),
        "search_value_optimistic": finite(confirmed.own),
        "optimism": finite(confirmed.optimism),
        "test": None if confirmed.test is None else {"metric": test_metric, **mean_plain(confirmed.test)},
        "statuses": dict(confirmed.statuses),
        "judged": not confirmed.unfit,
    }


def _pair(pair: ConfirmedPair) -> dict[str, Any]:
    return {
        "first": pair.first,
        "second": pair.second,
        "effect": mean_plain(pair.effect),
        "p_value": pair.p_value,
        "adjusted_p_value": pair.adjusted_p_value,
        "apart": pair.apart,
    }


def _trial(trial: SearchTrial, summary: SearchSummary) -> dict[str, Any]:
    ended = trial.record
    return {
        "number": ended.number,
        "trial_id": ended.trial_id or None,
        "variant": ended.variant,
        "choices": dict(ended.choices),
        "status": ended.status,
        "epochs": ended.trained_epochs,
        "epochs_in_full": ended.epochs,
        "values": {measured.metric: value for measured, value in zip(summary.objectives, trial.values, strict=True)},
        "reason": ended.reason,
        "reused": ended.reused,
        "repeats": trial.repeats,
        "on_front": trial.on_front,
    }
