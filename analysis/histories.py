"""Values per epoch of many runs, read in as few queries as the tracking store allows."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from mlflow import MlflowClient
from mlflow.store.tracking.dbmodels.models import SqlMetric
from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore
from sqlalchemy import select

from soundproof.analysis.records import History

Point = tuple[str, int, int, float]
"""(run id, epoch, timestamp, value)."""

RUNS_PER_QUERY = 500
REQUESTS_AT_ONCE = 8


def load_histories(client: MlflowClient, run_ids: Sequence[str], metric: str) -> dict[str, History]:
    """The history of one metric for each run that has one.

    A database store is asked for hundreds of runs in one query of plain columns, ten times as fast as through
    MLflow's own bulk method, which makes an object of every point. Any other store is asked run by run through the
    public method, several at a time.
    """
    store = client._tracking_client.store
    in_database = isinstance(store, SqlAlchemyStore)
    points = _from_database(store, run_ids, metric) if in_database else _one_by_one(client, run_ids, metric)
    latest: dict[str, dict[int, tuple[int, float]]] = {}
    for run_id, epoch, timestamp, value in points:
        epochs = latest.setdefault(run_id, {})
        if epoch not in epochs or epochs[epoch][0] <= timestamp:
            epochs[epoch] = (timestamp, as_recorded(value))
    return {run_id: _history(epochs) for run_id, epochs in latest.items()}


def as_recorded(value: float) -> float:
    """`value`, or NaN for an infinity, which database stores keep as the largest float."""
    return value if abs(value) < sys.float_info.max / 1.01 else math.nan


def _history(epochs: dict[int, tuple[int, float]]) -> History:
    return tuple((epoch, value) for epoch, (_, value) in sorted(epochs.items()) if math.isfinite(value))


def _from_database(store: SqlAlchemyStore, run_ids: Sequence[str], metric: str) -> Iterator[Point]:
    columns: tuple[Any, ...] = (
        SqlMetric.run_uuid,
        SqlMetric.step,
        SqlMetric.timestamp,
        SqlMetric.value,
        SqlMetric.is_nan,
    )
    for start in range(0, len(run_ids), RUNS_PER_QUERY):
        some = run_ids[start : start + RUNS_PER_QUERY]
        with store.ManagedSessionMaker() as session:
            wanted = select(*columns).where(SqlMetric.key == metric, SqlMetric.run_uuid.in_(some))
            rows = session.connection().execute(wanted).fetchall()
        for run_id, epoch, timestamp, value, is_nan in rows:
            yield run_id, epoch, timestamp, math.nan if is_nan else value


def _one_by_one(client: MlflowClient, run_ids: Sequence[str], metric: str) -> Iterator[Point]:
    with ThreadPoolExecutor(REQUESTS_AT_ONCE) as pool:
        answers = pool.map(lambda run_id: client.get_metric_history(run_id, metric), run_ids)
        for run_id, points in zip(run_ids, answers, strict=True):
            for point in points:
                yield run_id, point.step, point.timestamp, point.value
