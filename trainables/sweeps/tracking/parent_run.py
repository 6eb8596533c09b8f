"""A sweep's experiment and parent run: found or made when its record is opened, and closed with a few numbers.

Opening removes what a dead driver left. A store that is away for a moment need not prevent closing. What a report says
is put there afterwards, where it can be browsed.
"""

import time
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import fmean

from mlflow.entities import Run
from mlflow.exceptions import MlflowException
from mlflow.tracking import MlflowClient
from requests.exceptions import RequestException
from sqlalchemy.exc import SQLAlchemyError

from soundproof.common import record
from soundproof.common.markdown import as_markdown
from soundproof.common.store_schemas import before_writing
from soundproof.common.tracking_stores import opening
from soundproof.trainables.sweeps.planning.seeds import is_fixed
from soundproof.trainables.sweeps.tracking import outages
from soundproof.trainables.sweeps.tracking.child_runs import at_step
from soundproof.trainables.sweeps.tracking.declaring import declare
from soundproof.trainables.sweeps.tracking.deletions import refuse_deleted, restoring, was_deleted
from soundproof.trainables.sweeps.tracking.heading import Heading
from soundproof.trainables.sweeps.tracking.mlflow_forms import ended_as, named_params, run_tags, with_tags
from soundproof.trainables.sweeps.tracking.outages import (
    Say,
    TrackingError,
    as_sentence,
    away_message,
    in_short,
    is_denied,
    say_nothing,
    what_to_do,
)
from soundproof.trainables.sweeps.tracking.ownership import Ownership
from soundproof.trainables.sweeps.tracking.places import refuse_unwritable
from soundproof.trainables.sweeps.tracking.queries import SweepRuns, find_runs

_OF_TRAINING = ("mlflow.experimentKind", "custom_model_development")
"""Gives an experiment's runs a place in the menu of MLflow's pages, which take it for one of chats otherwise."""


def open_record(
    tracking_uri: str,
    heading: Heading,
    artifacts: Path | None,
    *,
    say: Say = say_nothing,
    stopped: Callable[[], bool] = lambda: False,
) -> SweepRuns:
    """The runs under the heading, all of them finished, and ours alone. Raises `TrackingError`.

    `artifacts` is where a local store keeps files; None leaves it to the server. `say` and `stopped` as in
    `Ownership.claim`.
    """
    before_writing(tracking_uri)
    try:
        with opening(tracking_uri):
            client = MlflowClient(tracking_uri=tracking_uri)
        runs = _with_parent(client, heading, _experiment(client, heading, artifacts), say, stopped)
        _remove_unfinished(runs)
    except TrackingError:
        raise
    except Exception as error:  # a database's own error, too, where its tables cannot be made
        if outages.is_full(error):
            raise TrackingError(away_message(error)) from error
        if not isinstance(error, MlflowException | SQLAlchemyError | ImportError | OSError):
            raise
        why = error.message if isinstance(error, MlflowException) else in_short(error)
        credentials = f"{as_sentence(what_to_do(error))}. " if is_denied(error) else ""
        raise TrackingError(
            f"the tracking store {tracking_uri!r} cannot be opened: {why}. {credentials}"
            "Check --tracking-uri, or leave it out to use a local file"
        ) from error
    return runs


def _experiment(client: MlflowClient, heading: Heading, artifacts: Path | None) -> str:
    experiment = client.get_experiment_by_name(heading.id)
    if experiment is not None:
        refuse_deleted(experiment)
        refuse_unwritable(experiment.artifact_location, heading.id)
        if _OF_TRAINING[0] not in experiment.tags:
            client.set_experiment_tag(experiment.experiment_id, *_OF_TRAINING)
        return str(experiment.experiment_id)
    location = None if artifacts is None else str((artifacts / heading.id).resolve())
    tags = dict([_OF_TRAINING]) | {record.NOTE: as_markdown(heading.question)}
    made = str(client.create_experiment(heading.id, artifact_location=location, tags=tags))
    refuse_unwritable(client.get_experiment(made).artifact_location, heading.id)
    return made


def _with_parent(
    client: MlflowClient, heading: Heading, experiment_id: str, say: Say, stopped: Callable[[], bool]
) -> SweepRuns:
    """The runs of the sweep, whose parent is running, and ours, from now on."""
    tags = {
        record.KIND: heading.kind,
        record.STUDY: heading.id,
        record.PRESET: heading.preset,
        record.CORPUS: heading.corpus,
    } | dict(heading.identity)
    found = find_runs(client, [experiment_id], tags)
    deleted = find_runs(client, [experiment_id], tags, deleted=True)
    if deleted and not found:
        _say_deleted(client, heading, deleted, say)
    parent = found[0] if found else _new_parent(client, heading, experiment_id, tags)
    parent_id = str(parent.info.run_id)
    ownership = Ownership(client, parent_id, heading.words)
    ownership.claim(say, stopped)
    client.update_run(parent_id, status="RUNNING")
    runs = SweepRuns(
        client=client,
        heading=heading,
        experiment_id=experiment_id,
        parent_id=parent_id,
        ownership=ownership,
        before=tuple(str(run.info.run_id) for run in deleted),
    )
    _describe(runs, found)
    return runs


def _new_parent(client: MlflowClient, heading: Heading, experiment_id: str, tags: Mapping[str, str]) -> Run:
    """The parent run of a sweep that has none: of several programs that make one at once, all take the same."""
    made = client.create_run(experiment_id, tags=dict(tags), run_name=heading.name)
    first = min(find_runs(client, [experiment_id], tags), key=lambda run: (run.info.start_time, run.info.run_id))
    if first.info.run_id != made.info.run_id:
        client.delete_run(made.info.run_id)
    return first


def _say_deleted(client: MlflowClient, heading: Heading, deleted: Sequence[Run], say: Say) -> None:
    """Say that somebody deleted the sweep's run. Raises `TrackingError` where it is written nevertheless."""
    for run in deleted:
        Ownership(client, str(run.info.run_id), heading.words).refuse_used()
    newest = max(deleted, key=lambda run: int(run.info.start_time)).info.run_id
    say(
        f"{heading.words} was deleted in MLflow: finished trials that were left are taken over into a new run, the "
        f"others are trained again. To have all of it back instead, stop, delete the new run, restore the old one with "
        f"{restoring(newest)}, and give the same command again"
    )


def _describe(runs: SweepRuns, found: Sequence[Run]) -> None:
    """What the parent run says of its sweep; `found` is what it was before, if it was there."""
    client, heading, parent_id = runs.client, runs.heading, runs.parent_id
    about = {record.MARGIN: repr(heading.margin), record.NOTE: as_markdown(heading.question)}
    if heading.design is not None:
        about[record.DESIGN] = _design(runs, heading.design, found[0]) if found else heading.design
    known = found[0].data.params if found else {}  # which MLflow lets nobody change
    params = [param for param in named_params(heading.parameters) if param.key not in known]
    client.log_batch(parent_id, params=params, tags=run_tags(about | dict(heading.about)))
    if heading.declaration is not None:
        declare(client, parent_id, found[0].data.tags if found else {}, heading.declaration)


def _design(runs: SweepRuns, wanted: str, parent: Run) -> str:
    """What the study's run says from now on: a number of seeds that grew after data had been seen was not fixed.

    Data has a seed; that a variant is infeasible follows from its declaration.
    """
    before = parent.data.tags.get(record.DESIGN, record.UNTIL_DECIDED)
    seeded = (run for run in runs.children() if record.SEED in run.data.tags)
    if before == wanted or not any(ended_as(run, record.FINISHED) for run in seeded):
        return wanted
    if is_fixed(before) and is_fixed(wanted) and int(wanted) < int(before):
        return before
    return record.UNTIL_DECIDED


def _remove_unfinished(runs: SweepRuns) -> None:
    """Delete child runs that no finished trial stands behind: it is delivered or trained again, under a new run."""
    for run in [*runs.children(), *runs.left_behind()]:
        searched = run.data.tags.get(record.PURPOSE, record.PURPOSE_SEARCH) == record.PURPOSE_SEARCH
        if not ended_as(run, runs.heading.kept if searched else record.FINISHED):
            runs.client.delete_run(run.info.run_id)


def close_parent(sweep: SweepRuns, *, interrupted: bool, say: Say = say_nothing) -> None:
    """Close the parent run, with the sweep in a few numbers unless it was interrupted, and let others have the record.

    A store that is away is waited for, and then `TrackingError` raised; after an interruption it is left alone,
    since the parent run is opened again by the next driver. One that was deleted, or is another program's by now, is
    left as it is.
    """
    try:
        if not sweep.ownership.is_lost:
            _close(sweep, interrupted=interrupted, say=say)
    finally:
        sweep.ownership.stop()


def _close(sweep: SweepRuns, *, interrupted: bool, say: Say) -> None:
    gives_up = time.monotonic() + (0 if interrupted else outages.AT_END_SECONDS)
    for pause in outages.pauses():
        try:
            _write_end(sweep, interrupted=interrupted, say=say)
        except Exception as error:
            if not outages.may_be_written_later(error):
                raise
            if time.monotonic() + pause > gives_up:
                if interrupted:
                    return
                raise TrackingError(away_message(error)) from error
            time.sleep(pause)
        else:
            return


def _write_end(sweep: SweepRuns, *, interrupted: bool, say: Say) -> None:
    try:
        if not interrupted:
            metrics, tags = summarise(sweep.children(), sweep.heading.metric)
            sweep.client.log_batch(sweep.parent_id, metrics=at_step(metrics, 0), tags=run_tags(tags))
        sweep.client.set_terminated(sweep.parent_id, status="KILLED" if interrupted else "FINISHED")
        sweep.ownership.release()
    except MlflowException:
        if not was_deleted(sweep.client, sweep.parent_id):
            raise
        say(
            f"{sweep.heading.words} was deleted in MLflow while trials were trained: restore it with "
            f"{restoring(sweep.parent_id)}, or give the same command again, which takes finished trials over"
        )


def summarise(runs: Sequence[Run], metric: str | None) -> tuple[dict[str, float], dict[str, str]]:
    """Metrics and tags of the parent run of these child runs.

    They say how the trials ended, which variant is the best by its mean of `metric` over the seeds, if any has one, and
    that mean. A variant counts where each of its trials has a number that may be compared; a search's, on fresh seeds
    alone. Reports say what the difference to others is worth.
    """
    current = [run for run in runs if record.SUPERSEDED not in run.data.tags]
    ends = Counter(run.data.tags[record.STATUS] for run in current if record.STATUS in run.data.tags)
    metrics = {record.TRIALS_PREFIX + status: float(count) for status, count in sorted(ends.items())}
    if metric is None or not (means := _means(current, metric)):
        return metrics, {}
    best = (max if record.higher_is_better(metric) else min)(means, key=lambda variant: means[variant])
    return metrics | {record.BEST_VARIANT_PREFIX + metric: means[best]}, {record.BEST_VARIANT: best}


def _means(runs: Sequence[Run], metric: str) -> dict[str, float]:
    values: dict[str, list[float | None]] = defaultdict(list)
    for run in runs:
        tags = run.data.tags
        if tags.get(record.PURPOSE, record.PURPOSE_CONFIRMATION) == record.PURPOSE_CONFIRMATION:
            comparable = tags.get(record.STATUS) in record.COMPARABLE
            values[tags[record.VARIANT]].append(run.data.metrics.get(metric) if comparable else None)
    found = {variant: [value for value in of if value is not None] for variant, of in values.items()}
    return {variant: fmean(of) for variant, of in found.items() if len(of) == len(values[variant])}


def publish(tracking_uri: str, tags: Mapping[str, str], note: str, files: Sequence[Path]) -> None:
    """Make `note`, Markdown, the description of the run that carries `tags`, and `files` artifacts of it.

    Raises `TrackingError` where the store does not take them.
    """
    before_writing(tracking_uri)
    client = MlflowClient(tracking_uri)
    try:
        experiment = client.get_experiment_by_name(tags[record.STUDY])
        if experiment is None:
            return
        for run in client.search_runs([experiment.experiment_id], filter_string=with_tags(tags)):
            for file in files:
                client.log_artifact(run.info.run_id, str(file))
            client.set_tag(run.info.run_id, record.NOTE, note)
    except (MlflowException, RequestException, OSError) as error:
        raise TrackingError(f"the report could not be put into the tracking store: {in_short(error)}") from error
