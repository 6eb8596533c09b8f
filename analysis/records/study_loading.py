"""Reading the record of a study from MLflow, the only source of the analysis; of a search, see `search_loading`."""

import gc
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from mlflow import MlflowClient
from mlflow.entities import Run
from mlflow.exceptions import MlflowException

from soundproof.analysis.records.finding import (
    Wanted,
    declared_margin,
    find_experiment,
    find_parent,
    open_client,
    read_json_tag,
)
from soundproof.analysis.records.recorded_specs import RecordedSpec, with_specs
from soundproof.analysis.records.store import RecordedRun, as_recorded, children_of, load_histories
from soundproof.analysis.records.trials import History, RecordsError, StudyRecords, TrialRecord
from soundproof.common import record


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
    client = open_client(tracking_uri)
    wanted = Wanted(kind=record.KIND_STUDY, id=study_id, preset=preset, corpus=corpus)
    try:
        with collector_paused():
            experiment_id = find_experiment(client, tracking_uri, wanted)
            parent = find_parent(client, experiment_id, wanted)
            runs = _current(ended_children(client, parent))
            trials = read_trials(client, runs, histories)
    except MlflowException as error:
        raise RecordsError(f"the tracking store {tracking_uri!r} could not be read: {error.message}") from error
    tags = parent.data.tags
    return StudyRecords(
        tracking_uri=tracking_uri,
        study=study_id,
        preset=tags[record.PRESET],
        corpus=tags[record.CORPUS],
        margin=declared_margin(parent),
        trials=trials,
        planned_seeds=_planned_seeds(parent),
    )


@contextmanager
def collector_paused() -> Iterator[None]:
    """No garbage collection inside: MLflow makes millions of small objects, and scanning them halves the speed."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def ended_children(client: MlflowClient, parent: Run) -> Iterator[RecordedRun]:
    """The runs of the trials that have ended and still stand."""
    for run in children_of(client, parent):
        tags = run.tags
        ended = tags.get(record.KIND) == record.KIND_TRIAL and tags.get(record.STATUS) in record.STATUSES
        if ended and record.SUPERSEDED not in tags:
            yield run


def _current(runs: Iterable[RecordedRun]) -> list[RecordedRun]:
    """One run for each variant and seed: a finished one before any other, then the newest."""
    chosen: dict[tuple[str, str | None], RecordedRun] = {}
    for run in sorted(runs, key=precedence):
        tags = run.tags
        chosen[tags[record.VARIANT], tags.get(record.SEED)] = run
    return list(chosen.values())


def precedence(run: RecordedRun) -> tuple[bool, int, str]:
    """By which of several runs of the same trial the greatest stands: finished before any other, then the newest."""
    return (
        run.tags[record.STATUS] in record.FINISHED,
        run.ended_at,
        run.run_id,
    )


def read_trials(
    client: MlflowClient,
    runs: Sequence[RecordedRun],
    histories: Sequence[str],
    statuses: Collection[record.Status] = record.COMPARABLE,
) -> tuple[TrialRecord, ...]:
    """The trials of these runs by variant and seed; those that ended in one of `statuses` with their histories."""
    trained = [run.run_id for run in runs if run.tags[record.STATUS] in statuses]
    by_metric = {metric: load_histories(client, trained, metric) for metric in histories}
    trials = []
    for run in with_specs(client, runs, statuses):
        histories_of_run = {metric: by_run[run.run_id] for metric, by_run in by_metric.items() if run.run_id in by_run}
        trials.append(_trial(run, histories_of_run))
    return tuple(sorted(trials, key=lambda trial: (trial.variant, -1 if trial.seed is None else trial.seed)))


def _trial(run: RecordedRun, history: Mapping[str, History]) -> TrialRecord:
    tags = run.tags
    seed, number = tags.get(record.SEED), tags.get(record.NUMBER)
    status = next(status for status in record.STATUSES if status == tags[record.STATUS])
    return TrialRecord(
        run_id=run.run_id,
        trial_id=tags.get(record.TRIAL_ID, ""),
        variant=tags[record.VARIANT],
        seed=None if seed is None else int(seed),
        status=status,
        reason=tags.get(record.REASON),
        metrics={name: as_recorded(value) for name, value in run.metrics.items()},
        history=history,
        levels={
            name.removeprefix(record.FACTOR_PREFIX): value
            for name, value in tags.items()
            if name.startswith(record.FACTOR_PREFIX)
        },
        reused_from=tags.get(record.REUSED_FROM),
        device=tags.get(record.DEVICE),
        spec=RecordedSpec(tags[record.TRIAL]) if record.TRIAL in tags else {},
        split=tags.get(record.SPLIT),
        epochs=int(tags[record.EPOCHS]) if record.EPOCHS in tags else None,
        inherited_epochs=int(tags.get(record.INHERITED_EPOCHS, 0)),
        artifact_uri=run.artifact_uri,
        explained=record.EXPLAINED in tags,
        choices=read_json_tag(run.run_id, tags, record.CHOICES),
        purpose=tags.get(record.PURPOSE),
        number=None if number is None else int(number),
    )


def _planned_seeds(parent: Run) -> int | None:
    """The number of seeds fixed before any data. None is the cautious reading of a tag that says anything else."""
    text = parent.data.tags.get(record.DESIGN, "")
    return int(text) if text.isdecimal() and int(text) > 0 else None
