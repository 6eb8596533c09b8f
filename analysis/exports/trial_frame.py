"""Every trial of a record as one row of a data frame; the frame as comma-separated values, and as Apache Parquet."""

import csv
from collections.abc import Iterable, Mapping, Sequence
from statistics import fmean
from typing import Any

import pandas as pd

from soundproof.analysis.records.spec_parameters import Scalar, fill_absent, flatten_spec
from soundproof.analysis.records.trials import Results, SearchRecords
from soundproof.common import record
from soundproof.common.spreadsheets import harmless
from soundproof.search_spaces.documented.numbers import documented_numbers

TEXT, WHOLE, REAL, YES_OR_NO = "string", "Int64", "Float64", "boolean"
"""pandas' types that can lack values without becoming others."""

FIXED: Mapping[str, str] = {
    "variant": TEXT,
    "seed": WHOLE,
    "status": TEXT,
    "reason": TEXT,
    "run_id": TEXT,
    "trial_id": TEXT,
    "reused_from": TEXT,
    "device": TEXT,
}
"""The columns that every frame has, with their types."""

OF_SEARCHES: Mapping[str, str] = {"number": WHOLE, "purpose": TEXT}
"""Those that the frame of a search has besides."""

LEVELS, METRICS, DOCUMENTED, PARAMS, CHOICES = "levels.", "metrics.", "documented.", "params.", "choices."
"""How the names of the other columns begin; those of metrics and parameters as in MLflow's own tables."""

_LARGEST = 2**63 - 1


def trial_frame(records: Results | SearchRecords) -> pd.DataFrame:
    """One row per trial, in the order of the record: what is missing is missing, and an empty text is a missing one.

    Columns: `FIXED`, then for each name `levels.` (text; of a search, `choices.`), `metrics.` (numbers as recorded) and
    `params.`, the trial's spec by dotted names. Of documented variants there are `documented.`, what their documents
    say of a metric, the mean where that is of several `documented.runs`. A column of choices or parameters holds
    booleans, whole numbers or numbers where all of its values are such, else text. One that is empty for every trial is
    left out.
    """
    fixed = {**FIXED, **OF_SEARCHES} if isinstance(records, SearchRecords) else FIXED
    trials = records.trials
    columns: dict[str, pd.Series[Any]] = {
        name: pd.Series([_text_or(getattr(trial, name)) for trial in trials], dtype=kind)
        for name, kind in fixed.items()
    }
    if isinstance(records, SearchRecords):
        columns |= _columns(CHOICES, [trial.choices for trial in trials])
    else:
        columns |= _columns(LEVELS, [trial.levels for trial in trials], kind=TEXT)
    columns |= _columns(METRICS, [trial.finite_metrics for trial in trials], kind=REAL)
    columns |= _columns(DOCUMENTED, [_documented(trial.variant) for trial in trials], kind=REAL)
    columns |= _columns(PARAMS, fill_absent([flatten_spec(trial.spec) for trial in trials]))
    return pd.DataFrame(columns)


def _documented(variant_id: str) -> Mapping[str, Scalar]:
    numbers = documented_numbers(variant_id)
    if numbers is None:
        return {}
    found = {metric: numbers.values(metric) for metric in (*numbers.metrics, record.PARAMETERS)}
    runs = max(map(len, found.values()))
    return {"runs": runs or None} | {metric: fmean(values) for metric, values in found.items() if values}


def _columns(prefix: str, rows: Sequence[Mapping[str, Scalar]], kind: str | None = None) -> "dict[str, pd.Series[Any]]":
    """A column for each name that any row has, in the order in which names are met."""
    made = {}
    for name in dict.fromkeys(name for row in rows for name in row):
        values = [_text_or(row.get(name)) for row in rows]
        if any(value is not None for value in values):
            of_column = kind or _kind(values)
            made[prefix + name] = pd.Series(
                [str(value) if of_column == TEXT and value is not None else value for value in values], dtype=of_column
            )
    return made


def _kind(values: Iterable[Scalar]) -> str:
    """The narrowest type that holds all values without changing any. 1 and True are not the same."""
    kinds = {type(value) for value in values if value is not None}
    if kinds == {bool}:
        return YES_OR_NO
    if not kinds <= {int, float} or any(isinstance(value, int) and abs(value) > _LARGEST for value in values):
        return TEXT
    return WHOLE if kinds == {int} else REAL


def _text_or(value: Scalar) -> Scalar:
    return None if value == "" and isinstance(value, str) else value


def trials_csv(frame: pd.DataFrame) -> str:
    """The frame with a line of headings. Texts are quoted, numbers are written with as many digits as they have.

    No spreadsheet executes it: texts are made harmless as `soundproof.common.spreadsheets` says. pandas reads
    everything back exactly with

        pandas.read_csv(file, keep_default_na=False, na_values=[""], dtype_backend="numpy_nullable")

    where no text column holds nothing but numbers; for one that might, name its type: dtype={"variant": "string"}. An
    older pandas, which does not read all numbers exactly by itself, also needs float_precision="round_trip".
    """
    safe = frame.copy()
    for name in frame.columns:
        if frame[name].dtype == TEXT:
            safe[name] = frame[name].map(harmless, na_action="ignore")
    safe.columns = pd.Index([harmless(name) for name in frame.columns])
    text: str = safe.to_csv(index=False, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\n")
    return text


def trials_parquet(frame: pd.DataFrame) -> bytes:
    """The frame with its types: the content of a file that pandas, Arrow, DuckDB or Spark reads."""
    content: bytes = frame.to_parquet(index=False)
    return content
