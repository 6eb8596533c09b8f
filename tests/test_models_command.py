"""`register`: which trial it takes, what it says, and how it refuses."""

import errno
import json
from pathlib import Path

import pytest
import requests
from finished_studies import write_finished_study
from mlflow.exceptions import MlflowException
from mlflow.tracking import MlflowClient

from soundproof.command_line.prediction import register
from soundproof.common import record
from soundproof.common.errors import UserError
from soundproof.search_spaces import find_study
from soundproof.trainables.sweeps.storage import Storage

STUDY = find_study("asr-merge-mode")


@pytest.fixture(scope="module")
def storage(tmp_path_factory: pytest.TempPathFactory) -> Storage:
    """A study with two seeds of every variant, the first variant and the second seed being the best."""
    made = Storage(root=tmp_path_factory.mktemp("storage"))
    write_finished_study(STUDY, made, seeds=2)
    return made


def test_the_best_trial_of_a_study_is_registered(storage: Storage, capsys: pytest.CaptureFixture[str]) -> None:
    """The best variant's best seed by validation loss becomes version 1 of a model called like the study."""
    register(best=STUDY.id, storage=storage.root, as_json=True)
    said = json.loads(capsys.readouterr().out)
    assert said["uri"] == f"models:/{STUDY.id}/1"
    assert said["why"].startswith("seed 1 of the best variant")
    client = MlflowClient(storage.tracking_uri)
    run = client.get_run(client.get_model_version(STUDY.id, "1").run_id)
    assert run.data.tags[record.VARIANT] == STUDY.variants[0].id
    assert run.data.tags[record.SEED] == "1"
    assert run.data.tags[record.TRIAL_ID] == said["trial"]


def test_a_trial_is_registered_under_a_name(storage: Storage, capsys: pytest.CaptureFixture[str]) -> None:
    """What is printed can be pasted: how to load the model, and how to serve it on loopback."""
    client = MlflowClient(storage.tracking_uri)
    experiment = client.get_experiment_by_name(STUDY.id)
    (run,) = client.search_runs(
        [experiment.experiment_id], f"tags.`{record.VARIANT}` = '{STUDY.variants[1].id}' and tags.`{record.SEED}` = '0'"
    )
    register(run.data.tags[record.TRIAL_ID][:8], name="my transcriber", storage=storage.root)
    said = capsys.readouterr().out
    assert "registered as models:/my transcriber/1" in said
    assert f"mlflow.set_tracking_uri('{storage.tracking_uri}')" in said
    assert "mlflow models serve -m 'models:/my transcriber/1' --env-manager local -h 127.0.0.1 -p 5001" in said
    assert client.get_model_version("my transcriber", "1").run_id == run.info.run_id


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({}, "either the id of a trial or --best"),
        ({"trial": "abcdef12", "best": STUDY.id}, "either the id of a trial or --best"),
        ({"trial": "abcdef12", "preset": "smoke"}, "say where --best looks"),
        ({"best": "asr-dilation"}, "expected records of the study"),
        ({"best": STUDY.id, "name": "with/slash"}, "Choose another --name"),
    ],
)
def test_what_cannot_be_registered_is_refused(asked: dict[str, str], message: str, storage: Storage) -> None:
    """Contradicting words, a study without a record, and a name that MLflow does not take."""
    with pytest.raises(UserError, match=message):
        register(**asked, storage=storage.root)


def test_an_empty_place_is_refused(tmp_path: Path) -> None:
    """Nothing is made where there is no store."""
    with pytest.raises(UserError, match="found no such file"):
        register("abcdef12", storage=tmp_path)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "error", [OSError(errno.ENOSPC, "No space left on device"), requests.ConnectionError("connection lost")]
)
def test_a_store_that_takes_no_files_is_told(error: OSError, storage: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk and a lost connection come as they are, and the store may not even hear that the model failed."""

    def fail(*_: object) -> None:
        raise error

    def away(*_: object) -> None:
        raise MlflowException("the store does not answer")

    monkeypatch.setattr("soundproof.trainables.serving.registering.save_model", lambda *_: None)
    monkeypatch.setattr(MlflowClient, "log_model_artifacts", fail)
    monkeypatch.setattr(MlflowClient, "finalize_logged_model", away)
    with pytest.raises(UserError, match="(No space left on device|connection lost).*give the same command"):
        register(best=STUDY.id, storage=storage.root)
