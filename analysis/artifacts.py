"""The files that trials left, through MLflow's artifact interface."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from mlflow import MlflowClient
from mlflow.exceptions import MlflowException
from mlflow.store.artifact.artifact_repo import ArtifactRepository
from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository

from soundproof.analysis.records import RecordsError, StudyRecords, TrialRecord

AT_ONCE = 8
"""Trials whose files are fetched at the same time."""


class Artifacts:
    """The files of a study's trials; of a trial that was reused, those of the original.

    Where a run keeps its files is known from its record: to ask by the run's id, as MLflow's client does, would load
    the run anew for every file, which takes twenty times as long as reading one.
    """

    def __init__(self, records: StudyRecords) -> None:
        self._tracking_uri = records.tracking_uri
        self._places = {trial.run_id: trial.artifact_uri for trial in records.trials}

    def read(self, trial: TrialRecord, artifact: str) -> bytes:
        """One small file. Raises `RecordsError` where it cannot be had."""
        try:
            with TemporaryDirectory() as folder:
                path: str = self._of(trial).download_artifacts(artifact, folder)  # type: ignore[no-untyped-call]
                return Path(path).read_bytes()
        except (MlflowException, OSError) as error:
            raise RecordsError(
                f"expected {artifact} among the artifacts of run {trial.artifact_run_id}, could not read it: {error}"
            ) from error

    def has(self, trial: TrialRecord, folder: str, artifact: str) -> bool:
        """Whether there is a file of that path, `folder` included; False where nobody can tell."""
        try:
            return any(file.path == artifact for file in self._of(trial).list_artifacts(folder))
        except (MlflowException, OSError):
            return False

    def _of(self, trial: TrialRecord) -> ArtifactRepository:
        place = self._places.get(trial.artifact_run_id)
        if place is None:  # a run of another study
            run = MlflowClient(self._tracking_uri).get_run(trial.artifact_run_id)
            place = self._places[trial.artifact_run_id] = str(run.info.artifact_uri)
        return get_artifact_repository(place, tracking_uri=self._tracking_uri)
