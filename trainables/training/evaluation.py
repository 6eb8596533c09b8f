"""Loss and metrics of a network on one partition."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import nn

from search_spaces import record
from trainables.training.data import FeatureData, bucketed_batches
from trainables.training.normalisation import Normalisation
from trainables.training.objective import Answer, Objective


@dataclass(frozen=True, kw_only=True, slots=True)
class Evaluation:
    """`metrics` by name without prefix, the mean loss in nats among them; an answer per example, in the order asked."""

    metrics: Mapping[str, float]
    answers: Sequence[Answer]


def evaluate(
    objective: Objective,
    network: nn.Module,
    data: FeatureData,
    indices: Sequence[int],
    normalisation: Normalisation,
    *,
    batch_size: int,
) -> Evaluation:
    """Evaluation mode: no dropout, running statistics. What an example scores does not depend on its batch."""
    network.eval()
    total = torch.zeros((), dtype=torch.float64, device=data.device)
    answers: dict[int, Answer] = {}
    with torch.inference_mode():
        for chosen in bucketed_batches(data.store.lengths, indices, batch_size, chance=None):
            batch = data.batch(chosen, normalisation)
            losses, said = objective.answer(network, batch)
            total += losses.double().sum()
            answers.update(zip(chosen, said, strict=True))
    ordered = [answers[index] for index in indices]
    metrics = {record.LOSS: float(total) / len(indices), **objective.score(indices, ordered)}
    return Evaluation(metrics=metrics, answers=ordered)
