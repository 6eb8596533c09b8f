"""Trials as comma-separated values that no spreadsheet executes.

A spreadsheet takes a cell that begins with =, +, - or @ for a formula, quoted or not (OWASP, "CSV Injection"). A text
that does gets a leading apostrophe, and so does one that begins with an apostrophe: leaving one out gives the original.
Texts that are numbers stay as they are. pandas reads everything back exactly with

    pandas.read_csv(file, keep_default_na=False, na_values=[""], dtype_backend="numpy_nullable")

where no text column holds nothing but numbers; for one that might, name its type: dtype={"variant": "string"}. An older
pandas, which does not read all numbers exactly by itself, also needs float_precision="round_trip".
"""

from __future__ import annotations

import csv
import re

import pandas as pd

from analysis.exports.trial_frame import TEXT

_STARTS_FORMULA = re.compile(r"[\s\x00-\x1f]*[=+\-@'\uff1d\uff0b\uff0d\uff20]")
"""Spreadsheets for East Asian scripts take the wide forms of these characters for the characters."""
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?", re.ASCII)


def harmless(text: str) -> str:
    """`text` as a cell that is shown and not executed."""
    if _STARTS_FORMULA.match(text) is None or _NUMBER.fullmatch(text) is not None:
        return text
    return "'" + text


def trials_csv(frame: pd.DataFrame) -> str:
    """The frame with a line of headings. Texts are quoted, numbers are written with as many digits as they have."""
    safe = frame.copy()
    for name in frame.columns:
        if frame[name].dtype == TEXT:
            safe[name] = frame[name].map(harmless, na_action="ignore")
    safe.columns = pd.Index([harmless(name) for name in frame.columns])
    text: str = safe.to_csv(index=False, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\n")
    return text
