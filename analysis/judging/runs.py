"""The runs of a source, once it is known what its columns are: a value, an arm, a seed and an end each."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from soundproof.analysis.judging.answers import NO_SEED, Answers
from soundproof.analysis.judging.asking import state_of
from soundproof.analysis.sources.cells import number
from soundproof.analysis.sources.found import Found, FoundRun, SourceError
from soundproof.common.record import COMPARABLE, Curve, Status

NAN = "nan"
"""Among `Answers.failed`: runs without a number have failed."""

EMPTY = "(empty)"
"""The level of a variant whose cell is empty: not the word none, which a table may hold, too."""

LARGEST = 1e150
"""Values of whose squares nothing can be computed are larger."""

Levels = tuple[tuple[str, str], ...]
"""A value for each column that tells variants, or arms, apart."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class JudgedRun:
    """One run: the `levels` of its variant, its `arm`, the seed as it is called, and the value that it counts with.

    `value` is NaN where there is none, or a failed run left one that counts for nothing. `text` is the cell that the
    value was read from.
    """

    where: str
    levels: Levels
    arm: Levels
    seed: str
    value: float
    text: str
    status: Status
    held_out: str | None
    data_set: str | None
    cells: Mapping[str, str]
    curve: Curve = field(default=())

    @property
    def counts(self) -> bool:
        """Whether it has a number that may be compared with others'."""
        return self.status in COMPARABLE and math.isfinite(self.value)


def runs_of(found: Found, answers: Answers) -> tuple[JudgedRun, ...]:
    """The runs that are asked about. Raises `SourceError` for a cell that is no number, and where none is left."""
    kept = [run for run in found.runs if all(run.cells.get(name) == value for name, value in answers.only)]
    if not kept:
        words = ", ".join(f"{name}={value}" for name, value in answers.only)
        raise SourceError(f"{found.name}: no run has {words}" if words else f"{found.name} has no runs")
    return tuple(_run(found, answers, run) for run in kept)


def _run(found: Found, answers: Answers, run: FoundRun) -> JudgedRun:
    value, text, curve = value_of(found, answers, run)
    status = state_of(run, answers, found.name)
    if math.isnan(value) and text and status == "completed":
        _check_nan(found, answers, run)
    if status == "completed" and not math.isnan(value) and math.isinf(value):
        status = "diverged"
    elif status == "completed" and math.isnan(value):
        status = "diverged" if text else "failed"
    return JudgedRun(
        where=run.where,
        levels=_levels(run, answers.variant),
        arm=_levels(run, answers.arm),
        seed="" if answers.seed == NO_SEED else _seed(run.cells.get(answers.seed or "", "")),
        value=value,
        text=text,
        status=status,
        held_out=run.cells.get(answers.held_out) if answers.held_out else None,
        data_set=run.cells.get(answers.data_set, EMPTY) if answers.data_set else None,
        cells=run.cells,
        curve=curve,
    )


_TABLES = ("CSV", "TSV", "JSON", "JSON Lines", "Parquet")
"""Kinds in which nobody says what NaN is; elsewhere it is what a training has come to."""


def _check_nan(found: Found, answers: Answers, run: FoundRun) -> None:
    """Raise `SourceError` where NaN may be a run that failed, or a number that somebody does not have."""
    says_state = answers.state is not None and answers.state in run.cells
    if found.kind.partition(",")[0] in _TABLES and NAN not in answers.failed and not says_state:
        raise SourceError(
            f"{found.name}: {run.where}, column {answers.metric!r}, is NaN: did that run fail? Say --failed nan if "
            "such runs did, or take them out"
        )


def _seed(text: str) -> str:
    """A seed's name: whole numbers are one seed however they are written, `7`, `7.0` and `007`."""
    value = number(text) if text else None
    return str(int(value)) if value is not None and math.isfinite(value) and value == int(value) else text


def _levels(run: FoundRun, columns: Sequence[str]) -> Levels:
    return tuple([(name, run.cells.get(name, EMPTY)) for name in columns])


def value_of(found: Found, answers: Answers, run: FoundRun) -> tuple[float, str, Curve]:
    """The value that a run counts with, the cell it was read from, and its curve. Raises `SourceError` for text."""
    metric = str(answers.metric)
    curve = run.curves.get(metric, ())
    if curve and answers.curve_end is not None:
        finite = [value for _, value in curve if math.isfinite(value)]
        if answers.curve_end == "last" or not finite:
            value = curve[-1][1]
        else:
            value = max(finite) if answers.higher_is_better else min(finite)
        return value, repr(value), curve
    text = run.cells.get(metric, "")
    found_number = number(text) if text else math.nan
    if found_number is None:
        comma = ": write decimal points" if "," in text else ""
        raise SourceError(f"{found.name}: {run.where}, column {metric!r}: expected a number, got {text!r}{comma}")
    if LARGEST < abs(found_number) < math.inf:
        raise SourceError(
            f"{found.name}: {run.where}, column {metric!r}: expected a number up to {LARGEST:g}, got {text}: judge "
            "its logarithm, or mark such runs as failed"
        )
    return found_number, text, curve


def name_of(levels: Levels) -> str:
    """A variant's id: its level, or `factor=level` of several.

    >>> name_of((("model", "crnn"),)), name_of((("lr", "0.1"), ("depth", "4")))
    ('crnn', 'lr=0.1, depth=4')
    """
    return levels[0][1] if len(levels) == 1 else ", ".join(f"{factor}={level}" for factor, level in levels)
