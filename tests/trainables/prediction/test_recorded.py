"""Trials are found by their id, and whoever asks for one that cannot answer is told why."""

import errno
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from mlflow.exceptions import MlflowException
from mlflow.store.artifact.local_artifact_repo import LocalArtifactRepository

from soundproof.common import record
from soundproof.search_spaces import find_study
from soundproof.trainables.prediction.recorded import PredictionError, fetch_recorded
from soundproof.trainables.prediction.trained import load_trained
from soundproof.trainables.sweeps.outbox.results import collect, leave
from soundproof.trainables.sweeps.tracking import Tracker
from soundproof.trainables.training.engine import Outcome


def _deliver(tracker: Tracker, trial, status: str, folder: Path) -> str:
    weights = {"w": torch.zeros(1)} if status in record.COMPARABLE else None
    outcome = Outcome(status=status, reason="the loss is not finite", metrics={}, weights=weights, predictions={})
    variant = find_study(tracker.runs.heading.id).variants[0]
    return tracker.deliver(collect(leave(folder, trial, outcome, [], "cpu")), variant, None)


@pytest.mark.parametrize("length", [6, 16])
def test_a_trial_is_found_by_its_id_or_its_beginning(keywords, length: int) -> None:
    """The trial, where it belongs, and all tensors come back."""
    found = fetch_recorded(keywords.uri, keywords.trial.trial_id[:length])
    assert found.trial == keywords.trial
    assert found.study == "speech-commands"
    assert "normalisation.mean" in found.weights


def test_a_reused_copy_leads_to_the_original(keywords, tmp_path: Path) -> None:
    """Where only a copy is left among the runs, the files of the original are fetched all the same."""
    study = find_study(keywords.tracker.runs.heading.id)
    other = Tracker(keywords.uri, replace(keywords.tracker.runs.heading, corpus="copied"), tmp_path)
    other.reuse(study.variants[1], keywords.trial, keywords.tracker.client.get_run(keywords.run_id))
    keywords.tracker.client.delete_run(keywords.run_id)
    try:
        found = fetch_recorded(keywords.uri, keywords.trial.trial_id)
    finally:
        keywords.tracker.client.restore_run(keywords.run_id)
    assert found.variant == study.variants[1].id
    assert found.trial == keywords.trial


def test_an_unknown_id_names_the_nearest_or_the_newest(keywords) -> None:
    """One wrong character is recognised; an id like no other lists what there is."""
    trial_id = keywords.trial.trial_id
    wrong = ("0" if trial_id[0] != "0" else "1") + trial_id[1:]
    with pytest.raises(PredictionError, match=f"did you mean {trial_id}"):
        fetch_recorded(keywords.uri, wrong)
    with pytest.raises(PredictionError, match=f"the newest are .*{trial_id} .*, seed 0.*browse"):
        fetch_recorded(keywords.uri, "%' OR 1=1")
    with pytest.raises(PredictionError, match="shortened to 6 characters"):
        fetch_recorded(keywords.uri, trial_id[:5])


def test_a_beginning_that_several_share_is_refused(keywords, tmp_path: Path) -> None:
    """All that it could mean are listed. Hashes do not meet by chance: the tag is set by hand."""
    tracker = Tracker(keywords.uri, replace(keywords.tracker.runs.heading, corpus="ambiguous"), tmp_path / "artifacts")
    run_id = tracker.begin(find_study(tracker.runs.heading.id).variants[0], keywords.trial)
    twin = keywords.trial.trial_id[:10] + "ffffff"
    tracker.client.set_tag(run_id, record.TRIAL_ID, twin)
    try:
        with pytest.raises(PredictionError, match=f"several trials: .*{twin}") as caught:
            fetch_recorded(keywords.uri, keywords.trial.trial_id[:8])
        assert keywords.trial.trial_id in str(caught.value)
        assert fetch_recorded(keywords.uri, keywords.trial.trial_id).trial == keywords.trial
        with pytest.raises(PredictionError, match="is not yet: wait for it"):
            fetch_recorded(keywords.uri, twin)
    finally:
        tracker.client.delete_run(run_id)


@pytest.mark.parametrize("status", ["diverged", "failed"])
def test_a_trial_without_a_network_says_how_it_ended(keywords, tmp_path: Path, status: str) -> None:
    """Status and reason, as they were recorded."""
    heading = replace(keywords.tracker.runs.heading, corpus=status)
    trial = replace(keywords.trial, seed=len(status))
    _deliver(Tracker(keywords.uri, heading, tmp_path / "artifacts"), trial, status, tmp_path / "outbox")
    with pytest.raises(PredictionError, match=f"'{status}' .the loss is not finite.*choose another"):
        fetch_recorded(keywords.uri, trial.trial_id)


def test_weights_of_another_network_are_refused(keywords, tmp_path: Path) -> None:
    """Tensors that do not fit the network are no traceback."""
    heading = replace(keywords.tracker.runs.heading, corpus="odd")
    trial = replace(keywords.trial, seed=77)
    tracker = Tracker(keywords.uri, heading, tmp_path)
    run_id = _deliver(tracker, trial, "completed", tmp_path / "outbox")
    weights = Path(tracker.client.get_run(run_id).info.artifact_uri) / record.WEIGHTS_ARTIFACT
    with pytest.raises(PredictionError, match="must fit its network"):
        load_trained(keywords.uri, trial.trial_id)
    weights.write_bytes(b"damaged")
    with pytest.raises(PredictionError, match="is not what was written there"):
        load_trained(keywords.uri, trial.trial_id)
    tracker.client.delete_tag(run_id, record.DIGESTS)
    with pytest.raises(PredictionError, match="must be there, and cannot be read"):
        load_trained(keywords.uri, trial.trial_id)
    weights.unlink()
    with pytest.raises(PredictionError, match="must be there, and cannot be read"):
        load_trained(keywords.uri, trial.trial_id)


@pytest.mark.parametrize("artifact", [record.WEIGHTS_ARTIFACT, record.TRIAL_ARTIFACT])
def test_weights_with_one_other_bit_answer_nothing(keywords, artifact: str) -> None:
    """The file and the run are named, and what to do; as it was, it is read."""
    path = Path(keywords.tracker.client.get_run(keywords.run_id).info.artifact_uri) / artifact
    whole = path.read_bytes()
    flipped = bytearray(whole)
    flipped[-1 - len(whole) // 3] ^= 1
    path.write_bytes(flipped)
    try:
        with pytest.raises(PredictionError, match=f"{artifact} is not what was written.*run {keywords.run_id}, or del"):
            fetch_recorded(keywords.uri, keywords.trial.trial_id)
    finally:
        path.write_bytes(whole)
    assert fetch_recorded(keywords.uri, keywords.trial.trial_id).trial == keywords.trial


def test_a_record_of_an_earlier_version_is_believed(keywords) -> None:
    """It has no digests."""
    digests = keywords.tracker.client.get_run(keywords.run_id).data.tags[record.DIGESTS]
    keywords.tracker.client.delete_tag(keywords.run_id, record.DIGESTS)
    try:
        assert fetch_recorded(keywords.uri, keywords.trial.trial_id).trial == keywords.trial
    finally:
        keywords.tracker.client.set_tag(keywords.run_id, record.DIGESTS, digests)


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.ENOSPC, "No space left on device", "model.safetensors"),
        MlflowException("The following failures occurred while downloading:\n[Errno 27] File too large: 'trial.json'"),
    ],
)
def test_a_disk_that_is_full_is_said_to_be(keywords, error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    """The files of the trial are where they belong: it is the copy that finds no room."""

    def refuse(*_: object) -> None:
        raise error

    monkeypatch.setattr(LocalArtifactRepository, "download_artifacts", refuse)
    with pytest.raises(PredictionError, match="Free some space$"):
        fetch_recorded(keywords.uri, keywords.trial.trial_id)


def test_a_store_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    """Neither a missing nor an empty file becomes a store; what is no store at all is named."""
    database = tmp_path / "mlflow.db"
    for content in (None, "", "no database " * 100):
        if content is not None:
            database.write_text(content)
        with pytest.raises(PredictionError, match="expected a tracking store at"):
            fetch_recorded(f"sqlite:///{database}", "abcdef")
        assert (database.read_text() if database.exists() else None) == content
    for uri in ("nonsense://nowhere", "sqlite://afile", "postgresql+nodriver://nowhere"):
        with pytest.raises(PredictionError, match="cannot be read.*Check --tracking-uri"):
            fetch_recorded(uri, "abcdef")
