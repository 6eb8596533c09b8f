"""Tables with a row for each epoch of a run: the rows of one run are its curve, not so many runs."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from soundproof.analysis.judging.answers import NO_SEED, Answers
from soundproof.analysis.sources.cells import number
from soundproof.analysis.sources.found import Found, FoundRun, SourceError

STEPS = frozenset("epoch epochs step steps global_step iteration iterations training_iteration update updates".split())
"""Names of columns that count how far a run has come."""


def with_curves(found: Found, answers: Answers) -> Found:
    """The source with one run where it had a row for each step of it; as it is where it had not.

    Raises `SourceError` where nobody said what such a run counts with.
    """
    if not answers.seed or answers.seed == NO_SEED or any(run.curves for run in found.runs):
        return found
    keys = [
        *answers.variant,
        *answers.arm,
        answers.seed,
        *(name for name in (answers.data_set, answers.held_out) if name),
    ]
    groups: dict[tuple[str, ...], list[FoundRun]] = defaultdict(list)
    for run in found.runs:
        groups[tuple(run.cells.get(name, "") for name in keys)].append(run)
    several = [members for members in groups.values() if len(members) > 1]
    step = next((name for name in found.columns if name.lower() in STEPS and _counts(name, several)), None)
    if step is None or step == answers.metric:
        return found
    if answers.curve_end is None:
        raise SourceError(
            f"{found.name}: {step!r} counts up within one seed ({several[0][0].where} and {several[0][1].where}), so "
            "rows are steps of a run: does a run count with its best or with its last value? Say --curve-end best or "
            "--curve-end last"
        )
    return replace(found, runs=tuple(_run(members, step, answers) for members in groups.values()))


def _counts(name: str, several: Sequence[Sequence[FoundRun]]) -> bool:
    """Whether the rows of every run that has several differ in that number."""
    for members in several:
        values = [number(run.cells.get(name, "")) for run in members]
        if None in values or len(set(values)) < len(values):
            return False
    return bool(several)


def _run(members: Sequence[FoundRun], step: str, answers: Answers) -> FoundRun:
    if len(members) == 1:
        return members[0]
    ordered = sorted(members, key=lambda run: number(run.cells[step]) or 0.0)
    metric, last = str(answers.metric), ordered[-1]
    points = []
    for run in ordered:
        text = run.cells.get(metric)
        if text is None:
            continue
        value = number(text)
        if value is None:
            raise SourceError(f"{run.where}, column {metric!r}: expected a number, got {text!r}")
        points.append((round(number(run.cells[step]) or 0.0), value))
    where = f"{ordered[0].where} to {last.where}"
    return replace(last, where=where, curves={metric: tuple(points)} if points else {})
