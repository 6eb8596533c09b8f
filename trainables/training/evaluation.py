"""Loss and metrics of a network on one partition."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import nn

from soundproof.search_spaces import record
from soundproof.trainables.training.data import FeatureData, bucketed_batches
from soundproof.trainables.training.normalisation import Normalisation
from soundproof.trainables.training.objective import Answer, Objective


@dataclass(frozen=True, kw_only=True, slots=True)
class Evaluation:
    """`metrics` by name without prefix, the mean loss in nats among them; an answer per example, in the order asked."""

    metrics: Mapping[str, float]
    answers: Sequence[Answer]


def evaluate(
    objective: Objective,
    networks: Sequence[nn.Module],
    data: FeatureData,
    indices: Sequence[int],
    normalisations: Sequence[Normalisation],
    *,
    batch_size: int,
) -> list[Evaluation]:
    """Evaluation mode: no dropout, running statistics. What an example scores does not depend on its batch.

    Several networks, each with its normalisation, are evaluated side by side: see `Objective.losses_together`.
    """
    for network in networks:
        network.eval()
    totals = torch.zeros(len(networks), dtype=torch.float64, device=data.device)
    answers: list[dict[int, Answer]] = [{} for _ in networks]
    with torch.inference_mode():
        for chosen in bucketed_batches(data.store.lengths, indices, batch_size, chance=None):
            batches = [data.batch(chosen, normalisation) for normalisation in normalisations]
            for place, (losses, said) in enumerate(objective.answers(networks, batches)):
                totals[place] += losses.double().sum()
                answers[place].update(zip(chosen, said, strict=True))
    return [
        _summarised(objective, indices, total / len(indices), said)
        for total, said in zip(totals.tolist(), answers, strict=True)
    ]


def _summarised(objective: Objective, indices: Sequence[int], loss: float, answers: Mapping[int, Answer]) -> Evaluation:
    ordered = [answers[index] for index in indices]
    return Evaluation(metrics={record.LOSS: loss, **objective.score(indices, ordered)}, answers=ordered)
