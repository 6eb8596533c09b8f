"""Trials that share an actor: the same outcomes as alone, whatever happens to one of them."""

from __future__ import annotations

import time
import weakref
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from training_runs import numbers

from soundproof.common import record
from soundproof.search_spaces import PRESETS, expand, find_study
from soundproof.search_spaces.specs import GroupSplit, Trial
from soundproof.trainables.corpora.embedded.synthetic_speech import make_synthetic_speech
from soundproof.trainables.features import prepare
from soundproof.trainables.sweeps.outbox.results import collect
from soundproof.trainables.sweeps.workers import device as equipment_module
from soundproof.trainables.sweeps.workers import group as crew_module
from soundproof.trainables.sweeps.workers import worker as worker_module
from soundproof.trainables.sweeps.workers.device import WorkerDevice
from soundproof.trainables.sweeps.workers.group import Crew
from soundproof.trainables.sweeps.workers.settings import WorkerSettings
from soundproof.trainables.sweeps.workers.worker import Worker
from soundproof.trainables.training import engine
from soundproof.trainables.training.data.augmentation import Mixing
from soundproof.trainables.training.data.batches import Batch, FeatureData
from soundproof.trainables.training.engine import Training
from soundproof.trainables.training.tasks.transcription import Transcription

STUDY = find_study("asr-cnn-sublayer-order")
PRESET = PRESETS["speech"]["smoke"]
TRIALS = [planned.trial for planned in expand(STUDY, PRESET, PRESET.corpus, GroupSplit(), (0,))][:3]
DIGEST = TRIALS[0].features.digest()
Outcomes = dict[str, tuple[Any, ...]]


@pytest.fixture(scope="module")
def entry(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Features of embedded speech."""
    cache = tmp_path_factory.mktemp("features")
    return str(prepare(make_synthetic_speech(PRESET.corpus), TRIALS[0].features, cache, workers=1))


def _outcomes(outbox: Path, trials: Sequence[Trial] = TRIALS) -> Outcomes:
    """Everything in the results that another run has to repeat."""
    found: Outcomes = {}
    for trial in trials:
        trial_result = collect(outbox / trial.trial_id)
        weights = (trial_result.artifacts / record.WEIGHTS_ARTIFACT).read_bytes()
        history = numbers([dict(epoch) for epoch in trial_result.history])
        found[trial.trial_id] = trial_result.status, numbers([dict(trial_result.metrics)]), history, weights
    return found


@pytest.fixture(scope="module")
def alone(entry: str, tmp_path_factory: pytest.TempPathFactory) -> Outcomes:
    """The outcomes of the trials one after another."""
    folder = tmp_path_factory.mktemp("alone")
    worker = Worker(WorkerDevice(threads=1, gpu=False))
    for trial in TRIALS:
        worker.begin(trial.to_json(), WorkerSettings(entries={DIGEST: entry}, outbox=folder))
        while not worker.step()["done"]:
            pass
    return _outcomes(folder)


@pytest.fixture
def begun(entry: str, tmp_path: Path) -> Callable[..., Crew]:
    """New crews, as new actors are; all share one outbox and one folder of checkpoints."""

    def begin(trials: Sequence[Trial] = TRIALS) -> Crew:
        crew = Crew(threads=1, gpu=False)
        texts = [trial.to_json() for trial in trials]
        place = WorkerSettings(
            entries={DIGEST: entry},
            outbox=tmp_path / "outbox",
            checkpoints=tmp_path / "checkpoints",
            epoch_seconds_limit=600.0,
        )
        crew.begin(texts, place)
        return crew

    return begin


def _steps(crew: Crew) -> list[dict[str, Any]]:
    results = [crew.step()]
    while not results[-1]["done"]:
        results.append(crew.step())
    return results


@pytest.fixture
def sizes(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many trials went side by side, epoch by epoch."""
    seen: list[int] = []

    def run_epochs(trainings: Sequence[Training]) -> list[dict[str, float]]:
        seen.append(len(trainings))
        return engine.run_epochs(trainings)

    monkeypatch.setattr(crew_module, "run_epochs", run_epochs)
    return seen


def test_a_crew_leaves_what_each_would_leave_alone(
    begun: Callable[..., Crew], tmp_path: Path, alone: Outcomes, sizes: list[int]
) -> None:
    """Side by side, the same results to the bit, and every epoch of every trial is told."""
    results = _steps(begun())
    assert sizes == [3, 3]
    assert [[said["epoch"] for said in result["trials"]] for result in results] == [[1] * 3, [2] * 3]
    assert {said["trial_id"] for said in results[0]["trials"]} == set(alone)
    assert all(said["done"] for said in results[-1]["trials"])
    assert _outcomes(tmp_path / "outbox") == alone
    for trial in TRIALS:
        assert collect(tmp_path / "outbox" / trial.trial_id).metrics[record.TRAINED_TOGETHER] == 3
    assert not list((tmp_path / "checkpoints").iterdir())


def test_another_crew_goes_on_where_one_died(
    begun: Callable[..., Crew], tmp_path: Path, alone: Outcomes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the checkpoints; one whose result lies there already is not trained again."""
    monkeypatch.setattr(worker_module, "CHECKPOINT_SECONDS", 0.0)
    _steps(begun(TRIALS[:1]))
    begun(TRIALS[1:]).step()
    (result,) = _steps(begun())
    assert [said["epoch"] for said in result["trials"]] == [2, 2, 2]
    assert sorted(len(said.get("history", [])) for said in result["trials"]) == [0, 1, 1]
    assert _outcomes(tmp_path / "outbox") == alone


class _Hungry(Transcription):
    """Asks the allocator for a petabyte where several networks, or more examples than four, are to be computed."""

    def losses_together(self, networks: Sequence[nn.Module], batches: Sequence[Batch]) -> list[Tensor]:
        torch.empty(2**50, dtype=torch.uint8)
        raise AssertionError

    def losses(self, network: nn.Module, batch: Batch, mixing: Mixing | None = None) -> Tensor:
        if self.small and len(batch.indices) > 4:
            torch.empty(2**50, dtype=torch.uint8)
        return super().losses(network, batch, mixing)

    small = False


def test_memory_for_one_at_a_time_is_enough(
    begun: Callable[..., Crew], tmp_path: Path, alone: Outcomes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is too much together is trained apart, in whole batches, with the same outcomes, and held by nobody then."""
    monkeypatch.setattr(engine, "objective_of", lambda trial, data: _Hungry(trial.network, data))
    held: list[weakref.ref[Training]] = []

    def run_epochs(trainings: Sequence[Training]) -> list[dict[str, float]]:
        held.extend(weakref.ref(training) for training in trainings)
        return engine.run_epochs(trainings)

    monkeypatch.setattr(crew_module, "run_epochs", run_epochs)
    monkeypatch.setattr(crew_module, "free_cached_memory", lambda: freed.append([one() for one in held]))
    freed: list[list[Training | None]] = []
    _steps(begun())
    assert freed == [[None] * 3]
    assert _outcomes(tmp_path / "outbox") == alone


def test_a_device_that_refuses_everything_fails_no_trial(
    begun: Callable[..., Crew], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After an error in a kernel: neither those who were trained beside the cause, nor those who come after it."""
    monkeypatch.setattr(engine, "objective_of", lambda trial, data: _Hungry(trial.network, data))
    crew, checked = begun(), []

    def wait_for(device: torch.device) -> None:
        checked.append(device)
        if len(checked) > 1:
            raise RuntimeError("CUDA error: device-side assert triggered")

    monkeypatch.setattr(equipment_module, "wait_for", wait_for)
    for tried in (crew, begun(TRIALS[:1])):
        with pytest.raises(RuntimeError, match="assert"):
            tried.step()
    assert len(checked) == 3
    assert not list((tmp_path / "outbox").glob("*"))


def test_what_one_of_them_breaks_is_its_own(
    begun: Callable[..., Crew], tmp_path: Path, alone: Outcomes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One trial that raises is failed with the reason, and the others are as they are without it."""
    broken = TRIALS[1].trial_id

    def objective_of(trial: Trial, data: FeatureData) -> Transcription:
        if trial.trial_id == broken:
            raise ZeroDivisionError("of this trial")
        return Transcription(trial.network, data)

    monkeypatch.setattr(engine, "objective_of", objective_of)
    _steps(begun())
    trial_result = collect(tmp_path / "outbox" / broken)
    assert trial_result.status == "failed"
    assert trial_result.reason is not None
    assert "ZeroDivisionError: of this trial" in trial_result.reason
    others = [trial for trial in TRIALS if trial.trial_id != broken]
    assert _outcomes(tmp_path / "outbox", others) == {trial.trial_id: alone[trial.trial_id] for trial in others}


def test_micro_batches_are_found_apart(
    begun: Callable[..., Crew], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where even one is too much, each goes on in halves of batches."""

    def objective_of(trial: Trial, data: FeatureData) -> _Hungry:
        hungry = _Hungry(trial.network, data)
        hungry.small = True
        return hungry

    monkeypatch.setattr(engine, "objective_of", objective_of)
    _steps(begun(TRIALS[:2]))
    for trial in TRIALS[:2]:
        assert collect(tmp_path / "outbox" / trial.trial_id).metrics[record.MICRO_BATCH] == 4


def test_trials_of_other_recipes_may_go_along(begun: Callable[..., Crew], tmp_path: Path, sizes: list[int]) -> None:
    """Budgets may differ: whoever ends first leaves the others to themselves."""
    longer = replace(TRIALS[0], budget=replace(TRIALS[0].budget, epochs=3))
    _steps(begun([TRIALS[1], longer]))
    assert sizes == [2, 2]
    assert collect(tmp_path / "outbox" / longer.trial_id).status == "completed"


@pytest.mark.parametrize(("slow", "together"), [("run_epochs", 2), ("step", 4)])
def test_a_crew_goes_on_in_the_way_that_takes_less_time(
    begun: Callable[..., Crew], sizes: list[int], monkeypatch: pytest.MonkeyPatch, slow: str, together: int
) -> None:
    """Of five epochs two are side by side, the third is not, and the others are as those went faster."""
    place = crew_module if slow == "run_epochs" else Worker
    original = getattr(place, slow)

    def slowed(*arguments: Any) -> Any:
        time.sleep(2.0)
        return original(*arguments)

    monkeypatch.setattr(place, slow, slowed)
    longer = [replace(trial, budget=replace(trial.budget, epochs=5)) for trial in TRIALS[:2]]
    assert len(_steps(begun(longer))) == 5
    assert sizes == [2] * together
