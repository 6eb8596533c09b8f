"""Values in one column that are no values of one metric: on two scales, or of two metrics that go opposite ways."""

import shlex
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

import numpy as np
from scipy import stats

from soundproof.analysis.judging.answers import Answers
from soundproof.analysis.judging.asking import direction_by_name
from soundproof.analysis.judging.faults import Arms, Fault
from soundproof.analysis.judging.runs import JudgedRun
from soundproof.analysis.statistics.intervals import FloatArray
from soundproof.analysis.statistics.rank_tests import FEWEST_ROWS
from soundproof.common.counting import counted

SCALE = 20.0
"""How many times as large values of one metric have to be as others for a change of unit."""

REVERSED = -0.7
"""The correlation of two orders of the variants up to which one is the reverse of the other."""

CHANCE = 0.001
"""The chance, at most, of orders that are so much alike once those of some data sets are turned around."""

APART = 1.5
"""How many times as large the values of the data sets in between have to be, for two scales."""

FEWEST_DATA_SETS = 4
_MOST_NAMED = 3
_NAMES = frozenset("metric metric_name measure scoring score_type metric_type result_metric eval_metric".split())
_DATA_SETS = frozenset("task dataset data_set data corpus benchmark problem env environment".split())


def mixed_metrics(arms: Arms, runs: Sequence[JudgedRun], answers: Answers) -> Iterator[Fault]:
    """All of this room that is found."""
    yield from _scales(arms, answers)
    if answers.one_metric:
        return
    named = list(_two_names(runs, answers))
    yield from named or _turned_around(runs, answers)


def _only(column: str, value: str) -> str:
    return f"--only {shlex.quote(f'{column}={value}')}"


def _two_names(runs: Sequence[JudgedRun], answers: Answers) -> Iterator[Fault]:
    """A column beside the values that calls them by the names of several metrics."""
    taken = {answers.metric, answers.seed, *answers.variant}
    columns = dict.fromkeys(name for run in runs for name in run.cells if name.lower() in _NAMES and name not in taken)
    for column in columns:
        rows: dict[str, list[JudgedRun]] = defaultdict(list)
        for run in runs:
            if run.counts and column in run.cells:
                rows[run.cells[column]].append(run)
        ways = {name: direction_by_name(name) for name in rows}
        if len(rows) < 2 or sum(way is not None for way in ways.values()) < 2:
            continue
        opposite = " that go opposite ways" if {True, False} <= set(ways.values()) else ""
        _, *others = sorted(rows, key=lambda name: -len(rows[name]))
        yield Fault(
            kind="two metrics",
            words=f"{answers.metric!r} holds values of several metrics{opposite}, as {column!r} calls them: "
            f"{', '.join(rows)}",
            where=tuple(run.where for name in others for run in rows[name]),
            alarm=True,
            ask=f"Judge one at a time, {' or '.join(_only(column, name) for name in list(rows)[:_MOST_NAMED])}; or say "
            "--one-metric, if it is one",
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class _Blocks:
    """Means (variants, data sets) of the runs in `rows`, data sets with the smallest values first."""

    names: tuple[str, ...]
    means: FloatArray
    rows: Mapping[str, Sequence[JudgedRun]]


def _turned_around(runs: Sequence[JudgedRun], answers: Answers) -> Iterator[Fault]:
    """Data sets of one scale on which variants come in the reverse order of that on data sets of another."""
    taken = {answers.metric, answers.seed, *answers.variant, *answers.arm}
    columns = dict.fromkeys(name for run in runs for name in run.cells if name.lower() in _DATA_SETS)
    for column in [answers.data_set] if answers.data_set else [name for name in columns if name not in taken]:
        blocks = _blocks(runs, column)
        split = None if blocks is None else _split(blocks.means)
        if blocks is None or split is None:
            continue
        small, large = blocks.names[:split], blocks.names[split:]
        fewer = min(small, large, key=len)
        yield Fault(
            kind="two metrics",
            words=f"on {counted(len(small), 'data set')} with values up to {blocks.means[:, :split].max():g} variants "
            f"come in the reverse order of that on {len(large)} with values from {blocks.means[:, split:].min():g} on: "
            f"{answers.metric!r} is two metrics, it seems, of which one is better the lower",
            where=tuple(run.where for name in fewer for run in blocks.rows[name]),
            alarm=True,
            ask=f"Judge one data set at a time, {_only(column, fewer[0])}; or say --one-metric, if it is one",
        )


def _blocks(runs: Sequence[JudgedRun], column: str) -> _Blocks | None:
    """The means where there are variants and data sets enough, and each variant has a run on each of these."""
    cells: dict[str, dict[object, list[float]]] = defaultdict(lambda: defaultdict(list))
    rows: dict[str, list[JudgedRun]] = defaultdict(list)
    for run in runs:
        if run.counts and column in run.cells:
            cells[run.cells[column]][run.levels].append(run.value)
            rows[run.cells[column]].append(run)
    variants = list(dict.fromkeys(levels for of_block in cells.values() for levels in of_block))
    names = [name for name, of_block in cells.items() if len(of_block) == len(variants)]
    if len(variants) < FEWEST_ROWS or len(names) < FEWEST_DATA_SETS:
        return None
    means = np.array([[np.mean(cells[name][levels]) for name in names] for levels in variants])
    order = np.argsort(np.median(np.abs(means), axis=0), kind="stable")
    return _Blocks(names=tuple(names[at] for at in order), means=means[:, order], rows=rows)


def _split(means: FloatArray) -> int | None:
    """Before which data set the order of variants turns around; None where it does not, or chance could do so."""
    ranks = stats.rankdata(means, axis=0)
    levels = np.median(np.abs(means), axis=0)
    found = []
    for split in range(2, means.shape[1] - 1):
        turned = np.concatenate([ranks[:, :split], len(ranks) + 1 - ranks[:, split:]], axis=1)
        of_groups = turned[:, :split].mean(axis=1), ranks[:, split:].mean(axis=1)
        if levels[split] < APART * levels[split - 1] or min(np.ptp(of_group) for of_group in of_groups) == 0:
            continue
        if np.corrcoef(*of_groups)[0, 1] <= REVERSED:
            found.append((float(stats.friedmanchisquare(*turned).pvalue), split))
    if not found or min(found)[0] * means.shape[1] > CHANCE:
        return None
    return min(found)[1]


def _scales(arms: Arms, answers: Answers) -> Iterator[Fault]:
    """Values of one metric as shares of one in some rows and in per cent in others."""
    if answers.data_set is not None:
        return  # data sets have scales of their own
    runs = [run for members in arms.values() for run in members if run.counts and run.value != 0]
    small = [run for run in runs if abs(run.value) <= 1]
    large = [run for run in runs if 1 < abs(run.value) <= 100]
    if not small or not large or len(small) + len(large) < len(runs):
        return
    ratio = median(abs(run.value) for run in large) / median(abs(run.value) for run in small)
    apart = min(abs(run.value) for run in large) / max(abs(run.value) for run in small)
    if ratio > SCALE and apart > SCALE / 4:
        fewer = min(small, large, key=len)
        yield Fault(
            kind="two scales",
            words=f"values from {_range(small)} stand beside {_range(large)}: shares of one and per cent, it seems. "
            "Bring them to one scale",
            where=tuple(run.where for run in fewer),
            alarm=True,
        )


def _range(runs: Sequence[JudgedRun]) -> str:
    return f"{min(run.value for run in runs):g} to {max(run.value for run in runs):g}"
