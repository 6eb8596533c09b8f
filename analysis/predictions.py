"""What trained networks made of some examples, read through MLflow's artifact interface."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from soundproof.analysis.artifacts import AT_ONCE, Artifacts
from soundproof.analysis.records import RecordsError, StudyRecords, TrialRecord
from soundproof.search_spaces import record


@dataclass(frozen=True, kw_only=True, slots=True)
class Transcribed:
    """One utterance: what was said, and what the network heard. `cer` is the character error rate, 0 for none."""

    key: str
    speaker: str
    reference: str
    hypothesis: str
    cer: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Classified:
    """One clip: its class, and the class that the network gave it, with the probability of that."""

    key: str
    recording: str
    speaker: str
    reference: str
    hypothesis: str
    probability: float


Prediction = Transcribed | Classified


@dataclass(frozen=True, kw_only=True, slots=True)
class Predictions:
    """The recorded predictions of one trial."""

    validation: tuple[Prediction, ...]
    test: tuple[Prediction, ...]


def load_predictions(records: StudyRecords, trial: TrialRecord) -> Predictions:
    """The predictions of a trial, from the original run where it was reused. Raises `RecordsError` without them."""
    return _load(Artifacts(records), trial)


def load_all_predictions(
    records: StudyRecords, trials: Iterable[TrialRecord]
) -> Iterator[tuple[TrialRecord, Predictions]]:
    """Those of many trials, several fetched at a time; a trial that has none is left out."""
    artifacts, trials = Artifacts(records), list(trials)

    def load(trial: TrialRecord) -> Predictions | None:
        try:
            return _load(artifacts, trial)
        except RecordsError:
            return None

    with ThreadPoolExecutor(AT_ONCE) as pool:
        for trial, found in zip(trials, pool.map(load, trials), strict=True):
            if found is not None:
                yield trial, found


def _load(artifacts: Artifacts, trial: TrialRecord) -> Predictions:
    text = artifacts.read(trial, record.PREDICTIONS_ARTIFACT)
    try:
        plain = json.loads(text)
        return Predictions(
            validation=tuple(_parse(row) for row in plain.get("validation", ())),
            test=tuple(_parse(row) for row in plain.get("test", ())),
        )
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise RecordsError(
            f"expected predictions in {record.PREDICTIONS_ARTIFACT} of run {trial.artifact_run_id}, "
            f"rows with a reference, a hypothesis and a cer or a probability, could not make them out: {error!r}"
        ) from error


def _parse(row: Any) -> Prediction:
    key, speaker = str(row["key"]), str(row.get("speaker", ""))
    if "cer" in row:
        return Transcribed(
            key=key,
            speaker=speaker,
            reference=row["reference"],
            hypothesis=row["hypothesis"],
            cer=float(row["cer"]),
        )
    return Classified(
        key=key,
        recording=str(row.get("recording", "")),
        speaker=speaker,
        reference=str(row["reference"]),
        hypothesis=str(row["hypothesis"]),
        probability=float(row["probability"]),
    )
