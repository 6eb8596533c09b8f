"""A study's report, from the tracking store to JSON, tables, and a page."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.table import Table

from soundproof.analysis.json_forms.search import search_plain
from soundproof.analysis.json_forms.values import json_text
from soundproof.analysis.notation.quantities import curve_metric, quantity, training_metric
from soundproof.analysis.pages.search import write_search_report
from soundproof.analysis.prose.declared import declared_sentence
from soundproof.analysis.prose.search import search_answer
from soundproof.analysis.records.loading import load_search, load_study
from soundproof.analysis.records.trials import RecordsError, SearchRecords, TrialRecord
from soundproof.analysis.study_report import StudyReport
from soundproof.analysis.summaries.search import SearchSummary, summarise_search
from soundproof.analysis.summaries.study import summarise
from soundproof.analysis.tables.search import search_tables
from soundproof.analysis.tables.terminal import terminal_table
from soundproof.common import record
from soundproof.search_spaces.claims import curve_metrics
from soundproof.search_spaces.studies import Question


def report_study(
    study: Question, tracking_uri: str, preset: str | None = None, corpus: str | None = None
) -> StudyReport:
    """Load, estimate, and decide. Raises `RecordsError` when the store holds no record of the study."""
    histories: tuple[str, ...] = tuple(curve_metrics(study.claims))
    if record.outside_name(study.metric) is None:  # of other programs the record has no curves
        validation = curve_metric(study.metric)
        histories = tuple(dict.fromkeys((validation, training_metric(validation), *histories)))
    records = load_study(tracking_uri, study.id, preset, corpus, histories=histories, study=study)
    return StudyReport(records=records, summary=summarise(study, records))


@dataclass(frozen=True, kw_only=True, slots=True)
class SearchReport:
    """The records of a search and what they say."""

    records: SearchRecords
    summary: SearchSummary

    def plain(self) -> dict[str, Any]:
        """The value that `report --json` prints."""
        return search_plain(self.summary)

    def json(self) -> str:
        """The same as text, without NaN."""
        return json_text(self.plain())

    def answer(self) -> str:
        """The network that was found, in a sentence or two."""
        return search_answer(self.summary)

    def declared(self) -> str:
        """What is said of when the number of fresh seeds was declared, where that was not before they were seen."""
        found = self.records.declared
        late = found is not None and found.reasons and self.summary.confirmation.pairs
        return declared_sentence(found) if late else ""

    def tables(self) -> tuple[Table, ...]:
        """What was confirmed, what was done, and which choices matter, for the terminal."""
        return tuple(map(terminal_table, search_tables(self.summary)))

    def write(self, out: Path) -> Path:
        """Write report.html and report.json into the folder `out`; gives the page's path."""
        return write_search_report(self.summary, out)


def report_search(
    space_id: str,
    question: str,
    tracking_uri: str,
    preset: str | None = None,
    corpus: str | None = None,
    *,
    search: str | None = None,
) -> SearchReport:
    """Load, estimate, and compare; of several searches, the one updated last. Raises `RecordsError` where none is."""
    records = load_search(tracking_uri, space_id, preset, corpus, search)
    return SearchReport(records=records, summary=summarise_search(question, records))


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
            f"nothing that was found in {summary.records.space!r} is confirmed on fresh seeds: give the search again "
            "with --confirm 3, or name a trial"
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
