"""Whether two clips are of one class, asked of classes that training never saw.

The network learns to tell the classes of the training side apart. What it makes of a clip before it names a class, the
input of its last linear layer, is compared by cosine.
"""

from collections import Counter
from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from soundproof.common import record
from soundproof.search_spaces.specs import Trial
from soundproof.trainables.networks.embedding import cosines, embed, output_layer
from soundproof.trainables.training.data.augmentation import Mixing
from soundproof.trainables.training.data.batches import Batch, FeatureData
from soundproof.trainables.training.data.clip_pairs import ClipPairs, clip_pairs
from soundproof.trainables.training.data.splitting import Partitions
from soundproof.trainables.training.tasks.classification import Classification, class_logits
from soundproof.trainables.training.tasks.detection import equal_error_rate
from soundproof.trainables.training.tasks.task import Answer


class Verification:
    """Implements `Task` for trials that validate on classes of their own; they train as `Classification` does.

    The network has an output for every class of the corpus. Those of classes that it never sees learn to stay low, and
    are not asked.
    """

    def __init__(self, trial: Trial, partitions: Partitions, data: FeatureData) -> None:
        assert trial.network.task == trial.corpus.task == "classification"
        self._spec, self._data, self._seed = trial.network, data, trial.seed
        self._outputs = len(trial.corpus.classes)
        self._training = Classification(trial.network, trial.corpus.classes, data, trial.recipe)
        self._trained = tuple(partitions.train)
        self._embeddings: dict[int, Tensor] = {}
        self._pairs: dict[tuple[int, ...], ClipPairs] = {}
        self._pairs_with: Counter[int] = Counter()

    def build(self) -> nn.Module:
        """See `Task`. Raises `EmbeddingError` where clips could not be compared."""
        network = self._training.build()
        output_layer(network, self._outputs)
        return network

    def losses(self, network: nn.Module, batch: Batch, mixing: Mixing | None = None) -> Tensor:
        """See `Task`."""
        return self._training.losses(network, batch, mixing)

    def training_scores(self) -> dict[str, float]:
        """See `Task`."""
        return self._training.training_scores()

    def penalty(self, network: nn.Module) -> Tensor | None:
        """See `Task`."""
        return self._training.penalty(network)

    def answers(self, network: nn.Module, batch: Batch) -> tuple[None, list[Answer]]:
        """See `Task`. Embeddings are kept until they are scored: an answer says nothing without another clip."""
        for length in sorted(set(batch.lengths.tolist())):
            # those of one length at a time: an embedding, also one that is a mean over frames, then holds no padding
            places = (batch.lengths == length).nonzero().flatten()
            values = batch.values[places.to(batch.values.device), :length]
            asked = partial(class_logits, self._spec, network, values)
            found = embed(network, self._outputs, len(places), asked).cpu()
            self._embeddings.update(zip((batch.indices[place] for place in places.tolist()), found, strict=True))
        return None, [Answer(text="") for _ in batch.indices]

    def score(self, indices: Sequence[int], answers: Sequence[Answer]) -> dict[str, float]:
        """See `Task`. Not a number where an embedding is none."""
        pairs = self._pairs_of(indices)
        embeddings = torch.stack([self._embeddings[index] for index in indices])
        self._embeddings.clear()
        rate = float("nan")
        if bool(embeddings.isfinite().all()):
            alike = cosines(embeddings, torch.from_numpy(pairs.first), torch.from_numpy(pairs.second)).numpy()
            rate = equal_error_rate(pairs.same, alike)
        return {record.VERIFICATION_EQUAL_ERROR_RATE: rate}

    def counted(self, indices: Sequence[int]) -> dict[str, int]:
        """See `Task`."""
        classes = {record.CLASSES: len({self._data.store.examples[index].target for index in indices})}
        if tuple(indices) == self._trained:
            return classes
        same = self._pairs_of(indices).same
        return {**classes, record.PAIRS: len(same), record.SAME_CLASS_PAIRS: int(np.count_nonzero(same))}

    def row(self, index: int, answer: Answer) -> dict[str, Any]:
        """See `Task`. In how many pairs the clip was."""
        example = self._data.store.examples[index]
        return {"key": example.key, "reference": example.target, "pairs": self._pairs_with[index]}

    def _pairs_of(self, indices: Sequence[int]) -> ClipPairs:
        """The same in every epoch, for every network."""
        asked = tuple(indices)
        if asked not in self._pairs:
            pairs = clip_pairs(self._data.store.examples, asked, self._seed)
            self._pairs[asked] = pairs
            self._pairs_with.update(asked[place] for places in (pairs.first, pairs.second) for place in places.tolist())
        return self._pairs[asked]
