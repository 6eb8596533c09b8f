"""Real runs from the command line: complete, killed and resumed, reused between studies."""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
import torch
from killed_drivers import ROOT, kill_after
from mlflow.entities import Run
from mlflow.tracking import MlflowClient
from training_runs import COSTS, run_to_end

from soundproof.command_line.exporting import export
from soundproof.common import record
from soundproof.search_spaces.specs import Trial
from soundproof.trainables.features import load
from soundproof.trainables.features.cache import entry_path
from soundproof.trainables.sweeps.storage import Storage
from soundproof.trainables.training.data.batches import FeatureData
from soundproof.trainables.training.engine import Training

STUDY = "asr-time-distributed-dense"
VARIANTS, SEEDS = 2, 4
TRIALS = VARIANTS * SEEDS
Command = Callable[..., subprocess.CompletedProcess[str]]

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


def _arguments(storage: Path, study: str = STUDY, seeds: int = SEEDS) -> list[str]:
    return ["run", study, "--preset", "smoke", "--seeds", str(seeds), "--storage", str(storage), "--json"]


def _command(storage: Path, study: str = STUDY, seeds: int = SEEDS) -> list[str]:
    return [sys.executable, "run_search.py", *_arguments(storage, study, seeds)]


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


@dataclass(frozen=True, kw_only=True, slots=True)
class Resumed:
    """A run that was killed in the middle, and the same command again with one seed more."""

    storage: Path
    before: dict[tuple[str, str], Run]
    """What was finished when it was killed, by variant and seed."""

    told: str
    """What the second command wrote to standard error."""


@pytest.fixture(scope="module")
def resumed(tmp_path_factory: pytest.TempPathFactory) -> Resumed:
    """SIGKILL after two trials."""
    storage = tmp_path_factory.mktemp("resumed")
    kill_after(_command(storage, seeds=SEEDS - 1), storage, finished=2)
    before = _finished(storage)
    return Resumed(storage=storage, before=before, told=_run(storage).stderr)


def test_a_run_records_every_trial(resumed: Resumed) -> None:
    """Every variant and seed is there once, finished, with curves, final numbers and artifacts."""
    runs = _children(resumed.storage)
    assert len(runs) == TRIALS
    client = MlflowClient(f"sqlite:///{resumed.storage / 'mlflow.db'}")
    for run in runs:
        assert run.info.status == "FINISHED"
        assert run.data.tags[record.STATUS] == "completed"
        assert len(client.get_metric_history(run.info.run_id, record.VALIDATION_LOSS)) == 2
        assert record.best(record.VALIDATION_LOSS) in run.data.metrics
        files = {record.TRIAL_ARTIFACT, record.WEIGHTS_ARTIFACT}
        files |= {record.PREDICTIONS_ARTIFACT, record.PREDICTIONS_TABLE_ARTIFACT}
        audio = {record.AUDIO_ARTIFACTS} if run.data.tags[record.SEED] == "0" else set()
        assert {artifact.path for artifact in client.list_artifacts(run.info.run_id)} == files | audio
    assert not list((resumed.storage / "outbox").rglob("*.json"))


def test_a_killed_run_goes_on_as_if_nothing_had_happened(resumed: Resumed) -> None:
    """Nothing finished is trained again, no orphan, no duplicate; the seed more adds a trial of each variant.

    All numbers are those of the same trials trained here, one after another and without a pause.
    """
    before, after = resumed.before, _finished(resumed.storage)
    assert 2 <= len(before) < TRIALS - VARIANTS, "the kill came too late to show anything"
    counts = re.search(r"(\d+) trials to train, (\d+) finished before", resumed.told)
    assert counts is not None, resumed.told
    assert int(counts[1]) + int(counts[2]) == TRIALS
    assert len(_children(resumed.storage)) == len(after) == TRIALS
    assert {seed for _, seed in after} == {str(seed) for seed in range(SEEDS)}
    assert {key: run.info.run_id for key, run in before.items()} == {key: after[key].info.run_id for key in before}
    torch.set_num_threads(1)
    for run in after.values():
        trial = Trial.from_json(run.data.tags[record.TRIAL])
        features = load(entry_path(Storage(root=resumed.storage).features, trial.corpus, trial.features))
        history, outcome = run_to_end(Training(trial, FeatureData(features, torch.device("cpu"))))
        expected = history[-1] | outcome.metrics
        assert {name: run.data.metrics[name] for name in expected if name not in COSTS} == {
            name: value for name, value in expected.items() if name not in COSTS
        }


def test_a_finished_run_trains_nothing(resumed: Resumed, soundproof_here: Command) -> None:
    """The same command once more only reports."""
    before = {run.info.run_id for run in _children(resumed.storage)}
    done = soundproof_here(*_arguments(resumed.storage))
    assert done.returncode == 0, done.stderr
    assert f"0 trials to train, {TRIALS} finished before" in done.stderr
    assert {run.info.run_id for run in _children(resumed.storage)} == before
    printed = json.loads(done.stdout)
    assert [variant["n"] for variant in printed["variants"]] == [SEEDS] * VARIANTS


def test_an_exported_script_asks_for_the_trials_of_the_record(resumed: Resumed, tmp_path: Path) -> None:
    """In another folder and on a copy of the record it finds each of them there, and trains nothing."""
    script, copy = tmp_path / "study.py", tmp_path / "copy"
    export(STUDY, form="script", out=script, tracking_uri=f"sqlite:///{resumed.storage / 'mlflow.db'}")
    shutil.copytree(resumed.storage, copy)
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
