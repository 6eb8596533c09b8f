"""What a trained network wrote down for some utterances, read through MLflow's artifact interface."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from mlflow import MlflowClient
from mlflow.exceptions import MlflowException

from analysis.records import RecordsError, StudyRecords, TrialRecord
from search_spaces import record

_PROGRESS_BAR = "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR"


@dataclass(frozen=True, kw_only=True, slots=True)
class Prediction:
    """One utterance: what was said, and what the network heard. `cer` is the character error rate, 0 for none."""

    key: str
    speaker: str
    reference: str
    hypothesis: str
    cer: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Predictions:
    """The recorded predictions of one trial."""

    validation: tuple[Prediction, ...]
    test: tuple[Prediction, ...]


def load_predictions(records: StudyRecords, trial: TrialRecord) -> Predictions:
    """The predictions of a trial, from the original run where it was reused. Raises `RecordsError` without them."""
    os.environ.setdefault(_PROGRESS_BAR, "false")  # one small file needs none
    client = MlflowClient(records.tracking_uri)
    run_id = trial.artifact_run_id
    try:
        with TemporaryDirectory() as folder:
            path = client.download_artifacts(run_id, record.PREDICTIONS_ARTIFACT, folder)
            plain = json.loads(Path(path).read_text(encoding="utf-8"))
    except (MlflowException, OSError, ValueError) as error:
        raise RecordsError(
            f"expected {record.PREDICTIONS_ARTIFACT} among the artifacts of run {run_id}, could not read it: {error}"
        ) from error
    return Predictions(validation=_parse(plain.get("validation", ())), test=_parse(plain.get("test", ())))


def _parse(rows: Any) -> tuple[Prediction, ...]:
    return tuple(
        Prediction(
            key=str(row["key"]),
            speaker=str(row.get("speaker", "")),
            reference=row["reference"],
            hypothesis=row["hypothesis"],
            cer=float(row["cer"]),
        )
        for row in rows
    )
