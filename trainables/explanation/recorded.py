"""Trials in the record, explained; their explanations are kept beside them."""

import shutil
import tempfile
from pathlib import Path

import torch
from mlflow.exceptions import MlflowException
from mlflow.tracking import MlflowClient

from soundproof.common import record
from soundproof.common.extras import require_extra
from soundproof.common.store_schemas import before_writing
from soundproof.search_spaces.specs import Trial
from soundproof.trainables.explanation.explain import (
    ExplanationError,
    explain,
    refuse_other_answers,
    refuse_speech,
    written_into,
)
from soundproof.trainables.features import FeatureStore, load
from soundproof.trainables.features.cache import entry_path, fault_of
from soundproof.trainables.prediction.recorded import fetch_recorded
from soundproof.trainables.prediction.trained import rebuild


def explain_trial(
    tracking_uri: str, trial_id: str, storage_features_folder: Path, out: Path, *, area_clips: int = 0
) -> list[Path]:
    """Explain the recorded trial of that id: pictures and their index into `out`, and into the run that trained it.

    Features come from the cache; `area_clips` as for `explain`. Raises `PredictionError` where there is no trained
    trial of that id or its weights do not fit, and `ExplanationError` where it transcribes speech, where its features
    are not in the cache, and where `out` or the record cannot be written. Raises `MissingExtraError` before anything
    else where the extra explain is not installed.
    """
    require_extra("explain", "explaining a classifier")
    found = fetch_recorded(tracking_uri, trial_id)
    refuse_speech(found.trial)
    refuse_other_answers(found.trial)
    store = _features(found.trial, storage_features_folder)
    trained = rebuild(found, torch.device("cpu"))
    with tempfile.TemporaryDirectory() as folder:
        made = explain(trained, store, Path(folder), area_clips=area_clips)
        log_explanations(tracking_uri, found.run_id, Path(folder))
        with written_into(out):
            return [Path(shutil.copy(file, out / file.name)) for file in made]


def log_explanations(tracking_uri: str, run_id: str, folder: Path) -> None:
    """Put what `explain` wrote into `folder` beside the other artifacts of the run. Raises `ExplanationError`."""
    try:
        before_writing(tracking_uri)
        client = MlflowClient(tracking_uri)
        client.log_artifacts(run_id, str(folder), record.EXPLANATIONS_ARTIFACT)
        client.set_tag(run_id, record.EXPLAINED, "true")
    except (MlflowException, OSError) as error:  # a lost connection is an OSError too, as requests has it
        if isinstance(error, MlflowException):
            why, remedy = error.message, "Check --tracking-uri"
        else:
            why, remedy = str(error), "Free some space, or see that it can be reached, and give the same command again"
        raise ExplanationError(
            f"explanations cannot be put into the tracking store {tracking_uri!r}: {why}. {remedy}"
        ) from error


def _features(trial: Trial, cache: Path) -> FeatureStore:
    entry = entry_path(cache, trial.corpus, trial.features, trial.recipe.speeds)
    fault = fault_of(entry)
    if fault is not None:
        raise ExplanationError(
            f"the features of trial {trial.trial_id} are needed, and {fault}: run its study again, which makes them "
            "and trains nothing that is finished, or give the command of its search again, which does the same"
        )
    return load(entry)
