"""What one trial survives: the death of its actor, a hang, too little memory, a full disk."""

import math
import shutil
import subprocess
import sys
import weakref
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from training_runs import numbers

from soundproof.common import record
from soundproof.common.digests import DamagedError
from soundproof.search_spaces.specs import Adam, Budget, Cut, FoldSplit, MelSpectrogram, Recipe, SyntheticSounds, Trial
from soundproof.search_spaces.specs.classifiers import BandCnn, MaxPool, SoundBlock
from soundproof.search_spaces.specs.sublayers import BatchNorm
from soundproof.trainables.corpora.embedded.synthetic_sounds import make_synthetic_sounds
from soundproof.trainables.features import prepare
from soundproof.trainables.sweeps.outbox.results import TrialResult, collect
from soundproof.trainables.sweeps.workers import device as device_module
from soundproof.trainables.sweeps.workers import worker as worker_module
from soundproof.trainables.sweeps.workers.device import WorkerDevice
from soundproof.trainables.sweeps.workers.messages import WorkerSettings
from soundproof.trainables.sweeps.workers.watchdog import time_limit, watchdog_report
from soundproof.trainables.sweeps.workers.worker import Worker
from soundproof.trainables.training import engine
from soundproof.trainables.training.checkpoints import Checkpoint, checkpoint_folder, load_checkpoints
from soundproof.trainables.training.data.augmentation import Mixing
from soundproof.trainables.training.data.batches import Batch, FeatureData
from soundproof.trainables.training.engine import Training
from soundproof.trainables.training.settings import TrainingSettings
from soundproof.trainables.training.tasks.classification import Classification

ROOT = Path(__file__).resolve().parents[4]
CORPUS = SyntheticSounds(cut=Cut(seconds=1.0), sources_per_fold=10, folds=3)
FEATURES = MelSpectrogram(sample_rate_hz=8000, window_samples=512, hop_samples=256, mel_bands=24)
BLOCK = SoundBlock(filters=8, kernel_size=3, sublayers=(MaxPool(size=2), BatchNorm()))
TRIAL = Trial(
    corpus=CORPUS,
    split=FoldSplit(),
    features=FEATURES,
    network=BandCnn(blocks=(BLOCK,), dense=(16,), classes=10),
    recipe=Recipe(optimizer=Adam(learning_rate=3e-3), batch_size=8),
    budget=Budget(epochs=4, preset="smoke"),
    seed=0,
)


@pytest.fixture(scope="module")
def entry(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Features of sound events."""
    cache = tmp_path_factory.mktemp("features")
    return prepare(make_synthetic_sounds(CORPUS), FEATURES, cache, workers=1)


def _settings(entry: Path, folder: Path) -> WorkerSettings:
    return WorkerSettings(entry=entry, outbox=folder / "outbox", checkpoints=folder / "checkpoints")


@pytest.fixture
def begun(entry: Path, tmp_path: Path) -> Callable[..., Worker]:
    """New workers, as new actors are, that have taken a trial; all share one outbox and one folder of checkpoints."""

    def begin(trial: Trial = TRIAL) -> Worker:
        return Worker(trial.to_json(), _settings(entry, tmp_path), WorkerDevice(threads=1, gpu=False))

    return begin


def _steps(worker: Worker) -> list[dict[str, Any]]:
    results = [worker.step()]
    while not results[-1]["done"]:
        results.append(worker.step())
    return results


def _left(folder: Path, trial: Trial = TRIAL) -> TrialResult:
    return collect(folder / "outbox" / trial.trial_id)


def _result(trial_result: TrialResult) -> tuple[Any, ...]:
    """Everything in a result that a second run of the same trial has to repeat."""
    weights = (trial_result.artifacts / record.WEIGHTS_ARTIFACT).read_bytes()
    predictions = (trial_result.artifacts / record.PREDICTIONS_ARTIFACT).read_bytes()
    history = numbers([dict(epoch) for epoch in trial_result.history])
    return (
        trial_result.status,
        trial_result.reason,
        numbers([dict(trial_result.metrics)]),
        history,
        weights,
        predictions,
    )


@pytest.fixture(scope="module")
def uninterrupted(entry: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, ...]:
    """The result of the trial by a worker that wrote no checkpoint."""
    folder = tmp_path_factory.mktemp("uninterrupted")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(worker_module, "CHECKPOINT_SECONDS", math.inf)
        worker = Worker(TRIAL.to_json(), _settings(entry, folder), WorkerDevice(threads=1, gpu=False))
        steps = _steps(worker)
    assert not (folder / "checkpoints").exists()
    assert [result["epoch"] for result in steps] == [1, 2, 3, 4]
    return _result(_left(folder))


def test_another_worker_goes_on_where_one_died(
    begun: Callable[..., Worker], tmp_path: Path, uninterrupted: tuple[Any, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the last checkpoint, history included, to the same bits; nothing is left of it in the end."""
    monkeypatch.setattr(worker_module, "CHECKPOINT_SECONDS", 0.0)
    first = begun()
    received = [epoch for _ in range(2) for epoch in first.step()["epochs"]]
    reports = _steps(begun())
    assert [report["epoch"] for report in reports] == [3, 4]
    assert reports[0]["epochs"][:2] == received
    assert [[number for number, _ in report["epochs"]] for report in reports] == [[1, 2, 3], [4]]
    assert _result(_left(tmp_path)) == uninterrupted
    assert not list((tmp_path / "checkpoints").iterdir())


def test_short_trials_write_no_checkpoint(begun: Callable[..., Worker], tmp_path: Path) -> None:
    """Less training than a checkpoint is worth costs no writing: a second worker begins at the beginning."""
    begun().step()
    assert not (tmp_path / "checkpoints").exists()
    assert begun().step()["epoch"] == 1


def test_a_broken_checkpoint_means_starting_again(
    begun: Callable[..., Worker],
    tmp_path: Path,
    uninterrupted: tuple[Any, ...],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Half a file, or good files of another network: the trial is trained from its beginning, and does not fail."""
    monkeypatch.setattr(worker_module, "CHECKPOINT_SECONDS", 0.0)
    other = replace(TRIAL, network=BandCnn(blocks=(BLOCK,), dense=(9,), classes=10))
    begun(other).step()
    (checkpoint,) = load_checkpoints(checkpoint_folder(tmp_path / "checkpoints", other.trial_id), other.trial_id)
    begun().step()
    tensors = checkpoint_folder(tmp_path / "checkpoints", TRIAL.trial_id) / "1" / "tensors.safetensors"
    tensors.write_bytes(tensors.read_bytes()[:1000])
    report = begun().step()
    assert report["epoch"] == 1
    said = f"the checkpoint of trial {TRIAL.trial_id}, epoch 1, cannot be used: {tensors} is not what was written there"
    assert [message.startswith(said) for message in caplog.messages] == [True]
    assert report["notes"] == [f"{caplog.messages[0]}: the trial goes on from an earlier checkpoint, or begins again"]
    monkeypatch.setattr(worker_module, "load_checkpoints", lambda *_: [replace(checkpoint, trial_id=TRIAL.trial_id)])
    assert [result["epoch"] for result in _steps(begun())] == [1, 2, 3, 4]
    assert "checkpoint of another version passed over" in caplog.messages[-1]
    assert _result(_left(tmp_path)) == uninterrupted


def test_a_trial_whose_result_waits_is_not_trained_again(begun: Callable[..., Worker], tmp_path: Path) -> None:
    """The actor died after leaving it: the next one says so at once, and leaves the result as it is."""
    _steps(begun())
    trial_result = tmp_path / "outbox" / TRIAL.trial_id
    left = (trial_result / "outcome.json").stat().st_mtime_ns
    assert begun().step() == {"epoch": 4, "epochs": [], "status": "completed", "done": True}
    assert (trial_result / "outcome.json").stat().st_mtime_ns == left


def _damage(frames: Path) -> None:
    """A hole, and an exponent, in the midst of the features."""
    content = bytearray(frames.read_bytes())
    middle = len(content) // 2 // 4 * 4
    content[middle : middle + 4000] = bytes(4000)
    content[-1 - middle] ^= 0x40
    frames.write_bytes(content)


def test_damaged_features_made_again_give_the_numbers_of_whole_ones(
    begun: Callable[..., Worker], entry: Path, tmp_path: Path, uninterrupted: tuple[Any, ...]
) -> None:
    """Who has the damaged ones trains nothing; made again, they give the same bits as if nothing had happened."""
    own = Path(shutil.copytree(entry, tmp_path / "features" / entry.name))
    _damage(own / "frames.npy")
    worker = Worker(TRIAL.to_json(), _settings(own, tmp_path), WorkerDevice(threads=1, gpu=False))
    with pytest.raises(DamagedError, match="frames.npy is not what was written there"):
        worker.step()
    assert not (tmp_path / "outbox").exists()
    assert prepare(make_synthetic_sounds(CORPUS), FEATURES, own.parent, workers=1) == own
    worker = Worker(TRIAL.to_json(), _settings(own, tmp_path), WorkerDevice(threads=1, gpu=False))
    _steps(worker)
    assert _result(_left(tmp_path)) == uninterrupted


@pytest.mark.parametrize("checkpoints", [0.0, math.inf])
def test_features_that_are_damaged_while_a_trial_reads_them_leave_nothing_of_it(
    entry: Path,
    tmp_path: Path,
    uninterrupted: tuple[Any, ...],
    monkeypatch: pytest.MonkeyPatch,
    checkpoints: float,
) -> None:
    """Neither an outcome nor a checkpoint knows of the other numbers: the next actor goes on from what was before."""
    own = Path(shutil.copytree(entry, tmp_path / "features" / entry.name))
    monkeypatch.setattr(worker_module, "CHECKPOINT_SECONDS", 0.0)
    worker = Worker(TRIAL.to_json(), _settings(own, tmp_path), WorkerDevice(threads=1, gpu=False))
    worker.step()
    monkeypatch.setattr(worker_module, "CHECKPOINT_SECONDS", checkpoints)
    own_frames = own / "frames.npy"
    _damage(own_frames)
    with pytest.raises(DamagedError, match="frames.npy is not what was written there"):
        _steps(worker)
    assert not (tmp_path / "outbox").exists()
    assert prepare(make_synthetic_sounds(CORPUS), FEATURES, own.parent, workers=1) == own
    worker = Worker(TRIAL.to_json(), _settings(own, tmp_path), WorkerDevice(threads=1, gpu=False))
    assert [result["epoch"] for result in _steps(worker)] == [2, 3, 4]
    assert _result(_left(tmp_path)) == uninterrupted


def test_a_file_that_was_only_touched_is_no_damage(entry: Path, tmp_path: Path, uninterrupted: tuple[Any, ...]) -> None:
    """As by a backup: it is compared once more, and the trial goes on; so it does when the file is removed."""
    own = Path(shutil.copytree(entry, tmp_path / "features" / entry.name))
    worker = Worker(TRIAL.to_json(), _settings(own, tmp_path), WorkerDevice(threads=1, gpu=False))
    worker.step()
    (own / "frames.npy").touch()
    worker.step()
    shutil.rmtree(own)
    _steps(worker)
    assert _result(_left(tmp_path)) == uninterrupted


def test_a_result_that_was_damaged_while_it_waited_is_made_again(
    begun: Callable[..., Worker], tmp_path: Path, uninterrupted: tuple[Any, ...]
) -> None:
    """The actor that left it died before it said so: the next one sets it aside, says so, and trains to the same."""
    _steps(begun())
    weights = tmp_path / "outbox" / TRIAL.trial_id / "record" / record.WEIGHTS_ARTIFACT
    content = bytearray(weights.read_bytes())
    content[-1] ^= 1
    weights.write_bytes(content)
    first, *others = _steps(begun())
    (note,) = first["notes"]
    assert f"{weights} is not what was written there" in note
    assert note.endswith("and the trial is trained again")
    assert not any("notes" in report for report in others)
    assert _result(_left(tmp_path)) == uninterrupted


def test_a_disk_without_room_for_checkpoints_stops_nothing(
    begun: Callable[..., Worker], tmp_path: Path, uninterrupted: tuple[Any, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Checkpoints save time; where they cannot be written the trial ends as ever."""
    monkeypatch.setattr(worker_module, "CHECKPOINT_SECONDS", 0.0)
    (tmp_path / "checkpoints").write_text("a file where a folder should be")
    assert [result["epoch"] for result in _steps(begun())] == [1, 2, 3, 4]
    assert _result(_left(tmp_path)) == uninterrupted


class _ShortOfMemory(Classification):
    """Asks the allocator for a petabyte when there are more examples at once than it was made for."""

    most = 0

    def losses(self, network: nn.Module, batch: Batch, mixing: Mixing | None = None) -> Tensor:
        if len(batch.indices) > self.most:
            torch.empty(2**50, dtype=torch.uint8)
        return super().losses(network, batch, mixing)


@pytest.fixture
def memory_for(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """From here on memory suffices for so many examples at once."""

    def set_most(most: int) -> None:
        def task_of(trial: Trial, data: FeatureData) -> _ShortOfMemory:
            assert isinstance(trial.network, BandCnn)
            task = _ShortOfMemory(trial.network, CORPUS.classes, data)
            task.most = most
            return task

        monkeypatch.setattr(engine, "task_of", task_of)

    return set_most


def test_memory_for_half_a_batch_is_enough(
    begun: Callable[..., Worker], tmp_path: Path, memory_for: Callable[[int], None], caplog: pytest.LogCaptureFixture
) -> None:
    """The first attempt is refused by the real allocator, the second trains in halves; record and log say so."""
    memory_for(4)
    reports = _steps(begun())
    assert caplog.messages == [f"trial {TRIAL.trial_id}: out of memory at batches of 8, going on in halves"]
    assert [[number for number, _ in report["epochs"]] for report in reports] == [[1], [2], [3], [4]]
    trial_result = _left(tmp_path)
    assert trial_result.status == "completed"
    assert trial_result.reason == "out of memory at batches of 8: trained in halves of 4, accumulated"
    assert trial_result.metrics[record.MICRO_BATCH] == 4
    assert record.TEST_ACCURACY in trial_result.metrics


def test_memory_that_runs_out_later_costs_no_epoch_before_the_checkpoint(
    begun: Callable[..., Worker],
    tmp_path: Path,
    memory_for: Callable[[int], None],
    uninterrupted: tuple[Any, ...],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Two epochs in whole batches stand; the third, for which memory no longer suffices, goes on in halves."""
    monkeypatch.setattr(worker_module, "CHECKPOINT_SECONDS", 0.0)
    first = begun()
    first.step()
    first.step()
    memory_for(4)
    assert [result["epoch"] for result in _steps(begun())] == [3, 4]
    trial_result = _left(tmp_path)
    assert numbers([dict(epoch) for epoch in trial_result.history[:2]]) == uninterrupted[3][:2]
    assert trial_result.metrics[record.MICRO_BATCH] == 4


def test_a_checkpoint_that_memory_does_not_suffice_for_is_no_other_versions(
    begun: Callable[..., Worker], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Torch says both by a RuntimeError. The trial goes on from the checkpoint, in halves."""
    monkeypatch.setattr(worker_module, "CHECKPOINT_SECONDS", 0.0)
    begun().step()
    restore, refusals = Training.restore, [torch.OutOfMemoryError("CUDA out of memory.")]

    def restore_at_second_try(training: Training, checkpoint: Checkpoint) -> None:
        if refusals:
            raise refusals.pop()
        restore(training, checkpoint)

    monkeypatch.setattr(Training, "restore", restore_at_second_try)
    assert [result["epoch"] for result in _steps(begun())] == [2, 3, 4]


@pytest.mark.parametrize(
    ("size", "reason"),
    [
        (8, "out of memory at batches of 8, and again in halves of 4"),
        (1, "out of memory at batches of 1, which have no halves"),
    ],
)
def test_a_second_out_of_memory_ends_the_trial(
    begun: Callable[..., Worker], tmp_path: Path, memory_for: Callable[[int], None], size: int, reason: str
) -> None:
    """As failed, with both sizes; the worker is ready for the next trial."""
    memory_for(3 if size == 8 else 0)
    trial = replace(TRIAL, recipe=replace(TRIAL.recipe, batch_size=size))
    (result,) = _steps(begun(trial))
    assert result == {"epoch": 0, "epochs": [], "status": "failed", "done": True}
    assert (_left(tmp_path, trial).status, _left(tmp_path, trial).reason) == ("failed", reason)


def test_memory_is_given_back_before_halves_are_tried(
    begun: Callable[..., Worker], memory_for: Callable[[int], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody holds the network of the whole batches any more when the allocator is asked to free what it can."""
    held: list[weakref.ref[Training]] = []
    freed: list[list[Training | None]] = []
    run_epoch = Training.run_epoch

    def run_and_remember(training: Training) -> dict[str, float]:
        held.append(weakref.ref(training))
        return run_epoch(training)

    monkeypatch.setattr(Training, "run_epoch", run_and_remember)
    monkeypatch.setattr(worker_module, "free_cached_memory", lambda: freed.append([member() for member in held]))
    memory_for(4)
    begun().step()
    assert freed == [[None]]


def test_a_trial_that_breaks_is_failed_and_the_next_one_is_as_ever(
    entry: Path, tmp_path: Path, uninterrupted: tuple[Any, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The record has the reason; on the same device the next trial's numbers are those it has without the first."""
    device, broken = WorkerDevice(threads=1, gpu=False), replace(TRIAL, seed=1)

    def task_of(trial: Trial, data: FeatureData) -> Classification:
        raise ZeroDivisionError("of this trial")

    with monkeypatch.context() as patched:
        patched.setattr(engine, "task_of", task_of)
        _steps(Worker(broken.to_json(), _settings(entry, tmp_path), device))
    trial_result = _left(tmp_path, broken)
    assert trial_result.status == "failed"
    assert trial_result.reason is not None
    assert "ZeroDivisionError: of this trial" in trial_result.reason
    _steps(Worker(TRIAL.to_json(), _settings(entry, tmp_path), device))
    assert _result(_left(tmp_path)) == uninterrupted


def test_a_device_that_refuses_everything_fails_no_trial(
    begun: Callable[..., Worker], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After an error in a kernel the trials that come next are left to another process."""

    def wait_for(device: torch.device) -> None:
        raise RuntimeError("CUDA error: device-side assert triggered")

    monkeypatch.setattr(device_module, "wait_for", wait_for)
    for trial in (TRIAL, replace(TRIAL, seed=1)):
        with pytest.raises(RuntimeError, match="assert"):
            begun(trial).step()
    assert not list((tmp_path / "outbox").glob("*"))


_HANGING = """
import re, sys
from dataclasses import replace
from pathlib import Path
import torch
from soundproof.trainables.features import load
from soundproof.trainables.sweeps.workers import worker as worker_module
from soundproof.trainables.sweeps.workers.device import WorkerDevice
from soundproof.trainables.sweeps.workers.worker import Worker
from soundproof.trainables.sweeps.workers.messages import WorkerSettings
from soundproof.trainables.training.data.batches import FeatureData
from soundproof.trainables.training.settings import TrainingSettings

trial, entry, outbox, checkpoints = sys.argv[1:]

class Hanging(FeatureData):
    hangs = False

    def batch(self, *asked):
        if self.hangs:
            re.match("(a+)+$", 60 * "a" + "b")  # years, and the interpreter's lock is held
        return super().batch(*asked)

worker_module.CHECKPOINT_SECONDS = 0.0
device = WorkerDevice(threads=1, gpu=False)
data = Hanging(load(Path(entry)), torch.device("cpu"))
device.keep(Path(entry), data)
settings = WorkerSettings(
    entry=Path(entry),
    outbox=Path(outbox),
    checkpoints=Path(checkpoints),
    training=TrainingSettings(epoch_seconds=600.0),
)
worker = Worker(trial, settings, device)
worker.step()
worker.step()
data.hangs, worker._settings = True, replace(settings, training=TrainingSettings(epoch_seconds=1.0))
worker.step()
"""


def test_an_epoch_that_hangs_ends_its_actor_and_another_goes_on(
    begun: Callable[..., Worker], entry: Path, tmp_path: Path, uninterrupted: tuple[Any, ...]
) -> None:
    """A real process that never returns from its third epoch ends itself, says why, and its trial is finished."""
    folders = [str(tmp_path / "outbox"), str(tmp_path / "checkpoints")]
    command = [sys.executable, "-c", _HANGING, TRIAL.to_json(), str(entry), *folders]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)
    assert ended.returncode == 1, ended.stderr
    assert watchdog_report(tmp_path / "checkpoints", TRIAL.trial_id) == "epoch 3 took longer than 1 s"
    assert watchdog_report(tmp_path / "checkpoints", TRIAL.trial_id) is None
    assert [result["epoch"] for result in _steps(begun())] == [3, 4]
    assert _result(_left(tmp_path)) == uninterrupted


def test_an_epoch_within_its_limit_leaves_no_last_words(entry: Path, tmp_path: Path) -> None:
    """The limit is lifted when an epoch has ended, and what an actor that died otherwise has left is no reason."""
    checkpoints = tmp_path / "checkpoints"
    settings = replace(_settings(entry, tmp_path), training=TrainingSettings(epoch_seconds=60.0))
    worker = Worker(TRIAL.to_json(), settings, WorkerDevice(threads=1, gpu=False))
    worker.step()
    assert not list(checkpoints.glob("*.hung"))
    (checkpoints / f"{TRIAL.trial_id}.hung").write_text("epoch 2 took longer than 60 s\n")
    assert watchdog_report(checkpoints, TRIAL.trial_id) is None
    assert not list(checkpoints.glob("*.hung"))


@pytest.mark.parametrize("seconds", [1e10, math.inf])
def test_a_limit_beyond_what_clocks_count_is_none(tmp_path: Path, seconds: float) -> None:
    """Who gives a trial all the time there is does not make it fail."""
    with time_limit(tmp_path, TRIAL.trial_id, 1, seconds):
        assert not list(tmp_path.iterdir())
