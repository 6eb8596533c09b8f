"""Losses and metrics of the user's own, checked where they meet the engine."""

import math
from collections.abc import Callable, Sequence

from torch import Tensor

from soundproof.search_spaces.custom import CustomFileError, Loss
from soundproof.search_spaces.custom.training import Metric
from soundproof.search_spaces.specs import CustomLoss, CustomMetric
from soundproof.trainables.corpora.corpus import Example
from soundproof.trainables.training.tasks.task import Answer

LossFunction = Callable[[Tensor, Tensor], Tensor]
"""From outputs and targets to the loss of each example, (batch,)."""


def loss_function(own: CustomLoss | None, usual: LossFunction) -> LossFunction:
    """The user's own loss, or the `usual` one. Raises `CustomFileError` where its file is not loaded."""
    if own is None:
        return usual
    made = Loss.of_spec(own)

    def losses(outputs: Tensor, targets: Tensor) -> Tensor:
        given = made.losses(outputs, targets)
        if not isinstance(given, Tensor) or given.shape != outputs.shape[:1]:
            form = f"a tensor {tuple(given.shape)}" if isinstance(given, Tensor) else f"a {type(given).__name__}"
            raise CustomFileError(
                f"{own.name}.losses must give the loss of each example, a tensor ({len(outputs)},), and it gave "
                f"{form}: leave out the mean over the batch"
            )
        return given

    return losses


def own_scores(
    metrics: Sequence[CustomMetric], examples: Sequence[Example], indices: Sequence[int], answers: Sequence[Answer]
) -> dict[str, float]:
    """What the user's metrics make of the answers to the examples at `indices`, by names as in the record."""
    truth = [examples[index].target for index in indices]
    return {metric.recorded: _score(metric, truth, answers) for metric in metrics}


def _score(metric: CustomMetric, truth: Sequence[str], answers: Sequence[Answer]) -> float:
    value = Metric.of_spec(metric).value(truth, answers)
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = math.nan
    if not math.isfinite(number):
        raise CustomFileError(f"{metric.name}.value must give a finite number, and gave {value!r}")
    return number
