"""Loss and metrics of a network on one partition."""

import statistics
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from soundproof.common import record
from soundproof.trainables.training.data.batches import Batch, FeatureData, batches_of
from soundproof.trainables.training.data.normalisation import Normalisation
from soundproof.trainables.training.steps.device import wait_for
from soundproof.trainables.training.tasks.task import Answer, Task


@dataclass(frozen=True, kw_only=True, slots=True)
class Evaluation:
    """`metrics` by name without prefix, an answer per example, in the order asked.

    The mean loss in nats is among the metrics where there is one.
    """

    metrics: Mapping[str, float]
    answers: Sequence[Answer]


def evaluate(
    task: Task,
    network: nn.Module,
    data: FeatureData,
    indices: Sequence[int],
    normalisation: Normalisation,
    *,
    batch_size: int,
    batch_frames: int | None = None,
) -> Evaluation:
    """Evaluation mode: no dropout, running statistics. What an example scores does not depend on its batch.

    With `batch_frames` so many frames are in a batch, and nothing is said by `batch_size`.
    """
    network.eval()
    total: Tensor | None = torch.zeros((), dtype=torch.float64, device=data.device)
    answers: dict[int, Answer] = {}
    with torch.inference_mode():
        for chosen in batches_of(data.store.lengths, indices, batch_size, batch_frames, chance=None):
            losses, given = task.answers(network, data.batch(chosen, normalisation))
            total = None if losses is None or total is None else total + losses.double().sum()
            answers.update(zip(chosen, given, strict=True))
    ordered = [answers[index] for index in indices]
    loss = {} if total is None else {record.LOSS: float(total) / len(indices)}
    return Evaluation(metrics={**loss, **task.score(indices, ordered)}, answers=ordered)


REPEATS = 5
"""Forward passes that are measured, after one that is not: enough for a median, too few to be noticed."""


def latency_seconds(task: Task, network: nn.Module, batch: Batch) -> float:
    """Median seconds from features to scores, on the device of `batch` and its threads, in evaluation mode."""
    seconds: list[float] = []
    started = 0.0

    def start(*_: Any) -> None:
        nonlocal started
        wait_for(batch.values.device)
        started = time.perf_counter()

    def stop(*_: Any) -> None:
        wait_for(batch.values.device)
        seconds.append(time.perf_counter() - started)

    network.eval()
    with torch.inference_mode(), network.register_forward_pre_hook(start), network.register_forward_hook(stop):
        for _ in range(1 + REPEATS):
            task.answers(network, batch)
    return statistics.median(seconds[1:])
