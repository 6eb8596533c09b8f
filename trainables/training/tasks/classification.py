"""Clips to classes by cross-entropy.

They are judged by accuracy, over clips and over classes, by the mean F1 score, and by how well each class is detected.
"""

from collections import Counter
from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from soundproof.common import record
from soundproof.search_spaces.arithmetic.classifiers import several_lengths_refused
from soundproof.search_spaces.specs import Classifier, Recipe, SpecError
from soundproof.search_spaces.specs.classifiers import WaveformVgg
from soundproof.trainables.corpora.corpus import Example
from soundproof.trainables.networks.classifiers import build_classifier, weight_penalty
from soundproof.trainables.training.data.augmentation import Mixing
from soundproof.trainables.training.data.batches import Batch, FeatureData
from soundproof.trainables.training.tasks.detection import class_table, detection_scores
from soundproof.trainables.training.tasks.own_code import loss_function
from soundproof.trainables.training.tasks.task import Answer


class Classification:
    """Implements `Task` for classifiers. Clips have one number of frames, or the network takes any."""

    def __init__(
        self, spec: Classifier, classes: Sequence[str], data: FeatureData, recipe: Recipe | None = None
    ) -> None:
        """`classes` are the names of the network's outputs.

        With `label_smoothing` of the recipe that share of a target is of all classes alike, its own among them, while
        training.
        """
        smoothing, own = (0.0, None) if recipe is None else (recipe.label_smoothing, recipe.loss)
        smoothed = partial(functional.cross_entropy, reduction="none", label_smoothing=smoothing)
        self._training_losses = loss_function(own, smoothed)
        self._losses = loss_function(own, partial(functional.cross_entropy, reduction="none"))
        self._spec = spec
        self._classes = tuple(classes)
        self._data = data
        numbers = {name: number for number, name in enumerate(classes)}
        self._labels = [numbers[example.target] for example in data.store.examples]
        self._targets = torch.tensor(self._labels, device=data.device)
        self._right = torch.zeros((), device=data.device)
        self._asked = 0

    def build(self) -> nn.Module:
        """See `Task`."""
        return build_for(self._spec, self._data)

    def losses(self, network: nn.Module, batch: Batch, mixing: Mixing | None = None) -> Tensor:
        """See `Task`."""
        logits = class_logits(self._spec, network, batch.values, batch.lengths)
        targets = batch.rows_of(self._targets)
        losses = self._training_losses(logits, targets)
        self._right += (logits.detach().argmax(dim=1) == targets).sum()
        self._asked += len(targets)
        if mixing is None:
            return losses
        return mixing.of_both(losses, self._training_losses(logits, targets[mixing.partners]))

    def training_scores(self) -> dict[str, float]:
        """See `Task`."""
        scores = {record.ACCURACY: float(self._right) / self._asked} if self._asked else {}
        self._right, self._asked = torch.zeros_like(self._right), 0
        return scores

    def penalty(self, network: nn.Module) -> Tensor | None:
        """See `Task`."""
        return weight_penalty(network)

    def answers(self, network: nn.Module, batch: Batch) -> tuple[Tensor, list[Answer]]:
        """See `Task`."""
        logits = class_logits(self._spec, network, batch.values, batch.lengths)
        losses = self._losses(logits, batch.rows_of(self._targets))
        return losses, class_answers(logits, self._classes)

    def score(self, indices: Sequence[int], answers: Sequence[Answer]) -> dict[str, float]:
        """See `Task`. A class that is neither there nor predicted has no F1 score, and no part in the mean.

        Balanced accuracy is the mean recall of the classes that are there.
        """
        from sklearn.metrics import accuracy_score, f1_score, recall_score  # noqa: PLC0415  # speech does without it

        truth = [self._data.store.examples[index].target for index in indices]
        predicted = [answer.text for answer in answers]
        return {
            record.ACCURACY: float(accuracy_score(truth, predicted)),
            record.BALANCED_ACCURACY: float(
                recall_score(truth, predicted, labels=sorted(set(truth)), average="macro", zero_division=0.0)
            ),
            record.MACRO_F1: float(f1_score(truth, predicted, average="macro", zero_division=0.0)),
            **detection_scores(
                class_table(truth, self._classes), np.array([answer.probabilities for answer in answers])
            ),
        }

    def counted(self, indices: Sequence[int]) -> dict[str, int]:
        """See `Task`."""
        return {}

    def row(self, index: int, answer: Answer) -> dict[str, Any]:
        """See `Task`."""
        example = self._data.store.examples[index]
        return {
            "key": example.key,
            "reference": example.target,
            "hypothesis": answer.text,
            "probability": answer.probability,
        }


def build_for(spec: Classifier, data: FeatureData) -> nn.Module:
    """The network of `spec` for these clips. Raises `SpecError` where it cannot be built, or wants them of one length.

    One that takes any length has to be able to take the shortest; for the others all are of that length.
    """
    shortest, longest = data.frame_range
    reason = several_lengths_refused(spec, shortest, longest) if shortest < longest else None
    if reason is not None:
        raise SpecError(reason)
    return build_classifier(spec, shortest, data.store.dimensions)


def class_logits(spec: Classifier, network: nn.Module, values: Tensor, lengths: Tensor | None = None) -> Tensor:
    """Logits (batch, classes) of features (batch, frames, dimensions); a network of waveforms wants them turned.

    `lengths` (batch,) are the real frames, on the CPU. The network hears of them only where clips are padded.
    """
    turned = values.transpose(1, 2) if isinstance(spec, WaveformVgg) else values
    padded = lengths is not None and int(lengths.min()) < values.shape[1]
    logits: Tensor = network(turned, lengths) if padded else network(turned)
    return logits


def commonest_answer_scores(
    examples: Sequence[Example], training: Sequence[int], indices: Sequence[int]
) -> dict[str, float]:
    """What who answers the commonest class of the training clips to those at `indices` would score."""
    counts = Counter(examples[index].target for index in training)
    commonest = min(counts, key=lambda name: (-counts[name], name))
    truth = [examples[index].target for index in indices]
    return {
        record.ACCURACY: truth.count(commonest) / len(truth),
        record.BALANCED_ACCURACY: (commonest in truth) / len(set(truth)),
    }


def class_answers(logits: Tensor, classes: Sequence[str]) -> list[Answer]:
    """The likeliest of `classes` for each row of `logits` (batch, classes), and the probabilities of all."""
    every = logits.softmax(dim=1)
    probabilities, numbers = every.max(dim=1)
    rows = zip(numbers.tolist(), probabilities.tolist(), every.tolist(), strict=True)
    return [
        Answer(text=classes[number], probability=probability, probabilities=row) for number, probability, row in rows
    ]
