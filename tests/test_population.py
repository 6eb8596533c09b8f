"""A real population, its driver killed in mid-search, against the same population trained without one."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from mlflow.entities import Run
from mlflow.tracking import MlflowClient
from training_runs import COSTS

from soundproof.api.options import SessionOptions
from soundproof.api.session import Session
from soundproof.common import record
from soundproof.search_spaces import find_space
from soundproof.trainables.features import prepare
from soundproof.trainables.sweeps.outbox.results import TrialResult, collect
from soundproof.trainables.sweeps.searching.population.members import MemberFactory
from soundproof.trainables.sweeps.searching.population.provider import PopulationProvider
from soundproof.trainables.sweeps.searching.provider import TrialFactory
from soundproof.trainables.sweeps.searching.search import Search
from soundproof.trainables.sweeps.searching.settings import SearchSettings
from soundproof.trainables.sweeps.workers.device import WorkerDevice
from soundproof.trainables.sweeps.workers.messages import WorkerSettings
from soundproof.trainables.sweeps.workers.worker import Worker

ROOT = Path(__file__).resolve().parents[1]
SPACE = find_space("speech-recipe")
SETTINGS = SearchSettings(
    trials=8,
    objectives=(SPACE.metric,),
    sampler="random",
    scheduler="pbt",
    population=4,
    generation_epochs=1,
    confirm=1,
    confirm_seeds=1,
)
_OPTIONS = """--preset smoke --sampler random --scheduler pbt --trials 8 --population 4 --generation-epochs 1
--confirm 1 --confirm-seeds 1""".split()

pytestmark = [pytest.mark.evidence, pytest.mark.timeout(600)]


def _start(storage: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "run_search.py", "search", SPACE.id, *_OPTIONS, "--storage", str(storage)]
    with (storage.parent / "log").open("ab") as log:
        return subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log, start_new_session=True)


def _search(storage: Path) -> Search:
    return Session.prepare(SPACE.domain, SessionOptions(preset="smoke", storage=storage)).search(SPACE, SETTINGS)


def _trained_without_a_driver(search: Search, folder: Path) -> dict[str, tuple[Mapping[str, str], TrialResult]]:
    """Tags and results of all trials by id, one after the other in this process."""
    device = WorkerDevice(threads=1, gpu=False)
    factory = TrialFactory(
        plan=search.plan, infeasible_reason=lambda _: None, register=lambda _: None, reuse=lambda _: None
    )
    provider = PopulationProvider(MemberFactory(SPACE, SETTINGS, factory, epochs=1), ended={}, release=lambda _: None)
    trained: dict[str, tuple[Mapping[str, str], TrialResult]] = {}
    while (planned := provider.take()) is not None:
        trial = planned.trial
        entry = prepare(search.corpus, trial.features, search.storage.features)
        settings = WorkerSettings(
            entry=entry,
            outbox=folder / "outbox",
            checkpoints=folder / "checkpoints",
            keep_checkpoint=provider.keeps_checkpoint(planned),
        )
        worker = Worker(trial.to_json(), settings, device)
        while not worker.step()["done"]:
            pass
        trial_result = collect(folder / "outbox" / trial.trial_id)
        trained[trial.trial_id] = provider.tags(planned), trial_result
        provider.end(planned, trial_result.status, trial_result.metrics)
    return trained


def _kill_after(driver: subprocess.Popen[bytes], checkpoints: Path, states: int) -> None:
    """Kill the driver, and all that it has started, once so many final states lie there."""
    deadline = time.monotonic() + 200
    try:
        while len(list(checkpoints.glob("*/[0-9]*"))) < states:
            assert driver.poll() is None, "the driver ended before it could be killed"
            assert time.monotonic() < deadline, "the driver was too slow"
            time.sleep(0.01)
    finally:
        os.killpg(driver.pid, signal.SIGKILL)
        driver.wait()


def _runs(storage: Path) -> dict[str, Run]:
    client = MlflowClient(f"sqlite:///{storage / 'mlflow.db'}")
    experiment = client.get_experiment_by_name(SPACE.id)
    assert experiment is not None
    kind = f"tags.`{record.KIND}` = '{record.KIND_TRIAL}'"
    runs = client.search_runs([experiment.experiment_id], filter_string=kind)
    found = {run.data.tags[record.TRIAL_ID]: run for run in runs}
    assert len(found) == len(runs)
    return found


def _numbers(metrics: Mapping[str, Any]) -> dict[str, float]:
    return {name: value for name, value in metrics.items() if name not in COSTS}


def test_a_killed_population_ends_as_the_one_that_was_never_interrupted(tmp_path: Path) -> None:
    """SIGKILL in the second generation, then the same command.

    The same members with the same parents and the same numbers, each once; of the states only those of the last
    generation are left.
    """
    storage = tmp_path / "storage"
    search = _search(storage)
    checkpoints = search.storage.checkpoints(search.name)
    driver = _start(storage)
    _kill_after(driver, checkpoints, 5)
    assert _start(storage).wait(200) == 0, (tmp_path / "log").read_text()
    expected = _trained_without_a_driver(search, tmp_path / "alone")
    runs = _runs(storage)
    assert runs.keys() == expected.keys()
    for trial_id, (tags, trial_result) in expected.items():
        run = runs[trial_id]
        assert run.info.status == "FINISHED"
        assert {name: run.data.tags[name] for name in tags} == tags
        assert run.data.tags[record.STATUS] == trial_result.status == "completed"
        last = trial_result.history[-1]
        assert _numbers(run.data.metrics) == _numbers({**last, **trial_result.metrics})
    generations = [tags[record.GENERATION] for tags, _ in expected.values()]
    assert sorted(generations) == ["0"] * 5 + ["1"] * 5
    last_generation = {
        trial_id
        for trial_id, (tags, _) in expected.items()
        if (tags[record.PURPOSE], tags[record.GENERATION]) == (record.PURPOSE_SEARCH, "1")
    }
    assert {folder.name for folder in checkpoints.iterdir()} == last_generation
