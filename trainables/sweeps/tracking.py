"""The record in MLflow: a parent run per sweep, a child run per trial. Only the driver writes here.

A child run is opened when its trial starts and closed when the trial is in the outbox; it counts as finished once
MLflow says that it has ended. Whatever a dead driver left open is removed by the next one, which then delivers or
trains it again.

Everything here may be called again after the store did not answer: a run is created once, and what is written a second
time is what was written the first time.
"""

from __future__ import annotations

import importlib.metadata
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from mlflow.entities import Metric, Param, Run, RunTag
from mlflow.exceptions import MlflowException
from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository
from mlflow.tracking import MlflowClient

from search_spaces import record
from search_spaces.markdown import as_markdown
from search_spaces.specs import Trial
from search_spaces.studies import Variant
from trainables.sweeps import outages
from trainables.sweeps.curves import Curve, at_step
from trainables.sweeps.heading import Heading
from trainables.sweeps.mlflow_forms import ended_as, params, quoted, run_name, trained_on
from trainables.sweeps.outages import TrackingError, away_message
from trainables.sweeps.outbox import Parcel
from trainables.sweeps.schedule import is_fixed

_PAGE = 1000
_RUN_STATUS: dict[record.Status, str] = {"failed": "FAILED", "interrupted": "KILLED"}
_NO_TAGS: Mapping[str, str] = MappingProxyType({})
_OF_TRAINING = ("mlflow.experimentKind", "custom_model_development")
"""Gives an experiment's runs a place in the menu of MLflow's pages, which take it for one of chats otherwise."""

_Key = tuple[str, str | None]
"""A variant's id and a trial id; None on the record of an infeasible variant."""


class Tracker:
    """Writes one sweep.

    Opening it finds or makes the experiment and the parent run, and removes what a dead driver left.
    """

    def __init__(
        self,
        tracking_uri: str,
        heading: Heading,
        artifacts: Path | None,
        complete: Callable[[Parcel], object] | None = None,
    ) -> None:
        """`artifacts` is where a local store keeps files; None leaves it to the server.

        `complete` adds to the artifacts of a trial what its actor could not, before they are written.
        """
        self.heading = heading
        self._complete = complete
        self.uri = tracking_uri
        self._curves: dict[str, Curve] = {}
        self._open: dict[_Key, str | None] = {}
        """Runs that are not closed. None where the store was asked for one and no answer has come."""
        self._artifact_uris: dict[str, str] = {}
        """Where those keep files, as the store said when it created them."""
        try:
            self.client = MlflowClient(tracking_uri=tracking_uri)
            self.experiment_id = self._experiment(artifacts)
            self.parent_id = self._parent()
            self._remove_unfinished()
        except TrackingError:
            raise
        except Exception as error:  # a database's own error, too, where its tables cannot be made
            if outages.is_full(error):
                raise TrackingError(away_message(error)) from error
            if not isinstance(error, MlflowException):
                raise
            raise TrackingError(
                f"the tracking store {tracking_uri!r} cannot be opened: {error.message}. "
                "Check --tracking-uri, or leave it out to use a local file"
            ) from error

    def _experiment(self, artifacts: Path | None) -> str:
        experiment = self.client.get_experiment_by_name(self.heading.id)
        if experiment is not None and experiment.lifecycle_stage != "active":
            raise TrackingError(
                f"the record of {self.heading.id!r} was deleted in MLflow: restore it with `mlflow experiments "
                f"restore --experiment-id {experiment.experiment_id}`, or name another --storage or --tracking-uri"
            )
        if experiment is not None:
            if _OF_TRAINING[0] not in experiment.tags:
                self.client.set_experiment_tag(experiment.experiment_id, *_OF_TRAINING)
            return str(experiment.experiment_id)
        location = None if artifacts is None else str((artifacts / self.heading.id).resolve())
        tags = dict([_OF_TRAINING]) | {record.NOTE: as_markdown(self.heading.question)}
        return str(self.client.create_experiment(self.heading.id, artifact_location=location, tags=tags))

    def _parent(self) -> str:
        tags = {
            record.KIND: self.heading.kind,
            record.STUDY: self.heading.id,
            record.PRESET: self.heading.preset,
            record.CORPUS: self.heading.corpus,
        } | dict(self.heading.identity)
        found = self._search(tags)
        about = {record.MARGIN: repr(self.heading.margin), record.NOTE: as_markdown(self.heading.question)}
        if found:
            run_id = str(found[0].info.run_id)
            self.client.update_run(run_id, status="RUNNING")
        else:
            created = self.client.create_run(self.experiment_id, tags=tags, run_name=self.heading.name)
            run_id = str(created.info.run_id)
        if self.heading.design is not None:
            about[record.DESIGN] = self._design(self.heading.design, found[0]) if found else self.heading.design
        self._set_tags(run_id, about | dict(self.heading.about))
        return run_id

    def _design(self, wanted: str, parent: Run) -> str:
        """What the study's run says from now on: a number of seeds that grew after data had been seen was not fixed."""
        before = parent.data.tags.get(record.DESIGN, record.UNTIL_DECIDED)
        children = {record.KIND: record.KIND_TRIAL, record.PARENT_RUN: str(parent.info.run_id)}
        if before == wanted or not any(ended_as(run, record.FINISHED) for run in self._search(children)):
            return wanted
        if is_fixed(before) and is_fixed(wanted) and int(wanted) < int(before):
            return before
        return record.UNTIL_DECIDED

    def _search(self, tags: Mapping[str, str], experiments: Sequence[str] | None = None) -> list[Run]:
        text = " and ".join(f"tags.`{name}` = {quoted(value)}" for name, value in tags.items())
        found: list[Run] = []
        token: str | None = None
        while True:
            page = self.client.search_runs(
                list(experiments or [self.experiment_id]), filter_string=text, max_results=_PAGE, page_token=token
            )
            found += page
            token = page.token
            if not token:
                return found

    def _children(self) -> list[Run]:
        return self._search({record.KIND: record.KIND_TRIAL, record.PARENT_RUN: self.parent_id})

    def _remove_unfinished(self) -> None:
        """Delete child runs that no finished trial stands behind: it is delivered or trained again, under a new run."""
        for run in self._children():
            if not ended_as(run, self.heading.kept):
                self.client.delete_run(run.info.run_id)

    def finished_here(self) -> dict[tuple[str, str | None], Run]:
        """Finished runs of this sweep by variant and trial id; an infeasible variant has no trial id."""
        return {(run.data.tags[record.VARIANT], run.data.tags.get(record.TRIAL_ID)): run for run in self._children()}

    def supersede(self, run: Run, superseded: bool) -> None:
        """Say of a finished run whether the study and the corpus are still what they were then."""
        if superseded and record.SUPERSEDED not in run.data.tags:
            self.client.set_tag(run.info.run_id, record.SUPERSEDED, "true")
        elif not superseded and record.SUPERSEDED in run.data.tags:
            self.client.delete_tag(run.info.run_id, record.SUPERSEDED)

    def run(self, run_id: str) -> Run:
        """The run of that id as the store has it now."""
        return self.client.get_run(run_id)

    def finished_elsewhere(self) -> dict[str, Run]:
        """Trial ids that other sweeps of this store hold as finished, with the run that trained each."""
        experiments = [str(found.experiment_id) for found in self.client.search_experiments()]
        if not self.heading.identity:  # then all other sweeps that share a trial are of other experiments
            experiments = [experiment for experiment in experiments if experiment != self.experiment_id]
        if not experiments:
            return {}
        tags = {record.KIND: record.KIND_TRIAL, record.PRESET: self.heading.preset}
        return {
            run.data.tags[record.TRIAL_ID]: run
            for run in self._search(tags, experiments)
            if ended_as(run, record.FINISHED)
            and record.TRIAL_ID in run.data.tags
            and record.REUSED_FROM not in run.data.tags
            and run.data.tags.get(record.PARENT_RUN) != self.parent_id
        }

    def searched_elsewhere(self) -> list[Run]:
        """Trials that other searches of the same space, at the same preset, have recorded."""
        tags = {record.KIND: record.KIND_TRIAL, record.PRESET: self.heading.preset}
        tags[record.PURPOSE] = record.PURPOSE_SEARCH
        return [
            run
            for run in self._search(tags)
            if ended_as(run, record.STATUSES) and run.data.tags[record.PARENT_RUN] != self.parent_id
        ]

    def tag_parent(self, tags: Mapping[str, str]) -> None:
        """Set tags of the parent run."""
        self._set_tags(self.parent_id, tags)

    def attach_to_parent(self, name: str, text: str) -> None:
        """Keep a text as an artifact of the parent run."""
        self.client.log_text(self.parent_id, text, name)

    def begin(self, variant: Variant, trial: Trial, extra: Mapping[str, str] = _NO_TAGS) -> str:
        """The child run of a trial that trains, opened unless it is open. `extra` are more tags of it."""
        tags = self._trial_tags(variant, trial) | dict(extra)
        run_id = self._create(variant, f"seed {trial.seed}", tags)
        if run_id not in self._curves:
            self._log_corpus(run_id, trial)
            self._curves[run_id] = Curve()
        return run_id

    def epoch(self, run_id: str, number: int, metrics: Mapping[str, float]) -> None:
        """Take the metrics of epoch `number`, the first being 1. They are written by the next `flush`, or at the end.

        An epoch that is known already is ignored.
        """
        self._curves[run_id].hear(number, metrics)

    def flush(self) -> None:
        """Write the epochs of running trials that are not written yet, so that their curves can be watched."""
        for run_id, curve in self._curves.items():
            metrics = curve.unwritten()
            if metrics:
                self._log(run_id, metrics, [], {})
                curve.mark_written()

    def deliver(self, parcel: Parcel, variant: Variant, run_id: str | None, extra: Mapping[str, str] = _NO_TAGS) -> str:
        """Write a finished trial and close its run; `run_id` is None when an earlier driver had opened it.

        `extra` are more tags of a run that has to be opened.
        """
        if run_id is None:
            run_id = self.begin(variant, parcel.trial, extra)
        curve = self._curves[run_id]
        for number, epoch in enumerate(parcel.history, start=1):
            curve.hear(number, epoch, parcel.left_at_milliseconds)
        metrics = curve.unwritten() + at_step(parcel.metrics, 0, parcel.left_at_milliseconds)
        tags = {record.STATUS: parcel.status, record.DEVICE: parcel.device}
        if parcel.reason is not None:
            tags[record.REASON] = parcel.reason
        self._log(run_id, metrics, params(parcel.trial.to_plain()), tags)
        if self._complete is not None:
            self._complete(parcel)
        self._log_artifacts(run_id, parcel.artifacts)
        self._close(run_id, parcel.status)
        parcel.discard()
        return run_id

    def fail(self, run_id: str, status: record.Status, reason: str, trial: Trial) -> None:
        """Close the run of a trial that left no outcome: it crashed, or was interrupted."""
        tags = {record.STATUS: status, record.REASON: reason}
        self._log(run_id, self._curves[run_id].unwritten(), params(trial.to_plain()), tags)
        self._close(run_id, status)

    def infeasible(self, variant: Variant, reason: str) -> None:
        """Record a variant that cannot be trained. It has no seed: no chance is involved."""
        tags = self._tags(variant) | {record.STATUS: "infeasible", record.REASON: reason}
        run_id = self._create(variant, "infeasible", tags)
        self._close(run_id, "infeasible")

    def reuse(self, variant: Variant, trial: Trial, original: Run, extra: Mapping[str, str] = _NO_TAGS) -> None:
        """Show a trial that another sweep or variant trained here too, with its numbers, pointing at the original."""
        copied = (record.STATUS, record.REASON, record.DEVICE)
        tags = self._trial_tags(variant, trial) | dict(extra)
        tags |= {name: original.data.tags[name] for name in copied if name in original.data.tags}
        tags[record.REUSED_FROM] = original.data.tags.get(record.REUSED_FROM, str(original.info.run_id))
        run_id = self._create(variant, f"seed {trial.seed} (reused)", tags)
        self._log_corpus(run_id, trial)
        history = [
            Metric(metric.key, metric.value, metric.timestamp, metric.step)
            for name in original.data.metrics
            for metric in self.client.get_metric_history(original.info.run_id, name)
        ]
        self._log(run_id, history, params(trial.to_plain()), {})
        self._close(run_id, original.data.tags[record.STATUS])

    def end(self, *, interrupted: bool = False) -> None:
        """Close the parent run.

        A store that is away is waited for, and then `TrackingError` raised; after an interruption it is left alone,
        since the parent run is opened again by the next driver.
        """
        status = "KILLED" if interrupted else "FINISHED"
        gives_up = time.monotonic() + (0 if interrupted else outages.AT_END_SECONDS)
        for pause in outages.pauses():
            try:
                self.client.set_terminated(self.parent_id, status=status)
            except Exception as error:
                if not outages.is_away(error):
                    raise
                if time.monotonic() + pause > gives_up:
                    if interrupted:
                        return
                    raise TrackingError(away_message(error)) from error
                time.sleep(pause)
            else:
                return

    def _tags(self, variant: Variant) -> dict[str, str]:
        return {
            record.KIND: record.KIND_TRIAL,
            record.PARENT_RUN: self.parent_id,
            record.STUDY: self.heading.id,
            record.VARIANT: variant.id,
            record.PRESET: self.heading.preset,
            record.CORPUS: self.heading.corpus,
            record.VERSION: importlib.metadata.version("soundproof"),
        } | {record.FACTOR_PREFIX + level.factor: level.value for level in variant.levels}

    def _trial_tags(self, variant: Variant, trial: Trial) -> dict[str, str]:
        return self._tags(variant) | {record.TRIAL_ID: trial.trial_id, record.SEED: str(trial.seed)}

    def _create(self, variant: Variant, what: str, tags: Mapping[str, str]) -> str:
        """A run with these tags, unless this tracker has one open for the same variant and trial."""
        key = (variant.id, tags.get(record.TRIAL_ID))
        run_id = self._open.get(key) or (self._created_unheard(key) if key in self._open else None)
        if run_id is None:
            self._open[key] = None
            name = run_name(self.heading.id, variant, what)
            info = self.client.create_run(self.experiment_id, tags=dict(tags), run_name=name).info
            run_id = str(info.run_id)
            self._artifact_uris[run_id] = str(info.artifact_uri)
        self._open[key] = run_id
        return run_id

    def _created_unheard(self, key: _Key) -> str | None:
        """The open run that the store may have created when its answer was lost."""
        for run in self._children():
            tags = run.data.tags
            if (tags[record.VARIANT], tags.get(record.TRIAL_ID)) == key and str(run.info.status) == "RUNNING":
                return str(run.info.run_id)
        return None

    def _close(self, run_id: str, status: str) -> None:
        self.client.set_terminated(run_id, status=_RUN_STATUS.get(status, "FINISHED"))  # type: ignore[call-overload]
        self._curves.pop(run_id, None)
        self._artifact_uris.pop(run_id, None)
        self._open = {key: open_id for key, open_id in self._open.items() if open_id != run_id}

    def _log_artifacts(self, run_id: str, folder: Path) -> None:
        """What the client's method of this name does, which asks the store for the place once more."""
        uri = self._artifact_uris.get(run_id) or str(self.run(run_id).info.artifact_uri)
        get_artifact_repository(uri, tracking_uri=self.uri).log_artifacts(str(folder))  # type: ignore[no-untyped-call]

    def _log_corpus(self, run_id: str, trial: Trial) -> None:
        """While the run is new: the store reads all that it has, which is little then."""
        self.client.log_inputs(run_id, [trained_on(trial, self.heading.corpus)])

    def _set_tags(self, run_id: str, tags: Mapping[str, str]) -> None:
        self.client.log_batch(run_id, tags=[RunTag(name, value) for name, value in tags.items()])

    def _log(self, run_id: str, metrics: list[Metric], params: list[Param], tags: Mapping[str, str]) -> None:
        """One transaction where the store's limits allow it: 1,000 metrics, 100 params and 100 tags a batch."""
        self.client.log_batch(
            run_id,
            metrics=metrics[:900],
            params=params[:100],
            tags=[RunTag(name, value) for name, value in tags.items()],
        )
        for start in range(900, len(metrics), 1000):
            self.client.log_batch(run_id, metrics=metrics[start : start + 1000])
