"""Tables that Weights & Biases exports: the run table is read, the points of a chart are not."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from soundproof.analysis.sources.found import Found, SourceError
from soundproof.analysis.sources.text_tables import TextTable, runs_of

_OWN = ("Name", "State", "Notes", "User", "Tags", "Created", "Runtime", "Sweep")
_FURTHER_OWN = ("ID", "_wandb", "_runtime", "_timestamp", "_step")
_ENOUGH_OF_THEM = 6
_TWINS = ("__MIN", "__MAX")


def fits(headings: Sequence[str]) -> bool:
    """Whether a table begins with W&B's own columns; people may hide some of them before they export."""
    own = [heading for heading in headings[: len(_OWN) + 1] if heading in _OWN]
    return "Name" in own and "State" in own and len(own) >= _ENOUGH_OF_THEM


def found(table: TextTable, name: str) -> Found:
    """The runs of a run table. `-` is an empty cell; `Name` is no key, since runs that are repeated keep theirs."""
    rows = [{heading: cell for heading, cell in row.items() if cell != "-"} for row in table.rows]
    hints = {heading: "bookkeeping" for heading in table.headings if heading in _OWN or heading in _FURTHER_OWN}
    return Found(
        name=name,
        kind="W&B run table",
        columns=table.headings,
        runs=runs_of(replace(table, rows=rows), state="State"),
        notes=table.notes,
        hints={**table.hints, **hints, "State": "state"},
    )


def is_chart(headings: Sequence[str]) -> bool:
    """Whether all columns but the first, the x axis, are curves with their least and greatest values."""
    present = set(headings)
    curves = {heading for heading in headings[1:] if all(heading + twin in present for twin in _TWINS)}
    twins = {curve + twin for curve in curves for twin in _TWINS}
    return bool(curves) and set(headings[1:]) == curves | twins


def chart_error(path: Path) -> SourceError:
    """Why the points of a chart are refused."""
    return SourceError(
        f"{path} is the export of a W&B chart: its columns are curves of groups, with {' and '.join(_TWINS)}, and "
        "single runs are gone from it. Export the run table instead: in the project's table of runs, download as CSV."
    )
