"""Checkpoints on disk: trials that go on from them bit for bit, and files that are broken."""

import itertools
import json
import os
import shutil
import signal
import sys
import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from training_runs import numbers

from soundproof.common.digests import seal
from soundproof.search_spaces.specs import (
    Adam,
    AdamW,
    Budget,
    Cut,
    ExponentialDecay,
    FoldSplit,
    MelSpectrogram,
    Mixup,
    Noise,
    PlateauStopping,
    Recipe,
    RunningStatistics,
    Sgd,
    StepDecay,
    SyntheticSounds,
    Trial,
    WarmupCosine,
)
from soundproof.search_spaces.specs.classifiers import BandCnn, MaxPool, SoundBlock
from soundproof.search_spaces.specs.sublayers import BatchNorm
from soundproof.trainables.corpora.embedded.synthetic_sounds import make_synthetic_sounds
from soundproof.trainables.features import FeatureStore, load, prepare
from soundproof.trainables.training.checkpoints import (
    Checkpoint,
    checkpoint_folder,
    discard_checkpoint,
    load_checkpoints,
    save_checkpoint,
)
from soundproof.trainables.training.data.batches import FeatureData
from soundproof.trainables.training.engine import Training

MakeTrial = Callable[..., Trial]
CPU = torch.device("cpu")
EPOCHS = 4
CORPUS = SyntheticSounds(cut=Cut(seconds=1.0), sources_per_fold=10, folds=3)
FEATURES = MelSpectrogram(sample_rate_hz=8000, window_samples=512, hop_samples=256, mel_bands=24)
BLOCK = SoundBlock(filters=8, kernel_size=3, sublayers=(MaxPool(size=2), BatchNorm()))
ADAM, SGD = Adam(learning_rate=3e-3), Sgd(learning_rate=0.01, momentum=0.9, nesterov=True, decay=0.01)
RECIPES: dict[str, dict[str, Any]] = {
    "adam": {"optimizer": ADAM},
    "adam of Keras": {"optimizer": replace(ADAM, epsilon=1e-3, epsilon_added_to="uncorrected root")},
    "running statistics": {"optimizer": ADAM, "running_statistics": RunningStatistics(kept=0.8)},
    "last epoch, by the test split": {"optimizer": ADAM, "keep": "last", "validate_on": "test"},
    "nesterov with decay": {"optimizer": SGD, "clip_norm": 1.0},
    "sgd without momentum": {"optimizer": Sgd(learning_rate=0.01, momentum=0, nesterov=False)},
    "exponential schedule": {"optimizer": ADAM, "schedule": ExponentialDecay(hold_epochs=1, rate=0.3)},
    "steps": {"optimizer": replace(SGD, decay=0.0), "schedule": StepDecay(after_epochs=(1, 3), factors=(0.5, 0.1))},
    "of practice": {
        "optimizer": AdamW(learning_rate=3e-3, weight_decay=0.1),
        "schedule": WarmupCosine(warmup_fraction=0.4),
        "batch_size": 32,
        "batch_frames": 300,
        "accumulate_batches": 3,
        "label_smoothing": 0.1,
        "precision": "bfloat16",
    },
    "plateau": {
        "optimizer": ADAM,
        "stopping": PlateauStopping(patience_epochs=2, minimum_improvement=1000.0),
    },
}


@pytest.fixture(scope="module")
def sounds(tmp_path_factory: pytest.TempPathFactory) -> FeatureStore:
    """Sound events as small mel spectrograms."""
    return load(prepare(make_synthetic_sounds(CORPUS), FEATURES, tmp_path_factory.mktemp("features"), workers=1))


def _classifier(**recipe: Any) -> Trial:
    return Trial(
        corpus=CORPUS,
        split=FoldSplit(),
        features=FEATURES,
        network=BandCnn(blocks=(BLOCK,), dense=(16,), classes=10),
        recipe=Recipe(**{"optimizer": ADAM, "batch_size": 8, **recipe}),
        budget=Budget(epochs=EPOCHS, preset="smoke"),
        seed=0,
    )


def _resumed(trial: Trial, data: FeatureData, folder: Path) -> Training:
    training = Training(trial, data)
    (checkpoint,) = load_checkpoints(folder, trial.trial_id)
    training.restore(checkpoint)
    return training


def _assert_goes_on_bit_for_bit(trial: Trial, data: FeatureData, folder: Path) -> None:
    """Save after each epoch but the last; each checkpoint ends as the trial that was never interrupted."""
    whole = Training(trial, data)
    saved = []
    while True:
        whole.run_epoch()
        if whole.status is not None:
            break
        saved.append(folder / str(whole.epoch))
        save_checkpoint(whole.checkpoint(), saved[-1])
    expected = whole.finish()
    assert expected.weights is not None
    assert len(saved) >= 2
    for member in saved:
        resumed = _resumed(trial, data, member)
        while resumed.status is None:
            resumed.run_epoch()
        outcome = resumed.finish()
        assert numbers(resumed.history) == numbers(whole.history)
        assert (outcome.status, outcome.reason) == (expected.status, expected.reason)
        assert numbers([outcome.metrics]) == numbers([expected.metrics])
        assert outcome.predictions == expected.predictions
        assert outcome.weights is not None
        assert outcome.weights.keys() == expected.weights.keys()
        assert all(torch.equal(outcome.weights[name], expected.weights[name]) for name in expected.weights)
        last, reference = resumed.network.state_dict(), whole.network.state_dict()
        assert all(torch.equal(last[name], reference[name]) for name in reference)


@pytest.mark.parametrize("recipe", RECIPES.values(), ids=RECIPES.keys())
def test_classifiers_go_on_bit_for_bit(sounds: FeatureStore, tmp_path: Path, recipe: dict[str, Any]) -> None:
    """Every optimiser, schedule and stopping rule, from each epoch on: metrics, weights, answers and end."""
    _assert_goes_on_bit_for_bit(_classifier(**recipe), FeatureData(sounds, CPU), tmp_path)


def test_augmented_trials_go_on_bit_for_bit(sounds: FeatureStore, tmp_path: Path) -> None:
    """Augmentation and mixing draw in a resumed epoch what they would have drawn."""
    trial = _classifier(augmentations=(Noise(), Mixup()), keep="accuracy")
    _assert_goes_on_bit_for_bit(trial, FeatureData(sounds, CPU), tmp_path)


@pytest.mark.parametrize("optimizer", [ADAM, SGD], ids=["adam", "nesterov"])
def test_speech_goes_on_bit_for_bit(
    store: FeatureStore, make_trial: MakeTrial, tmp_path: Path, optimizer: Adam | Sgd
) -> None:
    """Convolutions, recurrent layers, batch normalisation and dropout of a speech network."""
    trial = make_trial(epochs=3)
    trial = replace(trial, recipe=replace(trial.recipe, optimizer=optimizer))
    _assert_goes_on_bit_for_bit(trial, FeatureData(store, CPU), tmp_path)


@pytest.fixture
def saved(sounds: FeatureStore, tmp_path: Path) -> tuple[Training, Path]:
    """A trial after one epoch, and the folder of its checkpoint."""
    training = Training(_classifier(), FeatureData(sounds, CPU))
    training.run_epoch()
    folder = checkpoint_folder(tmp_path, training.trial.trial_id)
    save_checkpoint(training.checkpoint(), folder)
    return training, folder


def _found(training: Training, folder: Path) -> list[int]:
    return [checkpoint.epoch for checkpoint in load_checkpoints(folder, training.trial.trial_id)]


def test_a_state_cut_off_anywhere_is_ignored(saved: tuple[Training, Path]) -> None:
    """Every proper prefix of the JSON, and other bytes in its place, mean no checkpoint, and no error."""
    training, folder = saved
    path = folder / "1" / "state.json"
    whole = path.read_bytes()
    for size in range(len(whole)):
        path.write_bytes(whole[:size])
        assert _found(training, folder) == []
    for other in (b"[]", b"{}", b"null", b"\xff\xfe", whole.replace(b'"steps": ', b'"steps": 1')):
        path.write_bytes(other)
        assert _found(training, folder) == []
    path.write_bytes(whole)
    assert _found(training, folder) == [1]


def test_tensors_that_are_missing_or_changed_are_ignored(saved: tuple[Training, Path]) -> None:
    """No file, an empty one, half of it, one flipped bit: no checkpoint, and no error."""
    training, folder = saved
    path = folder / "1" / "tensors.safetensors"
    whole = path.read_bytes()
    flipped = bytearray(whole)
    flipped[-5] ^= 1
    for broken in (b"", whole[: len(whole) // 2], whole[:-1], bytes(flipped)):
        path.write_bytes(broken)
        assert _found(training, folder) == []
    path.unlink()
    assert _found(training, folder) == []
    save_checkpoint(training.checkpoint(), folder)
    assert _found(training, folder) == [1]


def test_a_checkpoint_of_an_earlier_version_is_read(saved: tuple[Training, Path]) -> None:
    """It has a checksum in the place of digests, and is passed over where that is another."""
    training, folder = saved
    (folder / "1" / "digests.json").unlink()
    state, tensors = folder / "1" / "state.json", folder / "1" / "tensors.safetensors"
    facts = json.loads(state.read_text())["facts"]
    checksum = zlib.crc32(json.dumps(facts).encode(), zlib.crc32(tensors.read_bytes()))
    for written, found in ((checksum, [1]), (checksum ^ 1, [])):
        state.write_text(json.dumps({"checksum": written, "facts": facts}))
        assert _found(training, folder) == found


def test_a_checkpoint_of_another_trial_is_refused(saved: tuple[Training, Path], sounds: FeatureStore) -> None:
    """Neither found in a folder, nor taken by `restore`."""
    training, folder = saved
    other = Training(replace(training.trial, seed=1), FeatureData(sounds, CPU))
    assert _found(other, folder) == []
    with pytest.raises(AssertionError, match="another trial's"):
        other.restore(training.checkpoint())


def test_the_newest_good_checkpoint_is_found_first(saved: tuple[Training, Path], tmp_path: Path) -> None:
    """A new one takes the old one's place; where both are there, as after a kill, the older stands in if it must."""
    training, folder = saved
    kept = tmp_path / "kept"
    shutil.copytree(folder / "1", kept)
    training.run_epoch()
    save_checkpoint(training.checkpoint(), folder)
    assert [entry.name for entry in folder.iterdir()] == ["2"]
    kept.rename(folder / "1")
    assert _found(training, folder) == [2, 1]
    (folder / "2" / "state.json").write_text("{")
    assert _found(training, folder) == [1]


def test_a_kill_at_any_moment_leaves_a_good_checkpoint(saved: tuple[Training, Path]) -> None:
    """A real process is killed as it begins its first, second, ... last operation on files: one can be read, always."""
    training, folder = saved
    newest = []
    for operation in itertools.count(1):
        process = os.fork()
        if process == 0:
            _die_at(operation)
            training.epoch += 1
            save_checkpoint(training.checkpoint(), folder)
            os._exit(0)
        _, status = os.waitpid(process, 0)
        found = _found(training, folder)
        assert found
        assert found[0] - training.epoch in (0, 1)
        newest.append(found[0] - training.epoch)
        training.epoch = found[0]
        if status == 0:
            break
        assert os.WTERMSIG(status) == signal.SIGKILL
    assert newest[:5] == [0] * 5
    assert newest.count(1) > 2, "nothing was killed after the new one was there"


def _die_at(operation: int) -> None:
    """Kill this process as its operation of that number begins: Python announces each before the system hears of it."""
    begun = itertools.count(1)

    def announced(event: str, _: object) -> None:
        if event.partition(".")[0] in ("open", "os") and next(begun) == operation:
            os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(announced)


def test_a_disk_that_takes_nothing_keeps_the_old_checkpoint(saved: tuple[Training, Path]) -> None:
    """Where the new one cannot be written, that is an OSError, and the old one is still good."""
    import resource

    training, folder = saved
    training.run_epoch()
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, before[1]))
    try:
        with pytest.raises(OSError, match="too large"):
            save_checkpoint(training.checkpoint(), folder)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, ignored)
    assert _found(training, folder) == [1]
    assert [entry.name for entry in folder.iterdir()] == ["1"]


def test_discarding_removes_that_trial_alone(saved: tuple[Training, Path]) -> None:
    """What another trial has left stays; a trial without a checkpoint is no error."""
    training, folder = saved
    other = checkpoint_folder(folder.parent, "other")
    shutil.copytree(folder, other)
    for _ in range(2):
        discard_checkpoint(folder.parent, training.trial.trial_id)
        assert not folder.exists()
    assert other.is_dir()


def test_tensors_that_are_none_are_passed_over(tmp_path: Path) -> None:
    """Although their digest says that they are what was written."""
    checkpoint = Checkpoint(trial_id="0" * 16, epoch=3, tensors={"a": torch.arange(3.0)}, state={})
    save_checkpoint(checkpoint, tmp_path)
    (tmp_path / "3" / "tensors.safetensors").write_bytes(b"\xff" * 64)
    seal(tmp_path / "3")
    said: list[str] = []
    assert list(load_checkpoints(tmp_path, "0" * 16, said.append)) == []
    assert "holds no tensors" in said[0]
