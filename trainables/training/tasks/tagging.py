"""Clips with several labels: an output for each by binary cross-entropy, judged by precision, F1 and detection."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from soundproof.common import record
from soundproof.search_spaces.specs import Classifier, Recipe
from soundproof.trainables.networks.classifiers import weight_penalty
from soundproof.trainables.training.data.augmentation import Mixing
from soundproof.trainables.training.data.batches import Batch, FeatureData
from soundproof.trainables.training.tasks.classification import build_for, class_logits
from soundproof.trainables.training.tasks.detection import detection_scores
from soundproof.trainables.training.tasks.own_code import loss_function
from soundproof.trainables.training.tasks.task import Answer

LABELS_APART = "; "
"""What stands between the labels of a clip where they are one text."""

THRESHOLD = 0.5
"""The probability from which a label counts as given."""


class Tagging:
    """Implements `Task` for classifiers of clips that have any number of labels. A loss is the mean over the labels."""

    def __init__(self, spec: Classifier, classes: Sequence[str], data: FeatureData, recipe: Recipe) -> None:
        """`classes` are the names of the network's outputs."""
        self._losses = loss_function(recipe.loss, _losses)
        self._spec = spec
        self._classes = tuple(classes)
        self._data = data
        self._truth = label_table([example.labels for example in data.store.examples], self._classes)
        self._targets = torch.tensor(self._truth, dtype=torch.float32, device=data.device)

    def build(self) -> nn.Module:
        """See `Task`."""
        return build_for(self._spec, self._data)

    def losses(self, network: nn.Module, batch: Batch, mixing: Mixing | None = None) -> Tensor:
        """See `Task`."""
        logits, targets = class_logits(self._spec, network, batch.values, batch.lengths), batch.rows_of(self._targets)
        losses = self._losses(logits, targets)
        if mixing is None:
            return losses
        return mixing.of_both(losses, self._losses(logits, targets[mixing.partners]))

    def training_scores(self) -> dict[str, float]:
        """See `Task`. No single answer is right or wrong."""
        return {}

    def penalty(self, network: nn.Module) -> Tensor | None:
        """See `Task`."""
        return weight_penalty(network)

    def answers(self, network: nn.Module, batch: Batch) -> tuple[Tensor, list[Answer]]:
        """See `Task`."""
        logits = class_logits(self._spec, network, batch.values, batch.lengths)
        return self._losses(logits, batch.rows_of(self._targets)), label_answers(logits.sigmoid(), self._classes)

    def score(self, indices: Sequence[int], answers: Sequence[Answer]) -> dict[str, float]:
        """See `Task`."""
        return label_scores(self._truth[list(indices)], np.array([answer.probabilities for answer in answers]))

    def counted(self, indices: Sequence[int]) -> dict[str, int]:
        """See `Task`."""
        return {}

    def row(self, index: int, answer: Answer) -> dict[str, Any]:
        """See `Task`."""
        example = self._data.store.examples[index]
        assert answer.probabilities is not None
        probabilities = dict(zip(self._classes, answer.probabilities, strict=True))
        return {
            "key": example.key,
            "reference": example.target,
            "hypothesis": answer.text,
            "probabilities": probabilities,
        }


def label_table(labels: Sequence[Sequence[str]], classes: Sequence[str]) -> NDArray[np.bool_]:
    """Which of the `classes` each example has, (examples, classes)."""
    return np.array([[name in having for name in classes] for having in map(set, labels)], dtype=np.bool_)


def label_scores(truth: NDArray[np.bool_], probabilities: NDArray[np.float64]) -> dict[str, float]:
    """Mean average precision, F1 scores and equal error rate of (examples, classes), by names as in the record.

    Means are over the labels that some example has: of any other there is no precision. F1 counts labels of one half
    or more.
    """
    from sklearn.metrics import average_precision_score, f1_score  # noqa: PLC0415  # speech does without scikit-learn

    there = truth.any(axis=0)
    truth, probabilities = truth[:, there], probabilities[:, there]
    given = probabilities >= THRESHOLD
    return {
        record.MEAN_AVERAGE_PRECISION: float(average_precision_score(truth, probabilities, average="macro")),
        record.MACRO_F1: float(f1_score(truth, given, average="macro", zero_division=0.0)),
        record.MICRO_F1: float(f1_score(truth, given, average="micro", zero_division=0.0)),
        **detection_scores(truth, probabilities),
    }


def label_answers(probabilities: Tensor, classes: Sequence[str]) -> list[Answer]:
    """The labels of one half or more, for each row of `probabilities` (batch, classes), and the greatest of these."""
    return [
        Answer(
            text=LABELS_APART.join(name for name, value in zip(classes, row, strict=True) if value >= THRESHOLD),
            probability=max(row),
            probabilities=row,
        )
        for row in probabilities.tolist()
    ]


def _losses(logits: Tensor, targets: Tensor) -> Tensor:
    return functional.binary_cross_entropy_with_logits(logits, targets, reduction="none").mean(dim=1)
