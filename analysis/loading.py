"""Reading the record of a study from MLflow, the only source of the analysis; of a search, see `search_loading`."""

from __future__ import annotations

import gc
import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from mlflow import MlflowClient
from mlflow.entities import Run
from mlflow.exceptions import MlflowException
from sqlalchemy.exc import SQLAlchemyError

from soundproof.analysis.histories import as_recorded, load_histories
from soundproof.analysis.labels import corpus_argument, preset_argument
from soundproof.analysis.recorded_runs import RUNS_PER_PAGE, RecordedRun, children_filter, children_of
from soundproof.analysis.records import History, RecordsError, StudyRecords, TrialRecord
from soundproof.search_spaces import record
from soundproof.search_spaces.program import program
from soundproof.search_spaces.tracking_stores import why_missing, why_unread

_COMMANDS = {record.KIND_STUDY: "run", record.KIND_SEARCH: "search"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """Which parent run is asked for. Where preset, corpus or the name of a search is None, any will do."""

    kind: str
    id: str
    preset: str | None
    corpus: str | None
    search: str | None = None

    @property
    def command(self) -> str:
        """How to make such a record."""
        return (
            f"`{program()} {_COMMANDS[self.kind]} {self.id}"
            + (f" --preset {preset_argument(self.preset)}" if self.preset else "")
            + (f" --corpus {corpus_argument(self.corpus)}" if self.corpus else "")
            + "`"
        )

    @property
    def tags(self) -> dict[str, str]:
        """What the parent run has to carry, by tag."""
        named = {record.PRESET: self.preset, record.CORPUS: self.corpus, record.SEARCH: self.search}
        return {tag: name for tag, name in named.items() if name is not None}


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


def open_client(tracking_uri: str) -> MlflowClient:
    """A client of a store that is there: none is made by asking. Raises `RecordsError`."""
    missing = why_missing(tracking_uri)
    if missing is not None:
        raise RecordsError(missing)
    try:
        return MlflowClient(tracking_uri)
    except (MlflowException, SQLAlchemyError, ImportError, ValueError) as error:  # no driver, no address, no database
        raise RecordsError(why_unread(tracking_uri, error)) from error


def find_experiment(client: MlflowClient, tracking_uri: str, wanted: Wanted) -> str:
    """The id of the experiment with the records of a study or space. Raises `RecordsError` where there is none."""
    experiment = client.get_experiment_by_name(wanted.id)
    if experiment is None or experiment.lifecycle_stage != "active":
        named = "the study" if wanted.kind == record.KIND_STUDY else "searches of the space"
        raise RecordsError(
            f"expected records of {named} {wanted.id!r} in {tracking_uri}, found none: "
            f"run it first with {wanted.command}, or name another store with --tracking-uri"
        )
    return str(experiment.experiment_id)


def find_parent(client: MlflowClient, experiment_id: str, wanted: Wanted) -> Run:
    """The study's or search's run that is wanted, the one updated last where several fit. Raises `RecordsError`."""
    everything = list(_search(client, experiment_id, f"tags.`{record.KIND}` = '{wanted.kind}'"))
    fitting = [run for run in everything if wanted.tags.items() <= run.data.tags.items()]
    if fitting:
        return max(fitting, key=lambda run: _last_update(client, experiment_id, run))
    asked = " and ".join(f"{tag.rpartition('.')[2]} {name!r}" for tag, name in wanted.tags.items())
    listing = ", ".join(sorted({_described(run) for run in everything})) or f"no run of the {wanted.kind}"
    raise RecordsError(
        f"expected records of {wanted.id!r} with {asked or 'any preset'}, found {listing}: "
        f"ask for one of those, or run it with {wanted.command}"
    )


def _described(parent: Run) -> str:
    tags = parent.data.tags
    search = f"search {tags[record.SEARCH]!r} with " if record.SEARCH in tags else ""
    return f"{search}preset {tags[record.PRESET]!r} on corpus {tags[record.CORPUS]!r}"


def _last_update(client: MlflowClient, experiment_id: str, parent: Run) -> int:
    newest = client.search_runs(
        [experiment_id], children_filter(parent), max_results=1, order_by=["attributes.end_time DESC"]
    )
    times = (time for run in (parent, *newest) for time in (run.info.start_time, run.info.end_time))
    return max((time for time in times if time is not None), default=0)


def ended_children(client: MlflowClient, parent: Run) -> Iterator[RecordedRun]:
    """The runs of the trials that have ended and still stand."""
    for run in children_of(client, parent):
        tags = run.tags
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
    for run in runs:
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
        params={name: value for name, value in run.params.items() if not name.startswith(record.FACTOR_PREFIX)},
        artifact_uri=run.artifact_uri,
        explained=record.EXPLAINED in tags,
        choices=read_json_tag(run.run_id, tags, record.CHOICES),
        purpose=tags.get(record.PURPOSE),
        number=None if number is None else int(number),
    )


def read_json_tag(run_id: str, tags: Mapping[str, str], tag: str) -> dict[str, Any]:
    """The JSON object that a run carries in `tag`, empty where there is no such tag. Raises `RecordsError`."""
    text = tags.get(tag, "{}")
    try:
        value = json.loads(text)
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise RecordsError(
            f"the run {run_id} must carry a JSON object in its tag {tag}, found {text!r}: "
            "delete that run, and run the same command again"
        )
    return value


def declared_margin(parent: Run) -> float:
    """The smallest difference that matters, as the run of a study or search carries it. Raises `RecordsError`."""
    text = parent.data.tags.get(record.MARGIN)
    try:
        margin = float(text or "")
    except ValueError:
        margin = 0.0
    if not margin > 0:
        raise RecordsError(
            f"the run {parent.info.run_id} must carry a positive margin in its tag {record.MARGIN}, found "
            f"{text!r}: run the same command again, which writes the tag and trains nothing that is finished"
        )
    return margin


def _planned_seeds(parent: Run) -> int | None:
    """The number of seeds fixed before any data. None is the cautious reading of a tag that says anything else."""
    text = parent.data.tags.get(record.DESIGN, "")
    return int(text) if text.isdecimal() and int(text) > 0 else None
