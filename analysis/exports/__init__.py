"""The record in forms that other tools read, one file per form: from records to text or bytes.

The forms `latex` and `markdown` of a report are tables: `analysis/tables`.
"""

from soundproof.analysis.exports.citation import citation, cite
from soundproof.analysis.exports.optuna_study import (
    DistributionsOf,
    curve_of,
    optuna_file,
    optuna_url,
    search_as_optuna,
    study_as_optuna,
)
from soundproof.analysis.exports.run_facts import recorded_space, run_facts
from soundproof.analysis.exports.script import search_script, study_script
from soundproof.analysis.exports.trial_frame import trial_frame, trials_csv, trials_parquet

__all__ = [
    "DistributionsOf",
    "citation",
    "cite",
    "curve_of",
    "optuna_file",
    "optuna_url",
    "recorded_space",
    "run_facts",
    "search_as_optuna",
    "search_script",
    "study_as_optuna",
    "study_script",
    "trial_frame",
    "trials_csv",
    "trials_parquet",
]
