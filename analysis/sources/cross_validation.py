"""scikit-learn's `cv_results_` as a table: a run for each candidate and split."""

import re
from collections.abc import Sequence

from soundproof.analysis.sources.cells import number
from soundproof.analysis.sources.found import Found, FoundRun, SourceError
from soundproof.analysis.sources.text_tables import Cells, TextTable
from soundproof.common.counting import counted

_SPLIT = re.compile(r"split(\d+)_((?:test|train)_.+)")
_OF_SPLITS = re.compile(r"(mean|std)_((fit|score)_time|(test|train)_.+)|rank_test_.+")
_HALVING = ("iter", "n_resources")


def fits(headings: Sequence[str]) -> bool:
    """Whether a table has the columns that every search of scikit-learn writes."""
    return "mean_fit_time" in headings and any(map(_SPLIT.fullmatch, headings))


def found(table: TextTable, name: str) -> Found:
    """The scores of each candidate on each split, without what scikit-learn computes from them.

    An empty score is a fit that failed, since NaN is what the search keeps of it and pandas writes NaN as nothing.
    """
    scores = {heading: part for heading in table.headings if (part := _SPLIT.fullmatch(heading))}
    folds = sorted({int(part[1]) for part in scores.values()})
    metrics = tuple(dict.fromkeys(part[2] for part in scores.values()))
    kept = [heading for heading in table.headings if heading not in scores and not _OF_SPLITS.fullmatch(heading)]
    rows, notes = _compared(table)
    runs = []
    for line, cells in rows:
        settings = {heading: cells[heading] for heading in kept if heading in cells}
        for fold in folds:
            measured = {metric: cells.get(f"split{fold}_{metric}", "nan") for metric in metrics}
            where = f"{table.where(line)}, split {fold}"
            runs.append(FoundRun(where=where, cells={**settings, "fold": str(fold), **measured}))
    left_out = ", ".join(heading for heading in table.headings if _OF_SPLITS.fullmatch(heading))
    notes = [*table.notes, *notes, f"Left out, since they summarise the splits of a candidate: {left_out}."]
    bookkeeping = {heading: "bookkeeping" for heading in kept if heading == "params"}
    return Found(
        name=name,
        kind="scikit-learn cv_results_",
        columns=(*kept, "fold", *metrics),
        runs=tuple(runs),
        notes=(*notes, *_failed(runs, metrics)),
        hints={**table.hints, **bookkeeping, "fold": "fold"},
    )


def _compared(table: TextTable) -> tuple[list[tuple[int, Cells]], list[str]]:
    """The rows after their lines; of a halving search only the last iteration of each candidate."""
    if not set(_HALVING) <= set(table.headings):
        return list(table.numbered()), []
    settings = [heading for heading in table.headings if heading.startswith("param_")]
    last: dict[tuple[str | None, ...], tuple[int, Cells]] = {}
    for line, cells in table.numbered():
        candidate = tuple(map(cells.get, settings))
        if candidate not in last or _whole(table, line, cells, "iter") >= _whole(table, *last[candidate], "iter"):
            last[candidate] = (line, cells)
    used = sorted({_whole(table, line, cells, "n_resources") for line, cells in last.values()})
    notes = [
        f"A halving search: {counted(len(last), 'row')} of {len(table.rows):,} are read, the last iteration of each "
        "candidate; earlier ones are left out."
    ]
    if len(used) > 1:
        notes.append(f"Its candidates were last measured with unlike n_resources: {', '.join(map(str, used))}.")
    return sorted(last.values(), key=lambda row: row[0]), notes


def _whole(table: TextTable, line: int, cells: Cells, heading: str) -> int:
    """A whole number of a row."""
    value = number(cells.get(heading, ""))
    if value is None or not value.is_integer():
        given = cells.get(heading, "nothing")
        raise SourceError(f"{table.where(line)}: expected a whole number below {heading}, found {given}. Export again.")
    return int(value)


def _failed(runs: Sequence[FoundRun], metrics: Sequence[str]) -> list[str]:
    """A sentence on the fits that failed."""
    failed = sum(any(run.cells[metric].lower() == "nan" for metric in metrics) for run in runs)
    return [f"{counted(failed, 'fit')} failed: NaN here."] if failed else []
