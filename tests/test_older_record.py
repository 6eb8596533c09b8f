"""A record of the version before the renaming is reported, asked and gone on from by this one."""

import subprocess
import sys
from pathlib import Path

import pytest
from mlflow import MlflowClient
from older_records import CUSTOM_TRIAL, SPEECH_TRIAL, OlderRecord, unpack

from soundproof.analysis.importance.importance import factor_importances
from soundproof.analysis.records.loading import load_study
from soundproof.analysis.reports import report_study
from soundproof.common import record
from soundproof.search_spaces import find_study
from soundproof.search_spaces.custom import load_file
from soundproof.trainables.prediction import predict
from soundproof.trainables.serving import register


@pytest.fixture(scope="module")
def older(tmp_path_factory: pytest.TempPathFactory) -> OlderRecord:
    """The store, for tests that only read it or add to it."""
    return unpack(tmp_path_factory.mktemp("older"))


def _study(older: OlderRecord, name: str):
    return find_study("asr-cnn-front-end") if name == "speech" else load_file(older.custom_file).studies[0]


@pytest.mark.parametrize("name", ["speech", "own"])
def test_it_is_reported_as_it_was(older: OlderRecord, name: str) -> None:
    """The same numbers, statuses and verdicts as the version that made it printed."""
    then = older.printed(name)
    now = report_study(_study(older, name), older.tracking_uri).plain()
    of_variants = ("id", "levels", "n", "mean", "interval", "statuses", "difference", "metrics", "parameters")
    for before, after in zip(then["variants"], now["variants"], strict=True):
        assert {key: after[key] for key in of_variants} == {key: before[key] for key in of_variants}
    of_claims = ("text", "verdict", "effect", "interval", "n")
    for before, after in zip(then["claims"], now["claims"], strict=True):
        assert {key: after[key] for key in of_claims} == {key: before[key] for key in of_claims}


@pytest.mark.parametrize("name", ["speech", "own"])
def test_its_specs_are_read(older: OlderRecord, name: str) -> None:
    """From artifacts, since its runs have no such tag; renamed words are those of today."""
    records = load_study(older.tracking_uri, _study(older, name).id)
    assert {trial.split for trial in records.trials} == {"GroupSplit"}
    assert {trial.inherited_epochs for trial in records.trials} == {0}
    for trial in records.trials:
        assert trial.spec["seed"] == trial.seed
        assert trial.spec["budget"]["epochs"] == trial.epochs
        assert trial.spec["network"]["type"] == ("SpeechNetwork" if name == "speech" else "CustomClassifier")
    assert factor_importances(records.trials, "best/validation/loss", by="params", generator=None).n == 4


@pytest.mark.parametrize(("name", "trial_id"), [("speech", SPEECH_TRIAL), ("own", CUSTOM_TRIAL)])
def test_its_networks_answer(older: OlderRecord, monkeypatch: pytest.MonkeyPatch, name: str, trial_id: str) -> None:
    """The same of the same file, under the id of then; the user's file names the package as it was called."""
    monkeypatch.chdir(older.folder)
    _study(older, name)
    then, now = older.printed(f"predict_{name}"), predict(older.tracking_uri, trial_id[:8], [Path("spoken.flac")])
    after = now.to_plain()
    assert {key: after[key] for key in ("trial", "study", "variant", "seed", "task")} == {
        key: then[key] for key in ("trial", "study", "variant", "seed", "task")
    }
    (before,), (answer,) = then["predictions"], after["predictions"]
    assert answer.get("transcript") == before.get("transcript")
    assert answer.get("class") == before.get("class")
    assert answer.get("probability") == (pytest.approx(before["probability"], rel=1e-4) if name == "own" else None)


def test_its_networks_are_registered(older: OlderRecord) -> None:
    """Under the id that the record has."""
    registered = register(older.tracking_uri, SPEECH_TRIAL, "older")
    version = MlflowClient(older.tracking_uri).get_model_version("older", registered.version)
    assert registered.trial_id == version.tags[record.TRIAL_ID] == SPEECH_TRIAL


@pytest.mark.evidence
def test_its_study_goes_on(tmp_path: Path) -> None:
    """Ids are others now, so its trials are trained again; what was there is kept, and not reported."""
    older = unpack(tmp_path / "store")
    before = load_study(older.tracking_uri, "asr-cnn-front-end").trials
    program = Path(__file__).parents[1] / "run_search.py"
    options = ["--preset", "smoke", "--seeds", "1", "--storage", str(older.folder), "--quiet"]
    command = [sys.executable, str(program), "run", "asr-cnn-front-end", *options]
    subprocess.run(command, check=True, capture_output=True, cwd=tmp_path)
    after = load_study(older.tracking_uri, "asr-cnn-front-end").trials
    assert [(trial.variant, trial.seed) for trial in after] == [(t.variant, t.seed) for t in before if t.seed == 0]
    assert not {trial.run_id for trial in after} & {trial.run_id for trial in before}
    parameters = {trial.variant: trial.metrics[record.PARAMETERS] for trial in before}
    assert {trial.variant: trial.metrics[record.PARAMETERS] for trial in after} == parameters
    client = MlflowClient(older.tracking_uri)
    assert all(record.SUPERSEDED in client.get_run(trial.run_id).data.tags for trial in before)
