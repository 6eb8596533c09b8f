"""The experiment and the parent run of a study or a search in a tracking store, or how to make them."""

import gc
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from mlflow import MlflowClient
from mlflow.entities import Run
from mlflow.exceptions import MlflowException
from sqlalchemy.exc import SQLAlchemyError

from soundproof.analysis.records.store import all_runs, children_filter
from soundproof.analysis.records.trials import RecordsError
from soundproof.common import record
from soundproof.common.json_texts import parsed
from soundproof.common.program import program
from soundproof.common.store_schemas import SchemaError, to_read
from soundproof.common.tracking_stores import opening, why_missing, why_unread
from soundproof.search_spaces.corpus_names import corpus_argument
from soundproof.search_spaces.presets import preset_argument

_AGAIN = "delete that run, and run the same command again"
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


def open_client(tracking_uri: str) -> MlflowClient:
    """A client of a store that is there: none is made by asking. Raises `RecordsError`."""
    missing = why_missing(tracking_uri)
    if missing is not None:
        raise RecordsError(missing)
    try:
        with opening(tracking_uri, makes=False):
            return MlflowClient(to_read(tracking_uri))
    except SchemaError:
        raise
    except (MlflowException, SQLAlchemyError, ImportError, ValueError) as error:  # no driver, no address, no database
        raise RecordsError(why_unread(tracking_uri, error)) from error


@contextmanager
def reading(tracking_uri: str) -> Iterator[MlflowClient]:
    """A client of a store, for reading much of it. Raises `RecordsError` where that fails.

    No garbage is collected meanwhile: MLflow makes millions of small objects, and scanning them halves the speed.
    """
    client, collected = open_client(tracking_uri), gc.isenabled()
    gc.disable()
    try:
        yield client
    except MlflowException as error:
        raise RecordsError(f"the tracking store {tracking_uri!r} could not be read: {error.message}") from error
    finally:
        if collected:
            gc.enable()


def find_parent(client: MlflowClient, tracking_uri: str, wanted: Wanted) -> Run:
    """The study's or search's run that is wanted, the one updated last where several fit. Raises `RecordsError`."""
    experiment = client.get_experiment_by_name(wanted.id)
    if experiment is None or experiment.lifecycle_stage != "active":
        named = "the study" if wanted.kind == record.KIND_STUDY else "searches of the space"
        raise RecordsError(
            f"expected records of {named} {wanted.id!r} in {tracking_uri}, found none: "
            f"run it first with {wanted.command}, or name another store with --tracking-uri"
        )
    everything = list(all_runs(client, experiment.experiment_id, f"tags.`{record.KIND}` = '{wanted.kind}'"))
    fitting = [run for run in everything if wanted.tags.items() <= run.data.tags.items()]
    if fitting:
        return max(fitting, key=lambda run: _last_update(client, run))
    asked = " and ".join(f"{tag.rpartition('.')[2]} {name!r}" for tag, name in wanted.tags.items())
    listing = ", ".join(sorted({_described(run) for run in everything})) or f"no run of the {wanted.kind}"
    raise RecordsError(
        f"expected records of {wanted.id!r} with {asked or 'any preset'}, found {listing}: "
        f"ask for one of those, or run it with {wanted.command}"
    )


def _described(parent: Run) -> str:
    tags = parent.data.tags
    search = f"search {tags[record.SEARCH]!r} with " if record.SEARCH in tags else ""
    return f"{search}preset {tags.get(record.PRESET)!r} on corpus {tags.get(record.CORPUS)!r}"


def _last_update(client: MlflowClient, parent: Run) -> int:
    newest = client.search_runs(
        [parent.info.experiment_id], children_filter(parent), max_results=1, order_by=["attributes.end_time DESC"]
    )
    times = (time for run in (parent, *newest) for time in (run.info.start_time, run.info.end_time))
    return max((time for time in times if time is not None), default=0)


def read_json_tag(run_id: str, tags: Mapping[str, str], tag: str) -> dict[str, Any]:
    """The JSON object that a run carries in `tag`, empty where there is no such tag. Raises `RecordsError`."""
    text = tags.get(tag, "{}")
    try:
        value = parsed(text)
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise RecordsError(f"the run {run_id} must carry a JSON object in its tag {tag}, found {text!r}: {_AGAIN}")
    return value


def read_tag(run_id: str, tags: Mapping[str, str], tag: str) -> str:
    """What a run carries in `tag`. Raises `RecordsError` where it carries none."""
    if tag not in tags:
        raise RecordsError(f"the run {run_id} must carry the tag {tag}, and does not: {_AGAIN}")
    return tags[tag]


def read_whole_tag(run_id: str, tags: Mapping[str, str], tag: str) -> int | None:
    """The whole number that a run carries in `tag`, None where there is no such tag. Raises `RecordsError`."""
    text = tags.get(tag)
    try:
        return None if text is None else int(text)
    except ValueError:
        raise RecordsError(
            f"the run {run_id} must carry a whole number in its tag {tag}, found {text!r}: {_AGAIN}"
        ) from None


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
