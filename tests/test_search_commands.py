"""Searches from the command line: complete, killed and resumed, with two objectives, and asked for wrongly."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from killed_drivers import ROOT, count_finished, kill_after
from mlflow.entities import Run
from mlflow.tracking import MlflowClient
from training_runs import COSTS

from soundproof.common import record
from soundproof.search_spaces import find_space
from soundproof.trainables.sweeps import job

SPACE = "speech-recipe"
LOSS = find_space(SPACE).metric

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


def _arguments(storage: Path, *options: str) -> list[str]:
    return ["search", SPACE, "--preset", "smoke", "--storage", str(storage), "--json", *options]


def _command(storage: Path, *options: str) -> list[str]:
    return [sys.executable, "run_search.py", *_arguments(storage, *options)]


def _run(storage: Path, *options: str) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(_command(storage, *options), cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done


def _client(storage: Path) -> MlflowClient:
    return MlflowClient(f"sqlite:///{storage / 'mlflow.db'}")


def _runs(storage: Path, kind: str) -> list[Run]:
    client = _client(storage)
    experiment = client.get_experiment_by_name(SPACE)
    assert experiment is not None
    return list(client.search_runs([experiment.experiment_id], filter_string=f"tags.`{record.KIND}` = '{kind}'"))


def _numbers(runs: list[Run]) -> dict[str, tuple[dict[str, str], dict[str, float]]]:
    """What a second search has to repeat, by the number of the trial. A number that occurs twice is an error."""
    found = {}
    for run in runs:
        tags = {name: run.data.tags.get(name) for name in (record.TRIAL_ID, record.STATUS, record.CHOICES)}
        metrics = {name: value for name, value in run.data.metrics.items() if name not in COSTS}
        assert run.data.tags[record.NUMBER] not in found
        found[run.data.tags[record.NUMBER]] = (tags, metrics)
    return found


def test_a_search_is_recorded_and_finished_once(
    tmp_path: Path, soundproof_here: Callable[..., subprocess.CompletedProcess[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """JSON alone on stdout; every trial with what the record says of it; the second run only reports, without Ray."""
    options = ("--trials", "6", "--confirm", "2", "--confirm-seeds", "2")
    printed = json.loads(_run(tmp_path, *options).stdout)
    assert printed
    (parent,) = _runs(tmp_path, record.KIND_SEARCH)
    tags = parent.data.tags
    assert parent.info.status == "FINISHED"
    assert (tags[record.SAMPLER], tags[record.SCHEDULER], tags[record.TRIALS]) == ("tpe", "asha", "6")
    assert json.loads(tags[record.OBJECTIVES]) == [LOSS]
    assert json.loads(tags[record.REJECTED]) == {}
    space = _client(tmp_path).download_artifacts(parent.info.run_id, record.SPACE_ARTIFACT)
    assert Path(space).read_text(encoding="utf-8") == find_space(SPACE).to_json()
    children = _runs(tmp_path, record.KIND_TRIAL)
    searched = [run for run in children if run.data.tags[record.PURPOSE] == record.PURPOSE_SEARCH]
    confirmed = [run for run in children if run.data.tags[record.PURPOSE] == record.PURPOSE_CONFIRMATION]
    assert sorted(_numbers(searched)) == [str(number) for number in range(6)]
    for run in searched:
        assert run.info.status == "FINISHED"
        assert run.data.tags[record.SEED] == "0"
        assert (LOSS in run.data.metrics) == (run.data.tags[record.STATUS] == "completed")
        variant = find_space(SPACE).variant(json.loads(run.data.tags[record.CHOICES]))
        assert variant.id == run.data.tags[record.VARIANT]
    completed = [run for run in searched if run.data.tags[record.STATUS] == "completed"]
    best = sorted(completed, key=lambda run: run.data.metrics[LOSS])[:2]
    expected = {(run.data.tags[record.VARIANT], seed) for run in best for seed in ("1", "2")}
    assert {(run.data.tags[record.VARIANT], run.data.tags[record.SEED]) for run in confirmed} == expected
    assert len(confirmed) == len(expected)
    monkeypatch.setattr(job, "session", lambda *_: pytest.fail("there is nothing to train"))
    again = soundproof_here(*_arguments(tmp_path, *options))
    assert again.returncode == 0, again.stderr
    assert json.loads(again.stdout) == printed
    ids = {run.info.run_id for run in children}
    assert {run.info.run_id for run in _runs(tmp_path, record.KIND_TRIAL)} == ids


@pytest.mark.evidence
def test_a_killed_search_goes_on_as_if_nothing_had_happened(tmp_path: Path) -> None:
    """SIGKILL in the middle and the same command: the trials and numbers of an undisturbed search, each once.

    A front of two objectives is reported at the end, of trials that have both.
    """
    options = ["--trials", "8", "--sampler", "random", "--scheduler", "none", "--confirm", "0"]
    options += ["--objective", LOSS, "--objective", "parameters"]
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    printed = json.loads(_run(whole, *options).stdout)
    assert printed["front"]
    kill_after(_command(killed, *options), killed, finished=2)
    assert 2 <= count_finished(killed) < 8, "the kill came too late to show anything"
    _run(killed, *options)
    after = _runs(killed, record.KIND_TRIAL)
    assert len(after) == 8
    assert _numbers(after) == _numbers(_runs(whole, record.KIND_TRIAL))
    assert all(run.info.status == "FINISHED" for run in after)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["speech-recip"], "no search space is called 'speech-recip': did you mean 'speech-recipe'?"),
        ([SPACE, "--sampler", "tpee"], "no sampler is called 'tpee': did you mean 'tpe'?"),
        ([SPACE, "--scheduler", "ahsa"], "no scheduler is called 'ahsa': did you mean 'asha'?"),
        ([SPACE, "--objective", "best/validation/los"], "did you mean 'best/validation/loss'?"),
        ([SPACE, "--objective", LOSS, "--objective", "parameters"], "add --scheduler none"),
    ],
)
def test_a_wrong_question_costs_nothing(
    arguments: list[str],
    said: str,
    tmp_path: Path,
    soundproof_here: Callable[..., subprocess.CompletedProcess[str]],
) -> None:
    """One line on stderr with the way out, exit status 2, nothing on stdout and nothing written."""
    storage = tmp_path / "storage"
    done = soundproof_here("search", *arguments, "--trials", "2", "--storage", storage)
    assert done.returncode == 2
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert done.stdout == ""
    assert not storage.exists()
