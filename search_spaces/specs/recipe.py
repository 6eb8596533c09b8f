"""How a network is trained: optimiser, batch, clipping, stopping."""

from __future__ import annotations

from dataclasses import dataclass

from search_spaces.specs.canonical import Spec, SpecError


@dataclass(frozen=True, kw_only=True, slots=True)
class Sgd(Spec):
    """Stochastic gradient descent. The rate at step t (from 0) is learning_rate / (1 + decay * t)."""

    learning_rate: float
    momentum: float = 0.9
    nesterov: bool = True
    decay: float = 0.0

    def _check(self) -> None:
        _check_learning_rate(self.learning_rate)
        if not 0 <= self.momentum < 1:
            raise SpecError(f"Sgd.momentum must lie in [0, 1), got {self.momentum}")
        if self.nesterov and self.momentum == 0:
            raise SpecError("Sgd.nesterov needs momentum above 0, got 0: set nesterov=False")
        if self.decay < 0:
            raise SpecError(f"Sgd.decay must be 0 or more, got {self.decay}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Adam(Spec):
    """Adam (Kingma and Ba 2015)."""

    learning_rate: float
    first_decay: float = 0.9
    second_decay: float = 0.999

    def _check(self) -> None:
        _check_learning_rate(self.learning_rate)
        if not (0 <= self.first_decay < 1 and 0 <= self.second_decay < 1):
            raise SpecError(f"Adam's decays must lie in [0, 1), got {self.first_decay}, {self.second_decay}")


@dataclass(frozen=True, kw_only=True, slots=True)
class PlateauStopping(Spec):
    """Stop when the validation loss has not fallen by `minimum_improvement` for `patience_epochs` epochs in a row."""

    patience_epochs: int
    minimum_improvement: float = 0.0

    def _check(self) -> None:
        if self.patience_epochs < 1:
            raise SpecError(f"PlateauStopping.patience_epochs must be at least 1, got {self.patience_epochs}")
        if self.minimum_improvement < 0:
            raise SpecError(f"PlateauStopping.minimum_improvement must be 0 or more, got {self.minimum_improvement}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Recipe(Spec):
    """Batches of `batch_size` utterances; gradients scaled down to a global norm of `clip_norm`.

    The weights kept are those of the lowest validation loss.
    """

    optimizer: Sgd | Adam
    batch_size: int = 32
    clip_norm: float | None = None
    stopping: PlateauStopping | None = None

    def _check(self) -> None:
        if self.batch_size < 1:
            raise SpecError(f"Recipe.batch_size must be at least 1, got {self.batch_size}")
        if self.clip_norm is not None and self.clip_norm <= 0:
            raise SpecError(f"Recipe.clip_norm must be positive, got {self.clip_norm}: use None for no clipping")


def _check_learning_rate(rate: float) -> None:
    if rate <= 0:
        raise SpecError(f"learning_rate must be positive, got {rate}")
