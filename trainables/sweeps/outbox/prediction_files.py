"""The predictions of one trial for whoever browses the record: a table of comma-separated values, and a picture."""

import csv
import io
from collections import Counter
from collections.abc import Mapping, Sequence
from html import escape
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
        lines = ([_harmless(row.get(name)) for name in columns] for row in rows)
        table.writerows([*line[:first], partition, *line[first:]] for line in lines)
    return text.getvalue()


def _harmless(value: object) -> object:
    return harmless(value) if isinstance(value, str) else value


_CELL, _LABEL, _TITLE = 34, 130, 46
"""Pixels: side of a cell, room for the names of classes, room for the title."""

_LONGEST_NAME = 18


def confusion_svg(rows: Sequence[Mapping[str, Any]], title: str) -> str:
    """Counts of (reference, hypothesis) pairs of predictions; darker cells hold more of their row. SVG text."""
    counts = Counter((str(row["reference"]), str(row["hypothesis"])) for row in rows)
    classes = sorted({name for pair in counts for name in pair})
    totals = Counter(str(row["reference"]) for row in rows)
    side = _CELL * len(classes)
    width, height = _LABEL + side + 10, _TITLE + side + _LABEL
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" font-family="sans-serif" '
        f'font-size="12"><rect width="100%" height="100%" fill="white"/><text x="8" y="20">{escape(title)}</text>'
        f'<text x="8" y="38" fill="#555">rows: what it is, columns: what the network says</text>'
    ]
    for place, name in enumerate(classes):
        middle = _CELL * place + _CELL // 2
        label = escape(name if len(name) <= _LONGEST_NAME else name[: _LONGEST_NAME - 1] + "\N{HORIZONTAL ELLIPSIS}")
        x, y = _LABEL + middle, _TITLE + side + 8
        parts.append(f'<text x="{_LABEL - 6}" y="{_TITLE + middle + 4}" text-anchor="end">{label}</text>')
        parts.append(f'<text x="{x}" y="{y}" text-anchor="end" transform="rotate(-60 {x} {y})">{label}</text>')
    for row, reference in enumerate(classes):
        for column, hypothesis in enumerate(classes):
            count = counts[reference, hypothesis]
            share = count / totals[reference] if totals[reference] else 0.0
            parts.append(_cell(_LABEL + _CELL * column, _TITLE + _CELL * row, count, share))
    return "".join([*parts, "</svg>\n"])


def _cell(x: int, y: int, count: int, share: float) -> str:
    ink = "white" if share > 0.5 else "black"
    box = f'<rect x="{x}" y="{y}" width="{_CELL}" height="{_CELL}" fill="#1f4e8c" fill-opacity="{share:.3f}"/>'
    if count == 0:
        return box
    middle = _CELL // 2
    return f'{box}<text x="{x + middle}" y="{y + middle + 4}" text-anchor="middle" fill="{ink}">{count}</text>'
