"""The files that trials left, through MLflow's artifact interface."""

import base64
import logging
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from mlflow import MlflowClient
from mlflow.exceptions import MlflowException
from mlflow.store.artifact.artifact_repo import ArtifactRepository
from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository

from soundproof.analysis.records.predictions import Classified, ClipFacts, Prediction, Predictions, Transcribed
from soundproof.analysis.records.trials import RecordsError, Results, TrialRecord
from soundproof.common import record
from soundproof.common.artifact_places import place_of
from soundproof.common.digests import DamagedError, check_digest
from soundproof.common.json_texts import parsed
from soundproof.common.store_schemas import to_read

_log = logging.getLogger(__name__)

_NOT_ONE_CLASS = frozenset({"probabilities", "value", "pairs"})
"""One of them is in the rows of clips that may have several labels, have a value, or were compared with each other."""

AT_ONCE = 8
"""Trials whose files are fetched at the same time."""


def repository_at(tracking_uri: str, place: str) -> ArtifactRepository:
    """The files of a run of this store, which says that they are in `place`: in a copied store, its own."""
    return get_artifact_repository(place_of(tracking_uri, place), tracking_uri=tracking_uri)


def read_artifact(repository: ArtifactRepository, artifact: str) -> bytes:
    """One small file of a run. Raises `MlflowException` or OSError where it cannot be had."""
    with TemporaryDirectory() as folder:
        path: str = repository.download_artifacts(artifact, folder)  # type: ignore[no-untyped-call]
        return Path(path).read_bytes()


class Artifacts:
    """The files of a study's trials; of a trial that was reused, those of the original.

    Where a run keeps its files is known from its record: to ask by the run's id, as MLflow's client does, would load
    the run anew for every file, which takes twenty times as long as reading one.
    """

    def __init__(self, records: Results) -> None:
        self._tracking_uri = records.tracking_uri
        self._places = {trial.run_id: trial.artifact_uri for trial in records.trials}
        self._damaged: set[tuple[str, str]] = set()
        """Runs and files that have been said to be damaged."""

    def read(self, trial: TrialRecord, artifact: str) -> bytes:
        """One small file. Raises `RecordsError` where it cannot be had, or is not what was left, which is said."""
        try:
            content = read_artifact(self._of(trial), artifact)
        except (MlflowException, OSError) as error:
            raise RecordsError(
                f"expected {artifact} among the artifacts of run {trial.artifact_run_id}, could not read it: {error}"
            ) from error
        if artifact in trial.digests:
            self._check(content, trial, artifact)
        return content

    def _check(self, content: bytes, trial: TrialRecord, artifact: str) -> None:
        try:
            check_digest(content, trial.digests[artifact], f"{artifact} of run {trial.artifact_run_id}")
        except DamagedError as error:
            if (trial.artifact_run_id, artifact) not in self._damaged:
                self._damaged.add((trial.artifact_run_id, artifact))
                _log.warning("%s. It is left out: put it back from a copy of the record", error)
            raise RecordsError(str(error)) from error

    def has(self, trial: TrialRecord, folder: str, artifact: str) -> bool:
        """Whether there is a file of that path, `folder` included; False where nobody can tell."""
        try:
            return any(file.path == artifact for file in self._of(trial).list_artifacts(folder))
        except (MlflowException, OSError, RecordsError):
            return False

    def _of(self, trial: TrialRecord) -> ArtifactRepository:
        if not self._tracking_uri:  # else MLflow would make a store in the current folder, to look there
            raise RecordsError(f"no store holds the files of {trial.run_id}")
        place = self._places.get(trial.artifact_run_id)
        if place is None:  # a run of another study
            run = MlflowClient(to_read(self._tracking_uri)).get_run(trial.artifact_run_id)
            place = self._places[trial.artifact_run_id] = str(run.info.artifact_uri)
        return repository_at(self._tracking_uri, place)


def load_all_predictions(records: Results, trials: Iterable[TrialRecord]) -> Iterator[tuple[TrialRecord, Predictions]]:
    """Those of many trials, several fetched at a time; a trial that has none is left out."""
    artifacts, trials = Artifacts(records), list(trials)

    def load(trial: TrialRecord) -> Predictions | None:
        try:
            return load_predictions(artifacts, trial)
        except RecordsError:
            return None

    with ThreadPoolExecutor(AT_ONCE) as pool:
        for trial, found in zip(trials, pool.map(load, trials), strict=True):
            if found is not None:
                yield trial, found


def load_predictions(artifacts: Artifacts, trial: TrialRecord) -> Predictions:
    """The predictions of a trial, from the original run where it was reused. Raises `RecordsError` without them.

    Clips with several labels or a value, and those that were compared, are left out: no such answer is simply right
    or wrong.
    """
    text = artifacts.read(trial, record.PREDICTIONS_ARTIFACT)
    try:
        plain = parsed(text)
        return Predictions(
            validation=tuple(_parse(row) for row in plain.get("validation", ()) if not _NOT_ONE_CLASS & row.keys()),
            test=tuple(_parse(row) for row in plain.get("test", ()) if not _NOT_ONE_CLASS & row.keys()),
        )
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise RecordsError(
            f"expected predictions in {record.PREDICTIONS_ARTIFACT} of run {trial.artifact_run_id}, "
            f"rows with a reference, a hypothesis and a cer or a probability, could not make them out: {error!r}"
        ) from error


def _parse(row: Any) -> Prediction:
    key, facts = str(row["key"]), _facts(row)
    if "cer" in row:
        return Transcribed(
            key=key, reference=row["reference"], hypothesis=row["hypothesis"], cer=float(row["cer"]), facts=facts
        )
    return Classified(
        key=key,
        reference=str(row["reference"]),
        hypothesis=str(row["hypothesis"]),
        probability=float(row["probability"]),
        facts=facts,
    )


def _facts(row: Any) -> ClipFacts:
    duration, snr_db = row.get("duration_seconds"), row.get("snr_db")
    return ClipFacts(
        speaker=row.get("speaker") or None,
        recording=row.get("recording") or None,
        duration_seconds=None if duration is None else float(duration),
        snr_db=None if snr_db is None else float(snr_db),
    )


LARGEST_BYTES = 250_000
"""A longer clip has no place inside a page."""
MOST_BYTES = 1_500_000
"""Of all clips together: in base64 they take a third more, and a page stays below five megabytes."""
_KINDS = {".flac": ("audio/flac", b"fLaC"), ".wav": ("audio/wav", b"RIFF")}


def audio_clips(artifacts: Artifacts, trials: Sequence[TrialRecord], keys: Iterable[str]) -> dict[str, str]:
    """By the key of an utterance: its clip as an address that needs no network, from the first of `trials` with audio.

    A clip is an artifact `audio/KEY.flac` or `audio/KEY.wav`. One that is not there, is too large or is no audio of its
    kind is passed over.
    """
    trial = next((trial for trial in trials if artifacts.has(trial, "", record.AUDIO_ARTIFACTS)), None)
    if trial is None:
        return {}
    clips, room = {}, MOST_BYTES
    for key in keys:
        found = _clip(artifacts, trial, key)
        if found is not None and len(found[1]) <= room:
            kind, audio = found
            room -= len(audio)
            clips[key] = f"data:{kind};base64,{base64.b64encode(audio).decode('ascii')}"
    return clips


def _clip(artifacts: Artifacts, trial: TrialRecord, key: str) -> tuple[str, bytes] | None:
    for ending, (kind, signature) in _KINDS.items():
        try:
            audio = artifacts.read(trial, f"{record.AUDIO_ARTIFACTS}/{key}{ending}")
        except RecordsError:
            continue
        if audio.startswith(signature) and len(audio) <= LARGEST_BYTES:
            return kind, audio
    return None
