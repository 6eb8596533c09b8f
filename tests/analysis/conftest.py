"""A small MLflow store as a sweep leaves it, for the tests of the analysis."""

import json
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))  # benchmarks is no installed package

os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")

from mlflow import MlflowClient  # after telemetry is off
from mlflow.entities import Metric, RunTag

from soundproof.analysis.records.trials import Results, TrialRecord
from soundproof.common import record
from soundproof.search_spaces import find_study
from soundproof.search_spaces.studies import Level
from soundproof.trainables.sweeps.tracking.declaring import declare


@dataclass
class Writer:
    """Writes study and trial runs with the names in the record."""

    tracking_uri: str
    artifacts: str
    client: MlflowClient = field(init=False)

    def __post_init__(self):
        self.client = MlflowClient(self.tracking_uri)

    def study(self, study, preset="quick", corpus="synthetic-speech", margin=3.0, *, design=None, declared=None):
        """A parent run, with what it declares now; gives (experiment id, run id)."""
        found = self.client.get_experiment_by_name(study)
        experiment = found.experiment_id if found else self.client.create_experiment(study, self.artifacts)
        tags = {
            record.KIND: record.KIND_STUDY,
            record.STUDY: study,
            record.PRESET: preset,
            record.CORPUS: corpus,
            record.MARGIN: repr(margin),
        } | ({} if design is None else {record.DESIGN: design})
        run = self.client.create_run(experiment, tags=tags, run_name=study)
        if declared is not None:
            declare(self.client, run.info.run_id, {}, declared)
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
        curves: Mapping[str, Sequence[float]] | None = None,
        tags: Mapping[str, str] | None = None,
        predictions=None,
        levels: Mapping[str, str] | None = None,
        reused_from=None,
        terminate=True,
    ):
        """A child run; gives its run id. `curve` holds the validation loss of each epoch, `curves` other metrics'."""
        experiment, parent_id = parent
        tags = dict(tags or {})
        tags |= {record.KIND: record.KIND_TRIAL, record.PARENT_RUN: parent_id, record.VARIANT: variant}
        tags[record.TRIAL_ID] = f"{variant}@{seed}"
        tags |= {record.FACTOR_PREFIX + name: value for name, value in (levels or {}).items()}
        optional = {record.SEED: seed, record.REASON: reason, record.REUSED_FROM: reused_from}
        tags |= {name: str(value) for name, value in optional.items() if value is not None}
        run_id = self.client.create_run(experiment, tags=tags, run_name=f"{variant} {seed}").info.run_id
        if not terminate:
            return run_id
        points = [
            Metric(key=name, value=value, timestamp=epoch, step=epoch)
            for name, values in ({record.VALIDATION_LOSS: curve} | dict(curves or {})).items()
            for epoch, value in enumerate(values, start=1)
        ]
        points += [Metric(key=name, value=value, timestamp=1, step=0) for name, value in (metrics or {}).items()]
        self.client.log_batch(
            run_id,
            metrics=points,
            tags=[RunTag(record.STATUS, status)],
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


@pytest.fixture(scope="module")
def own_writer(tmp_path_factory):
    """A writer into a store that holds nothing else, for what is said of all studies in one."""
    folder = tmp_path_factory.mktemp("own-store")
    return Writer(f"sqlite:///{folder / 'mlflow.db'}", str(folder / "artifacts"))


@dataclass
class Made:
    """A study and records made by hand, without a store. Variant ids are a, b, c, ...; the first is the baseline.

    `losses` holds each variant's best validation loss by seed, None for a trial that failed.
    """

    losses: Sequence[Sequence[float | None]]
    labels: Sequence[str] = ()
    claims: Sequence = ()
    margin: float = 2.0
    planned_seeds: int | None = None
    seconds: Sequence[float] = ()
    parameters: Sequence[int] = ()
    epochs: int = 4

    @property
    def study(self):
        """A study of one factor."""
        documented = find_study("asr-dilation")
        ids = "abcdefghijklmnopqrstuvwxyz"[: len(self.losses)]
        variants = tuple(
            replace(documented.variants[0], id=variant, levels=(Level(factor="factor", value=label),))
            for variant, label in zip(ids, self.labels or [f"level {variant}" for variant in ids], strict=True)
        )
        return replace(documented, id="made", variants=variants, baseline="a", claims=tuple(self.claims))

    @property
    def records(self):
        """Their trials, as a store would give them."""
        trials = []
        for index, (variant, losses) in enumerate(zip(self.study.variants, self.losses, strict=True)):
            costs = {
                record.TRAIN_SECONDS: self.seconds[index] if self.seconds else 10.0,
                record.PARAMETERS: self.parameters[index] if self.parameters else 1000,
            }
            trials += [self._trial(variant.id, seed, loss, costs) for seed, loss in enumerate(losses)]
        return Results(
            tracking_uri="",
            study="made",
            preset="quick",
            corpus="synthetic-speech",
            margin=self.margin,
            trials=tuple(trials),
            planned_seeds=self.planned_seeds,
        )

    def _trial(self, variant, seed, loss, costs):
        best = {} if loss is None else {record.best(record.VALIDATION_LOSS): loss, record.BEST_EPOCH: 2.0 + seed}
        curve = () if loss is None else tuple((epoch, loss + 4 - epoch) for epoch in range(1, self.epochs + 1))
        return TrialRecord(
            run_id=f"run {variant}{seed}",
            trial_id=f"{variant}@{seed}",
            variant=variant,
            seed=seed,
            status="failed" if loss is None else "completed",
            reason="out of memory" if loss is None else None,
            metrics=costs | best,
            history={record.VALIDATION_LOSS: curve},
            levels={},
            reused_from=None,
            device="cpu",
        )


@pytest.fixture
def make():
    """Makes a study and its records by hand; see `Made`."""
    return Made
