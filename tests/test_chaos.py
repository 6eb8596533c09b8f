"""A search whose processes are killed again and again ends as if nothing had happened."""

import os
import secrets
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from random import Random

import pytest
from chaos import ROOT, Torment
from mlflow.entities import Run
from mlflow.tracking import MlflowClient
from safetensors.torch import load_file
from tracking_servers import TrackingServer
from training_runs import COSTS

from soundproof.common import record

SPACE = "speech-recipe"
TRIALS = 40
EPOCHS = 2
FILES = (record.TRIAL_ARTIFACT, record.WEIGHTS_ARTIFACT, record.PREDICTIONS_ARTIFACT)

pytestmark = [pytest.mark.evidence, pytest.mark.timeout(600)]


def _command(storage: Path, *more: str) -> list[str]:
    options = ["--preset", "smoke", "--trials", str(TRIALS), "--confirm", "0", "--max-concurrent", "2"]
    options += ["--sampler", "random", "--scheduler", "none", "--storage", str(storage), *more]
    return [sys.executable, "run_search.py", "search", SPACE, *options]


@dataclass(frozen=True, kw_only=True, slots=True)
class Recorded:
    """What the record holds of one trial, without times."""

    trial_id: str
    status: str
    ended: str
    epochs: tuple[tuple[str, int, float], ...]
    """Name, step and value of every metric that was ever logged, sorted."""
    files: tuple[bytes, ...]


def _recorded(client: MlflowClient, run: Run, files: Path) -> Recorded:
    history = [metric for name in run.data.metrics for metric in client.get_metric_history(run.info.run_id, name)]
    return Recorded(
        trial_id=run.data.tags[record.TRIAL_ID],
        status=run.data.tags[record.STATUS],
        ended=run.info.status,
        epochs=tuple(sorted((entry.key, entry.step, entry.value) for entry in history if entry.key not in COSTS)),
        files=tuple((files / run.info.run_id / "artifacts" / name).read_bytes() for name in FILES),
    )


def _record(store: Path, files: Path) -> dict[int, Recorded]:
    """The trials of a search by their number, read from the file of the store. Each number stands there once."""
    client = MlflowClient(f"sqlite:///{store}")
    experiment = client.get_experiment_by_name(SPACE)
    assert experiment is not None
    kind = f"tags.`{record.KIND}` = '{record.KIND_TRIAL}'"
    runs = client.search_runs([experiment.experiment_id], filter_string=kind, max_results=1000)
    numbers = Counter(int(run.data.tags[record.NUMBER]) for run in runs)
    assert set(numbers.values()) == {1}
    return {int(run.data.tags[record.NUMBER]): _recorded(client, run, files) for run in runs}


def _statuses(store: Path) -> Counter[str]:
    """MLflow's statuses of all runs, the search's own among them."""
    client = MlflowClient(f"sqlite:///{store}")
    experiments = [experiment.experiment_id for experiment in client.search_experiments()]
    return Counter(run.info.status for run in client.search_runs(experiments, max_results=1000))


def _files_below(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_a_search_ends_as_undisturbed_however_its_processes_are_killed(tmp_path: Path) -> None:
    """Drivers, actors and the server of the record are killed ten times at random moments.

    In the end there are exactly 40 trials, each once, with every epoch once; statuses, numbers and weights are those
    of an undisturbed search; no run is left running, and nothing waits or lies about.
    """
    seed = int(os.environ.get("SOUNDPROOF_CHAOS_SEED") or secrets.randbelow(10**6))
    print(f"SOUNDPROOF_CHAOS_SEED={seed}")
    storage, calm, said = tmp_path / "storage", tmp_path / "calm", tmp_path / "said"
    said.mkdir()
    server = TrackingServer(tmp_path)
    undisturbed = subprocess.Popen(
        _command(calm), cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    torment = Torment(_command(storage, "--tracking-uri", server.uri), server, said, Random(seed))
    try:
        server.start()
        torment.run()
        assert undisturbed.wait(timeout=240) == 0
    finally:
        undisturbed.kill()
        undisturbed.wait()
        server.kill()

    kills = Counter(torment.kills)
    assert sum(kills.values()) >= 10
    assert min(kills["actor"], kills["server"], kills["driver"] + kills["driver's group"]) >= 2
    assert not torment.survivors

    found = _record(tmp_path / "server.db", tmp_path / "served" / "1")
    assert sorted(found) == list(range(TRIALS))
    assert len({trial.trial_id for trial in found.values()}) == TRIALS
    assert found == _record(calm / "mlflow.db", calm / "artifacts" / SPACE)
    for trial in found.values():
        assert len(trial.epochs) == len({(name, step) for name, step, _ in trial.epochs})
        epochs = [step for name, step, _ in trial.epochs if name == record.VALIDATION_LOSS]
        assert (trial.status, epochs) == ("completed", list(range(1, EPOCHS + 1)))
    assert _statuses(tmp_path / "server.db") == {"FINISHED": TRIALS + 1}
    for folder in ("outbox", "checkpoints"):
        assert not _files_below(storage / folder)
    for weights in (tmp_path / "served").rglob(record.WEIGHTS_ARTIFACT):
        assert load_file(weights)
