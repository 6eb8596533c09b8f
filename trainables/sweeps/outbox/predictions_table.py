"""Targets beside predictions as a table that MLflow's pages show: comma-separated values."""

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

from soundproof.common.spreadsheets import harmless

_FIRST = ("key", "reference", "hypothesis")


def predictions_csv(predictions: Mapping[str, Sequence[Mapping[str, Any]]]) -> str:
    """A line for each example, by partition; the columns are those of the rows. No spreadsheet executes a text.

    What is compared stands first: MLflow's pages cut a wide table.
    """
    names = dict.fromkeys(name for rows in predictions.values() for row in rows for name in row)
    columns = sorted(names, key=lambda name: name not in _FIRST)
    first = sum(name in _FIRST for name in columns)
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_NONNUMERIC)
    table.writerow([*columns[:first], "partition", *columns[first:]])
    for partition, rows in predictions.items():
        lines = ([_cell(row.get(name)) for name in columns] for row in rows)
        table.writerows([*line[:first], partition, *line[first:]] for line in lines)
    return text.getvalue()


def _cell(value: object) -> object:
    return harmless(value) if isinstance(value, str) else value
