"""Finding a trained trial in the record by its id, and fetching what it left there."""

import difflib
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from mlflow.entities import Run
from mlflow.exceptions import MlflowException
from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository
from mlflow.tracking import MlflowClient
from safetensors import SafetensorError
from safetensors.torch import load as load_tensors
from sqlalchemy.exc import SQLAlchemyError
from torch import Tensor

from soundproof.common import record
from soundproof.common.artifact_places import place_of
from soundproof.common.digests import DamagedError, check_digest
from soundproof.common.errors import UserError
from soundproof.common.pages import all_pages
from soundproof.common.program import program
from soundproof.common.store_schemas import SchemaError, to_read
from soundproof.common.tracking_stores import opening, why_missing, why_unread
from soundproof.search_spaces.specs import SpecError, Trial
from soundproof.trainables.corpora.recorded.folder_listing import printable
from soundproof.trainables.experiments import all_experiments
from soundproof.trainables.full_disks import lacks_space

LEAST_PREFIX = 6
"""Characters of a trial id that can stand for the whole of it."""

_SERVERS = ("http://", "https://")
_PAGE = 1000
_SHOWN = 3
_NEAR = 0.75


class PredictionError(UserError):
    """A trial cannot be asked. The message says which, why, and what to do."""


@dataclass(frozen=True, kw_only=True, slots=True)
class OfTrial:
    """What belongs to a trial that a record has.

    `trial_id` is the id that it was recorded under, which an earlier version may have computed otherwise; `variant` is
    that of `study`. Outside a record both are unknown.
    """

    trial_id: str
    trial: Trial
    study: str = ""
    variant: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class RecordedTrial(OfTrial):
    """A trained trial as the record has it. `weights` are those of `trainables.training.weights.pack`, on the CPU.

    `run_id` is the run that holds its files, unknown outside a record.
    """

    run_id: str = ""
    weights: dict[str, Tensor]


def fetch_recorded(tracking_uri: str, trial_id: str) -> RecordedTrial:
    """The trained trial of that id, or of the only id that begins so, in any study of the store.

    Raises `PredictionError` where the store is not there, no trial or more than one has this id, or it left no weights.
    """
    missing = why_missing(tracking_uri)
    if missing is not None:
        raise PredictionError(missing)
    try:
        with opening(tracking_uri, makes=False):
            client = MlflowClient(to_read(tracking_uri))
    except SchemaError:
        raise
    except (MlflowException, SQLAlchemyError, ImportError, ValueError) as error:  # no driver, no address, no database
        raise PredictionError(why_unread(tracking_uri, error)) from error
    try:
        return _fetch(client, _trained(_matching(client, tracking_uri, trial_id)))
    except MlflowException as error:
        raise PredictionError(why_unread(tracking_uri, error)) from error


def _matching(client: MlflowClient, tracking_uri: str, trial_id: str) -> list[Run]:
    """All runs of the one trial whose id begins with `trial_id`."""
    wanted = trial_id.strip().lower()
    if not set(wanted) <= set("0123456789abcdef"):
        raise _unknown(client, tracking_uri, trial_id)
    if len(wanted) < LEAST_PREFIX:
        raise PredictionError(
            f"a trial id may be shortened to {LEAST_PREFIX} characters, got {trial_id!r}: give more of it"
        )
    runs = list(_search(client, f"tags.`{record.TRIAL_ID}` LIKE '{wanted}%'"))
    if not runs:
        raise _unknown(client, tracking_uri, trial_id)
    if len({run.data.tags[record.TRIAL_ID] for run in runs}) > 1:
        raise PredictionError(f"{trial_id!r} begins the ids of several trials: {_listing(runs)}: give more of it")
    return runs


def _trained(runs: Sequence[Run]) -> Run:
    """The run that shows the trial as trained; the one that trained it before those that reuse it."""
    for run in sorted(runs, key=lambda run: record.REUSED_FROM in run.data.tags):
        if run.data.tags.get(record.STATUS) in record.COMPARABLE:
            return run
    tags = runs[0].data.tags
    trial_id, status = tags[record.TRIAL_ID], tags.get(record.STATUS)
    if status is None:
        raise PredictionError(
            f"trial {trial_id} must be trained before it can be asked, and is not yet: wait for it, or, where nothing "
            "runs any more, run its study again"
        )
    reason = f" ({tags[record.REASON]})" if record.REASON in tags else ""
    raise PredictionError(
        f"trial {trial_id} ended as {status!r}{reason}, and left no network to ask: expected one that is "
        f"{' or '.join(sorted(record.COMPARABLE))}, choose another trial"
    )


def _fetch(client: MlflowClient, run: Run) -> RecordedTrial:
    tags = run.data.tags
    run_id = tags.get(record.REUSED_FROM, str(run.info.run_id))
    try:
        with tempfile.TemporaryDirectory(prefix="soundproof-") as folder:
            text = _download(client, run, record.TRIAL_ARTIFACT, folder)
            weights = load_tensors(_download(client, run, record.WEIGHTS_ARTIFACT, folder))
    except DamagedError as error:
        raise PredictionError(
            f"trial {tags[record.TRIAL_ID]} cannot be asked: {error}. Put the file back as it was among the artifacts "
            f"of run {run_id}, or delete that run and give the command of its study again, which trains the trial anew"
        ) from error
    except (MlflowException, OSError, SafetensorError) as error:
        remedy = "Free some space" if lacks_space(error) else "Put them back where they were, or choose another trial"
        raise PredictionError(
            f"the files that trial {tags[record.TRIAL_ID]} left in the record (artifacts of run {run_id}) must be "
            f"there, and cannot be read: {error}. {remedy}"
        ) from error
    try:
        trial = Trial.from_json(text)
    except SpecError as error:
        raise PredictionError(
            f"trial {tags[record.TRIAL_ID]} was recorded by Soundproof {tags.get(record.VERSION)}, and this version "
            f"cannot read it ({error}): use that one, or train it again"
        ) from error
    return RecordedTrial(
        run_id=run_id,
        trial_id=tags[record.TRIAL_ID],
        trial=trial,
        study=tags.get(record.STUDY, ""),
        variant=tags.get(record.VARIANT, ""),
        weights=weights,
    )


def _download(client: MlflowClient, run: Run, artifact: str, folder: str) -> bytes:
    """A file that the trial left, as it left it. Raises `DamagedError`; an older record has no digest to tell by."""
    original = run.data.tags.get(record.REUSED_FROM)
    place = run.info.artifact_uri if original is None else client.get_run(original).info.artifact_uri
    repository = get_artifact_repository(place_of(client.tracking_uri, place), tracking_uri=client.tracking_uri)
    content = Path(repository.download_artifacts(artifact, folder)).read_bytes()  # type: ignore[no-untyped-call]
    digest = record.digests_of(run.data.tags).get(artifact)
    if digest is not None:
        check_digest(content, digest, artifact)
    return content


def _search(client: MlflowClient, filter_string: str) -> Iterator[Run]:
    """Runs in all experiments, the newest first."""
    experiments = [str(found.experiment_id) for found in all_experiments(client)]
    if not experiments:
        return iter(())
    newest_first = ["attributes.start_time DESC"]
    return all_pages(
        lambda token: client.search_runs(
            experiments, filter_string, max_results=_PAGE, order_by=newest_first, page_token=token
        )
    )


def _unknown(client: MlflowClient, tracking_uri: str, trial_id: str) -> PredictionError:
    """An error that names the nearest trained trials, or the newest where none is near."""
    named = f"no trial in {tracking_uri} has the id {printable(trial_id)!r}"
    known: dict[str, Run] = {}
    for run in _search(client, f"tags.`{record.KIND}` = '{record.KIND_TRIAL}'"):
        if run.data.tags.get(record.STATUS) in record.COMPARABLE and record.TRIAL_ID in run.data.tags:
            known.setdefault(run.data.tags[record.TRIAL_ID], run)
    if not known:
        return PredictionError(f"{named}, and none is trained there yet: run a study first, or name another --storage")
    near = difflib.get_close_matches(trial_id.lower(), known, n=_SHOWN, cutoff=_NEAR)
    if near:
        return PredictionError(f"{named}: did you mean {_listing([known[name] for name in near])}?")
    newest = _listing(list(known.values())[:_SHOWN])
    shows = "MLflow's own pages show" if tracking_uri.startswith(_SERVERS) else f"`{program()} browse` shows"
    return PredictionError(
        f"{named}. Of the {len(known)} trained there, the newest are {newest}. {shows} all, "
        f"their ids in the tag {record.TRIAL_ID}"
    )


def _listing(runs: Sequence[Run]) -> str:
    names: dict[str, str] = {}
    for run in runs:
        tags = run.data.tags
        trial_id = tags[record.TRIAL_ID]
        names.setdefault(trial_id, f"{trial_id} ({tags.get(record.VARIANT)}, seed {tags.get(record.SEED)})")
    return ", ".join(names.values())
