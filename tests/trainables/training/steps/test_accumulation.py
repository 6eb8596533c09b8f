"""Gradients of a batch in parts, against those of the batch at once."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor
from training_runs import numbers, run_to_end

from soundproof.common import record
from soundproof.search_spaces.specs import (
    Adam,
    Budget,
    Cut,
    FoldSplit,
    MelSpectrogram,
    Mixup,
    Recipe,
    SpecAugment,
    SyntheticSounds,
    Trial,
)
from soundproof.search_spaces.specs.classifiers import FeedForward
from soundproof.trainables.corpora.embedded.synthetic_sounds import make_synthetic_sounds
from soundproof.trainables.features import FeatureStore, load, prepare
from soundproof.trainables.training.data.augmentation import Mixing
from soundproof.trainables.training.data.batches import Batch, FeatureData
from soundproof.trainables.training.engine import Training
from soundproof.trainables.training.steps.accumulation import accumulate
from soundproof.trainables.training.steps.out_of_memory import is_out_of_memory

MakeTrial = Callable[..., Trial]
CPU = torch.device("cpu")
CORPUS = SyntheticSounds(cut=Cut(seconds=1.0), sources_per_fold=10, folds=3)
FEATURES = MelSpectrogram(sample_rate_hz=8000, window_samples=512, hop_samples=256, mel_bands=24)


@pytest.fixture(scope="module")
def sounds(tmp_path_factory: pytest.TempPathFactory) -> FeatureStore:
    """Sound events as small mel spectrograms."""
    return load(prepare(make_synthetic_sounds(CORPUS), FEATURES, tmp_path_factory.mktemp("features"), workers=1))


def _trial(**recipe: Any) -> Trial:
    return Trial(
        corpus=CORPUS,
        split=FoldSplit(),
        features=FEATURES,
        network=FeedForward(dense=(16,), l2=0.01, classes=10),
        recipe=Recipe(**{"optimizer": Adam(learning_rate=3e-3), "batch_size": 8, **recipe}),
        budget=Budget(epochs=3, preset="smoke"),
        seed=0,
    )


def _gradients(
    training: Training, batch: Batch, mixing: Mixing | None, micro_batch: int | None
) -> tuple[Tensor, list[Tensor]]:
    training.network.zero_grad()
    total = accumulate(training.task, training.network, batch, mixing, micro_batch)
    return total, [parameter.grad.clone() for parameter in training.network.parameters() if parameter.grad is not None]


def _assert_parts_are_the_whole(training: Training, batch: Batch, mixing: Mixing | None) -> None:
    """In double precision, so that only rounding is forgiven."""
    training.network.double()
    batch = replace(batch, values=batch.values.double())
    expected_total, expected = _gradients(training, batch, mixing, None)
    assert expected
    assert any(gradient.abs().max() > 1e-3 for gradient in expected)
    for micro_batch in (1, 2, 3, 4, 7, 8):
        total, gradients = _gradients(training, batch, mixing, micro_batch)
        torch.testing.assert_close(total.double(), expected_total.double(), rtol=1e-6, atol=0)
        torch.testing.assert_close(gradients, expected, rtol=1e-9, atol=1e-11)


@pytest.mark.parametrize("mixed", [False, True])
def test_parts_of_a_batch_give_its_gradients(sounds: FeatureStore, mixed: bool) -> None:
    """Without batch normalisation, with a penalty, unmixed or with partners that lie in other parts."""
    training = Training(_trial(), FeatureData(sounds, CPU))
    batch = training.data.batch([0, 100, 50, 200, 150, 20, 250], training.normalisation)
    mixing = None
    if mixed:
        shares = torch.tensor([0.9, 0.1, 0.5, 0.3, 1.0, 0.0, 0.7], dtype=torch.float64)
        mixing = Mixing(partners=torch.tensor([6, 0, 5, 1, 2, 4, 3]), shares=shares)
    _assert_parts_are_the_whole(training, batch, mixing)


def test_parts_of_a_batch_of_speech_give_its_gradients(store: FeatureStore, make_trial: MakeTrial) -> None:
    """Utterances of many lengths; batch normalisation and dropout stand still in evaluation mode."""
    training = Training(make_trial(), FeatureData(store, CPU))
    training.network.eval()
    batch = training.data.batch(list(training.partitions.train)[:7], training.normalisation)
    assert len(set(batch.lengths.tolist())) > 1
    _assert_parts_are_the_whole(training, batch, None)


def test_a_trial_in_halves_draws_and_learns_as_the_whole(sounds: FeatureStore) -> None:
    """Augmentation and mixing are drawn for whole batches: each epoch's loss is the same up to rounding."""
    trial = _trial(augmentations=(SpecAugment(), Mixup()))
    whole, outcome = run_to_end(Training(trial, FeatureData(sounds, CPU)))
    halves, halved = run_to_end(Training(trial, FeatureData(sounds, CPU), micro_batch=4))
    for one, other in zip(numbers(whole), numbers(halves), strict=True):
        assert other == pytest.approx(one, rel=1e-4)
    assert halved.metrics[record.MICRO_BATCH] == 4
    assert halved.reason == "out of memory at batches of 8: trained in halves of 4, accumulated"
    assert record.MICRO_BATCH not in outcome.metrics
    assert outcome.reason is None


def test_a_resumed_trial_in_halves_goes_on_in_halves(sounds: FeatureStore) -> None:
    """The checkpoint says in what parts the trial was trained."""
    data = FeatureData(sounds, CPU)
    halved = Training(_trial(), data, micro_batch=4)
    halved.run_epoch()
    resumed = Training(_trial(), data)
    resumed.restore(halved.checkpoint())
    run_to_end(halved)
    _, outcome = run_to_end(resumed)
    assert numbers(resumed.history) == numbers(halved.history)
    assert outcome.metrics[record.MICRO_BATCH] == 4


def test_one_update_of_several_batches_has_the_gradient_of_one_of_all(sounds: FeatureStore) -> None:
    """Where there is no batch norm: batches of other sizes, the last smaller, the penalty once; in double precision."""
    training = Training(_trial(), FeatureData(sounds, CPU))
    training.network.double()
    whole = training.data.batch([0, 100, 50, 200, 150, 20, 250], training.normalisation)
    whole = replace(whole, values=whole.values.double())
    expected_total, expected = _gradients(training, whole, None, None)
    for micro_batch in (None, 2):
        training.network.zero_grad()
        totals = []
        for number, rows in enumerate((slice(0, 3), slice(3, 6), slice(6, 7))):
            part = Batch(indices=whole.indices[rows], values=whole.values[rows], lengths=whole.lengths[rows])
            totals.append(
                accumulate(
                    training.task,
                    training.network,
                    part,
                    None,
                    micro_batch,
                    of_examples=len(whole.indices),
                    penalised=number == 0,
                )
            )
        found = [parameter.grad for parameter in training.network.parameters() if parameter.grad is not None]
        torch.testing.assert_close(sum(totals), expected_total, rtol=1e-6, atol=0)
        torch.testing.assert_close(found, expected, rtol=1e-9, atol=1e-11)


def test_a_trial_of_accumulated_batches_learns_as_one_of_larger_ones(sounds: FeatureStore) -> None:
    """Batches that hold the examples that one batch holds give its numbers up to rounding: all of them, here."""
    examples = len(Training(_trial(), FeatureData(sounds, CPU)).partitions.train)
    one, _ = run_to_end(Training(_trial(batch_size=examples), FeatureData(sounds, CPU)))
    several, _ = run_to_end(Training(_trial(batch_size=8, accumulate_batches=examples), FeatureData(sounds, CPU)))
    for ours, theirs in zip(numbers(several), numbers(one), strict=True):
        assert ours[record.TRAIN_LOSS] == pytest.approx(theirs[record.TRAIN_LOSS], rel=1e-4)
        assert ours[record.VALIDATION_LOSS] == pytest.approx(theirs[record.VALIDATION_LOSS], rel=1e-3)


def test_refusals_of_real_allocators_are_recognised() -> None:
    """Those of torch and numpy on this machine, and the error of torch on a GPU; any other error is none."""
    with pytest.raises(RuntimeError, match="memory") as of_torch:
        torch.empty(2**50, dtype=torch.uint8)
    with pytest.raises(MemoryError) as of_numpy:
        np.empty(2**60, np.uint8)
    with pytest.raises(RuntimeError, match="size") as other:
        torch.ones(2) @ torch.ones(3)
    assert is_out_of_memory(of_torch.value)
    assert is_out_of_memory(of_numpy.value)
    assert is_out_of_memory(torch.OutOfMemoryError("CUDA out of memory."))
    assert is_out_of_memory(RuntimeError("cuDNN error: CUDNN_STATUS_INTERNAL_ERROR_DEVICE_ALLOCATION_FAILED"))
    assert not is_out_of_memory(other.value)
    assert not is_out_of_memory(ValueError("DefaultCPUAllocator: can't allocate memory"))
