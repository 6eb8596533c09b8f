"""What exports need of the record beside trials: when runs were made and by which version, and a search's space."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from mlflow.entities import Run
from mlflow.exceptions import MlflowException

from soundproof.analysis.records.artifacts import read_artifact, repository_at
from soundproof.analysis.records.finding import Wanted, find_parent, open_client, reading
from soundproof.analysis.records.loading import NOT_RECORDED
from soundproof.analysis.records.store import all_runs, load_histories
from soundproof.analysis.records.trials import History, RecordsError, Results, SearchRecords
from soundproof.common import record
from soundproof.common.provenance import Provenance
from soundproof.search_spaces.spaces import SearchSpace
from soundproof.search_spaces.specs import SpecError


@dataclass(frozen=True, kw_only=True, slots=True)
class RunFacts:
    """The runs behind some records. Times are in UTC, by run id; a run that has not ended has none.

    `made_with` is what trained the trials, each combination of versions once. `curves` hold the values per epoch of
    one metric, by run id.
    """

    parent_id: str
    times: Mapping[str, tuple[datetime, datetime]]
    made_with: tuple[Provenance, ...]
    curves: Mapping[str, History]


def run_facts(records: Results | SearchRecords, curve: str | None = None) -> RunFacts:
    """The runs of the trials in `records`, with the curves of the metric `curve`. Raises `RecordsError`."""
    run_ids = {trial.run_id: None for trial in records.trials}
    with reading(records.tracking_uri) as client:
        parent = find_parent(client, records.tracking_uri, _wanted(records))
        children = f"tags.`{record.PARENT_RUN}` = '{parent.info.run_id}'"
        everything = all_runs(client, parent.info.experiment_id, children)
        runs = [run for run in everything if run.info.run_id in run_ids]
        curves = {} if curve is None else load_histories(client, list(run_ids), curve)
    return RunFacts(
        parent_id=parent.info.run_id,
        times={run.info.run_id: (_time(run.info.start_time), _time(run.info.end_time)) for run in runs if _ended(run)},
        made_with=tuple(sorted({Provenance.of(run.data.tags) for run in runs}, key=lambda provenance: provenance.text)),
        curves=curves,
    )


def recorded_space(records: SearchRecords, runs: RunFacts) -> SearchSpace:
    """The space as it was declared when it was searched, with the constraints of that search. Raises `RecordsError`."""
    text = recorded_text(records, runs.parent_id, record.SPACE_ARTIFACT)
    try:
        return SearchSpace.from_json(text)
    except SpecError as error:
        versions = sorted({provenance.version for provenance in runs.made_with if provenance.version is not None})
        raise RecordsError(
            f"the space {records.space!r} was searched by Soundproof {' and '.join(versions)}, and this version "
            f"cannot read it ({error}): use that one, or a form that does without: csv, parquet, latex or markdown"
        ) from error


def recorded_text(records: Results | SearchRecords, run_id: str, artifact: str) -> str:
    """A text that a run keeps among its files. Raises `RecordsError` where it cannot be had."""
    client = open_client(records.tracking_uri)
    try:
        place = str(client.get_run(run_id).info.artifact_uri)
        return read_artifact(repository_at(records.tracking_uri, place), artifact).decode()
    except (MlflowException, OSError, UnicodeDecodeError) as error:
        raise RecordsError(
            f"expected {artifact} among the artifacts of run {run_id}, could not read it: {error}. "
            "Put the files of the record back where they were"
        ) from error


def _wanted(records: Results | SearchRecords) -> Wanted:
    if isinstance(records, Results):
        return Wanted(kind=record.KIND_STUDY, id=records.study, preset=records.preset, corpus=records.corpus)
    search = None if records.search == NOT_RECORDED else records.search
    return Wanted(
        kind=record.KIND_SEARCH, id=records.space, preset=records.preset, corpus=records.corpus, search=search
    )


def _ended(run: Run) -> bool:
    return run.info.start_time is not None and run.info.end_time is not None


def _time(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, tz=UTC)
