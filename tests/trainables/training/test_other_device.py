"""Trials on a device that is not the CPU, as far as a machine without one can tell: see `other_device`."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch
from documented_classifiers import DOCUMENTED_CLASSIFIERS, documented_extent, narrow
from other_device import CUDA, OtherDevice, other_device

from benchmarks.noise import noise_features
from soundproof.search_spaces.specs import (
    Adam,
    Augmentation,
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
from soundproof.trainables.networks.sublayers import draw_from
from soundproof.trainables.prediction.answers import predict_file
from soundproof.trainables.prediction.trained import Trained
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

MakeTrial = Callable[..., Trial]


@pytest.fixture
def other(monkeypatch: pytest.MonkeyPatch) -> Iterator[OtherDevice]:
    """The device, for the whole test."""
    with other_device(monkeypatch) as made:
        yield made


def _with_cell(trial: Trial, cell: Cell) -> Trial:
    network = trial.network
    assert isinstance(network.recurrent, RecurrentStack)
    return replace(trial, network=replace(network, recurrent=replace(network.recurrent, cell=cell)))


@pytest.mark.usefixtures("other")
def test_what_cuda_refuses_is_refused() -> None:
    """Mixed operations and gradients, arrays, generators: or nothing else here would prove anything."""
    here, there = torch.ones(3), torch.ones(3, device=CUDA)
    for wrong in (
        lambda: here + there,
        lambda: torch.stack([there, here]),
        lambda: here.add_(there),
        lambda: torch.zeros(()).add_(there.sum()),
        lambda: torch.empty_like(there).bernoulli_(0.5, generator=torch.Generator()),
        lambda: torch.empty_like(here).bernoulli_(0.5, generator=torch.Generator(CUDA)),
    ):
        with pytest.raises(RuntimeError):
            wrong()
    with pytest.raises(TypeError, match="numpy"):
        there.detach().numpy()
    assert (there * torch.tensor(2.0)).detach().cpu().numpy().tolist() == [2, 2, 2]


@pytest.mark.parametrize(("cell", "resident"), [("simple_rnn", True), ("gru", False), ("lstm", True)])
@pytest.mark.usefixtures("other")
def test_speech(cell: Cell, resident: bool, store: FeatureStore, make_trial: MakeTrial, tmp_path: Path) -> None:
    """An epoch with norms, augmentation and validation, a checkpoint, another epoch from that, and the outcome."""
    trial = _with_cell(make_trial(), cell)
    recipe = replace(trial.recipe, augmentations=(SpecAugment(), TimeShift(), Noise()))
    trial = replace(trial, recipe=recipe)
    data = FeatureData(store, CUDA, resident=resident)
    begun, resumed = Training(trial, data, TrainingSettings(norms=True)), Training(trial, data)
    begun.run_epoch()
    save_checkpoint(begun.checkpoint(), tmp_path)
    (checkpoint,) = load_checkpoints(tmp_path, trial.trial_id)
    resumed.restore(checkpoint)
    resumed.run_epoch()
    outcome = resumed.finish()
    assert outcome.status == "completed"
    assert outcome.weights is not None
    assert {tensor.device.type for tensor in outcome.weights.values()} == {"cpu"}
    assert all(outcome.predictions.values())


@pytest.mark.parametrize("augmentations", [(), (SpecAugment(), TimeShift(), Noise())], ids=["plain", "augmented"])
def test_no_step_waits_for_the_device(
    augmentations: tuple[Augmentation, ...], store: FeatureStore, make_trial: MakeTrial, other: OtherDevice
) -> None:
    """The CPU may be steps ahead, and is waited for at the end of the pass alone, so that its time is measured."""
    trial = make_trial()
    trial = replace(trial, recipe=replace(trial.recipe, augmentations=augmentations))
    training = Training(trial, FeatureData(store, CUDA))
    other.waits.clear()
    training.run_pass()
    assert other.waits == {"synchronize": 1}


@pytest.mark.usefixtures("other")
def test_a_trained_network_answers(store: FeatureStore, make_trial: MakeTrial, tmp_path: Path) -> None:
    """What is heard in a file, by a network on the device."""
    training = Training(make_trial(), FeatureData(store, CUDA))
    trained = Trained(
        trial_id=training.trial.trial_id,
        trial=training.trial,
        study="",
        variant="",
        network=training.network.eval(),
        normalisation=training.normalisation,
        device=CUDA,
    )
    soundfile.write(tmp_path / "noise.wav", np.random.default_rng(0).uniform(-0.1, 0.1, 16_000), 16_000)
    assert len(predict_file(trained, tmp_path / "noise.wav").windows) == 1


@pytest.mark.usefixtures("other")
def test_in_parts(store: FeatureStore, make_trial: MakeTrial) -> None:
    """An epoch in whole batches, and one in parts of them."""
    training = Training(make_trial(), FeatureData(store, CUDA))
    training.run_epoch()
    training.micro_batch = 4
    training.run_epoch()
    assert training.finish().status == "completed"


_FAMILIES = {type(spec): variant_id for variant_id, spec in DOCUMENTED_CLASSIFIERS.items()}


@pytest.mark.parametrize("variant_id", _FAMILIES.values(), ids=[family.__name__ for family in _FAMILIES])
@pytest.mark.usefixtures("other")
def test_every_family_of_classifiers(variant_id: str) -> None:
    """A step on a batch whose examples are mixed, another on that batch in parts, and what is said of the clips."""
    spec = narrow(DOCUMENTED_CLASSIFIERS[variant_id])
    frames, dimensions = documented_extent(variant_id)
    frames = frames if isinstance(spec, WaveformVgg) else max(frames // 2, 64)
    store = _noise(frames, dimensions, classes=spec.classes)
    data = FeatureData(store, CUDA)
    task = Classification(spec, [example.target for example in store.examples], data)
    network = task.build().to(CUDA).train()
    draw_from(network, torch.Generator(CUDA))
    optimisation = Optimisation(
        Recipe(optimizer=Adam(learning_rate=1e-3), batch_size=4, clip_norm=1.0), network.parameters()
    )
    indices, normalisation = range(4), Normalisation.measured(store, range(4), CUDA)
    batch = data.batch(indices, normalisation)
    values, mixing = mix(batch.values, Mixup(), torch.Generator().manual_seed(0))
    for micro_batch in (None, 2):
        accumulate(task, network, replace(batch, values=values), mixing, micro_batch)
        optimisation.step()
    found = evaluate(task, network, data, indices, normalisation, batch_size=2)
    assert len(found.answers) == 4


def _noise(frames: int, dimensions: int, *, classes: int) -> FeatureStore:
    """A clip of each class."""
    examples = [Example(key=str(place), target=str(place), recording=str(place)) for place in range(classes)]
    return noise_features(examples, [frames] * classes, dimensions, np.random.default_rng(0))
