"""Tables in wide form, with a column for each seed, and the same in long form, with a run for each cell."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from soundproof.analysis.sources.cells import number
from soundproof.analysis.sources.found import Found, FoundRun, SourceError
from soundproof.common.counting import counted

_PART = re.compile(r"\d+")
_REPEATS = {"seed", "run", "rep", "repeat", "repetition", "replicate", "trial", "try", "fold", "split", "s"}
_NEARLY_ALL = 0.95
_ENOUGH_WITHOUT_WORD = 3
_VALUE = "value"


@dataclass(frozen=True, kw_only=True, slots=True)
class _Heading:
    """A heading taken apart: the column, what it has in common with others, its number, and the metric in it."""

    column: str
    pattern: tuple[str, str]
    number: str
    metric: str
    has_word: bool


def proposed_wide(found: Found) -> tuple[str, ...]:
    """The columns that look like one metric over seeds, in their order; none where no two do.

    They are alike but for a number, and hold numbers in nearly all rows: `seed_0, seed_1`, `accuracy_seed3`, or numbers
    alone. Without a word like seed or run there have to be three that count from 0 or 1: `top1` and `top5` are two
    metrics.
    """
    patterns: dict[tuple[str, str], list[_Heading]] = {}
    for column in found.columns:
        if column not in found.hints and _PART.search(column):
            heading = _taken_apart(column)
            patterns.setdefault(heading.pattern, []).append(heading)
    likely = [group for group in patterns.values() if _are_repeats(group)]
    alike = [group for group in likely if all(_is_numeric(found, heading.column) for heading in group)]
    alike = [group for group in alike if group[0].has_word] or alike
    if not alike:
        return ()
    largest = {heading.number for heading in max(alike, key=len)}
    chosen = {heading.column for group in alike for heading in group if {one.number for one in group} == largest}
    return tuple(column for column in found.columns if column in chosen)


def _taken_apart(column: str) -> _Heading:
    """The parts of a heading: its number is the one after a word for repeats, else the last.

    >>> _taken_apart("top5_acc_seed3").metric, _taken_apart("Seed 1").metric, _taken_apart("acc_2").metric
    ('top5_acc', 'value', 'acc')
    """
    parts = list(_PART.finditer(column))
    word = re.compile(r"(?i)(?:^|[^a-z])([a-z]+)[ _\-.#=:/]*$")
    words = [(part, match) for part in parts if (match := word.search(column[: part.start()]))]
    named = [(part, match) for part, match in words if match[1].lower().removesuffix("s") in _REPEATS | {""}]
    part, begins, has_word = parts[-1], parts[-1].start(), False
    if named:
        part, match = named[-1]
        begins, has_word = match.start(1), True
    before, after = column[: part.start()], column[part.end() :]
    metric = f"{column[:begins].strip(' _-./([')} {after.strip(' _-./)]')}".strip()
    return _Heading(
        column=column,
        pattern=(before, after),
        number=part[0],
        metric=metric or _VALUE,
        has_word=has_word or not (before + after).strip(),
    )


def _are_repeats(group: Sequence[_Heading]) -> bool:
    """Whether columns of one pattern are the same metric again and again."""
    if len(group) < 2:
        return False
    counts = sorted(int(heading.number) for heading in group)
    consecutive = counts[0] in (0, 1) and counts == list(range(counts[0], counts[0] + len(counts)))
    return group[0].has_word or (consecutive and len(group) >= _ENOUGH_WITHOUT_WORD)


def _is_numeric(found: Found, column: str) -> bool:
    """Whether a column holds a number or nothing in nearly all rows, and a number in some."""
    texts = [run.cells[column] for run in found.runs if column in run.cells]
    numbers = sum(number(text) is not None for text in texts)
    return numbers > 0 and len(texts) - numbers <= (1 - _NEARLY_ALL) * len(found.runs)


def long_form(found: Found, columns: Sequence[str], names: str = "seed") -> Found:
    """The table with a run for each row and each of the columns: their number is a cell called `names`.

    The value is called as the columns are without their number, `value` where nothing is left of them. Columns of
    several metrics with the same numbers, `acc_seed0, loss_seed0`, make one run a number. An empty cell is no run.
    """
    groups = _groups(found, columns)
    metrics = tuple(dict.fromkeys(metric for group in groups.values() for metric in group.values()))
    kept = tuple(column for column in found.columns if column not in columns)
    _refuse_taken(found, kept, (names, *metrics))
    runs, empty, without_curves = [], 0, 0
    for run in found.runs:
        settings = {column: cell for column, cell in run.cells.items() if column not in columns}
        without_curves += bool(run.curves)
        for repeat, group in groups.items():
            measured = {metric: run.cells[column] for column, metric in group.items() if column in run.cells}
            empty += len(group) - len(measured)
            if measured:
                where = f"{run.where}, column {', '.join(column for column in group if column in run.cells)}"
                runs.append(FoundRun(where=where, cells={**settings, names: repeat, **measured}, state=run.state))
    notes = [*found.notes, f"Columns {', '.join(columns)} of {found.name} are read as {', '.join(metrics)} by {names}."]
    if empty:
        notes.append(f"{counted(empty, 'empty cell')} of these columns {'is' if empty == 1 else 'are'} no run.")
    if without_curves:
        notes.append(f"Curves of {counted(without_curves, 'row')} are left out: they belong to no single {names}.")
    hints = {column: hint for column, hint in found.hints.items() if column in kept}
    return Found(
        name=found.name,
        kind=f"{found.kind}, wide",
        columns=(*kept, names, *metrics),
        runs=tuple(runs),
        notes=tuple(notes),
        hints={**hints, **({names: names} if names in ("seed", "fold") else {})},
    )


def _groups(found: Found, columns: Sequence[str]) -> Mapping[str, Mapping[str, str]]:
    """For each number in the headings the columns that have it, and the metric of each.

    Where the headings do not differ in a number alone, each whole heading takes the place of a number.
    """
    unknown = [column for column in columns if column not in found.columns]
    if unknown or not columns:
        raise SourceError(
            f"{found.name}: expected columns with a value for each seed, found {', '.join(unknown) or 'none'}, "
            f"no column of it. There are: {', '.join(found.columns)}."
        )
    by_name = {column: {column: _VALUE} for column in columns}
    if not all(map(_PART.search, columns)):
        return by_name
    groups: dict[str, dict[str, str]] = {}
    for heading in map(_taken_apart, columns):
        group = groups.setdefault(heading.number, {})
        if heading.metric in group.values():
            return by_name
        group[heading.column] = heading.metric
    same = len({tuple(group.values()) for group in groups.values()}) == 1
    return groups if same else by_name


def _refuse_taken(found: Found, kept: Sequence[str], new: Sequence[str]) -> None:
    """Columns that are made may not have the name of one that is there."""
    taken = [column for column in new if column in kept]
    if taken or len(set(new)) < len(new):
        raise SourceError(
            f"{found.name}: its long form needs columns {', '.join(new)}, and {', '.join(taken) or 'two of them'} "
            "would stand there twice. Rename that column, or give what differs between the columns another name."
        )
