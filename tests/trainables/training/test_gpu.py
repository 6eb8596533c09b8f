"""Trials on a real GPU beside the same on the CPU. Where there is none, `test_other_device` tells what can be told."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from documented_classifiers import DOCUMENTED_CLASSIFIERS, documented_extent, narrow
from torch import nn
from training_runs import numbers, run_to_end

from benchmarks.noise import noise_features
from soundproof.search_spaces import PRESETS, find_study
from soundproof.search_spaces.specs import (
    Adam,
    Budget,
    GroupSplit,
    Mixup,
    Noise,
    Recipe,
    RecurrentStack,
    SpecAugment,
    TimeShift,
    Trial,
)
from soundproof.search_spaces.specs.classifiers import WaveformVgg
from soundproof.search_spaces.specs.network import Cell
from soundproof.trainables.corpora.corpus import Example
from soundproof.trainables.features import FeatureStore
from soundproof.trainables.networks.sublayers import Dropout
from soundproof.trainables.training.checkpoints import load_checkpoints, save_checkpoint
from soundproof.trainables.training.data.augmentation import mix
from soundproof.trainables.training.data.batches import FeatureData
from soundproof.trainables.training.data.normalisation import Normalisation
from soundproof.trainables.training.engine import Training
from soundproof.trainables.training.evaluation import evaluate
from soundproof.trainables.training.settings import TrainingSettings
from soundproof.trainables.training.steps.accumulation import accumulate
from soundproof.trainables.training.steps.optimisation import Optimisation
from soundproof.trainables.training.tasks.classification import Classification

pytestmark = pytest.mark.skipif(
    not torch.cuda.is_available(), reason="no CUDA device: trials on one cannot be compared with those on the CPU"
)
CPU, CUDA = torch.device("cpu"), torch.device("cuda")
SMOKE = PRESETS["speech"]["smoke"]


@pytest.fixture(autouse=True)
def whole_single_precision() -> Iterator[None]:
    """Convolutions and products without the shorter mantissa of TF32, so that what differs is order alone."""
    before = torch.backends.cudnn.allow_tf32, torch.backends.cuda.matmul.allow_tf32
    torch.backends.cudnn.allow_tf32 = torch.backends.cuda.matmul.allow_tf32 = False
    yield
    torch.backends.cudnn.allow_tf32, torch.backends.cuda.matmul.allow_tf32 = before


def _noise(frames: list[int], dimensions: int, targets: list[str]) -> FeatureStore:
    """`frames` of each example."""
    examples = [Example(key=str(place), target=text, recording=str(place)) for place, text in enumerate(targets)]
    return noise_features(examples, frames, dimensions, np.random.default_rng(0))


@pytest.fixture(scope="module")
def speech() -> FeatureStore:
    """Thirty utterances of one to two seconds, with texts of two words."""
    words = ["one", "two", "three", "four", "five", "six"]
    chance = np.random.default_rng(1)
    texts = [" ".join(chance.choice(words, 2)) for _ in range(30)]
    dimensions = SMOKE.variant(find_study("asr-cnn-sublayer-order").variants[0]).features.dimensions
    return _noise([int(length) for length in chance.integers(100, 200, 30)], dimensions, texts)


def _trial(cell: Cell, *, epochs: int) -> Trial:
    smoke = SMOKE.variant(find_study("asr-cnn-sublayer-order").variants[0])
    assert isinstance(smoke.network.recurrent, RecurrentStack)
    return Trial(
        corpus=SMOKE.corpus,
        split=GroupSplit(),
        features=smoke.features,
        network=replace(smoke.network, recurrent=replace(smoke.network.recurrent, cell=cell)),
        recipe=Recipe(optimizer=Adam(learning_rate=0.003), batch_size=8, clip_norm=5.0),
        budget=Budget(epochs=epochs, preset="smoke"),
        seed=0,
    )


def _without_dropout(network: nn.Module) -> None:
    """Each device draws its own masks: without them the numbers are comparable."""
    for module in network.modules():
        if isinstance(module, Dropout):
            module.rate = 0.0
        if isinstance(module, nn.AlphaDropout):
            module.p = 0.0


@pytest.mark.parametrize("cell", ["simple_rnn", "gru", "lstm"])
@pytest.mark.parametrize("resident", [True, False])
def test_speech_trains_as_on_the_cpu(cell: Cell, resident: bool, speech: FeatureStore) -> None:
    """The losses of two epochs, with augmentation, are those of the CPU, up to the order of sums."""
    losses = {}
    for device in (CPU, CUDA):
        trial = _trial(cell, epochs=2)
        trial = replace(trial, recipe=replace(trial.recipe, augmentations=(SpecAugment(), TimeShift(), Noise())))
        data = FeatureData(speech, device, resident=resident) if device == CUDA else FeatureData(speech, device)
        training = Training(trial, data, TrainingSettings(norms=True))
        _without_dropout(training.network)
        history, outcome = run_to_end(training)
        assert outcome.status == "completed"
        losses[device] = [[epoch["train/loss"], epoch["validation/loss"]] for epoch in numbers(history)]
    assert losses[CUDA] == [pytest.approx(epoch, rel=2e-3) for epoch in losses[CPU]]


def test_a_trial_repeats_itself_and_goes_on_from_a_checkpoint(speech: FeatureStore, tmp_path: Path) -> None:
    """With dropout: the second run, and one that was interrupted, end near the first."""
    trial = _trial("gru", epochs=3)
    data = FeatureData(speech, CUDA, resident=True)
    first, _ = run_to_end(Training(trial, data))
    again, _ = run_to_end(Training(trial, data))
    begun, resumed = Training(trial, data), Training(trial, data)
    begun.run_epoch()
    save_checkpoint(begun.checkpoint(), tmp_path)
    (checkpoint,) = load_checkpoints(tmp_path, trial.trial_id)
    resumed.restore(checkpoint)
    rest, _ = run_to_end(resumed)
    for before, after in zip(numbers(first), numbers(again), strict=True):
        assert after == pytest.approx(before, rel=1e-3)
    for before, after in zip(numbers(first)[1:], numbers(rest), strict=True):
        assert after == pytest.approx(before, rel=1e-3)


_FAMILIES = {type(spec): variant_id for variant_id, spec in DOCUMENTED_CLASSIFIERS.items()}


@pytest.mark.parametrize("variant_id", _FAMILIES.values(), ids=[family.__name__ for family in _FAMILIES])
def test_classifiers_train_as_on_the_cpu(variant_id: str) -> None:
    """The losses of five steps on mixed examples, in whole batches and in parts, and what is said of the clips."""
    spec = narrow(DOCUMENTED_CLASSIFIERS[variant_id])
    frames, dimensions = documented_extent(variant_id)
    frames = frames if isinstance(spec, WaveformVgg) else max(frames // 2, 64)
    names = [str(place) for place in range(spec.classes)]
    store = _noise([frames] * spec.classes, dimensions, names)
    losses = {}
    for device in (CPU, CUDA):
        data = FeatureData(store, device)
        task = Classification(spec, names, data)
        torch.manual_seed(0)
        network = task.build().to(device).train()
        _without_dropout(network)
        optimisation = Optimisation(
            Recipe(optimizer=Adam(learning_rate=1e-4), batch_size=4, clip_norm=1.0), network.parameters()
        )
        normalisation = Normalisation.measured(store, range(4), device)
        batch = data.batch(range(4), normalisation)
        values, mixing = mix(batch.values, Mixup(), torch.Generator().manual_seed(0))
        steps = []
        for micro_batch in (None, None, None, 2, None):
            steps.append(float(accumulate(task, network, replace(batch, values=values), mixing, micro_batch)))
            optimisation.step()
        found = evaluate(task, network, data, range(4), normalisation, batch_size=2)
        losses[device] = [*steps, found.metrics["loss"]]
    assert losses[CUDA] == pytest.approx(losses[CPU], rel=5e-3)
