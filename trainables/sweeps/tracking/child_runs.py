"""The runs of trials while a driver has them open: created once, filled, closed."""

import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from mlflow.entities import Metric, Param

from soundproof.common import record
from soundproof.common.record import HeldOut
from soundproof.search_spaces.specs import Trial
from soundproof.search_spaces.studies import Variant
from soundproof.search_spaces.trial_tags import trial_tags
from soundproof.trainables.sweeps.planning.provider import unknown
from soundproof.trainables.sweeps.tracking.mlflow_forms import run_name, run_tags, trained_on
from soundproof.trainables.sweeps.tracking.queries import RunKey, SweepRuns, run_key
from soundproof.trainables.sweeps.tracking.uploads import upload

_PER_BATCH, _PARAMS_PER_BATCH = 1000, 100
"""MLflow's limits: of metrics, params and tags together, and of params."""

RUN_STATUS: dict[record.Status, str] = {"failed": "FAILED", "interrupted": "KILLED"}


class ChildRuns:
    """The child runs of one sweep that this driver has opened."""

    def __init__(
        self, tracking_uri: str, sweep: SweepRuns, held_out: Callable[[Trial], HeldOut | None] = unknown
    ) -> None:
        self._uri = tracking_uri
        self._sweep = sweep
        self._held_out = held_out
        self._open: dict[RunKey, str | None] = {}
        """Runs that are not closed. None where the store was asked for one and no answer has come."""
        self._artifact_uris: dict[str, str] = {}
        """Where those keep files, as the store answered when it created them."""

    def open(self, variant: Variant, trial: Trial | None, what: str, extra: Mapping[str, str]) -> str:
        """The run of a trial, or of a variant that has none, created unless it is open here.

        `what` is for its name, `extra` are more tags of it.
        """
        key = (variant.id, None if trial is None else trial.trial_id)
        run_id = self._open.get(key) or (self._created_unanswered(key) if key in self._open else None)
        if run_id is None:
            self._open[key] = None
            tags, name = self._tags(variant, trial) | dict(extra), run_name(self._sweep.heading.id, variant, what)
            info = self._sweep.create(tags, name)
            run_id = str(info.run_id)
            self._artifact_uris[run_id] = str(info.artifact_uri)
        self._open[key] = run_id
        return run_id

    def _tags(self, variant: Variant, trial: Trial | None) -> dict[str, str]:
        of_trial = {}
        if trial is not None:
            of_trial = {record.TRIAL_ID: trial.trial_id, record.SEED: str(trial.seed)} | trial_tags(trial)
            held_out = self._held_out(trial)
            of_trial |= {} if held_out is None else held_out.tags
        return {
            record.KIND: record.KIND_TRIAL,
            record.PARENT_RUN: self._sweep.parent_id,
            record.STUDY: self._sweep.heading.id,
            record.VARIANT: variant.id,
            record.PRESET: self._sweep.heading.preset,
            record.CORPUS: self._sweep.heading.corpus,
            **{record.FACTOR_PREFIX + level.factor: level.value for level in variant.levels},
            **of_trial,
        }

    def _created_unanswered(self, key: RunKey) -> str | None:
        """The open run that the store may have created when its answer was lost."""
        for run in self._sweep.children():
            if run_key(run) == key and str(run.info.status) == "RUNNING":
                return str(run.info.run_id)
        return None

    def log(
        self,
        run_id: str,
        metrics: Sequence[Metric] = (),
        params: Sequence[Param] = (),
        tags: Mapping[str, str] | None = None,
    ) -> None:
        """One transaction where the store's limits allow it."""
        first = _PER_BATCH - len(params[:_PARAMS_PER_BATCH]) - len(tags or {})
        self._sweep.client.log_batch(
            run_id, metrics=metrics[:first], params=params[:_PARAMS_PER_BATCH], tags=run_tags(tags or {})
        )
        for start in range(first, len(metrics), _PER_BATCH):
            self._sweep.client.log_batch(run_id, metrics=metrics[start : start + _PER_BATCH])
        for start in range(_PARAMS_PER_BATCH, len(params), _PARAMS_PER_BATCH):
            self._sweep.client.log_batch(run_id, params=params[start : start + _PARAMS_PER_BATCH])

    def log_corpus(self, run_id: str, trial: Trial) -> None:
        """While the run is new: the store reads all that it has, which is little then."""
        self._sweep.client.log_inputs(run_id, [trained_on(trial, self._sweep.heading.corpus)])

    def log_artifacts(self, run_id: str, folder: Path) -> None:
        """What the client's method of this name does, which asks the store for the place once more; see `upload`."""
        uri = self._artifact_uris.get(run_id) or str(self._sweep.client.get_run(run_id).info.artifact_uri)
        upload(folder, uri, self._uri)

    def close(self, run_id: str, status: str) -> None:
        """Say that all is written."""
        self._sweep.client.set_terminated(run_id, status=RUN_STATUS.get(status, "FINISHED"))  # type: ignore[call-overload]
        self.forget(run_id)

    def forget(self, run_id: str) -> None:
        """Nothing more is written to it."""
        self._artifact_uris.pop(run_id, None)
        self._open = {key: open_id for key, open_id in self._open.items() if open_id != run_id}


class Curve:
    """Metrics by epoch, with the moment at which each was received first.

    A trial whose actor died goes on from a checkpoint, so its epochs may be reported again; what came first stands.
    """

    def __init__(self) -> None:
        self._epochs: dict[int, list[Metric]] = {}
        self._written: set[int] = set()

    def add(self, number: int, metrics: Mapping[str, float], at_milliseconds: int | None = None) -> None:
        """Take epoch `number`, the first being 1, unless it is known. It happened now where no moment is given."""
        if number not in self._epochs:
            self._epochs[number] = at_step(metrics, number, at_milliseconds)

    def unwritten(self) -> list[Metric]:
        """What is not in the store yet. The same values and moments however often it is asked."""
        return [metric for number in sorted(self._epochs.keys() - self._written) for metric in self._epochs[number]]

    def mark_written(self) -> None:
        """All that has been added is in the store."""
        self._written = set(self._epochs)


def at_step(values: Mapping[str, float], step: int, at_milliseconds: int | None = None) -> list[Metric]:
    """MLflow's form of `values`. The moment is now where none is given."""
    moment = int(time.time() * 1000) if at_milliseconds is None else at_milliseconds
    return [Metric(name, value, moment, step) for name, value in values.items()]
