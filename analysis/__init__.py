"""What the records say: load, estimate, decide, draw, report. Reads MLflow, and nothing else."""

import search_spaces.privacy  # noqa: F401  # before MLflow is imported
from analysis.comparisons import Comparison, Verdict
from analysis.loading import load_study
from analysis.plain import to_json, to_plain
from analysis.predictions import Prediction, Predictions, load_predictions
from analysis.records import RecordsError, StudyRecords, TrialRecord
from analysis.report import render_page, write_report
from analysis.statistics import Estimate, Interval
from analysis.study_report import StudyReport, report_study
from analysis.summary import StudySummary, VariantSummary, summarise
from analysis.tables import variants_table, verdicts_table
from analysis.verdicts import ClaimVerdict, decide

__all__ = [
    "ClaimVerdict",
    "Comparison",
    "Estimate",
    "Interval",
    "Prediction",
    "Predictions",
    "RecordsError",
    "StudyRecords",
    "StudyReport",
    "StudySummary",
    "TrialRecord",
    "VariantSummary",
    "Verdict",
    "decide",
    "load_predictions",
    "load_study",
    "render_page",
    "report_study",
    "summarise",
    "to_json",
    "to_plain",
    "variants_table",
    "verdicts_table",
    "write_report",
]
