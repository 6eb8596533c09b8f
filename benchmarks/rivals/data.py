"""A study's utterances through torch's own classes: a dataset, a collate function that pads, a loader that shuffles.

The features are a present: computed before anything is measured, by Soundproof's cache, and read into memory once.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence
from torch.utils.data import DataLoader, Dataset

from soundproof.search_spaces.alphabet import encode
from soundproof.search_spaces.specs import Trial
from soundproof.trainables.features import FeatureStore
from soundproof.trainables.training.data.splitting import Partitions, split_examples


class Utterance(NamedTuple):
    """`features` (frames, dimensions), normalised; `target` (characters,); the transcript that it spells."""

    features: Tensor
    target: Tensor
    text: str


class PaddedBatch(NamedTuple):
    """Utterances padded with zeros to the longest of them.

    `features` (batch, frames, dimensions); `lengths` (batch,) real frames; `targets` (characters,) all transcripts one
    after another; `target_lengths` (batch,) characters.
    """

    features: Tensor
    lengths: Tensor
    targets: Tensor
    target_lengths: Tensor
    texts: Sequence[str]


class Utterances(Dataset[Utterance]):
    """The examples of `store` at `indices`, every dimension with the mean and deviation given."""

    def __init__(self, store: FeatureStore, indices: Sequence[int], mean: Tensor, deviation: Tensor) -> None:
        self._utterances = [
            Utterance(
                features=(_features(store, index) - mean) / deviation,
                target=torch.tensor(encode(store.examples[index].target)),
                text=store.examples[index].target,
            )
            for index in indices
        ]

    def __len__(self) -> int:
        return len(self._utterances)

    def __getitem__(self, position: int) -> Utterance:
        return self._utterances[position]


class Loaders(NamedTuple):
    """Batches of each partition; those of training in another order every epoch."""

    train: DataLoader[Utterance]
    validation: DataLoader[Utterance]
    test: DataLoader[Utterance]


def collate(utterances: Sequence[Utterance]) -> PaddedBatch:
    """Utterances of any lengths as one batch."""
    return PaddedBatch(
        features=pad_sequence([utterance.features for utterance in utterances], batch_first=True),
        lengths=torch.tensor([len(utterance.features) for utterance in utterances]),
        targets=torch.cat([utterance.target for utterance in utterances]),
        target_lengths=torch.tensor([len(utterance.target) for utterance in utterances]),
        texts=[utterance.text for utterance in utterances],
    )


def make_loaders(trial: Trial, store: FeatureStore) -> Loaders:
    """Loaders for the partitions and the batch size of a trial.

    They load in the training process: all is in memory, and two more processes on two cores would be slower.
    """
    partitions = split_examples(store.examples, trial)
    mean, deviation = _normalisation(trial, store, partitions)

    def loader(indices: Sequence[int], *, shuffle: bool) -> DataLoader[Utterance]:
        dataset = Utterances(store, indices, mean, deviation)
        return DataLoader(
            dataset, batch_size=trial.recipe.batch_size, shuffle=shuffle, collate_fn=collate, num_workers=0
        )

    return Loaders(
        train=loader(partitions.train, shuffle=True),
        validation=loader(partitions.validation, shuffle=False),
        test=loader(partitions.test, shuffle=False),
    )


def _features(store: FeatureStore, index: int) -> Tensor:
    start, stop = store.offsets[index], store.offsets[index + 1]
    return torch.from_numpy(np.array(store.frames[start:stop]))


def _normalisation(trial: Trial, store: FeatureStore, partitions: Partitions) -> tuple[Tensor, Tensor]:
    if not trial.recipe.normalise:
        return torch.zeros(store.dimensions), torch.ones(store.dimensions)
    mean, deviation = store.normalisation(partitions.train)
    return torch.from_numpy(mean), torch.from_numpy(deviation)
