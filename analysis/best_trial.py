"""The one trial of a study or a search whose network to use."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from soundproof.analysis.metrics import quantity
from soundproof.analysis.records import RecordsError, TrialRecord
from soundproof.analysis.search_report import SearchReport
from soundproof.analysis.study_report import StudyReport
from soundproof.search_spaces import record


@dataclass(frozen=True, kw_only=True, slots=True)
class BestTrial:
    """A trial, and why it is the best: of the best variant the seed with the best value on validation data."""

    trial_id: str
    why: str


def best_of_study(report: StudyReport) -> BestTrial:
    """Of the variant that the report ranks first. Raises `RecordsError` where no trial was completed."""
    summary = report.summary
    if not summary.measured_variants:
        raise RecordsError(f"no trial of {summary.study.id!r} has a comparable number yet: run the study first")
    variant = summary.measured_variants[0]
    return _best(report.records.comparable(variant.id), summary.study.metric, variant.label, "best variant")


def best_of_search(report: SearchReport) -> BestTrial:
    """Of the winner on fresh seeds. Raises `RecordsError` where nothing is confirmed."""
    summary = report.summary
    winner = summary.confirmation.winner
    if winner is None:
        raise RecordsError(
            f"nothing that was found in {summary.space!r} is confirmed on fresh seeds: give the search again with "
            "--confirm 3, or name a trial"
        )
    trials = [trial for trial in report.records.confirmations if trial.comparable and trial.variant == winner.variant]
    return _best(trials, report.records.objectives[0], winner.variant, "best confirmed variant")


def _best(trials: Iterable[TrialRecord], metric: str, variant: str, which: str) -> BestTrial:
    sign = -1.0 if record.higher_is_better(metric) else 1.0
    best = min((trial for trial in trials if metric in trial.metrics), key=lambda trial: sign * trial.metrics[metric])
    measured = quantity(metric)
    value = measured.level(best.metrics[metric])
    return BestTrial(
        trial_id=best.trial_id,
        why=f"seed {best.seed} of the {which}, {variant}, by {measured.name} ({value}); its test numbers chose nothing",
    )
