"""Reading the record of a study from MLflow, the only source of the analysis."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from mlflow import MlflowClient
from mlflow.entities import Run
from mlflow.exceptions import MlflowException

from analysis.histories import as_recorded, load_histories
from analysis.labels import corpus_argument, preset_argument
from analysis.records import RecordsError, StudyRecords, TrialRecord
from search_spaces import record

RUNS_PER_PAGE = 5000
_SQLITE = "sqlite:///"


def load_study(
    tracking_uri: str,
    study_id: str,
    preset: str | None = None,
    corpus: str | None = None,
    *,
    histories: Sequence[str] = (record.VALIDATION_LOSS,),
) -> StudyRecords:
    """The records of one study on one preset and corpus; of those updated last where either is None.

    `histories` are the metrics whose values per epoch are read too. Raises `RecordsError` when there is no such
    record.
    """
    client = _client(tracking_uri)
    try:
        with _collector_paused():
            experiment_id = _experiment(client, tracking_uri, study_id)
            parent = _parent(client, experiment_id, study_id, preset, corpus)
            runs = _current(_finished_children(client, experiment_id, parent))
            trials = _trials(client, runs, histories)
    except MlflowException as error:
        raise RecordsError(f"the tracking store {tracking_uri!r} could not be read: {error.message}") from error
    tags = parent.data.tags
    return StudyRecords(
        tracking_uri=tracking_uri,
        study=study_id,
        preset=tags[record.PRESET],
        corpus=tags[record.CORPUS],
        margin=_margin(parent),
        trials=trials,
        planned_seeds=_planned_seeds(parent),
    )


@contextmanager
def _collector_paused() -> Iterator[None]:
    """No garbage collection inside: MLflow makes millions of small objects, and scanning them halves the speed."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _client(tracking_uri: str) -> MlflowClient:
    if tracking_uri.startswith(_SQLITE):
        database = Path(tracking_uri.removeprefix(_SQLITE))
        if not database.exists():  # MLflow would make an empty one
            raise RecordsError(
                f"expected a tracking store at {database}, found no such file: "
                "run a study first with `run_search.py run STUDY`, or name another store with --tracking-uri"
            )
    try:
        return MlflowClient(tracking_uri)
    except MlflowException as error:
        raise RecordsError(
            f"expected the address of a tracking store, got {tracking_uri!r}: {error.message}"
        ) from error


def _experiment(client: MlflowClient, tracking_uri: str, study_id: str) -> str:
    experiment = client.get_experiment_by_name(study_id)
    if experiment is None or experiment.lifecycle_stage != "active":
        raise RecordsError(
            f"expected records of the study {study_id!r} in {tracking_uri}, found none: "
            f"run it first with `run_search.py run {study_id}`, or name another store with --tracking-uri"
        )
    return str(experiment.experiment_id)


def _parent(client: MlflowClient, experiment_id: str, study_id: str, preset: str | None, corpus: str | None) -> Run:
    """The study run of that preset and corpus, the one updated last where several fit."""
    everything = list(_search(client, experiment_id, f"tags.`{record.KIND}` = '{record.KIND_STUDY}'"))
    fitting = [
        run
        for run in everything
        if preset in (None, run.data.tags.get(record.PRESET)) and corpus in (None, run.data.tags.get(record.CORPUS))
    ]
    if fitting:
        return max(fitting, key=lambda run: _last_update(client, experiment_id, run))
    wanted = " and ".join(
        f"{word} {name!r}" for word, name in (("preset", preset), ("corpus", corpus)) if name is not None
    )
    found = sorted({(run.data.tags[record.PRESET], run.data.tags[record.CORPUS]) for run in everything})
    listing = ", ".join(f"preset {name!r} on corpus {place!r}" for name, place in found) or "no run of the study"
    raise RecordsError(
        f"expected records of {study_id!r} with {wanted or 'any preset'}, found {listing}: "
        f"ask for one of those, or run it with `run_search.py run {study_id}"
        + (f" --preset {preset_argument(preset)}" if preset else "")
        + (f" --corpus {corpus_argument(corpus)}" if corpus else "")
        + "`"
    )


def _last_update(client: MlflowClient, experiment_id: str, parent: Run) -> int:
    newest = client.search_runs(
        [experiment_id], _children_filter(parent), max_results=1, order_by=["attributes.end_time DESC"]
    )
    times = (time for run in (parent, *newest) for time in (run.info.start_time, run.info.end_time))
    return max((time for time in times if time is not None), default=0)


def _children_filter(parent: Run) -> str:
    return f"tags.`{record.PARENT_RUN}` = '{parent.info.run_id}' and attributes.status != 'RUNNING'"


def _finished_children(client: MlflowClient, experiment_id: str, parent: Run) -> Iterator[Run]:
    for run in _search(client, experiment_id, _children_filter(parent)):
        tags = run.data.tags
        ended = tags.get(record.KIND) == record.KIND_TRIAL and tags.get(record.STATUS) in record.STATUSES
        if ended and record.SUPERSEDED not in tags:
            yield run


def _search(client: MlflowClient, experiment_id: str, filter_string: str) -> Iterator[Run]:
    token: str | None = None
    while True:
        page = client.search_runs([experiment_id], filter_string, max_results=RUNS_PER_PAGE, page_token=token)
        yield from page
        token = page.token
        if not token:
            return


def _current(runs: Iterable[Run]) -> list[Run]:
    """One run for each variant and seed: a finished one before any other, then the newest."""
    chosen: dict[tuple[str, str | None], Run] = {}
    for run in sorted(runs, key=_precedence):
        tags = run.data.tags
        chosen[tags[record.VARIANT], tags.get(record.SEED)] = run
    return list(chosen.values())


def _precedence(run: Run) -> tuple[bool, int, str]:
    return (
        run.data.tags[record.STATUS] in record.FINISHED,
        run.info.end_time or run.info.start_time or 0,
        run.info.run_id,
    )


def _trials(client: MlflowClient, runs: Sequence[Run], histories: Sequence[str]) -> tuple[TrialRecord, ...]:
    trained = [run.info.run_id for run in runs if run.data.tags[record.STATUS] in record.COMPARABLE]
    by_metric = {metric: load_histories(client, trained, metric) for metric in histories}
    trials = []
    for run in runs:
        histories_of_run = {
            metric: by_run[run.info.run_id] for metric, by_run in by_metric.items() if run.info.run_id in by_run
        }
        trials.append(_trial(run, histories_of_run))
    return tuple(sorted(trials, key=lambda trial: (trial.variant, -1 if trial.seed is None else trial.seed)))


def _trial(run: Run, history: Any) -> TrialRecord:
    tags = run.data.tags
    seed = tags.get(record.SEED)
    status = next(status for status in record.STATUSES if status == tags[record.STATUS])
    return TrialRecord(
        run_id=run.info.run_id,
        trial_id=tags.get(record.TRIAL_ID, ""),
        variant=tags[record.VARIANT],
        seed=None if seed is None else int(seed),
        status=status,
        reason=tags.get(record.REASON),
        metrics={name: as_recorded(value) for name, value in run.data.metrics.items()},
        history=history,
        levels={
            name.removeprefix(record.FACTOR_PREFIX): value
            for name, value in tags.items()
            if name.startswith(record.FACTOR_PREFIX)
        },
        reused_from=tags.get(record.REUSED_FROM),
        device=tags.get(record.DEVICE),
        params=dict(run.data.params),
        artifact_uri=run.info.artifact_uri,
    )


def _margin(parent: Run) -> float:
    text = parent.data.tags.get(record.MARGIN)
    try:
        margin = float(text or "")
    except ValueError:
        margin = 0.0
    if not margin > 0:
        raise RecordsError(
            f"the study run {parent.info.run_id} must carry a positive margin in its tag {record.MARGIN}, found "
            f"{text!r}: run the study again, which writes the tag and trains nothing that is finished"
        )
    return margin


def _planned_seeds(parent: Run) -> int | None:
    """The number of seeds fixed before any data. None is the cautious reading of a tag that says anything else."""
    text = parent.data.tags.get(record.DESIGN, "")
    return int(text) if text.isdecimal() and int(text) > 0 else None
