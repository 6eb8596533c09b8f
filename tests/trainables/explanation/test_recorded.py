"""Explanations of a trial in a real record."""

import errno
from pathlib import Path

import numpy as np
import pytest
import requests
import torch
from mlflow.tracking import MlflowClient
from safetensors.torch import save_file

from soundproof.common import record
from soundproof.search_spaces import PRESETS, find_study
from soundproof.search_spaces.presets import with_outputs_for
from soundproof.search_spaces.specs import Budget, Cut, GroupSplit, LabelledClips, Trial, frame_count
from soundproof.trainables.corpora.corpus import Example
from soundproof.trainables.explanation import ExplanationError, explain_trial, log_explanations
from soundproof.trainables.features import cache, load
from soundproof.trainables.training.data.batches import FeatureData
from soundproof.trainables.training.data.normalisation import Normalisation
from soundproof.trainables.training.tasks.choice import task_of
from soundproof.trainables.training.weights import pack

CLASSES = ("a", "b")
CPU = torch.device("cpu")


def _trial() -> Trial:
    small = PRESETS["sounds"]["smoke"].variant(find_study("esc-cnn-family").variants[0])
    corpus = LabelledClips(dataset="folder", cut=Cut(seconds=1.0), classes=CLASSES, content="none")
    return Trial(
        corpus=corpus,
        split=GroupSplit(validation_fraction=0.34, test_fraction=0.33),
        features=small.features,
        network=with_outputs_for(small.network, corpus),
        recipe=small.recipe,
        budget=Budget(epochs=1, preset="smoke"),
        seed=0,
    )


@pytest.fixture
def features(tmp_path: Path) -> Path:
    """A cache that holds random features of the trial's corpus."""
    trial, folder = _trial(), tmp_path / "features"
    folder.mkdir()
    examples = tuple(Example(key=f"{n}/{i}", target=n, recording=f"{n}/{i}") for n in CLASSES for i in range(3))
    frames = frame_count(trial.features, trial.features.sample_rate_hz)
    values = np.random.default_rng(0).random((len(examples) * frames, trial.features.dimensions), dtype=np.float32)
    np.save(tmp_path / "part.npy", values)
    entry = cache.entry_path(folder, trial.corpus, trial.features)
    cache.write(entry, examples, (), [frames] * len(examples), [tmp_path / "part.npy"], working_folder=tmp_path)
    return folder


@pytest.fixture
def store(tmp_path: Path, features: Path) -> tuple[str, str]:
    """A tracking store with the trial, and the run that trained it; another run reuses its numbers."""
    trial, uri = _trial(), f"sqlite:///{tmp_path / 'mlflow.db'}"
    client = MlflowClient(uri)
    experiment = client.create_experiment("study", artifact_location=str(tmp_path / "artifacts"))
    tags = {record.KIND: record.KIND_TRIAL, record.TRIAL_ID: trial.trial_id, record.STATUS: "completed"}
    tags |= {record.STUDY: "study", record.VARIANT: "variant"}
    run_id = client.create_run(experiment, tags=tags).info.run_id
    client.create_run(experiment, tags={**tags, record.REUSED_FROM: run_id})
    data = FeatureData(load(cache.entry_path(features, trial.corpus, trial.features)), CPU)
    state = task_of(trial, data).build().state_dict()
    (tmp_path / record.TRIAL_ARTIFACT).write_text(trial.to_json(), encoding="utf-8")
    save_file(pack(state, Normalisation.none(data.store.dimensions, CPU)), tmp_path / record.WEIGHTS_ARTIFACT)
    for name in (record.TRIAL_ARTIFACT, record.WEIGHTS_ARTIFACT):
        client.log_artifact(run_id, str(tmp_path / name))
    client.set_terminated(run_id)
    return uri, str(run_id)


def test_explanations_reach_the_folder_and_the_run(
    store: tuple[str, str], features: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What lies in the folder lies in the run that trained the trial, byte for byte."""
    torch.set_num_threads(1)
    monkeypatch.setattr("soundproof.trainables.explanation.attribution.SMOOTHGRAD_SAMPLES", 2)
    uri, run_id = store
    files = explain_trial(uri, _trial().trial_id, features, tmp_path / "out")
    assert files[0] == tmp_path / "out" / "index.json"
    recorded = {artifact.path for artifact in MlflowClient(uri).list_artifacts(run_id, "explanations")}
    assert recorded == {f"explanations/{file.name}" for file in files}
    kept = Path(MlflowClient(uri).download_artifacts(run_id, "explanations", str(tmp_path)))
    for file in files:
        assert (kept / file.name).read_bytes() == file.read_bytes()


def test_missing_features_are_named(store: tuple[str, str], tmp_path: Path) -> None:
    """Without the cache entry the error says how to get it, and nothing is written."""
    with pytest.raises(ExplanationError, match=r"run its study again, which makes them.* its search again"):
        explain_trial(store[0], _trial().trial_id, tmp_path / "elsewhere", tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "error", [OSError(errno.ENOSPC, "No space left on device"), requests.ConnectionError("connection lost")]
)
def test_a_store_that_takes_no_files_is_told(
    error: OSError, store: tuple[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk and a lost connection come as they are, not as errors of MLflow's."""

    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(MlflowClient, "log_artifacts", fail)
    with pytest.raises(ExplanationError, match="(No space left on device|connection lost).*give the same command"):
        log_explanations(*store, tmp_path)
