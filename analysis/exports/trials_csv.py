"""Trials as comma-separated values that no spreadsheet executes.

Texts are made harmless as `soundproof.common.spreadsheets` says. pandas reads everything back exactly with

    pandas.read_csv(file, keep_default_na=False, na_values=[""], dtype_backend="numpy_nullable")

where no text column holds nothing but numbers; for one that might, name its type: dtype={"variant": "string"}. An older
pandas, which does not read all numbers exactly by itself, also needs float_precision="round_trip".
"""

import csv

import pandas as pd

from soundproof.analysis.exports.trial_frame import TEXT
from soundproof.common.spreadsheets import harmless


def trials_csv(frame: pd.DataFrame) -> str:
    """The frame with a line of headings. Texts are quoted, numbers are written with as many digits as they have."""
    safe = frame.copy()
    for name in frame.columns:
        if frame[name].dtype == TEXT:
            safe[name] = frame[name].map(harmless, na_action="ignore")
    safe.columns = pd.Index([harmless(name) for name in frame.columns])
    text: str = safe.to_csv(index=False, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\n")
    return text
