"""How long a network takes for one example."""

from __future__ import annotations

import statistics
import time
from typing import Any

import torch
from torch import nn

from soundproof.trainables.training.data import Batch
from soundproof.trainables.training.objective import Objective
from soundproof.trainables.training.waiting import wait_for

REPEATS = 5
"""Forward passes that are measured, after one that is not: enough for a median, too few to be noticed."""


def latency_seconds(objective: Objective, network: nn.Module, batch: Batch) -> float:
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
            list(objective.answers([network], [batch]))
    return statistics.median(seconds[1:])
