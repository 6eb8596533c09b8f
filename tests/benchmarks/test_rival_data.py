"""Utterances as torch's dataset, and batches of them."""

import torch

from benchmarks.rivals.data import Utterance, collate, make_loaders
from benchmarks.rivals.study import RivalStudy
from soundproof.search_spaces.alphabet import decode
from soundproof.trainables.training.data.batches import FeatureData
from soundproof.trainables.training.data.normalisation import Normalisation
from soundproof.trainables.training.data.splitting import split_examples


def utterance(frames: int, target: list[int]) -> Utterance:
    """Ones in every frame."""
    return Utterance(features=torch.ones(frames, 2), target=torch.tensor(target), text=decode(target))


def test_batches_are_padded_to_the_longest_utterance() -> None:
    """Zeros follow the shorter features; lengths, targets and texts keep the order."""
    batch = collate([utterance(2, [3, 4, 5]), utterance(4, [6])])
    assert batch.features.shape == (2, 4, 2)
    assert batch.features[:, :, 0].tolist() == [[1, 1, 0, 0], [1, 1, 1, 1]]
    assert batch.lengths.tolist() == [2, 4]
    assert batch.targets.tolist() == [3, 4, 5, 6]
    assert batch.target_lengths.tolist() == [3, 1]
    assert list(batch.texts) == [decode([3, 4, 5]), decode([6])]


def test_batches_hold_what_the_engine_reads(study: RivalStudy) -> None:
    """A validation batch has the features, normalised, that the engine's own batch of the same examples has."""
    trial = study.trial(study.variants[0], 0)
    store = study.features(trial)
    partitions = split_examples(store.examples, trial)
    device = torch.device("cpu")
    chosen = partitions.validation[: trial.recipe.batch_size]
    expected = FeatureData(store, device).batch(chosen, Normalisation.measured(store, partitions.train, device))
    batch = next(iter(make_loaders(trial, store).validation))
    torch.testing.assert_close(batch.features, expected.values)
    assert batch.lengths.tolist() == expected.lengths.tolist()
    assert list(batch.texts) == [store.examples[index].target for index in chosen]


def test_loaders_cover_the_partitions(study: RivalStudy) -> None:
    """Every training utterance comes once an epoch, in another order in each."""
    trial = study.trial(study.variants[0], 0)
    store = study.features(trial)
    loaders = make_loaders(trial, store)
    torch.manual_seed(0)
    first, second = ([text for batch in loaders.train for text in batch.texts] for _ in range(2))
    expected = [store.examples[index].target for index in split_examples(store.examples, trial).train]
    assert sorted(first) == sorted(second) == sorted(expected)
    assert first != second
