"""Clips to numbers by the squared error of standardised values, judged in the user's units."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from soundproof.common import record
from soundproof.search_spaces.specs import Classifier, Recipe
from soundproof.trainables.networks.classifiers import weight_penalty
from soundproof.trainables.training.data.augmentation import Mixing
from soundproof.trainables.training.data.batches import Batch, FeatureData
from soundproof.trainables.training.data.value_scale import ValueScale, values_of
from soundproof.trainables.training.tasks.classification import build_for, class_logits
from soundproof.trainables.training.tasks.own_code import loss_function
from soundproof.trainables.training.tasks.task import Answer


class Valuing:
    """Implements `Task` for networks with one output. A loss is a squared error, in variances of the training side."""

    def __init__(self, spec: Classifier, scale: ValueScale, data: FeatureData, recipe: Recipe) -> None:
        """`scale` is that of the examples that train."""
        self._losses = loss_function(recipe.loss, _squared_errors)
        self._spec, self._scale, self._data = spec, scale, data
        examples = data.store.examples
        standardised = scale.standardised(values_of(examples, range(len(examples))))
        self._targets = torch.tensor(standardised, dtype=torch.float32, device=data.device)

    def build(self) -> nn.Module:
        """See `Task`."""
        return build_for(self._spec, self._data)

    def losses(self, network: nn.Module, batch: Batch, mixing: Mixing | None = None) -> Tensor:
        """See `Task`."""
        given, targets = self._given(network, batch), batch.rows_of(self._targets)
        losses = self._losses(given, targets)
        if mixing is None:
            return losses
        return mixing.of_both(losses, self._losses(given, targets[mixing.partners]))

    def _given(self, network: nn.Module, batch: Batch) -> Tensor:
        return class_logits(self._spec, network, batch.values, batch.lengths).squeeze(1)

    def training_scores(self) -> dict[str, float]:
        """See `Task`. The loss says it all."""
        return {}

    def penalty(self, network: nn.Module) -> Tensor | None:
        """See `Task`."""
        return weight_penalty(network)

    def answers(self, network: nn.Module, batch: Batch) -> tuple[Tensor, list[Answer]]:
        """See `Task`."""
        given = self._given(network, batch)
        return self._losses(given, batch.rows_of(self._targets)), value_answers(given, self._scale)

    def score(self, indices: Sequence[int], answers: Sequence[Answer]) -> dict[str, float]:
        """See `Task`."""
        given = np.array([answer.value for answer in answers], dtype=np.float64)
        return value_scores(values_of(self._data.store.examples, indices), given)

    def counted(self, indices: Sequence[int]) -> dict[str, int]:
        """See `Task`."""
        return {}

    def row(self, index: int, answer: Answer) -> dict[str, Any]:
        """See `Task`."""
        example = self._data.store.examples[index]
        assert example.value is not None
        assert answer.value is not None
        return {
            "key": example.key,
            "reference": example.target,
            "hypothesis": answer.text,
            "value": answer.value,
            "error": answer.value - example.value,
        }


def _squared_errors(given: Tensor, targets: Tensor) -> Tensor:
    return (given - targets).square()


def value_scores(truth: NDArray[np.float64], given: NDArray[np.float64]) -> dict[str, float]:
    """How far the values `given` are from the `truth`, both (examples,), by names as in the record.

    R2 is 1 less the squared errors' share of the squared deviations from the mean of the truth; there is none where all
    of the truth is one value.
    """
    errors, spread = given - truth, float(np.square(truth - truth.mean()).sum())
    differ = np.ptp(truth) > 0 and spread > 0  # the mean of equal values may be another one by rounding
    explained = {record.R2: 1 - float(np.square(errors).sum()) / spread} if differ else {}
    return {
        record.MEAN_ABSOLUTE_ERROR: float(np.abs(errors).mean()),
        record.ROOT_MEAN_SQUARED_ERROR: float(np.sqrt(np.square(errors).mean())),
        **explained,
    }


def mean_answer_scores(data: FeatureData, scale: ValueScale, indices: Sequence[int]) -> dict[str, float]:
    """What who answers the mean of the training values to the examples at `indices` would score."""
    truth = values_of(data.store.examples, indices)
    return value_scores(truth, np.full_like(truth, scale.mean))


def value_answers(given: Tensor, scale: ValueScale) -> list[Answer]:
    """The values that the outputs (batch,) of a network stand for."""
    return [value_answer(scale.in_units(output)) for output in given.double().tolist()]


def value_answer(value: float) -> Answer:
    """The answer that is this value."""
    return Answer(text=f"{value:.6g}", value=value)
