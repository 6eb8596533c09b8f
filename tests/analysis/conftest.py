"""A small MLflow store as a sweep leaves it, for the tests of the analysis."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest

os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")

from mlflow import MlflowClient  # after telemetry is off
from mlflow.entities import Metric, Param, RunTag

from search_spaces import record


@dataclass
class Writer:
    """Writes study and trial runs with the names in the record."""

    tracking_uri: str
    artifacts: str
    client: MlflowClient = field(init=False)

    def __post_init__(self):
        self.client = MlflowClient(self.tracking_uri)

    def study(self, study, preset="quick", corpus="synthetic-speech", margin=3.0):
        """A parent run; gives (experiment id, run id)."""
        found = self.client.get_experiment_by_name(study)
        experiment = found.experiment_id if found else self.client.create_experiment(study, self.artifacts)
        tags = {
            record.KIND: record.KIND_STUDY,
            record.STUDY: study,
            record.PRESET: preset,
            record.CORPUS: corpus,
            record.MARGIN: repr(margin),
        }
        run = self.client.create_run(experiment, tags=tags, run_name=study)
        return experiment, run.info.run_id

    def trial(
        self,
        parent,
        variant,
        seed,
        *,
        status="completed",
        reason=None,
        metrics: Mapping[str, float] | None = None,
        curve=(),
        predictions=None,
        levels: Mapping[str, str] | None = None,
        reused_from=None,
        terminate=True,
    ):
        """A child run; gives its run id. `curve` holds the validation loss of each epoch."""
        experiment, parent_id = parent
        tags = {record.KIND: record.KIND_TRIAL, record.PARENT_RUN: parent_id, record.VARIANT: variant}
        tags[record.TRIAL_ID] = f"{variant}@{seed}"
        tags |= {record.FACTOR_PREFIX + name: value for name, value in (levels or {}).items()}
        optional = {record.SEED: seed, record.REASON: reason, record.REUSED_FROM: reused_from}
        tags |= {name: str(value) for name, value in optional.items() if value is not None}
        run_id = self.client.create_run(experiment, tags=tags, run_name=f"{variant} {seed}").info.run_id
        if not terminate:
            return run_id
        points = [
            Metric(key=record.VALIDATION_LOSS, value=value, timestamp=epoch, step=epoch)
            for epoch, value in enumerate(curve, start=1)
        ]
        points += [Metric(key=name, value=value, timestamp=1, step=0) for name, value in (metrics or {}).items()]
        self.client.log_batch(
            run_id, metrics=points, params=[Param("network", "x")], tags=[RunTag(record.STATUS, status)]
        )
        if predictions is not None:
            self.client.log_text(run_id, json.dumps(predictions), record.PREDICTIONS_ARTIFACT)
        self.client.set_terminated(run_id)
        return run_id


@pytest.fixture(scope="session")
def store(tmp_path_factory):
    """The folder of an SQLite tracking store of its own, for the session: making one takes seconds."""
    return tmp_path_factory.mktemp("store")


@pytest.fixture(scope="session")
def writer(store):
    """A writer into the session's store."""
    return Writer(f"sqlite:///{store / 'mlflow.db'}", str(store / "artifacts"))
