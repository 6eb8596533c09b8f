"""The record in MLflow: a parent run per study, preset and corpus, a child run per trial. Only the driver writes here.

A child run is opened when its trial starts and closed when the trial is in the outbox; it counts as finished once
MLflow says that it has ended. Whatever a dead driver left open is removed by the next one, which then delivers or
trains it again.
"""

from __future__ import annotations

import importlib.metadata
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlflow.entities import Metric, Param, Run, RunStatus, RunTag
from mlflow.exceptions import MlflowException
from mlflow.tracking import MlflowClient

from search_spaces import record
from search_spaces.errors import UserError
from search_spaces.specs import Plain, Trial
from search_spaces.studies import Study, Variant
from trainables.sweeps.outbox import Parcel
from trainables.sweeps.schedule import is_fixed

_PAGE = 1000
_RUN_STATUS: dict[record.Status, str] = {"failed": "FAILED", "interrupted": "KILLED"}
_ENDED = {"FINISHED", "FAILED", "KILLED"}


class TrackingError(UserError):
    """The tracking store cannot be used. The message says which, why, and what to do."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Heading:
    """What all runs of one sweep have in common."""

    study: Study
    preset: str
    corpus: str
    margin: float
    design: str
    """How many seeds are fixed before any data, or `record.UNTIL_DECIDED`."""


class Tracker:
    """Writes one sweep.

    Opening it finds or makes the experiment and the parent run, and removes what a dead driver left.
    """

    def __init__(self, tracking_uri: str, heading: Heading, artifacts: Path | None) -> None:
        """`artifacts` is where a local store keeps files; None leaves it to the server."""
        self.heading = heading
        try:
            self.client = MlflowClient(tracking_uri=tracking_uri)
            self.experiment_id = self._experiment(artifacts)
        except MlflowException as error:
            raise TrackingError(
                f"the tracking store {tracking_uri!r} cannot be opened: {error.message}. "
                "Check --tracking-uri, or leave it out to use a local file"
            ) from error
        self.parent_id = self._parent()
        self._epochs: dict[str, list[Mapping[str, float]]] = {}
        self._written: dict[str, int] = {}
        self._remove_unfinished()

    def _experiment(self, artifacts: Path | None) -> str:
        experiment = self.client.get_experiment_by_name(self.heading.study.id)
        if experiment is not None and experiment.lifecycle_stage != "active":
            raise TrackingError(
                f"the record of {self.heading.study.id!r} was deleted in MLflow: restore it with `mlflow experiments "
                f"restore --experiment-id {experiment.experiment_id}`, or name another --storage or --tracking-uri"
            )
        if experiment is not None:
            return str(experiment.experiment_id)
        location = None if artifacts is None else str((artifacts / self.heading.study.id).resolve())
        return str(self.client.create_experiment(self.heading.study.id, artifact_location=location))

    def _parent(self) -> str:
        tags = {
            record.KIND: record.KIND_STUDY,
            record.STUDY: self.heading.study.id,
            record.PRESET: self.heading.preset,
            record.CORPUS: self.heading.corpus,
        }
        found, design = self._search(tags), self.heading.design
        if found:
            run_id = str(found[0].info.run_id)
            self.client.update_run(run_id, status="RUNNING")
            design = self._design(found[0])
        else:
            name = f"{self.heading.study.id} · {self.heading.preset} · {self.heading.corpus}"
            run_id = str(self.client.create_run(self.experiment_id, tags=tags, run_name=name).info.run_id)
        about = {record.MARGIN: repr(self.heading.margin), record.NOTE: self.heading.study.question}
        self._set_tags(run_id, about | {record.DESIGN: design})
        return run_id

    def _design(self, parent: Run) -> str:
        """What the study's run says from now on: a number of seeds that grew after data had been seen was not fixed."""
        before = parent.data.tags.get(record.DESIGN, record.UNTIL_DECIDED)
        children = {record.KIND: record.KIND_TRIAL, record.PARENT_RUN: str(parent.info.run_id)}
        if before == self.heading.design or not any(_finished(run) for run in self._search(children)):
            return self.heading.design
        if is_fixed(before) and is_fixed(self.heading.design) and int(self.heading.design) < int(before):
            return before
        return record.UNTIL_DECIDED

    def _search(self, tags: Mapping[str, str], experiments: Sequence[str] | None = None) -> list[Run]:
        text = " and ".join(f"tags.`{name}` = {_quoted(value)}" for name, value in tags.items())
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
            if not _finished(run):
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
        """Trial ids that other studies of this store hold as finished, with the run that trained each."""
        experiments = [str(found.experiment_id) for found in self.client.search_experiments()]
        others = [experiment for experiment in experiments if experiment != self.experiment_id]
        if not others:
            return {}
        tags = {record.KIND: record.KIND_TRIAL, record.PRESET: self.heading.preset}
        return {
            run.data.tags[record.TRIAL_ID]: run
            for run in self._search(tags, others)
            if _finished(run) and record.TRIAL_ID in run.data.tags and record.REUSED_FROM not in run.data.tags
        }

    def begin(self, variant: Variant, trial: Trial) -> str:
        """Open the child run of a trial that starts to train."""
        tags = self._tags(variant) | {record.TRIAL_ID: trial.trial_id, record.SEED: str(trial.seed)}
        run_id = self._create(variant, f"seed {trial.seed}", tags)
        self._epochs[run_id], self._written[run_id] = [], 0
        return run_id

    def epoch(self, run_id: str, metrics: Mapping[str, float]) -> None:
        """Take the metrics of one more epoch. They are written by the next `flush`, or at the end."""
        self._epochs[run_id].append(metrics)

    def flush(self) -> None:
        """Write the epochs of running trials that are not written yet, so that their curves can be watched."""
        for run_id, epochs in self._epochs.items():
            if len(epochs) > self._written[run_id]:
                self.client.log_batch(run_id, metrics=self._metrics_since(run_id, epochs))

    def _metrics_since(self, run_id: str, epochs: Sequence[Mapping[str, float]]) -> list[Metric]:
        first = self._written.get(run_id, 0)
        self._written[run_id] = len(epochs)
        return [
            metric
            for number, epoch in enumerate(epochs[first:], start=first + 1)
            for metric in _metrics(epoch, step=number)
        ]

    def deliver(self, parcel: Parcel, variant: Variant, run_id: str | None) -> str:
        """Write a finished trial and close its run; `run_id` is None when an earlier driver had opened it."""
        if run_id is None:
            run_id = self.begin(variant, parcel.trial)
        metrics = self._metrics_since(run_id, parcel.history) + _metrics(parcel.metrics)
        tags = {record.STATUS: parcel.status, record.DEVICE: parcel.device}
        if parcel.reason is not None:
            tags[record.REASON] = parcel.reason
        self._log(run_id, metrics, _params(parcel.trial.to_plain()), tags)
        self.client.log_artifacts(run_id, str(parcel.artifacts))
        self._close(run_id, parcel.status)
        parcel.discard()
        return run_id

    def fail(self, run_id: str, status: record.Status, reason: str, trial: Trial) -> None:
        """Close the run of a trial that left no outcome: it crashed, or was interrupted."""
        epochs = self._epochs.get(run_id, [])
        tags = {record.STATUS: status, record.REASON: reason}
        self._log(run_id, self._metrics_since(run_id, epochs), _params(trial.to_plain()), tags)
        self._close(run_id, status)

    def infeasible(self, variant: Variant, reason: str) -> None:
        """Record a variant that cannot be trained. It has no seed: no chance is involved."""
        tags = self._tags(variant) | {record.STATUS: "infeasible", record.REASON: reason}
        run_id = self._create(variant, "infeasible", tags)
        self._close(run_id, "infeasible")

    def reuse(self, variant: Variant, trial: Trial, original: Run) -> None:
        """Show a trial that another study or variant trained here too, with its numbers, pointing at the original."""
        copied = (record.STATUS, record.REASON, record.DEVICE)
        tags = self._tags(variant) | {record.TRIAL_ID: trial.trial_id, record.SEED: str(trial.seed)}
        tags |= {name: original.data.tags[name] for name in copied if name in original.data.tags}
        tags[record.REUSED_FROM] = original.data.tags.get(record.REUSED_FROM, str(original.info.run_id))
        run_id = self._create(variant, f"seed {trial.seed} (reused)", tags)
        history = [
            Metric(metric.key, metric.value, metric.timestamp, metric.step)
            for name in original.data.metrics
            for metric in self.client.get_metric_history(original.info.run_id, name)
        ]
        self._log(run_id, history, _params(trial.to_plain()), {})
        self._close(run_id, original.data.tags[record.STATUS])

    def end(self, *, interrupted: bool = False) -> None:
        """Close the parent run."""
        self.client.set_terminated(self.parent_id, status="KILLED" if interrupted else "FINISHED")

    def _tags(self, variant: Variant) -> dict[str, str]:
        return {
            record.KIND: record.KIND_TRIAL,
            record.PARENT_RUN: self.parent_id,
            record.STUDY: self.heading.study.id,
            record.VARIANT: variant.id,
            record.PRESET: self.heading.preset,
            record.CORPUS: self.heading.corpus,
            record.VERSION: importlib.metadata.version("soundproof"),
        } | {record.FACTOR_PREFIX + level.factor: level.value for level in variant.levels}

    def _create(self, variant: Variant, what: str, tags: Mapping[str, str]) -> str:
        name = f"{variant.id} · {what}"
        return str(self.client.create_run(self.experiment_id, tags=dict(tags), run_name=name).info.run_id)

    def _close(self, run_id: str, status: str) -> None:
        self._epochs.pop(run_id, None)
        self._written.pop(run_id, None)
        self.client.set_terminated(run_id, status=_RUN_STATUS.get(status, "FINISHED"))  # type: ignore[call-overload]

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


def _quoted(value: str) -> str:
    """A value in MLflow's filters, which know both quotation marks and no escape."""
    return f'"{value}"' if "'" in value else f"'{value}'"


def _finished(run: Run) -> bool:
    """A status that the same trial would reach again, on a run that was closed after everything was written."""
    ended = str(run.info.status) in _ENDED or run.info.status in (RunStatus.FINISHED, RunStatus.FAILED)
    return ended and run.data.tags.get(record.STATUS) in record.FINISHED


def _metrics(values: Mapping[str, float], step: int = 0) -> list[Metric]:
    now = int(time.time() * 1000)
    return [Metric(name, value, now, step) for name, value in values.items()]


def _params(plain: Mapping[str, Plain]) -> list[Param]:
    return [Param(name, value) for name, value in _flatten(plain, "")]


def _flatten(value: Any, prefix: str) -> Iterable[tuple[str, str]]:
    """A nested spec as dotted names; a list of specs is numbered from 1."""
    match value:
        case dict():
            for name, item in value.items():
                yield from _flatten(item, f"{prefix}.{name}" if prefix else name)
        case list():
            for number, item in enumerate(value, start=1):
                yield from _flatten(item, f"{prefix}.{number}")
        case _:
            yield prefix, str(value)
