"""The best epoch of a trial so far: its metrics, weights, and answers."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from torch import Tensor, nn

from soundproof.common import record
from soundproof.search_spaces.specs import PlateauStopping, Recipe, Trial
from soundproof.trainables.training.tasks.task import Answer


def watched_metric(trial: Trial) -> str:
    """What should fall from epoch to epoch: the validation loss, or where there is none, the equal error rate."""
    return record.VALIDATION_VERIFICATION_EQUAL_ERROR_RATE if trial.has_unseen_classes else record.VALIDATION_LOSS


class Best:
    """Keeps the earliest epoch that no other is better than, by what the recipe keeps weights for; or the last one."""

    def __init__(self, recipe: Recipe, watched: str = record.VALIDATION_LOSS) -> None:
        """`watched` is what should fall; see `Recipe.keep`."""
        self._keep, self._watched = recipe.keep, watched
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
        if self._keep == "last":
            return True
        if self._keep == "accuracy":
            return metrics[record.VALIDATION_ACCURACY] > self.metrics[record.VALIDATION_ACCURACY]
        return metrics[self._watched] < self.metrics[self._watched]

    def state(self) -> dict[str, Any]:
        """All but the weights, JSON values."""
        return {"metrics": self.metrics, "answers": [asdict(answer) for answer in self.answers]}

    def restore(self, state: Mapping[str, Any], weights: dict[str, Tensor]) -> None:
        """Inverse of `state`, with the weights beside it."""
        self.metrics = dict(state["metrics"])
        self.answers = [Answer(**answer) for answer in state["answers"]]
        self.weights = weights or None


class Plateau:
    """Watches a loss, or an error rate, that should fall. With no spec it never stops a trial."""

    def __init__(self, spec: PlateauStopping | None) -> None:
        self.spec = spec
        self.lowest = math.inf
        self.epochs_without_improvement = 0

    def reached(self, loss: float) -> bool:
        """Take the loss of one more epoch; true when patience has run out."""
        if self.spec is None:
            return False
        if loss < self.lowest - self.spec.minimum_improvement:
            self.lowest = loss
            self.epochs_without_improvement = 0
        else:
            self.epochs_without_improvement += 1
        return self.epochs_without_improvement >= self.spec.patience_epochs
