"""The best epoch of a trial so far: its metrics, weights, and answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from torch import Tensor, nn

from soundproof.search_spaces import record
from soundproof.search_spaces.specs import Recipe
from soundproof.trainables.training.objective import Answer


class Best:
    """Keeps the earliest epoch that no other is better than, by what the recipe keeps weights for."""

    def __init__(self, recipe: Recipe) -> None:
        self._keep = recipe.keep
        self.metrics: dict[str, float] = {}
        self.weights: dict[str, Tensor] | None = None
        self.answers: Sequence[Answer] = ()

    def offer(self, epoch: int, metrics: Mapping[str, float], network: nn.Module, answers: Sequence[Answer]) -> None:
        """One more epoch; it is kept, its weights on the CPU, if none before was as good."""
        if self._beaten_by(metrics):
            self.metrics = {**metrics, record.BEST_EPOCH: float(epoch)}
            self.weights = {name: value.cpu().clone() for name, value in network.state_dict().items()}
            self.answers = answers

    def _beaten_by(self, metrics: Mapping[str, float]) -> bool:
        if not self.metrics:
            return True
        if self._keep == "accuracy":
            return metrics[record.VALIDATION_ACCURACY] > self.metrics[record.VALIDATION_ACCURACY]
        return metrics[record.VALIDATION_LOSS] < self.metrics[record.VALIDATION_LOSS]

    def state(self) -> dict[str, Any]:
        """All but the weights, JSON values."""
        return {"metrics": self.metrics, "answers": [asdict(answer) for answer in self.answers]}

    def restore(self, state: Mapping[str, Any], weights: dict[str, Tensor]) -> None:
        """Inverse of `state`, with the weights beside it."""
        self.metrics = dict(state["metrics"])
        self.answers = [Answer(**answer) for answer in state["answers"]]
        self.weights = weights or None
