"""How a network is trained: optimiser, learning rate, batch, clipping, augmentation, stopping, what is kept."""

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from soundproof.search_spaces.specs.augmentation import Augmentation, Mixup
from soundproof.search_spaces.specs.canonical import Spec, SpecError
from soundproof.search_spaces.specs.checks import at_least_one


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
    """Adam (Kingma and Ba 2015).

    `epsilon` is added to the root of the second moment: to the one that is corrected for its start at zero, as torch
    does, or to the uncorrected one, as Keras does, which makes it 30 times as large at the first step.
    """

    learning_rate: float
    first_decay: float = 0.9
    second_decay: float = 0.999
    epsilon: float = 1e-8
    epsilon_added_to: Literal["corrected root", "uncorrected root"] = "corrected root"

    def _check(self) -> None:
        _check_learning_rate(self.learning_rate)
        if self.epsilon <= 0:
            raise SpecError(f"Adam.epsilon must be positive, got {self.epsilon}")
        if not (0 <= self.first_decay < 1 and 0 <= self.second_decay < 1):
            raise SpecError(f"Adam's decays must lie in [0, 1), got {self.first_decay}, {self.second_decay}")


@dataclass(frozen=True, kw_only=True, slots=True)
class ExponentialDecay(Spec):
    """The learning rate is constant for `hold_epochs`, then multiplied by exp(-`rate`) with every epoch."""

    hold_epochs: int
    rate: float

    def _check(self) -> None:
        if self.hold_epochs < 0 or self.rate <= 0:
            raise SpecError(
                "ExponentialDecay needs hold_epochs of 0 or more and a positive rate, "
                f"got {self.hold_epochs} and {self.rate}"
            )

    def factor(self, epoch: int) -> float:
        """The learning rate of an epoch (from 1) over that of the first."""
        return math.exp(-self.rate * max(0, epoch - self.hold_epochs))


@dataclass(frozen=True, kw_only=True, slots=True)
class StepDecay(Spec):
    """After epoch `after_epochs[i]` the learning rate is `factors[i]` times that of the first epoch."""

    after_epochs: tuple[int, ...]
    factors: tuple[float, ...]

    def _check(self) -> None:
        rising = all(earlier < later for earlier, later in pairwise((0, *self.after_epochs)))
        if not self.after_epochs or len(self.after_epochs) != len(self.factors) or not rising:
            raise SpecError(
                "StepDecay needs rising after_epochs of 1 or more and a factor for each, "
                f"got {self.after_epochs} and {self.factors}"
            )
        if min(self.factors) <= 0:
            raise SpecError(f"StepDecay.factors must be positive, got {self.factors}")

    def factor(self, epoch: int) -> float:
        """The learning rate of an epoch (from 1) over that of the first."""
        passed = sum(epoch > after for after in self.after_epochs)
        return self.factors[passed - 1] if passed else 1.0


@dataclass(frozen=True, kw_only=True, slots=True)
class PlateauStopping(Spec):
    """Stop when the validation loss has not fallen by `minimum_improvement` for `patience_epochs` epochs in a row.

    Where validation holds classes that training never saw, their equal error rate, a share of 1, takes its place.
    """

    patience_epochs: int
    minimum_improvement: float = 0.0

    def _check(self) -> None:
        at_least_one(self, "patience_epochs")
        if self.minimum_improvement < 0:
            raise SpecError(f"PlateauStopping.minimum_improvement must be 0 or more, got {self.minimum_improvement}")


@dataclass(frozen=True, kw_only=True, slots=True)
class RunningStatistics(Spec):
    """The mean and variance that batch norm keeps for evaluation.

    With each batch, `kept` of what was there stays, and the rest is the batch's. They start at 0 and 1; with
    `corrected_start`, what is left of that start is taken out (as Adam corrects its moments).
    """

    kept: float
    corrected_start: bool = False

    def _check(self) -> None:
        if not 0 <= self.kept < 1:
            raise SpecError(f"RunningStatistics.kept must lie in [0, 1), got {self.kept}: 0.99 is usual")


@dataclass(frozen=True, kw_only=True, slots=True)
class Recipe(Spec):
    """Batches of `batch_size` examples; gradients scaled down to a global norm of `clip_norm`.

    The weights kept are those of the epoch with the best validation loss, or the best validation accuracy (the earliest
    of equals), or of the last epoch; where validation holds classes that training never saw, those of the lowest equal
    error rate are kept in place of the best loss. `normalise`: each dimension of the features gets the mean 0 and the
    deviation 1 over the training split. `validate_on` "test" judges every epoch by the test split, as some documents
    do; their results flatter, and nothing is left that no choice was made by. `running_statistics` None: speech
    networks keep 0.9 of what was there; classifiers 0.99 (those whose documents used torch 0.9), with a corrected
    start.
    """

    optimizer: Sgd | Adam
    schedule: ExponentialDecay | StepDecay | None = None
    batch_size: int = 32
    clip_norm: float | None = None
    normalise: bool = True
    augmentations: tuple[Augmentation, ...] = ()
    stopping: PlateauStopping | None = None
    keep: Literal["loss", "accuracy", "last"] = "loss"
    validate_on: Literal["validation", "test"] = "validation"
    running_statistics: RunningStatistics | None = None

    def _check(self) -> None:
        at_least_one(self, "batch_size")
        if self.clip_norm is not None and self.clip_norm <= 0:
            raise SpecError(f"Recipe.clip_norm must be positive, got {self.clip_norm}: use None for no clipping")
        if self.schedule is not None and isinstance(self.optimizer, Sgd) and self.optimizer.decay > 0:
            raise SpecError("the learning rate may follow Sgd.decay or a schedule, got both: set decay=0")
        if any(isinstance(augmentation, Mixup) for augmentation in self.augmentations[:-1]):
            raise SpecError("Mixup must come last among the augmentations, and once: move it to the end")

    @property
    def mixes(self) -> bool:
        """Whether targets are mixed."""
        return any(isinstance(augmentation, Mixup) for augmentation in self.augmentations)


def _check_learning_rate(rate: float) -> None:
    if rate <= 0:
        raise SpecError(f"learning_rate must be positive, got {rate}")
