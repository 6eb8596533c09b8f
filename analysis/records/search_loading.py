"""Reading the record of a search from MLflow."""

import json
from collections.abc import Iterable

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
from soundproof.analysis.records.store import RecordedRun
from soundproof.analysis.records.study_loading import collector_paused, ended_children, precedence, read_trials
from soundproof.analysis.records.trials import RecordsError, SearchRecords, TrialRecord
from soundproof.common import record

NOT_RECORDED = "not recorded"


def load_search(
    tracking_uri: str,
    space_id: str,
    preset: str | None = None,
    corpus: str | None = None,
    search: str | None = None,
) -> SearchRecords:
    """The records of one search through a space; of the one updated last where several fit.

    The history of every trial holds the seconds of its epochs, those that were stopped or broke included. Raises
    `RecordsError` when there is no such record.
    """
    client = open_client(tracking_uri)
    wanted = Wanted(kind=record.KIND_SEARCH, id=space_id, preset=preset, corpus=corpus, search=search)
    try:
        with collector_paused():
            experiment_id = find_experiment(client, tracking_uri, wanted)
            parent = find_parent(client, experiment_id, wanted)
            runs = _current(ended_children(client, parent))
            trials = read_trials(client, runs, (record.EPOCH_SECONDS,), statuses=record.STATUSES)
    except MlflowException as error:
        raise RecordsError(f"the tracking store {tracking_uri!r} could not be read: {error.message}") from error
    tags = parent.data.tags
    asked = tags.get(record.TRIALS, "")
    rejected = read_json_tag(parent.info.run_id, tags, record.REJECTED)
    return SearchRecords(
        tracking_uri=tracking_uri,
        space=space_id,
        search=tags.get(record.SEARCH, NOT_RECORDED),
        preset=tags[record.PRESET],
        corpus=tags[record.CORPUS],
        sampler=tags.get(record.SAMPLER, NOT_RECORDED),
        scheduler=tags.get(record.SCHEDULER, NOT_RECORDED),
        objectives=_objectives(parent),
        margin=declared_margin(parent),
        asked=int(asked) if asked.isdecimal() else None,
        rejected={reason: int(count) for reason, count in rejected.items()},
        trials=tuple(sorted(trials, key=_order)),
    )


def _current(runs: Iterable[RecordedRun]) -> list[RecordedRun]:
    """One run for each number of the search, and for each variant and seed of its confirmation.

    A sampler may propose the same variant twice: both proposals stand, each under its number.
    """
    chosen: dict[tuple[str | None, ...], RecordedRun] = {}
    for run in sorted(runs, key=precedence):
        tags = run.tags
        number = tags.get(record.NUMBER) if tags.get(record.PURPOSE) != record.PURPOSE_CONFIRMATION else None
        key = (
            (number,) if number is not None else (tags.get(record.PURPOSE), tags[record.VARIANT], tags.get(record.SEED))
        )
        chosen[key] = run
    return list(chosen.values())


def _order(trial: TrialRecord) -> tuple[bool, float, str, int]:
    number = float("inf") if trial.number is None else trial.number
    return trial.purpose == record.PURPOSE_CONFIRMATION, number, trial.variant, trial.seed or 0


def _objectives(parent: Run) -> tuple[str, ...]:
    text = parent.data.tags.get(record.OBJECTIVES, "")
    try:
        names = json.loads(text)
    except ValueError:
        names = None
    if not isinstance(names, list) or not names or not all(isinstance(name, str) for name in names):
        raise RecordsError(
            f"the run {parent.info.run_id} must carry a JSON list of metrics in its tag {record.OBJECTIVES}, found "
            f"{text!r}: run the same command again, which writes the tag and trains nothing that is finished"
        )
    return tuple(names)
