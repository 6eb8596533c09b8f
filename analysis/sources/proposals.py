"""Logs of an agent's proposals, often `results.tsv`: a row for each commit that was tried, and what became of it."""

import re
from collections.abc import Sequence
from dataclasses import replace

from soundproof.analysis.sources.cells import number
from soundproof.analysis.sources.found import Found
from soundproof.analysis.sources.text_tables import (
    Cells,
    TextTable,
    named_lines,
    read_table,
    runs_of,
    table_of,
    wrong_count,
)

_COMMITS = {"commit", "git_commit", "commit_hash", "commit_sha", "sha", "hash"}
_TEXTS = {"description", "desc", "notes", "note", "comment", "comments", "summary", "message", "hypothesis"}
_CRASHED = {"crash", "crashed", "fail", "failed", "failure", "error", "oom"}
_DISCARDED = {"discard", "discarded", "revert", "reverted", "rejected"}
_COUNTS = re.compile(r"(?i)#|(.*[_ ])?(seed|fold|index|id|iter|iteration|run|trial|experiment|exp|step|epoch|number)s?")
_QUOTED = re.compile(r'"((?:[^"]|"")*)"')


def fits(headings: Sequence[str]) -> bool:
    """Whether a table has a status, and a commit or free text as its last column."""
    names = [heading.lower() for heading in headings]
    return "status" in names and (names[-1] in _TEXTS or not _COMMITS.isdisjoint(names))


def read_loosely(text: str, name: str) -> TextTable:
    """A log separated by tabs whose texts may hold quotes as they are, and tabs in the last column.

    Agents append such rows with `echo`: a quote at the start of a text would take in all lines to the next quote.
    Where lines are no rows, since a text in quotes has several lines, the file is read as any other table.
    """
    numbered = [(at, line) for at, line in enumerate(re.split(r"\r\n|\n|\r", text), start=1) if line.strip()]
    headings, *rows = [[_unquoted(cell) for cell in line.split("\t")] for _, line in numbered]
    if any(len(row) < len(headings) for row in rows) and '"' in text:
        return read_table(text, "\t", name)
    lines = [at for at, _ in numbered[1:]]
    measured = _measured([row for row in rows if len(row) == len(headings)], len(headings))
    joined = []
    for line, row in zip(lines, rows, strict=True):
        if len(row) > len(headings):
            if not _ends_in_text(headings, row, measured):
                raise wrong_count(name, line, row, headings)
            row[len(headings) - 1 :] = ["\t".join(row[len(headings) - 1 :]).strip()]
            joined.append(line)
    table = table_of(name, "\t", headings, zip(lines, rows, strict=True))
    if not joined:
        return table
    note = f"Tabs in {named_lines(joined)} are part of the last column, {headings[-1]}."
    return replace(table, notes=(*table.notes, note))


def _unquoted(cell: str) -> str:
    """A cell without white space, and without quotes around all of it."""
    bare = cell.strip()
    quoted = _QUOTED.fullmatch(bare)
    return quoted[1].replace('""', '"').strip() if quoted else bare


def _measured(rows: Sequence[Sequence[str]], width: int) -> set[int]:
    """The places where every row has a number or nothing."""
    return {at for at in range(width) if all(not row[at] or number(row[at]) is not None for row in rows)}


def _ends_in_text(headings: Sequence[str], row: Sequence[str], measured: set[int]) -> bool:
    """Whether the cells of a longer row stand below the right headings, so that the last ones are one text."""
    if headings[-1].lower() not in _TEXTS:
        return False
    status = [heading.lower() for heading in headings].index("status")
    if not row[status] or number(row[status]) is not None:
        return False
    return all(not row[at] or number(row[at]) is not None for at in measured if at not in (status, len(headings) - 1))


def found(table: TextTable, name: str) -> Found:
    """The tried commits. A crash is often written as 0, which would win where less is better: such zeros are NaN."""
    by_name = {heading.lower(): heading for heading in table.headings}
    status = by_name["status"]
    metrics = _metrics(table, status)
    rows = [_without_zeros(row, metrics, status) for row in table.rows]
    changed = [line for (line, before), row in zip(table.numbered(), rows, strict=True) if row != before]
    notes = [*table.notes, *_suspects(table, metrics, status)]
    if changed:
        notes.append(
            f"A 0 in a run that crashed is no measurement: NaN here, in {named_lines(changed)} of {table.name}."
        )
    hints = {by_name[commit]: "bookkeeping" for commit in sorted(_COMMITS) if commit in by_name}
    if table.headings[-1].lower() in _TEXTS:
        hints[table.headings[-1]] = "variant"
    return Found(
        name=name,
        kind="log of proposals",
        columns=table.headings,
        runs=runs_of(replace(table, rows=rows), state=status),
        notes=tuple(notes),
        hints={**table.hints, **hints, status: "state"},
    )


def _metrics(table: TextTable, status: str) -> list[str]:
    """The columns that hold numbers alone, and neither count nor seed anything."""
    return [
        heading
        for heading in table.headings
        if heading != status
        and heading.lower() not in _COMMITS
        and not _COUNTS.fullmatch(heading)
        and all(heading not in row or number(row[heading]) is not None for row in table.rows)
    ]


def _without_zeros(row: Cells, metrics: Sequence[str], status: str) -> Cells:
    """The row; if it crashed, with NaN for the zeros in its metrics."""
    if row.get(status, "").lower() not in _CRASHED:
        return row
    zeros = {metric: "nan" for metric in metrics if metric in row and number(row[metric]) == 0}
    return {**row, **zeros}


def _suspects(table: TextTable, metrics: Sequence[str], status: str) -> list[str]:
    """Sentences on discarded rows with a 0 that no other row has: some logs call their crashes discarded."""
    notes = []
    for metric in metrics:
        zeros = [
            (line, row.get(status, "").lower()) for line, row in table.numbered() if number(row.get(metric, "")) == 0
        ]
        discarded = [line for line, word in zeros if word in _DISCARDED]
        if discarded and all(word in _DISCARDED | _CRASHED for _, word in zeros):
            notes.append(
                f"{metric} is exactly 0 in discarded rows alone, {named_lines(discarded)} of {table.name}: if these "
                "runs crashed, it is no measurement, and should be NaN in the file."
            )
    return notes
