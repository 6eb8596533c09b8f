"""Real runs from the command line: complete, killed and resumed, reused between studies."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from killed_drivers import ROOT, kill_after
from mlflow.entities import Run
from mlflow.tracking import MlflowClient
from training_runs import COSTS

from soundproof.command_line.exporting import export
from soundproof.common import record

STUDY = "asr-time-distributed-dense"
VARIANTS, SEEDS = 2, 3
TRIALS = VARIANTS * SEEDS

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


def _command(storage: Path, study: str = STUDY, seeds: int = SEEDS) -> list[str]:
    options = ["--preset", "smoke", "--seeds", str(seeds), "--storage", str(storage), "--json"]
    return [sys.executable, "run_search.py", "run", study, *options]


def _run(storage: Path, study: str = STUDY, seeds: int = SEEDS) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(_command(storage, study, seeds), cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done


def _children(storage: Path, study: str = STUDY) -> list[Run]:
    client = MlflowClient(f"sqlite:///{storage / 'mlflow.db'}")
    experiment = client.get_experiment_by_name(study)
    if experiment is None:
        return []
    kind = f"tags.`{record.KIND}` = '{record.KIND_TRIAL}'"
    return list(client.search_runs([experiment.experiment_id], filter_string=kind, max_results=1000))


def _finished(storage: Path) -> dict[tuple[str, str], Run]:
    return {
        (run.data.tags[record.VARIANT], run.data.tags[record.SEED]): run
        for run in _children(storage)
        if run.info.status == "FINISHED"
    }


def _numbers(runs: dict[tuple[str, str], Run]) -> dict[tuple[str, str], dict[str, float]]:
    return {key: {n: v for n, v in run.data.metrics.items() if n not in COSTS} for key, run in runs.items()}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The storage of an uninterrupted run."""
    storage = tmp_path_factory.mktemp("whole")
    _run(storage)
    return storage


def test_a_run_records_every_trial(whole: Path) -> None:
    """Every variant and seed is there once, finished, with curves, final numbers and artifacts."""
    runs = _children(whole)
    assert len(runs) == TRIALS
    client = MlflowClient(f"sqlite:///{whole / 'mlflow.db'}")
    for run in runs:
        assert run.info.status == "FINISHED"
        assert run.data.tags[record.STATUS] == "completed"
        assert len(client.get_metric_history(run.info.run_id, record.VALIDATION_LOSS)) == 2
        assert record.best(record.VALIDATION_LOSS) in run.data.metrics
        files = {record.TRIAL_ARTIFACT, record.WEIGHTS_ARTIFACT}
        files |= {record.PREDICTIONS_ARTIFACT, record.PREDICTIONS_TABLE_ARTIFACT}
        audio = {record.AUDIO_ARTIFACTS} if run.data.tags[record.SEED] == "0" else set()
        assert {artifact.path for artifact in client.list_artifacts(run.info.run_id)} == files | audio
    assert not list((whole / "outbox").rglob("*.json"))


def test_a_killed_run_goes_on_as_if_nothing_had_happened(whole: Path, tmp_path: Path) -> None:
    """SIGKILL in the middle, then the same command with one seed more.

    Nothing finished is trained again, there is no orphan and no duplicate, the seed more adds a trial of each variant,
    and the other numbers are those of the whole run.
    """
    kill_after(_command(tmp_path), tmp_path, finished=2)
    before = _finished(tmp_path)
    assert 2 <= len(before) < TRIALS, "the kill came too late to show anything"
    said = _run(tmp_path, seeds=SEEDS + 1).stderr
    counts = re.search(r"(\d+) trials to train, (\d+) finished before", said)
    assert counts is not None, said
    assert int(counts[1]) + int(counts[2]) == TRIALS + VARIANTS
    after = _finished(tmp_path)
    assert len(_children(tmp_path)) == len(after) == TRIALS + VARIANTS
    assert {key: run.info.run_id for key, run in before.items()} == {key: after[key].info.run_id for key in before}
    expected = _numbers(_finished(whole))
    assert {key: numbers for key, numbers in _numbers(after).items() if key in expected} == expected
    assert {seed for _, seed in after.keys() - expected.keys()} == {str(SEEDS)}


def test_a_finished_run_trains_nothing(whole: Path) -> None:
    """The same command once more only reports."""
    before = {run.info.run_id for run in _children(whole)}
    done = _run(whole)
    assert f"0 trials to train, {TRIALS} finished before" in done.stderr
    assert {run.info.run_id for run in _children(whole)} == before
    printed = json.loads(done.stdout)
    assert [variant["n"] for variant in printed["variants"]] == [SEEDS] * VARIANTS


def test_an_exported_script_asks_for_the_trials_of_the_record(whole: Path, tmp_path: Path) -> None:
    """In another folder and on a copy of the record it finds each of them there, and trains nothing."""
    script, copy = tmp_path / "study.py", tmp_path / "copy"
    export(STUDY, form="script", out=script, tracking_uri=f"sqlite:///{whole / 'mlflow.db'}")
    shutil.copytree(whole, copy)
    command = [sys.executable, str(script), "--storage", str(copy)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert f"0 trials to train, {TRIALS} finished before" in done.stderr
    assert "Report: " in done.stdout
    assert len(_children(copy)) == TRIALS


@pytest.mark.evidence
def test_an_infeasible_variant_is_named_and_not_trained(tmp_path: Path) -> None:
    """Seven dilated layers leave nothing: one record without a seed, a supported claim, and no training run."""
    done = _run(tmp_path, "asr-dilation", seeds=1)
    assert "asr-dilation/7-layers is infeasible: an utterance of" in done.stderr
    printed = json.loads(done.stdout)
    statuses = {variant["id"]: variant["statuses"] for variant in printed["variants"]}
    assert statuses.pop("asr-dilation/7-layers") == {"infeasible": 1}
    assert all(counts == {"completed": 1} for counts in statuses.values())
    verdicts = {claim["text"][:9]: claim["verdict"] for claim in printed["claims"]}
    assert verdicts == {"Dilations": "undecided", "More than": "supported"}
