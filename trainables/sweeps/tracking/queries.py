"""Which runs a store holds: those of one sweep, and those of others that share trials with it."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mlflow.entities import Run, RunInfo, ViewType
from mlflow.tracking import MlflowClient

from soundproof.common import record
from soundproof.common.pages import all_pages
from soundproof.trainables.experiments import all_experiments
from soundproof.trainables.sweeps.tracking.deletions import noticing_deleted_experiment
from soundproof.trainables.sweeps.tracking.heading import Heading
from soundproof.trainables.sweeps.tracking.mlflow_forms import ended_as, with_tags
from soundproof.trainables.sweeps.tracking.ownership import Ownership

RunKey = tuple[str, str | None]
"""A variant's id and a trial id; None on the record of an infeasible variant."""

_PAGE = 1000


@dataclass(frozen=True, kw_only=True, slots=True)
class SweepRuns:
    """The runs of one sweep: below one parent, in one experiment."""

    client: MlflowClient
    heading: Heading
    experiment_id: str
    parent_id: str
    ownership: Ownership
    before: tuple[str, ...] = ()
    """Earlier parents of the same sweep that were deleted, while trials below them may be there."""

    def create(self, tags: Mapping[str, str], run_name: str, start_time: int | None = None) -> RunInfo:
        """A new run of the experiment. Raises `TrackingError` where that was deleted meanwhile."""
        with noticing_deleted_experiment(self.client, self.experiment_id):
            run = self.client.create_run(self.experiment_id, start_time=start_time, tags=dict(tags), run_name=run_name)
        return run.info

    def children(self) -> list[Run]:
        """All child runs, whether their trials have ended or not."""
        return self._below(self.parent_id)

    def left_behind(self) -> list[Run]:
        """Child runs of earlier parents, which were deleted without them."""
        return [run for parent_id in self.before for run in self._below(parent_id)]

    def _below(self, parent_id: str) -> list[Run]:
        tags = {record.KIND: record.KIND_TRIAL, record.PARENT_RUN: parent_id}
        return find_runs(self.client, [self.experiment_id], tags)

    def finished_here(self) -> dict[RunKey, Run]:
        """Finished runs of this sweep, once what is unfinished has been removed.

        An infeasible variant has no trial id.
        """
        return {run_key(run): run for run in self.children()}

    def finished_elsewhere(self) -> dict[str, Run]:
        """Trial ids that other sweeps of this store hold as finished, with the run that trained each."""
        experiments = [str(found.experiment_id) for found in all_experiments(self.client)]
        if not self.heading.identity and not self.before:  # others that share a trial are of other experiments then
            experiments = [experiment for experiment in experiments if experiment != self.experiment_id]
        if not experiments:
            return {}
        tags = {record.KIND: record.KIND_TRIAL, record.PRESET: self.heading.preset}
        return {
            run.data.tags[record.TRIAL_ID]: run
            for run in find_runs(self.client, experiments, tags)
            if ended_as(run, record.FINISHED)
            and record.TRIAL_ID in run.data.tags
            and record.REUSED_FROM not in run.data.tags
            and run.data.tags.get(record.PARENT_RUN) != self.parent_id
        }

    def curve(self, run: Run, metric: str) -> record.Curve:
        """The finite values of a metric in a run, the last one that was written of each epoch."""
        points = sorted(self.client.get_metric_history(run.info.run_id, metric), key=lambda point: point.timestamp)
        values = {point.step: point.value for point in points}
        return tuple((epoch, value) for epoch, value in sorted(values.items()) if math.isfinite(value))

    def searched_elsewhere(self) -> list[Run]:
        """Trials that other searches of the same space, at the same preset, have recorded."""
        tags = {record.KIND: record.KIND_TRIAL, record.PRESET: self.heading.preset}
        tags[record.PURPOSE] = record.PURPOSE_SEARCH
        return [
            run
            for run in find_runs(self.client, [self.experiment_id], tags)
            if ended_as(run, record.STATUSES) and run.data.tags[record.PARENT_RUN] != self.parent_id
        ]


def run_key(run: Run) -> RunKey:
    """What a child run is the record of."""
    return run.data.tags[record.VARIANT], run.data.tags.get(record.TRIAL_ID)


def find_runs(
    client: MlflowClient, experiments: Sequence[str], tags: Mapping[str, str], *, deleted: bool = False
) -> list[Run]:
    """All runs of the experiments that carry these tags: those that are there, or those that are deleted."""
    ids, wanted = list(experiments), with_tags(tags)
    view = ViewType.DELETED_ONLY if deleted else ViewType.ACTIVE_ONLY
    return list(all_pages(lambda token: client.search_runs(ids, wanted, view, max_results=_PAGE, page_token=token)))
