"""What an MLflow store holds, as plain values: SQLite files are read as they are, other stores through MLflow's client.

Reading the file itself takes databases of any version, those that MLflow would first have upgraded among them, and
costs one query where the client makes an object of every point.
"""

import math
import os
import sqlite3
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import soundproof.common.library_settings  # noqa: F401  # before MLflow: no telemetry, no long waits
from soundproof.analysis.sources.databases import database_file, opened, rows
from soundproof.analysis.sources.found import SourceError
from soundproof.common.pages import Page, all_pages
from soundproof.common.tracking_stores import opening

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Run

Point = tuple[float, int, float]
"""(step, time in milliseconds, value), in this order: sorting puts the last value last."""

_ACTIVE = "active"
_RUNS_PER_PAGE = 1000
_REQUESTS_AT_ONCE = 8
_ALLOW_FILES = "MLFLOW_ALLOW_FILE_STORE"
_NO_RUNS = frozenset({"tags", "datasets", "traces", "models"})
"""What an experiment's folder holds beside its runs."""


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredRun:
    """A run that was not deleted: `latest` is the last value of a metric, `points` all of them in their order."""

    run_id: str
    status: str
    params: Mapping[str, str]
    tags: Mapping[str, str]
    latest: Mapping[str, float]
    points: Mapping[str, list[Point]]


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredRuns:
    """The runs of one experiment by the time of their start, and how many others it has: deleted, or unreadable."""

    runs: tuple[StoredRun, ...]
    deleted: int
    broken: tuple[str, ...] = ()


class Store(Protocol):
    """An MLflow store of any kind."""

    def experiments(self) -> dict[str, str]:
        """Ids of the experiments that were not deleted, by name."""

    def count(self, experiment_id: str) -> int:
        """How many runs an experiment has that were not deleted."""

    def runs(self, experiment_id: str) -> StoredRuns:
        """All that an experiment holds."""

    def tagged(self, tag: str, value: str) -> list[StoredRun]:
        """The runs of all experiments that have a tag with a value, by the time of their start."""


@contextmanager
def store_at(address: str) -> Iterator[Store]:
    """The store at an address. Raises `SourceError` for what nothing can be read from."""
    file, folder = database_file(address), runs_folder(address)
    if file is not None:
        with opened(file) as database:
            yield _Database(database)
    elif folder is not None:
        with _as_file_store(folder) as client:
            yield _Folder(client, folder)
    else:
        yield _Remote(_client(address))


def runs_folder(address: str) -> Path | None:
    """The folder that an address leads to, if it is one that MLflow keeps experiments in."""
    folder = Path(address.removeprefix("file://").removeprefix("file:"))
    try:
        return folder if any(_is_experiment(inner) for inner in folder.iterdir()) else None
    except (OSError, ValueError):
        return None


def _is_experiment(folder: Path) -> bool:
    described = folder / "meta.yaml"
    return described.is_file() and "experiment_id:" in described.read_text(errors="replace")


@dataclass(frozen=True, slots=True)
class _Database:
    database: sqlite3.Connection

    def experiments(self) -> dict[str, str]:
        found = rows(self.database, "SELECT name, experiment_id FROM experiments WHERE lifecycle_stage = ?", [_ACTIVE])
        return {name: str(identity) for name, identity in found}

    def count(self, experiment_id: str) -> int:
        return len(self._stages(experiment_id, _ACTIVE))

    def runs(self, experiment_id: str) -> StoredRuns:
        params = self._texts("params", experiment_id)
        tags = self._texts("tags", experiment_id)
        latest: dict[str, dict[str, float]] = defaultdict(dict)
        points: dict[str, dict[str, list[Point]]] = defaultdict(lambda: defaultdict(list))
        for run_id, name, (_, _, value) in self._points("latest_metrics", experiment_id):
            latest[run_id][name] = value
        for run_id, name, point in self._points("metrics", experiment_id):
            points[run_id][name].append(point)
        return StoredRuns(
            runs=tuple(
                StoredRun(
                    run_id=run_id,
                    status=status,
                    params=params[run_id],
                    tags=tags[run_id],
                    latest=latest[run_id],
                    points={name: _in_order(history) for name, history in points[run_id].items()},
                )
                for run_id, status in self._stages(experiment_id, _ACTIVE)
            ),
            deleted=len(self._stages(experiment_id, "deleted")),
        )

    def tagged(self, tag: str, value: str) -> list[StoredRun]:
        wanted = (
            "SELECT run_uuid, CAST(experiment_id AS TEXT) FROM runs WHERE run_uuid IN "
            "(SELECT run_uuid FROM tags WHERE key = ? AND value = ?) ORDER BY start_time, run_uuid"
        )
        tagged = rows(self.database, wanted, [tag, value])
        experiments = dict.fromkeys(experiment for _, experiment in tagged)
        found = {run.run_id: run for experiment in experiments for run in self.runs(experiment).runs}
        return [found[run_id] for run_id, _ in tagged if run_id in found]

    def _stages(self, experiment_id: str, stage: str) -> list[tuple[str, str]]:
        wanted = (
            "SELECT run_uuid, status FROM runs WHERE CAST(experiment_id AS TEXT) = ? AND lifecycle_stage = ? "
            "ORDER BY start_time, run_uuid"
        )
        return [(run_id, status) for run_id, status in rows(self.database, wanted, [experiment_id, stage])]

    def _texts(self, table: str, experiment_id: str) -> dict[str, dict[str, str]]:
        found: dict[str, dict[str, str]] = defaultdict(dict)
        for run_id, name, value in rows(self.database, _of_experiment(table, "value"), [experiment_id]):
            found[run_id][name] = value
        return found

    def _points(self, table: str, experiment_id: str) -> Iterator[tuple[str, str, Point]]:
        """Run, name and point; whether a value is NaN stands beside it in this store."""
        columns = "step, timestamp, CASE WHEN is_nan THEN NULL ELSE value END"
        for run_id, name, step, time, value in rows(self.database, _of_experiment(table, columns), [experiment_id]):
            yield run_id, name, (step, time, math.nan if value is None else value)


def _of_experiment(table: str, columns: str) -> str:
    """Ask one of MLflow's tables, by names that are written here, for what belongs to the runs of an experiment."""
    return (
        f"SELECT run_uuid, key, {columns} FROM {table} WHERE run_uuid IN "  # noqa: S608  # the names are ours
        "(SELECT run_uuid FROM runs WHERE CAST(experiment_id AS TEXT) = ?)"
    )


@dataclass(frozen=True, slots=True)
class _Remote:
    client: "MlflowClient"

    def experiments(self) -> dict[str, str]:
        found = all_pages(lambda token: self.client.search_experiments(page_token=token))
        return {experiment.name: experiment.experiment_id for experiment in found}

    def count(self, experiment_id: str) -> int:
        return sum(run.info.lifecycle_stage == _ACTIVE for run in self._all(experiment_id))

    def runs(self, experiment_id: str) -> StoredRuns:
        found = self._all(experiment_id)
        active = [run for run in found if run.info.lifecycle_stage == _ACTIVE]
        return StoredRuns(runs=self._stored(active), deleted=len(found) - len(active))

    def tagged(self, tag: str, value: str) -> list[StoredRun]:
        quoted = '"' if "'" in value else "'"  # MLflow's filters know no escape
        wanted = f"tags.`{tag}` = {quoted}{value}{quoted}"
        experiments = list(self.experiments().values())
        found = all_pages(lambda token: self.client.search_runs(experiments, filter_string=wanted, page_token=token))
        return list(self._stored(sorted(found, key=lambda run: run.info.start_time or 0)))

    def _stored(self, found: "Sequence[Run]") -> tuple[StoredRun, ...]:
        with ThreadPoolExecutor(_REQUESTS_AT_ONCE) as pool:
            histories = list(pool.map(self._points, found))
        return tuple(
            StoredRun(
                run_id=run.info.run_id,
                status=run.info.status,
                params=run.data.params,
                tags=run.data.tags,
                latest=run.data.metrics,
                points=points,
            )
            for run, points in zip(found, histories, strict=True)
        )

    def _all(self, experiment_id: str) -> "list[Run]":
        from mlflow.entities import ViewType

        def page(token: str | None) -> "Page[Run]":
            return self.client.search_runs(
                [experiment_id], run_view_type=ViewType.ALL, max_results=_RUNS_PER_PAGE, page_token=token
            )

        found = all_pages(page)
        return sorted(found, key=lambda run: (run.info.start_time or 0, run.info.run_id))

    def _points(self, run: "Run") -> dict[str, list[Point]]:
        return {
            name: _in_order(
                [
                    (point.step, point.timestamp, point.value)
                    for point in self.client.get_metric_history(run.info.run_id, name)
                ]
            )
            for name in run.data.metrics
        }


@dataclass(frozen=True, slots=True)
class _Folder(_Remote):
    """A folder through the client, which leaves out runs that it cannot parse: those are named."""

    folder: Path

    def runs(self, experiment_id: str) -> StoredRuns:
        found = _Remote.runs(self, experiment_id)
        known = {run.info.run_id for run in self._all(experiment_id)}
        there = {
            inner.name
            for inner in (self.folder / experiment_id).iterdir()
            if inner.is_dir() and inner.name not in _NO_RUNS and not inner.name.startswith(".")
        }
        return StoredRuns(runs=found.runs, deleted=found.deleted, broken=tuple(sorted(there - known)))


def _in_order(points: list[Point]) -> list[Point]:
    """By step, then by time; what was logged at one moment stays as it came."""
    return sorted(points, key=lambda point: point[:2])


def _client(address: str) -> "MlflowClient":
    from mlflow import MlflowClient

    try:
        with opening(address, makes=False):
            return MlflowClient(address, registry_uri=address)
    except Exception as error:
        raise unread(address, error) from error


@contextmanager
def _as_file_store(folder: Path) -> "Iterator[MlflowClient]":
    """A client of a folder. MLflow would make a folder of its own in there: it gets one with links in its place."""
    before = os.environ.get(_ALLOW_FILES)
    os.environ[_ALLOW_FILES] = "true"  # without it MLflow refuses folders, and asks to migrate them
    try:
        with tempfile.TemporaryDirectory(prefix="soundproof-") as linked:
            for inner in folder.resolve().iterdir():
                (Path(linked) / inner.name).symlink_to(inner)
            yield _client(Path(linked).as_uri())
    finally:
        if before is None:
            del os.environ[_ALLOW_FILES]
        else:
            os.environ[_ALLOW_FILES] = before


def unread(address: str, error: Exception) -> SourceError:
    """What to tell the user where MLflow, or what lies below it, could not read the store."""
    lines = str(getattr(error, "message", error)).strip().splitlines() or [type(error).__name__]
    return SourceError(
        f"expected an MLflow store at {address!r}, which cannot be read: {lines[0]}. Give the address of its server, "
        "its database (sqlite:///FILE) or its folder (mlruns)"
    )
