"""An MLflow experiment of anyone's: parameters, last values, user's tags and the histories of its runs."""

import re
from collections import Counter
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass

from soundproof.analysis.sources.cells import number, text_of
from soundproof.analysis.sources.databases import database_file, has_tables
from soundproof.analysis.sources.found import Found, FoundRun, SourceError
from soundproof.analysis.sources.mlflow_stores import (
    Point,
    Store,
    StoredRun,
    StoredRuns,
    runs_folder,
    store_at,
    unread,
)
from soundproof.common.passwords import without_passwords
from soundproof.common.record import PARENT_RUN, Curve

RUN_NAME, PARENT = "run name", "parent run"
_NAME_TAG = "mlflow.runName"
_ADDRESS = re.compile(r"(https?|(postgresql|mysql|mssql)(\+\w+)?)://")
_MADE_UP = re.compile(r"[a-z]+-[a-z]+-\d+")
"""The names that MLflow gives to runs whose script gives none."""
_SYSTEM = "system/"
_BOOKKEEPING = frozenset({"epoch"})
_TABLES = ("experiments", "runs", "params", "latest_metrics", "metrics")
_MOST_NAMED = 5


def recognises(address: str) -> bool:
    """Whether an address is one of MLflow: of a server, a database with its tables, or a folder of experiments."""
    if _ADDRESS.match(address):
        return True
    file = database_file(address)
    return runs_folder(address) is not None if file is None else has_tables(file, *_TABLES)


def read(address: str, experiment: str | None) -> Found:
    """The runs of an experiment, those of the only one with runs where none is named.

    Raises `SourceError` where the store cannot be read, or has another number of such experiments than one.
    """
    if not recognises(address):
        raise unread(address, ValueError("there are no experiments"))
    try:
        with store_at(address) as store:
            name, identity = _chosen(store, address, experiment)
            stored = store.runs(identity)
    except SourceError:
        raise
    except Exception as error:  # MLflow, requests and SQLAlchemy have no common base
        raise unread(address, error) from error
    return _found(name, address, stored)


def read_tagged(address: str, tag: str, value: str) -> Found:
    """The runs of a store, in whichever experiment, that have a tag with a value.

    Raises `SourceError` where the store cannot be read, or has none.
    """
    try:
        with store_at(address) as store:
            stored = store.tagged(tag, value)
    except SourceError:
        raise
    except Exception as error:  # MLflow, requests and SQLAlchemy have no common base
        raise unread(address, error) from error
    if not stored:
        raise SourceError(f"no run at {address} has the tag {tag}={value}")
    return _found(f"{tag}={value}", address, StoredRuns(runs=tuple(stored), deleted=0))


def _chosen(store: Store, address: str, experiment: str | None) -> tuple[str, str]:
    """Name and id of the experiment to read."""
    known = store.experiments()
    if experiment in known:
        return experiment, known[experiment]
    counts = {name: store.count(identity) for name, identity in known.items()}
    listed = ", ".join(f"{name!r} ({count} runs)" for name, count in counts.items()) or "none"
    if experiment is not None:
        raise SourceError(
            f"expected an experiment of {address}, got {experiment!r}: it has {listed}. Name one of these"
        )
    wanted = [name for name, count in counts.items() if count]
    if len(wanted) != 1:
        raise SourceError(
            f"expected one experiment with runs at {address}, found {len(wanted)}: it has {listed}. Name the one to "
            "read"
        )
    return wanted[0], known[wanted[0]]


@dataclass(frozen=True, kw_only=True, slots=True)
class _Kept:
    """The runs that are read; the names of all by id, the parents left out, and those kept beside their children.

    `both` are the names that are a parameter and a metric.
    """

    runs: Sequence[StoredRun]
    names: Mapping[str, str]
    left_out: Sequence[str]
    parents: Sequence[str]
    both: frozenset[str]

    @classmethod
    def of(cls, stored: StoredRuns) -> "_Kept":
        parents = {run.tags[PARENT_RUN] for run in stored.runs if PARENT_RUN in run.tags}
        runs = [run for run in stored.runs if run.latest or run.run_id not in parents]
        kept = {run.run_id for run in runs}
        return cls(
            runs=runs,
            names={run.run_id: _name(run) for run in stored.runs},
            left_out=[_name(run) for run in stored.runs if run.run_id not in kept],
            parents=[_name(run) for run in runs if run.run_id in parents],
            both=frozenset(
                {name for run in runs for name in run.params} & {name for run in runs for name in run.latest}
            ),
        )


def _name(run: StoredRun) -> str:
    return run.tags.get(_NAME_TAG) or run.run_id


def _found(name: str, address: str, stored: StoredRuns) -> Found:
    kept = _Kept.of(stored)
    runs = tuple(_run(run, kept) for run in kept.runs)
    metrics = {_metric(name, kept.both) for run in kept.runs for name in run.latest}
    columns = dict.fromkeys(column for run in runs for column in run.cells)
    return Found(
        name=f"experiment {name!r} of {without_passwords(address)}",
        kind="an MLflow experiment",
        columns=tuple(sorted(columns, key=lambda column: (column in metrics, column.startswith("tags/")))),
        runs=runs,
        notes=tuple(_notes(stored, kept)),
        hints=_hints(kept, metrics),
    )


def _run(run: StoredRun, kept: _Kept) -> FoundRun:
    parent = run.tags.get(PARENT_RUN, "")
    said = {RUN_NAME: run.tags.get(_NAME_TAG), PARENT: kept.names.get(parent, parent)}
    tags = {f"tags/{name}": value for name, value in run.tags.items() if not name.startswith("mlflow.")}
    metrics = {_metric(name, kept.both): _infinite(value) for name, value in run.latest.items()}
    cells = {name: text_of(value) for name, value in (said | dict(run.params) | tags | metrics).items()}
    return FoundRun(
        where=f"run {run.tags[_NAME_TAG]} ({run.run_id[:8]})" if run.tags.get(_NAME_TAG) else f"run {run.run_id}",
        cells={name: text for name, text in cells.items() if text is not None},
        curves={_metric(name, kept.both): _curve(points) for name, points in run.points.items()},
        state=run.status,
    )


def _metric(name: str, both: Container[str]) -> str:
    """The column of a metric; one that a parameter has already gets a prefix."""
    return f"metrics/{name}" if name in both else name


def _infinite(value: float) -> float:
    """The value; infinity where it is what databases keep in its place. The rule is that of all cells."""
    read_back = number(repr(value))
    return value if read_back is None else read_back


def _curve(points: Sequence[Point]) -> Curve:
    return tuple((int(step), _infinite(value)) for step, _, value in points)


def _hints(kept: _Kept, metrics: Iterable[str]) -> dict[str, str]:
    unnamed = all(_MADE_UP.fullmatch(run.tags.get(_NAME_TAG, "")) for run in kept.runs)
    kinds = [name for name in sorted(metrics) if name in _BOOKKEEPING or name.startswith(_SYSTEM)]
    return dict.fromkeys([RUN_NAME, *kinds] if unnamed and kept.runs else kinds, "bookkeeping")


def _notes(stored: StoredRuns, kept: _Kept) -> Iterable[str]:
    """What was left out, or read otherwise than it stands in the store."""
    if stored.deleted:
        yield f"Deleted runs, left out: {stored.deleted}."
    if stored.broken:
        yield f"Runs that MLflow cannot parse, left out: {_some(stored.broken)}."
    if kept.left_out:
        yield (
            "Parent runs without a metric of their own, left out (their children are the runs): "
            f"{_some(kept.left_out)}."
        )
    if kept.parents:
        yield f"Parent runs that have metrics themselves, kept beside their children: {_some(kept.parents)}."
    for state, count in Counter(run.status for run in kept.runs).items():
        if state != "FINISHED":
            yield f"Runs in state {state}: {count} of {len(kept.runs)}."
    if kept.both:
        yield f"Both a parameter and a metric, the metric's column is metrics/NAME: {_some(sorted(kept.both))}."
    yield from _repeated(kept.runs)


def _repeated(kept: Sequence[StoredRun]) -> Iterable[str]:
    """Metrics with several values at one step, and steps that are no whole numbers."""
    repeated: dict[str, tuple[int, float, str]] = {}
    parts: set[str] = set()
    for run in kept:
        for name, points in run.points.items():
            steps = Counter(step for step, *_ in points)
            parts |= {name} if any(step != int(step) for step in steps) else set()
            step, most = max(steps.items(), key=lambda pair: pair[1], default=(0, 0))
            if most > 1 and name not in _BOOKKEEPING and most > repeated.get(name, (1,))[0]:
                repeated[name] = (most, step, _name(run))
    for name, (most, step, where) in repeated.items():
        yield (
            f"The metric {name} has {most} values at step {step} in run {where}: its last value need not be the run's "
            "result."
        )
    if parts:
        yield f"Steps that are no whole numbers are cut to one: {_some(sorted(parts))}."


def _some(names: Sequence[str]) -> str:
    further = len(names) - _MOST_NAMED
    return ", ".join(names[:_MOST_NAMED]) + (f" and {further} more" if further > 0 else "")
