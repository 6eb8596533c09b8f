"""Writes searches into an MLflow store, with the names in the record."""

import json

from mlflow.entities import Metric, RunTag

from soundproof.common import record

LOSS = record.best(record.VALIDATION_LOSS)
EPOCHS = 10
"""The budget of every trial."""


class SearchWriter:
    """Writes one search into a store, as the sweep does."""

    def __init__(self, writer, space, *, preset="quick", corpus="synthetic-speech", name="tpe.asha.0", **tags):
        self.client = writer.client
        found = self.client.get_experiment_by_name(space)
        self.experiment = found.experiment_id if found else self.client.create_experiment(space, writer.artifacts)
        about = {
            record.KIND: record.KIND_SEARCH,
            record.STUDY: space,
            record.PRESET: preset,
            record.CORPUS: corpus,
            record.MARGIN: "2.0",
            record.SEARCH: name,
            record.SAMPLER: "tpe",
            record.SCHEDULER: "asha",
            record.OBJECTIVES: json.dumps([LOSS]),
            record.TRIALS: "40",
            record.REJECTED: "{}",
        } | tags
        self.parent = self.client.create_run(self.experiment, tags=about, run_name=space).info.run_id

    def trial(self, variant, choices, *, number=None, seed=0, status="completed", epochs=EPOCHS, reason=None, **more):
        """A child run: of the search where it has a number, else of the confirmation. Gives its run id."""
        purpose = record.PURPOSE_CONFIRMATION if number is None else record.PURPOSE_SEARCH
        tags = {
            record.KIND: record.KIND_TRIAL,
            record.PARENT_RUN: self.parent,
            record.VARIANT: variant,
            record.TRIAL_ID: f"{variant}@{seed}",
            record.SEED: str(seed),
            record.PURPOSE: purpose,
            record.CHOICES: json.dumps(choices),
        }
        optional = {record.NUMBER: number, record.REASON: reason, record.REUSED_FROM: more.get("reused_from")}
        tags |= {name: str(value) for name, value in optional.items() if value is not None}
        run_id = self.client.create_run(self.experiment, tags=tags, run_name=variant).info.run_id
        values = {
            record.EPOCH_SECONDS: [more.get("epoch_seconds", 2.0)] * epochs,
            record.VALIDATION_LOSS: [0.001] * epochs,
        }
        points = [Metric(name, value, step, step) for name, of in values.items() for step, value in enumerate(of, 1)]
        points += [Metric(name, value, 1, 0) for name, value in (more.get("metrics") or {}).items()]
        self.client.log_batch(
            run_id,
            metrics=points,
            tags=[RunTag(record.STATUS, status), RunTag(record.EPOCHS, str(EPOCHS))],
        )
        self.client.set_terminated(run_id)
        return run_id
